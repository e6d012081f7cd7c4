"""`c2c review record verify`: exit codes and JSON, offline."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from services.cli.review import app
from services.cli.running import run
from tests.unit.airlock.house import House


@pytest.fixture
def bundle(house: House) -> Path:
    (house.root / "public").mkdir()
    (house.root / "public" / "worker.pub").write_text(house.key.public_text)
    return house.release(house.approved())


def test_a_bundle_that_holds_exits_with_0(house: House, bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(app, ["record", "verify", str(bundle), "--keys", str(house.root / "public"), "--json"])
    said = json.loads(capsys.readouterr().out)
    assert (code, said["holds"]) == (0, True)
    assert {"signature", "manifest", "files/t1.csv", "t1.csv: votes"} <= {each["check"] for each in said["checks"]}


def test_a_changed_bundle_exits_with_1(house: House, bundle: Path) -> None:
    folder = house.root / "unpacked"
    zipfile.ZipFile(bundle).extractall(folder)
    (folder / "files" / "t1.csv").write_bytes(b"district,n\nt1.csv,26\n")
    assert run(app, ["record", "verify", str(folder), "--keys", str(house.root / "public")]) == 1


@pytest.mark.parametrize("what", ["nothing.zip", "public"])
def test_what_cannot_be_verified_exits_with_2(house: House, bundle: Path, what: str) -> None:
    assert run(app, ["record", "verify", str(house.root / what), "--keys", str(house.root / "public")]) == 2


def test_without_keys_nothing_is_verified(house: House, bundle: Path) -> None:
    assert run(app, ["record", "verify", str(bundle), "--keys", str(house.root / "blobs")]) == 2
