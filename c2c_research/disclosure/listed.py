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
_ALONE = re.compile(r"(?<![\w.$#/-])\d{8,14}(?![\w/-]|\.\d)")
_DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{6})?$")
_WHOSE = re.compile(
    rf"(?:{'|'.join(sorted(lexicon.CASE_NOUNS, key=len, reverse=True))})s?(?![a-z])|\b(?:pid|ssid|ssn|pseudonym)", re.I
)
_OTHERWISE = frozenset(
    ["cds", "nces", "fips", "geoid", "tract", "school", "district", "schools", "districts", "institution", "employer",
     "zip", "isbn", "doi", "pmid", "bytes", "offset", "seed", "checksum", "crc", "timestamp", "epoch", "population",
     "phone", "telephone"]
)  # fmt: skip


def numbers_of_persons(text: str) -> tuple[int, bool]:
    """How many different numbers of persons a text lists, and whether it is certain that they are."""
    lines = [line for line in text.split("\n") if _ALONE.search(line)]
    found = list(dict.fromkeys(number for line in lines for number in _ALONE.findall(line)))
    if not are_numbers(found):
        return 0, False
    return len(found), bool(_WHOSE.search(text)) or (len(found) >= MANY and not _speak_otherwise(lines, text))


def are_numbers(texts: Sequence[str]) -> bool:
    """Could these be numbers of persons: many enough, of one length, in no order, no days and no round amounts?"""
    known = [text for text in texts if not _DAY.fullmatch(text)]
    if len(known) < LEAST or 2 * len(known) < len(texts):
        return False
    lengths = sorted(map(len, known))
    values = list(map(int, known))
    round_ones = sum(value % 100 == 0 for value in values)
    ordered = values in (sorted(values), sorted(values, reverse=True))
    return lengths[-1] - lengths[len(lengths) // 10] <= 1 and not ordered and 5 * round_ones <= len(values)


def _speak_otherwise(lines: Iterable[str], text: str) -> bool:
    """What stands right before the numbers, or heads the text where nothing does, names something else."""
    before = " ".join(
        line[max(0, match.start() - 24) : match.start()] for line in lines for match in _ALONE.finditer(line)
    )
    return bool(set(lexicon.words(before) or lexicon.words(text[:2_000])) & _OTHERWISE)
