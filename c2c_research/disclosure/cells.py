"""One cell of a table: what its text means.

A cell is a number, a *suppressed* marker ("<11", "*", "s"), a *banded* value (">=95%"), text, or empty.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
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
    """A parsed cell. `upper` bounds a suppressed count where its marker says so ("<11" means at most 10).

    `named_n` says that the cell itself calls its number a count ("n=7").
    """

    mark: Mark
    text: str
    number: float | None = None
    decimals: int = 0
    percent: bool = False
    upper: int | None = None
    named_n: bool = False

    @property
    def is_integer(self) -> bool:
        return self.number is not None and self.decimals == 0 and not self.percent and self.number.is_integer()


SUPPRESSED_MARKERS = frozenset(
    ["*", "**", "s", "(s)", "c", "x", "[c]", "[x]", "[s]", "[n]", "(x)", "(c)", "(*)", "supp", "supp.", "suppr.",
     "suppressed", "masked", "redacted", "hidden", "withheld", "censored", "primary", "secondary", "too few",
     "small n", "low n", "not shown", "not reported", "not displayed", "†", "‡", "§", "#", "##", "[redacted]",
     "[suppressed]", "<suppressed>", "(suppressed)", "<masked>", "(d)", "dsu", "nr", "n.r.", "n/r", "xx", "xxx", "•",
     "ds", "n/d", "np", "n.p.",
     "tfs", "confidential", "conf.", "private", "too small", "small cell", "insufficient data", "data suppressed",
     "too few to report", "not disclosed", "■", "▪", "~"]
)  # fmt: skip
_EMPTY = frozenset(["", "nan", "na", "n/a", "none", "null", "nat", "<na>", ".", "-", "--", "–", "—", "..", "..."])
_BELOW = re.compile(r"^\(?(?:n\s*)?[<≤]\s*=?\s*(\d{1,3})\s*[*†‡]?\)?$", re.IGNORECASE)
_IN_WORDS = re.compile(r"^(?:n\s+)?(?:fewer|less|lower|smaller|under|below)\s*(?:than)?\s*(\d{1,3})$", re.IGNORECASE)
_AT_MOST = re.compile(r"^(?:(?:at most|up to)\s*(\d{1,3})|(\d{1,3})\s*or\s*(?:fewer|less))$", re.IGNORECASE)
_RANGE_OF_SMALL = re.compile(r"^[(\[]?(?:0|1)\s*(?:-|–|to)\s*(\d{1,2})[)\]]?$")
_BANDED = re.compile(r"^(?:[<>≤≥]=?\s*\d+(?:\.\d+)?\s*%?|\d+(?:\.\d+)?\s*%?\s*(?:-|–|to)\s*\d+(?:\.\d+)?\s*%?)$")
_GROUPING = ",'’ \u00a0\u2009\u202f"
_NUMBER = re.compile(rf"^[-+]?(?:\d[\d{_GROUPING}]*(?:\.\d*)?|\.\d+)(?:e[-+]?\d{{1,4}})?$", re.IGNORECASE | re.ASCII)
_THOUSANDS = re.compile(rf"^[-+]?\d{{1,3}}(?:([{_GROUPING}])\d{{3}})(?:\1\d{{3}})*(?:\.\d+)?$", re.ASCII)
_INDIAN = re.compile(r"^[-+]?\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?$", re.ASCII)
_DECIMAL_COMMA = re.compile(r"^[-+]?(?:\d{1,3}(?:[.\u00a0\u202f ]\d{3})+|\d+),\d+$", re.ASCII)
_POINT_THOUSANDS = re.compile(r"^[-+]?\d{1,3}(?:\.\d{3})+$", re.ASCII)
_N_EQUALS = re.compile(r"^[(\[]?\s*n\s*[=:]\s*(.+?)[)\]]?$", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"^(\S[^()\[\]]{0,40}?)\s*[(\[]([^()\[\]]{1,40})[)\]]\s*%?[*†‡]*$")
_OF = re.compile(r"^([\d,]{1,12})\s*(?:/| of | out of )\s*([\d,]{1,12})$", re.IGNORECASE)
_LEGEND = re.compile(
    r"(?:^|[\n.;,(]|\bnotes?:|\bkey:)[ \t]*([^\s=:]{1,12}(?: [a-z]{1,8})?)[ \t]*"
    r"(?:=|:|[-–—]|\bmeans\b|\bindicates\b|\bdenotes\b|\bstands for\b|\bmarks\b)[ \t]*"
    r"(?:(?:a |the )?(?:data |value |values |cell |cells |count |counts |number )?(?:is |are |of )?)"
    r"(?:fewer|less|under|below|suppressed|masked|withheld|redacted|hidden|too few|too small|not shown|n ?<|[<≤])",
    re.IGNORECASE,
)
LEGEND_WITHIN = 20_000
_MARKS = "*†‡§ ¹²³⁴ᵃᵇᶜ"
LONGEST = 60


def parse(text: str, markers: frozenset[str] | None = None, *, decimal_comma: bool = False) -> Value:
    """Read a cell. `markers` (lower case) are the sidecar's own suppressed markers, tried first."""
    return _parse(text.strip(), markers or frozenset(), decimal_comma)


