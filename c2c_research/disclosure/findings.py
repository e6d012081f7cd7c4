"""What a check says: statuses, findings, reports, and their JSON (the output of `c2c check --json`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any


class Status(IntEnum):
    """Outcome of a check, ordered so that outcomes combine by `max`.

    Unknown, skipped, timed-out and crashed count as REVIEW at least.
    """

    PASS = 0
    REVIEW = 1
    FAIL = 2

    @property
    def word(self) -> str:
        """The status as written in JSON."""
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> Status:
        """Read a status; a word that we do not know is REVIEW, never PASS."""
        return cls.__members__.get(str(word).upper(), cls.REVIEW)


Cell = tuple[int, int]
"""(row, column), 0-based: rows count data rows without the header, columns count all columns, keys included."""


@dataclass(frozen=True)
class Finding:
    """One line of a report: a rule, what it saw, where, and what to do about it. Carries no data value."""

    rule: str
    status: Status
    message: str
    where: str = ""
    cells: tuple[Cell, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "status": self.status.word,
            "message": self.message,
            "where": self.where,
            "cells": [list(cell) for cell in self.cells],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        cells = tuple((int(row), int(column)) for row, column in data.get("cells", ()))
        return cls(data["rule"], Status.of(data["status"]), data["message"], data.get("where", ""), cells)


@dataclass(frozen=True)
class Question:
    """What the engine could not tell and asks the author, once a column. Does not change a status."""

    about: str
    text: str
    where: str = ""

    def to_json(self) -> dict[str, str]:
        return {"about": self.about, "text": self.text, "where": self.where}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Question:
        return cls(data["about"], data["text"], data.get("where", ""))


@dataclass(frozen=True)
class FileReport:
    """The findings of one file, bound to its bytes by SHA-256."""

    path: str
    sha256: str
    kind: str
    findings: tuple[Finding, ...] = ()
    questions: tuple[Question, ...] = ()

    @property
    def status(self) -> Status:
        return max((finding.status for finding in self.findings), default=Status.PASS)

    def __str__(self) -> str:
        from c2c_research.disclosure.summary import file_lines

        return "\n".join(file_lines(self))

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """How a notebook shows it."""
        printer.text(str(self))

    def with_findings(self, findings: Iterable[Finding]) -> FileReport:
        return replace(self, findings=(*self.findings, *findings))

    def to_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "sha256": self.sha256,
            "kind": self.kind,
            "status": self.status.word,
            "findings": [finding.to_json() for finding in self.findings],
            "questions": [question.to_json() for question in self.questions],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FileReport:
        """Rebuild a report. The status is derived again from the findings; a stated one is not believed."""
        return cls(
            data["path"],
            data["sha256"],
            data["kind"],
            tuple(Finding.from_json(item) for item in data.get("findings", ())),
            tuple(Question.from_json(item) for item in data.get("questions", ())),
        )


@dataclass(frozen=True)
class CheckReport:
    """All files of one request under one policy pack.

    `unchecked` names the rules of the pack that the engine does not enforce, so that nobody reads a PASS as more than
    it is.
    """

    policy_name: str
    policy_version: str
    files: tuple[FileReport, ...] = ()
    unchecked: tuple[str, ...] = field(default=())

    @property
    def status(self) -> Status:
        return max((report.status for report in self.files), default=Status.PASS)

    def __str__(self) -> str:
        from c2c_research.disclosure.summary import lines

        return "\n".join(lines(self))

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """How a notebook shows it."""
        printer.text(str(self))

    def to_json(self) -> dict[str, Any]:
        return {
            "policy": {"name": self.policy_name, "version": self.policy_version},
            "status": self.status.word,
            "files": [report.to_json() for report in self.files],
            "unchecked": list(self.unchecked),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> CheckReport:
        return cls(
            data["policy"]["name"],
            data["policy"]["version"],
            tuple(FileReport.from_json(item) for item in data["files"]),
            tuple(data.get("unchecked", ())),
        )
