"""What a site may choose for its sandboxes: another runtime, and a licensed program of its own.

The runtime that every engine of today has beside its own is the name of the shim, `io.containerd.runc.v2`. The program
is a stand-in for Stata, added word for word as `images/README.md` says.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from enclave.core.errors import NotFound
from enclave.core.settings import Settings
from enclave.core.signing import SigningKey
from enclave.sandboxes.grants import HEADER, Grant, seal_grant, to_header
from enclave.sandboxes.profiles import Places, container_request, profile_for
from enclave.sandboxes.project_keys import KeyStore
from services.engine_client import EngineClient
from tests.images import register_image
from tests.integration.sandbox.house import GUARD, House, running_house, wait_until
from tests.integration.sandbox.lab import sandbox_image

pytestmark = pytest.mark.engine
RUNTIME = "io.containerd.runc.v2"
ROOT = Path(__file__).parents[3]
PROGRAM = """#!/bin/sh
echo "stand-in for Stata, licence: $(cat "$(dirname "$(readlink -f "$0")")/stata.lic")"
"""


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """An enclave whose sandboxes run in another runtime than the engine's own."""
    if os.geteuid() != 0:
        pytest.skip("mounting the rooms of sandboxes needs root")
    with running_house(sandbox_image(), C2C_SANDBOX_RUNTIME=RUNTIME) as house:
        KeyStore(house.settings.paths.project_keys, house.settings.paths.rooms_public_key).ensure(
            "promise", house.context.clock
        )
        yield house


def grant(run: str) -> Grant:
    return Grant("job", "rosa", "promise", "1", run=run, command=("python", "-c", "print('ran')"))


def client(house: House, settings: Settings) -> EngineClient:
    key = SigningKey.load(house.settings.paths.private_key("worker"))
    return EngineClient(settings, key, house.context.clock)


def test_a_sandbox_runs_in_the_runtime_that_is_set(house: House) -> None:
    engine = client(house, house.settings)
    name = engine.name_of("rosa", "promise", "one")
    engine.create(name, grant("one"))
    try:
        shown = subprocess.run(["docker", "inspect", name], capture_output=True, text=True, check=True).stdout
        assert json.loads(shown)[0]["HostConfig"]["Runtime"] == RUNTIME
        engine.start(name)
        wait_until(lambda: (sight := engine.look(name)) is not None and not sight.runs, "it did not end")
        sight = engine.look(name)
        assert sight is not None and sight.exit_code == 0
    finally:
        engine.remove(name)


@pytest.mark.parametrize("asked", ["runc", None])
def test_the_guard_takes_no_other_runtime_than_the_one_that_is_set(house: House, asked: str | None) -> None:
    engine = client(house, house.settings)
    sealed = seal_grant(grant("two"), engine.key, engine.clock)
    body = container_request(profile_for("job", house.settings), grant("two"), Places.of(house.settings), {})
    body["HostConfig"].pop("Runtime")
    if asked:
        body["HostConfig"]["Runtime"] = asked
    transport = httpx.HTTPTransport(uds=str(house.settings.paths.socket("guard")))
    with httpx.Client(transport=transport) as http:
        name = engine.name_of("rosa", "promise", "two")
        answer = http.post(
            "http://guard/containers/create", params={"name": name}, json=body, headers={HEADER: to_header(sealed)}
        )
    assert answer.status_code == 403
    assert "HostConfig.Runtime" in answer.json()["message"]


def documented_dockerfile() -> str:
    """The Dockerfile that a site is told to write."""
    found = re.search(r"```dockerfile\n(.*?)```", (ROOT / "images" / "README.md").read_text(), re.DOTALL)
    assert found
    return "".join(line.removeprefix("   ") + "\n" for line in found[1].splitlines())


@pytest.fixture
def stata(tmp_path: Path) -> Iterator[str]:
    """The tag of an image with a stand-in, built by the documented steps."""
    program = tmp_path / "opt" / "stata18" / "stata-se"
    program.parent.mkdir(parents=True)
    program.write_text(PROGRAM)
    program.chmod(0o755)
    dockerfile = tmp_path / "images" / "Dockerfile"
    dockerfile.parent.mkdir()
    dockerfile.write_text(documented_dockerfile())
    tag = f"c2c-sandbox-stata-{secrets.token_hex(4)}:18"
    build = ["docker", "build", "-q", "--network", "none", "--build-arg", f"SANDBOX={sandbox_image()}", "-t", tag]
    subprocess.run([*build, "-f", str(dockerfile), str(tmp_path / "opt")], check=True, capture_output=True)
    yield tag
    subprocess.run(["docker", "image", "rm", "-f", tag], check=False, capture_output=True)


def test_a_sites_own_program_runs_with_its_licence_from_the_shelf(house: House, stata: str) -> None:
    licences = house.settings.data_dir / "reference" / "licences"
    licences.mkdir(parents=True, exist_ok=True)
    (licences / "stata.lic").write_text("of the site\n")
    asked = ["docker", "image", "inspect", "-f", "{{.Id}}", stata]
    image = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    register_image(house.settings.paths.images, stata, name="sandbox-stata", image=image)
    given = Grant("report", "rosa", "promise", "1", run="stata", command=("stata-se",), image=image)
    ended = client(house, house.settings).run(given, 60, lambda: True)
    assert (ended.exit_code, ended.printed) == (0, b"stand-in for Stata, licence: of the site\n")
    layers = subprocess.run(["docker", "history", "--no-trunc", stata], capture_output=True, text=True, check=True)
    assert "of the site" not in layers.stdout


def test_a_runtime_that_the_engine_does_not_have_is_named_with_what_to_do(house: House) -> None:
    house.stop("guard")
    socket = house.settings.paths.socket("guard")
    socket.unlink(missing_ok=True)
    house.environment["C2C_SANDBOX_RUNTIME"] = "kata-none"
    house.start("guard", GUARD, f"unix:{socket}")
    engine = client(house, house.settings.model_copy(update={"sandbox_runtime": "kata-none"}))
    with pytest.raises(NotFound, match="no runtime “kata-none”") as told:
        engine.create(engine.name_of("rosa", "promise", "three"), grant("three"))
    assert "doctor" in told.value.advice
