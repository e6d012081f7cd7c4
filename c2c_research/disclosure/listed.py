"""Numbers of single persons in free text: programs, logs, tracebacks, comments, keys of JSON.

A number of a person has 8 to 14 digits and stands alone. Several of one length, all different and in no order, are a
list of persons where the text speaks of persons, or where they are many and it speaks of nothing else that is numbered
so (schools, tracts, files). Days, times, running numbers and amounts are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from c2c_research.disclosure import words as lexicon

LEAST, MANY = 4, 10
_ALONE = re.compile(
    r"(?<![\w.$#/-])\d{8,14}(?![\w/-]|\.\d|\s?(?:bytes|[kmg]?b|rows|ms|seconds|dollars)\b)", re.IGNORECASE
)
_DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{6})?$")
# plain words that may as well stand before a count or a running number
_VAGUE = frozenset(["case", "record", "subject", "member", "youth", "caso"])
_ID = r"(?:id|no|nr|num|number|key|code|hash)"
_ANY = "|".join(sorted(lexicon.CASE_NOUNS, key=len, reverse=True))
_PLAIN = "|".join(sorted(lexicon.CASE_NOUNS - _VAGUE, key=len, reverse=True))
_IS = r"\W{0,4}(?:==?|in|is)?\W{0,4}"
_END = r"(?![\w.]|,\d)"
_CALLED = re.compile(
    rf"(?<![a-z])(?:(?:(?:{_ANY})[ _-]?{_ID}|pid|ssid|pseudonym){_IS}([A-Z]{{0,3}}\d{{3,14}}|[0-9a-f]{{12,64}}){_END}"
    rf"|(?:{_PLAIN}){_IS}([A-Z]{{0,3}}\d{{5,14}}|[0-9a-f]{{12,64}}){_END})", re.IGNORECASE
)  # fmt: skip
_CHOSEN = re.compile(r"\bid\b['\"\]]*\s*==?\s*['\"]?(\d{4,14})\b", re.IGNORECASE)
_WHOSE = re.compile(rf"(?<![a-z])(?:{_ANY})[ _-]?{_ID}(?![a-z])|\b(?:pid|ssid|pseudonym)", re.IGNORECASE)
_OTHERWISE = frozenset(
    ["cds", "nces", "fips", "geoid", "tract", "school", "district", "schools", "districts", "institution", "employer",
     "zip", "isbn", "doi", "pmid", "bytes", "offset", "seed", "checksum", "crc", "timestamp", "epoch", "population",
     "phone", "telephone", "job", "run", "commit", "sha256", "digest"]
)  # fmt: skip


def numbers_of_persons(text: str) -> tuple[int, bool]:
    """How many different numbers of persons a text lists, and whether it is certain that they are."""
    called = list(dict.fromkeys(one or other for one, other in _CALLED.findall(text)))
    if any(character.isdigit() for character in text) and lexicon.PERSONAL & set(lexicon.words(text[:50_000])):
        called = called or list(dict.fromkeys(_CHOSEN.findall(text)))
    if len(called) >= LEAST and not _in_order(called) and not all(_is_year(number) for number in called):
        return len(called), True
    lines = text.split("\n")
    found = list(dict.fromkeys(number for line in lines for number in _ALONE.findall(line)))
    if not are_numbers(found):
        return 0, False
    said = _what_stands_before(lines)
    persons = bool(said & lexicon.CASE_NOUNS) or bool(_WHOSE.search(text))
    if said & _OTHERWISE and not said & lexicon.CASE_NOUNS:
        return 0, False
    return len(found), persons or len(found) >= MANY


def are_numbers(texts: Sequence[str]) -> bool:
    """Could these be numbers of persons: many enough, of one length, in no order, no days and no round amounts?"""
    known = [text for text in texts if not _DAY.fullmatch(text)]
    if len(known) < LEAST or 2 * len(known) < len(texts):
        return False
    lengths = sorted(map(len, known))
    round_ones = sum(int(text) % 100 == 0 for text in known)
    return lengths[-1] - lengths[len(lengths) // 10] <= 1 and not _in_order(known) and 5 * round_ones <= len(known)


def _in_order(texts: Sequence[str]) -> bool:
    if not all(map(str.isdigit, texts)):
        return False
    values = list(map(int, texts))
    return values in (sorted(values), sorted(values, reverse=True))


def _is_year(text: str) -> bool:
    return len(text) == 4 and text[:2] in ("19", "20")


def _what_stands_before(lines: Iterable[str]) -> set[str]:
    """The words right before the numbers; where a line begins with one, the first name of the line of names above."""
    said: set[str] = set()
    head = ""
    for line in lines:
        match = _ALONE.search(line)
        if match is None:
            head = line or head
            continue
        before = lexicon.words(line[max(0, match.start() - 24) : match.start()])
        first = next(iter(re.split(r"\s{2,}|[,;|\t]", head.strip(" %#*|"))), "")
        said.update(before or lexicon.words(first[:40]))
    return said
