"""How the rulebook's chapters are written: a small table in, findings out."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import yaml

from c2c_research.disclosure import check_content
from c2c_research.disclosure.findings import FileReport, Status

WATCHERS: list[Callable[[str, str, str, dict[str, Any], FileReport], None]] = []
"""Told of every file that a chapter gives to the engine; the rulebook's page is made from it."""


def report_on(text: str, name: str = "t1.csv", policy: str = "enclave-default", **context: Any) -> FileReport:
    """Check a small file, with the sidecar that the keywords make."""
    sidecar = yaml.safe_dump(context) if context else ""
    plain = dedent(text).lstrip("\n")
    report = check_content(name, plain.encode(), policy, sidecar)
    for watch in WATCHERS:
        watch(name, plain, policy, context, report)
    return report


def found(text: str, name: str = "t1.csv", policy: str = "enclave-default", **context: Any) -> dict[str, Any]:
    """{rule: cells} of the findings; behind a rule's name, `?` means review and `!` advice that changes nothing."""
    return as_dict(report_on(text, name, policy, **context))


def as_dict(report: FileReport) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for finding in report.findings:
        mark = {Status.PASS: "!", Status.REVIEW: "?"}.get(finding.status, "")
        found.setdefault(finding.rule + mark, []).extend(finding.cells)
    return found
