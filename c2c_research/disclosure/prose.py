"""Counts that stand in sentences: "only 3 students", "n = 7". At most a question for a reviewer, never a failure.

A number is taken as a count of persons only where the noun behind it is a person's. "Grade 3 students", "at least 10
students", "3 years" and "2 schools" are none.
"""

from __future__ import annotations

import re

_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip
_PERSONS = (
    r"(?:students?|persons?|people|individuals?|pupils?|children|learners?|graduates?|enrollees?|respondents?"
    r"|participants?|workers?|recipients?|completers?|dropouts?|women|men|girls|boys|patients?|youths?|cases)"
)
_ADJECTIVES = (
    r"(?:(?:female|male|black|white|asian|hispanic|latino|latina|native|foster|homeless|new|other|such|of the|of these"
    r"|single|former|young|enrolled|transfer|high|school|college|different|disabled|migrant|american|indian|pacific)\s+){0,3}"
)
_COUNTED = re.compile(
    rf"(?<![\w.,$-])(\d{{1,2}}|{'|'.join(_NUMBERS)})\s+{_ADJECTIVES}{_PERSONS}\b"
    r"(?!\s+(?:per|in ten|or more|or fewer)\b)",
    re.IGNORECASE,
)
_STATED = re.compile(
    rf"\b(?:number|count|n) of {_ADJECTIVES}{_PERSONS}\s*(?:[:=]|is|was)\s*(\d{{1,2}})(?![\d.,%])", re.I
)
_N_IS = re.compile(
    r"(?<![\w.])[nN]\s*=\s*(\d{1,2})(?![\d.,]\d|\d|%|\s*(?:schools|colleges|districts|sites|programs|models))"
)
_NOT_A_COUNT = re.compile(
    r"\b(?:grades?|years?|least|most|than|every|top|age|ages|aged|minimum|maximum|threshold"
    r"|(?:minimum|maximum|threshold|limit|out|cells?|counts?) of|under|over|below|above"
    r"|level|step|table|figure|model|section|chapter|group|groups|to|in|per|or|out|each|x|by|cohort|phase|wave|tier|about)\s*$"
    r"|[<>≥≤=-]\s*$|\d[.,-]\s*$",
    re.IGNORECASE,
)
_WORTH_A_LOOK = re.compile(rf"{_PERSONS}|\bn\s*=", re.IGNORECASE)
_LOG = re.compile(
    r"^\W*(?:\d[\d:.,TZ -]*)?\W*(?:INFO|DEBUG|WARN|WARNING|ERROR)\b|\b(?:threads|retries|processes|cores)\b"
)
LONGEST = 2_000
BEFORE = 24


def small_counts_in(text: str, threshold: int) -> int:
    """How many sentences show a count of 1 to `threshold` − 1 persons."""
    parts = (line[at : at + LONGEST] for line in text.split("\n") for at in range(0, len(line), LONGEST))
    return sum(_shows_small_count(part, threshold) for part in parts if _WORTH_A_LOOK.search(part))


def _shows_small_count(line: str, threshold: int) -> bool:
    if _LOG.search(line):
        return False
    for match in _COUNTED.finditer(line):
        word, before = match[1].lower(), line[max(0, match.start() - BEFORE) : match.start()]
        number = _NUMBERS[word] if word in _NUMBERS else int(word)
        alone = word == "one" and not before.rstrip().lower().endswith(("only", "just", "than"))
        if 0 < number < threshold and not alone and not _NOT_A_COUNT.search(before):
            return True
    stated = [*_N_IS.findall(line), *_STATED.findall(line)]
    return any(0 < int(number) < threshold for number in stated)
