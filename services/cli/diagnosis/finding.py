"""What a check answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """How it stands; the worst of several is their `max`."""

    OK = 0
    WARN = 1
    FAIL = 2

    @property
    def word(self) -> str:
        """The level as JSON says it."""
        return self.name.lower()


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    check: str
    level: Level
    message: str
    mend: str = ""

    def as_json(self) -> dict[str, str]:
        """The finding as JSON data."""
        return {"check": self.check, "status": self.level.word, "message": self.message, "mend": self.mend}


def ok(check: str, message: str) -> Finding:
    """All is well."""
    return Finding(check, Level.OK, message)


def warn(check: str, message: str, mend: str) -> Finding:
    """Could not look, or will be wrong soon."""
    return Finding(check, Level.WARN, message, mend)


def wrong(check: str, message: str, mend: str) -> Finding:
    """Does not hold."""
    return Finding(check, Level.FAIL, message, mend)
