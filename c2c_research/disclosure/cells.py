"""One cell of a table: what its text means.

A cell is a number, a *suppressed* marker ("<11", "*", "s"), a *banded* value (">=95%"), text, or empty.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache


class Mark(Enum):
    """The sort of thing a cell holds."""

    NUMBER = "number"
    SUPPRESSED = "suppressed"
    BANDED = "banded"
    TEXT = "text"
    EMPTY = "empty"


@dataclass(frozen=True)
class Value:
    """A parsed cell. `upper` bounds a suppressed count where its marker says so ("<11" means at most 10)."""

    mark: Mark
    text: str
    number: float | None = None
    decimals: int = 0
    percent: bool = False
    upper: int | None = None

    @property
    def is_integer(self) -> bool:
        return self.number is not None and self.decimals == 0 and not self.percent and self.number.is_integer()


SUPPRESSED_MARKERS = frozenset(
    ["*", "**", "s", "(s)", "c", "x", "[c]", "[x]", "[s]", "supp", "suppressed", "masked", "redacted", "hidden",
     "†", "‡", "#", "[redacted]", "[suppressed]"]
)  # fmt: skip
_EMPTY = frozenset(["", "nan", "na", "n/a", "none", "null", "nat", "<na>", ".", "-", "--", "–", "—", "..", "..."])
_BELOW = re.compile(r"^(?:n\s*)?[<≤]\s*=?\s*(\d{1,3})$", re.IGNORECASE)
_RANGE_OF_SMALL = re.compile(r"^(?:0|1)\s*(?:-|–|to)\s*(\d{1,2})$")
_BANDED = re.compile(r"^(?:[<>≤≥]=?\s*\d+(?:\.\d+)?\s*%?|\d+(?:\.\d+)?\s*%?\s*(?:-|–|to)\s*\d+(?:\.\d+)?\s*%?)$")
_NUMBER = re.compile(r"^[-+]?(?:\d[\d,\u00a0\u202f' ]*(?:\.\d*)?|\.\d+)(?:e[-+]?\d{1,4})?$", re.IGNORECASE | re.ASCII)
_THOUSANDS = re.compile(r"^[-+]?\d{1,3}(?:[,\u00a0\u202f' ]\d{3})+(?:\.\d+)?$")
_DECIMAL_COMMA = re.compile(r"^[-+]?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+$")


def parse(text: str, markers: frozenset[str] | None = None, *, decimal_comma: bool = False) -> Value:
    """Read a cell. `markers` (lower case) are the sidecar's own suppressed markers, tried first."""
    return _parse(text.strip(), markers or frozenset(), decimal_comma)


@lru_cache(maxsize=65536)
def _parse(text: str, markers: frozenset[str], decimal_comma: bool) -> Value:
    lowered = text.lower()
    below = _BELOW.match(text) or (_RANGE_OF_SMALL.match(text) if lowered in markers else None)
    if below:
        strict = "=" not in text and "≤" not in text and "<" in text
        return Value(Mark.SUPPRESSED, text, upper=int(below[1]) - (1 if strict else 0))
    if lowered in markers:
        return Value(Mark.SUPPRESSED, text)
    if lowered in _EMPTY:
        return Value(Mark.EMPTY, text)
    if lowered in SUPPRESSED_MARKERS:
        return Value(Mark.SUPPRESSED, text)
    number = _number(text, decimal_comma)
    if number is not None:
        return number
    return Value(Mark.BANDED if _BANDED.match(text) else Mark.TEXT, text)


def _number(text: str, decimal_comma: bool) -> Value | None:
    body = text.rstrip("*†‡ ") if text[:1] not in "*†‡" else text
    percent = body.endswith("%")
    body = body.rstrip("% ").lstrip("$€£ ").replace("−", "-")
    if body.startswith("(") and body.endswith(")"):
        body = body[1:-1]
    if decimal_comma and _DECIMAL_COMMA.match(body):
        body = body.replace(".", "").replace(",", ".")
    if not _NUMBER.match(body):
        return None
    if any(char in body for char in ",' \u00a0\u202f"):
        if not _THOUSANDS.match(body):
            return None
        body = re.sub(r"[,' \u00a0\u202f]", "", body)
    mantissa = body.lower().partition("e")[0]
    decimals = len(mantissa.partition(".")[2])
    number = float(body)
    if math.isinf(number):
        return None
    # pandas writes counts with a hole beside them as floats: 12.0 is the integer 12
    if decimals == 1 and number.is_integer() and not percent and mantissa.endswith(".0"):
        decimals = 0
    return Value(Mark.NUMBER, text, number, decimals, percent)
