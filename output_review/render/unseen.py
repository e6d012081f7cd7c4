"""Characters that nobody sees, spelled out: control and format characters can turn a name around or hide a part."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def unseen(character: str) -> bool:
    """Whether it would only change how its neighbours look."""
    return unicodedata.category(character) in _UNSEEN


def spelled(text: str) -> str:
    """The text on one line, with each unseen character as [U+202E]; line ends and tabs are blanks."""
    return "".join(code(each) if unseen(each) else each for each in " ".join(text.split()))


def code(character: str) -> str:
    """A character by its number."""
    return f"[U+{ord(character):04X}]"


def all_spelled(value: Any) -> Any:
    """The same record with every text `spelled`."""
    if isinstance(value, str):
        return spelled(value)
    if isinstance(value, Mapping):
        return {key: all_spelled(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [all_spelled(each) for each in value]
    return value
