"""What has been brought into a lab: listed from the folder alone, by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import c2c_research as c2c
from c2c_research.cli import main
from output_review.blobs import BlobStore
from output_review.imports.delivery import Parcel, Shelf


@pytest.fixture
def arrived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lab's folder with two imports, delivered as the worker does it."""
    blobs, source = BlobStore(tmp_path / "blobs"), tmp_path / "helpers.py"
    source.write_bytes(b"x = 1\n")
    with source.open("rb") as stream:
        sha256, _ = blobs.put(stream, 100)
    for name, licence in (("rents", ""), ("helpers", "MIT")):
        parcel = Parcel(
            f"imp_{name}", "promise", name, name.title(), "CODE", "", licence, "", "Why", "rosa", "chris", "",
            {"lib/helpers.py": sha256},
        )  # fmt: skip
        Shelf(tmp_path / "imports").put(parcel, blobs)
    monkeypatch.setenv("C2C_IMPORTS", str(tmp_path / "imports" / "promise"))
    return tmp_path / "imports" / "promise"


def test_what_has_arrived_is_listed_by_name(arrived: Path) -> None:
    found = c2c.imports()
    assert [(each.name, each.licence, each.files) for each in found] == [
        ("helpers", "MIT", ("lib/helpers.py",)), ("rents", "", ("lib/helpers.py",)),
    ]  # fmt: skip
    assert (found[0].folder / "lib" / "helpers.py").read_bytes() == b"x = 1\n"


def test_the_command_says_the_same(arrived: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["imports", "--json"]) == 0
    assert [each["name"] for each in json.loads(capsys.readouterr().out)] == ["helpers", "rents"]
    assert main(["imports"]) == 0
    assert f"{arrived}/rents: Rents (CODE, terms at its source)" in capsys.readouterr().err


def test_an_empty_lab_says_how_files_come_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("C2C_IMPORTS", str(tmp_path / "none"))
    assert (c2c.imports(), main(["imports"])) == ([], 0)
    assert "portal's page" in capsys.readouterr().err
