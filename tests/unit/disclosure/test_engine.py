"""The engine around the rules: statuses, folders, sidecars, crashes, JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from c2c_research.disclosure import check_content, check_paths, readers, rules
from c2c_research.disclosure.findings import CheckReport, FileReport, Finding, Status

SMALL = "district,x\nAlder,120\nBirch,7\n"


def test_statuses_are_ordered_and_an_unknown_word_is_never_a_pass() -> None:
    assert Status.PASS < Status.REVIEW < Status.FAIL
    assert Status.of("fail") is Status.FAIL
    assert Status.of("fine") is Status.REVIEW


def test_a_report_survives_its_json_and_its_status_is_derived_again() -> None:
    report = CheckReport("enclave-default", "1.0", (check_content("t1.csv", b"district,n\nA,7\nB,70\n"),))
    data = json.loads(json.dumps(report.to_json()))
    assert CheckReport.from_json(data) == report
    data["files"][0]["status"] = "pass"
    assert CheckReport.from_json(data).status is Status.FAIL


def test_a_crash_of_a_rule_is_a_review_and_the_other_rules_still_run(monkeypatch: pytest.MonkeyPatch) -> None:
    original = rules.check_of

    def crashing(kind: str) -> Any:
        if kind == "rate":
            return lambda *_: 1 / 0
        return original(kind)

    monkeypatch.setattr(rules, "check_of", crashing)
    report = check_content("t1.csv", b"district,n\nA,7\nB,70\n")
    assert {(finding.rule, finding.status) for finding in report.findings} == {
        ("min_cell", Status.FAIL),
        ("rate", Status.REVIEW),
    }


def test_a_crash_of_a_reader_is_a_review(monkeypatch: pytest.MonkeyPatch) -> None:
    def crashing(name: str, content: bytes) -> Any:
        raise RecursionError

    monkeypatch.setattr(readers, "read", crashing)
    report = check_content("t1.csv", b"district,n\nA,70\n")
    assert [(finding.rule, finding.status) for finding in report.findings] == [("unreadable", Status.REVIEW)]


def test_a_folder_is_one_request_and_sidecars_are_no_files_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "t1.csv").write_text(SMALL)
    (tmp_path / "t1.context.yaml").write_text("rows: [district]\nkind: frequency\ncounts: x\n")
    (tmp_path / "t1.evidence.json").write_text('{"counts": [[1, 1, 7]]}')
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "t2.csv").write_text("district,n\nAlder,120\n")
    report = check_paths([tmp_path])
    assert [(item.path, item.status) for item in report.files] == [
        ("sub/t2.csv", Status.PASS),
        ("t1.csv", Status.FAIL),
    ]


def test_a_sidecar_may_be_named_after_the_whole_file_name(tmp_path: Path) -> None:
    (tmp_path / "t1.csv").write_text(SMALL)
    (tmp_path / "t1.csv.context.yaml").write_text("rows: [district]\nkind: frequency\ncounts: x\n")
    assert [item.status for item in check_paths([tmp_path]).files] == [Status.FAIL]


def test_a_sidecar_without_its_table_is_looked_at_as_a_file(tmp_path: Path) -> None:
    (tmp_path / "t9.evidence.json").write_text('{"counts": [[1, 1, 7]]}')
    assert [item.path for item in check_paths([tmp_path]).files] == ["t9.evidence.json"]


def test_a_sidecar_that_cannot_be_used_asks_for_review(tmp_path: Path) -> None:
    for text in ("kind: nonsense", "- a list", "totals: 3", "a: [1", "rounding: {base: x}"):
        report = check_content("t1.csv", b"district,n\nA,70\n", context=text)
        assert [(f.rule, f.status) for f in report.findings] == [("unreadable", Status.REVIEW)], text


def test_a_link_in_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t1.csv").symlink_to("/etc/passwd")
    report = check_paths([tmp_path])
    assert [finding.rule for finding in report.files[0].findings] == ["file_kind"]


def test_messages_carry_no_value_of_the_table() -> None:
    report = check_content("t1.csv", b"district,n,max_wage\nAlder,7,91251\nBirch,700,91252\n")
    said = " ".join(finding.message for finding in report.findings)
    assert report.status is Status.FAIL
    assert "91251" not in said and "Alder" not in said


def test_rules_that_no_code_enforces_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_paths([]).unchecked == ()
    monkeypatch.delitem(rules.MODULES, "differencing")
    assert check_paths([]).unchecked == ("differencing",)


def test_a_crash_of_the_comparison_of_files_is_a_review_of_each(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from c2c_research.disclosure import engine

    def crashing(*_: Any) -> Any:
        raise RecursionError

    monkeypatch.setattr(engine, "check_request", crashing)
    (tmp_path / "t1.csv").write_text("district,n\nAlder,120\n")
    assert [(item.status, len(item.findings)) for item in check_paths([tmp_path]).files] == [(Status.REVIEW, 1)]


def test_findings_come_one_a_rule_a_table_with_all_cells() -> None:
    report = check_content("t1.csv", b"district,n\nA,7\nB,3\nC,70\n")
    assert report.findings == (Finding("min_cell", Status.FAIL, report.findings[0].message, "", ((0, 1), (1, 1))),)
    assert isinstance(report, FileReport)


def test_the_engine_starts_without_pandas_and_solver() -> None:
    code = (
        "import sys; from c2c_research.disclosure import check_content; "
        "check_content('t1.csv', b'district,n\\nA,7\\nB,70\\n'); "
        "print(sorted({'pandas', 'numpy', 'highspy', 'openpyxl', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
