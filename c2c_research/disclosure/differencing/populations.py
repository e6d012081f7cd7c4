"""What two tables say of whom they count: the same persons, some of them, or others.

Read from the declared population, the caption and the file's name. "Students, excluding foster youth" beside "Students"
*says* that one counts some of the other's persons; "Kern County" beside "Fresno County" speaks of others. Words can be
wrong or missing, so they only raise or lower how well the counts have to agree (see `values`).
"""

from __future__ import annotations

import re
from enum import Enum
from pathlib import PurePosixPath

from c2c_research.disclosure.linked import Member
from c2c_research.disclosure.statements import EXCEPT, plain
from c2c_research.disclosure.words import words

_EXCLUDES = re.compile(rf"{EXCEPT.pattern}|\b(?:non|not|no)\b", re.IGNORECASE)
_NUMBERING = re.compile(r"\b(?:table|tab|figure|fig|panel|model|sheet|part|edition|version|v|t|page)[ .]*\d*[a-z]?\b")
_SILENT = frozenset(
    ["all", "the", "a", "of", "in", "for", "by", "and", "or", "on", "at", "to", "from", "with", "only", "total", "only",
     "students", "student", "persons", "people", "individuals", "number", "count", "counts", "n", "everyone", "overall",
     "data", "results", "source", "linked", "administrative", "records", "population", "cohort", "including", "new",
     "old", "final", "csv", "earlier", "revised", "statewide", "state", "s"]
)  # fmt: skip


class Said(Enum):
    """How the descriptions of two tables stand to each other."""

    SAME = "the same words"
    FEWER = "the first leaves some of the other's persons out"
    MORE = "the other leaves some of the first's persons out"
    OPEN = "nothing that decides"
    OTHER = "other persons"


def said(one: Member, other: Member) -> Said:
    """Compare what two tables say; a declared population outweighs a caption, and a caption a file's name."""
    a, b = one.statement, other.statement
    found = [_texts(a.population, b.population)]
    found.append(_texts(a.caption, b.caption))
    if not any((a.population, b.population, a.caption, b.caption)):
        found.append(_texts(_stem(one), _stem(other)))
    nested = next((each for each in found if each in (Said.FEWER, Said.MORE)), None)
    if nested and found[0] is not Said.OTHER:
        return nested
    return next((each for each in found if each is not Said.OPEN), Said.OPEN)


def _stem(member: Member) -> str:
    return plain(PurePosixPath(member.source.path).stem)


def _texts(one: str, other: str) -> Said:
    if one == other:
        return Said.SAME if one else Said.OPEN
    mine, theirs = _tokens(one), _tokens(other)
    excluded = bool(_EXCLUDES.search(one)), bool(_EXCLUDES.search(other))
    if excluded == (True, False) and theirs <= mine:
        return Said.FEWER
    if excluded == (False, True) and mine <= theirs:
        return Said.MORE
    return Said.OPEN if mine <= theirs or theirs <= mine else Said.OTHER


def _tokens(text: str) -> frozenset[str]:
    return frozenset(words(_NUMBERING.sub(" ", _EXCLUDES.sub(" ", text)))) - _SILENT
