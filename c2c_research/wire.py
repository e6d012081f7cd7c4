"""Shapes of the portal's API that library and server share. Plain frozen dataclasses, no dependencies.

`from_json` ignores fields that it does not know, so that an older sandbox can talk to a newer portal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self


@dataclass(frozen=True)
class Wire:
    """Base of all shapes: to and from JSON objects."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in data.items() if name in known})


@dataclass(frozen=True)
class ErrorBody(Wire):
    """The `error` object of every refused call."""

    code: str
    message: str
    advice: str = ""


@dataclass(frozen=True)
class ReleaseSummary(Wire):
    """A release request as its author sees it: `status` is the worst of its files' checks."""

    id: str
    state: str
    title: str = ""
    label: str = ""
    status: str | None = None

    @property
    def next_step(self) -> str:
        """What its author does next."""
        if self.state == "DRAFT" and self.status == "fail":
            return "A file does not pass: repair it and submit again, or justify it in the portal."
        if self.state in ("DRAFT", "RETURNED"):
            return "It waits for you: open it in the portal."
        return "`c2c.outputs.status()` follows it."
