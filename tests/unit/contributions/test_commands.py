"""The vault's intake command inside its container, and the host's side of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from enclave.core.clock import SystemClock
from enclave.core.errors import Unavailable
from enclave.core.settings import get_settings
from enclave.core.signing import SigningKey
from services.cli import main as host
from services.cli import vault as inside
from services.cli import vault_host
from tests.unit.contributions.conftest import Deliver, Vault

ROOT = Path(__file__).parents[3]


@pytest.fixture
def zone(vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vault]:
    """The vault's folders where the settings of a process look for them."""
    inbox = tmp_path / "vault-inbox"
    inbox.mkdir()
    (tmp_path / "events").mkdir()
    vault.clock.advance(SystemClock().now() - vault.clock.now())
    vault.sign()
    (inbox / "snapshot.json").write_bytes(vault.context.snapshot.read_bytes())
    monkeypatch.setenv("C2C_DATA_DIR", str(tmp_path))
    get_settings.cache_clear()
    yield vault
    get_settings.cache_clear()


def test_an_accepted_delivery_ends_with_0_and_json_alone_on_standard_output(
    zone: Vault, deliver: Deliver, capsys: pytest.CaptureFixture[str]
) -> None:
    assert inside.main(["intake", "ctc", str(deliver()), "--year", "2025", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["state"], answer["changed"], answer["provider"]) == ("ACCEPTED", True, "ctc")


def test_a_rejected_delivery_ends_with_1_and_says_what_to_mend(
    zone: Vault, deliver: Deliver, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = deliver({n: {"status": "gone"} for n in range(30)})
    assert inside.main(["intake", "ctc", str(folder), "--year", "2025"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "line 2: status: code" in shown.err
    assert "send the whole delivery again" in shown.err
    assert "gone" not in shown.err


def test_what_cannot_run_ends_with_2(zone: Vault, tmp_path: Path) -> None:
    assert inside.main(["intake", "ctc", str(tmp_path / "nowhere"), "--year", "2025"]) == 2
    assert inside.main(["intake", "ctc"]) == 2


def test_the_container_sees_the_vault_zone_and_no_network(
    zone: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.delenv("C2C_IMAGE_VAULT", raising=False)
    (tmp_path / "compose.env").write_text("# set-up\nC2C_CLONE=abc\nC2C_IMAGE_VAULT=c2c-vault:1234\n")
    command = vault_host.container_command([(tmp_path / "delivery", "/delivery")])
    text = " ".join(command)
    assert command[-1] == "c2c-vault:1234"
    assert "--network none" in text
    assert "--cap-drop ALL" in text
    assert f"{tmp_path}/drop:/c2c/drop:ro" in text
    assert f"{tmp_path}/delivery:/delivery:ro" in text
    assert not [
        word for word in ("/app", "airlock", "extracts", "pseudonyms", "portal.key") if f"{tmp_path}/{word}" in text
    ]
    assert "portal.key" not in text


def test_without_an_image_the_host_says_how_to_get_one(zone: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.delenv("C2C_IMAGE_VAULT", raising=False)
    with pytest.raises(Unavailable, match="not built") as caught:
        vault_host.container_command()
    assert "make demo" in caught.value.advice


def test_without_docker_the_host_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(Unavailable, match="no Docker"):
        vault_host.container_command()


def test_synthetic_files_are_made_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        host.run(host.app, ["synth", "generate", str(tmp_path), "--persons", "1000", "--years", "2025", "--json"]) == 0
    )
    answer = json.loads(capsys.readouterr().out)
    assert Path(answer["drop"], "cde", "2025", "person.csv").exists()
    assert host.run(host.app, ["synth", "generate", str(tmp_path), "--persons", "10"]) == 2
    assert host.run(host.app, ["synth", "generate", str(tmp_path), "--years", "soon"]) == 2


def test_the_vault_key_signs_what_the_vault_says(zone: Vault) -> None:
    assert isinstance(inside.vault_context().key, SigningKey)
    assert inside.vault_context().key.issuer == "vault"


def test_the_intake_works_with_what_the_vaults_image_has(zone: Vault, deliver: Deliver, tmp_path: Path) -> None:
    """The vault's lock has no numpy and no pandas; duckdb and pyarrow do without."""
    code = (
        "import sys; sys.modules['numpy'] = sys.modules['pandas'] = None; from services.cli import vault; "
        f"sys.exit(vault.main(['intake', 'ctc', {str(deliver())!r}, '--year', '2025', '--json']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["state"] == "ACCEPTED"
