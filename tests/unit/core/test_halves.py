"""`make test` in two halves: one total, one exit code, and nobody who failed is lost."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scripts import halves
from scripts.halves import HALVES, Half, run_halves, summary

ROOT = Path(__file__).parents[3]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project whose two halves are `a` and `b`, run by this very pytest."""
    monkeypatch.setattr(halves, "ROOT", tmp_path)
    monkeypatch.setattr(halves, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(halves, "HALVES", {"first": ("a",), "second": ("b",)})
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -q -p no:hypothesispytest --import-mode=importlib\n")
    for folder, body in (("a", "def test_one(): pass"), ("b", "def test_two(): pass\ndef test_three(): pass")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "test_it.py").write_text(body)
    return tmp_path


def test_every_file_of_tests_is_in_exactly_one_half() -> None:
    folders = [ROOT / folder for half in HALVES.values() for folder in half]
    files = list(ROOT.glob("tests/**/test_*.py"))
    assert len(files) > 100 and all(folder.is_dir() for folder in folders)
    assert [str(file) for file in files if sum(file.is_relative_to(folder) for folder in folders) != 1] == []


def test_both_halves_pass_and_the_last_line_counts_them_together(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_halves({}) == 0
    printed = capsys.readouterr().out
    assert printed.splitlines()[-1].startswith("3 passed in ")
    assert "durations" in printed


def test_a_failure_in_one_half_is_shown_and_named_at_the_end(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "b" / "test_it.py").write_text("def test_two(): assert 1 == 2\ndef test_three(): pass")
    assert run_halves({}) == 1
    printed = capsys.readouterr().out
    assert "assert 1 == 2" in printed
    assert printed.count("FAILED b/test_it.py::test_two") == 1
    assert printed.splitlines()[-1].startswith("1 failed, 2 passed in ")


def test_a_half_that_cannot_be_collected_fails_the_whole(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "a" / "test_it.py").write_text("import nothing_of_this_name")
    assert run_halves({}) != 0
    printed = capsys.readouterr().out
    assert "ERROR a/test_it.py" in printed
    assert printed.splitlines()[-1].startswith("2 passed, 1 error in ")


def test_a_half_that_dies_before_its_total_is_an_error_of_its_own() -> None:
    died = Half("enclave", ("tests/e2e",), ["Fatal Python error: Segmentation fault"], code=-11)
    well = Half("rules", ("tests/unit",), ["2 passed, 1 skipped in 3.00s"], code=0)
    lines = summary([died, well], 61.5)
    assert lines[1] == "ERROR enclave - pytest ended with -11 before its total"
    assert lines[-1] == "2 passed, 1 skipped, 1 error in 61.50s (0:01:01)"