@lru_cache(maxsize=65536)
def _parse(text: str, markers: frozenset[str], decimal_comma: bool) -> Value:
    lowered = text.lower()
    if len(text) > LONGEST and lowered not in markers:
        return Value(Mark.TEXT, text)
    below = _BELOW.match(text) or (_RANGE_OF_SMALL.match(text) if lowered in markers else None)
    if below:
        strict = "=" not in text and "≤" not in text and "<" in text
        return Value(Mark.SUPPRESSED, text, upper=int(below[1]) - (1 if strict else 0))
    spoken = _IN_WORDS.match(text) or _AT_MOST.match(text)
    if spoken:
        upper = int(next(filter(None, spoken.groups())))
        return Value(Mark.SUPPRESSED, text, upper=upper - (spoken.re is _IN_WORDS))
    if lowered in markers:
        return Value(Mark.SUPPRESSED, text)
    if lowered in _EMPTY:
        return Value(Mark.EMPTY, text)
    if lowered in SUPPRESSED_MARKERS:
        return Value(Mark.SUPPRESSED, text)
    number = _number(text, decimal_comma)
    if number is not None:
        return number
    counted = _N_EQUALS.match(text)
    if counted and (number := _number(counted[1], decimal_comma)) is not None:
        return replace(number, text=text, named_n=True)
    return Value(Mark.BANDED if _BANDED.match(text) else Mark.TEXT, text)


def _number(text: str, decimal_comma: bool) -> Value | None:
    body = text.rstrip(_MARKS) if text[:1] not in _MARKS else text
    if body.startswith("(") and body.endswith(")"):
        body = body[1:-1]
    percent = body.endswith("%")
    body = body.rstrip("% ").lstrip("$€£ ").replace("−", "-")
    if decimal_comma and _POINT_THOUSANDS.match(body):
        body = body.replace(".", "")
    elif decimal_comma and _DECIMAL_COMMA.match(body):
        body = re.sub(r"[.\u00a0\u202f ]", "", body).replace(",", ".")
    if not _NUMBER.match(body):
        return None
    if any(char in _GROUPING for char in body):
        if not (_THOUSANDS.match(body) or _INDIAN.match(body)):
            return None
        body = re.sub(f"[{_GROUPING}]", "", body)
    mantissa = body.lower().partition("e")[0]
    decimals = len(mantissa.partition(".")[2])
    number = float(body)
    if math.isinf(number):
        return None
    # pandas writes counts with a hole beside them as floats: 12.0 is the integer 12
    if decimals == 1 and number.is_integer() and not percent and mantissa.endswith(".0"):
        decimals = 0
    return Value(Mark.NUMBER, text, number, decimals, percent)


def legend(text: str) -> frozenset[str]:
    """The markers that a note explains as suppressed ("n.d. = fewer than 11 families"), lower case."""
    found = (match[1].strip("\"'“”` ").lower() for match in _LEGEND.finditer(text[:LEGEND_WITHIN]))
    return frozenset(
        marker
        for marker in found
        if marker and _number(marker, False) is None and (not marker[0].isdigit() or _RANGE_OF_SMALL.match(marker))
    )


def halves(text: str) -> tuple[str, str, str] | None:
    """The two values of a compound cell and how it joins them: "3.2 (7)", "7 (3.2%)", "12 / 340", "12 of 340"."""
    return _halves(text.strip())


def part_of(text: str) -> tuple[str, str, str] | None:
    """ "4/10" as a part and its whole, in a column that is known to hold such pairs."""
    match = _OF.match(text.strip())
    part, whole = (parse(side).number for side in match.groups()) if match else (None, None)
    return (match[1], match[2], "of") if match and part is not None and whole is not None and part <= whole else None


@lru_cache(maxsize=65536)
def _halves(text: str) -> tuple[str, str, str] | None:
    if len(text) > LONGEST or not any(mark in text for mark in "([/o"):
        return None
    if _OF.match(text):
        # a short pair between slashes is as well a day and a month
        pair = part_of(text)
        return pair if pair and (" " in text or (parse(pair[1]).number or 0) > 31) else None
    inside = _IN_BRACKETS.match(text)
    if inside is None:
        return None
    first, second = inside[1].strip(), inside[2].strip()
    if second[:1] in "<>" or parse(first).mark in (Mark.TEXT, Mark.EMPTY):
        return None
    second += "%" if text.endswith("%") and not second.endswith("%") else ""
    return (first, second, "()") if parse(second).mark in (Mark.NUMBER, Mark.SUPPRESSED) else None


def hidden_range(value: Value) -> Value:
    """A range of small counts ("1-10") as a suppressed count; any other value as it is."""
    match = _RANGE_OF_SMALL.match(value.text) if value.mark is Mark.BANDED else None
    return Value(Mark.SUPPRESSED, value.text, upper=int(match[1])) if match and int(match[1]) >= 2 else value
