"""What single respondents said: quotations with a respondent's number or traits, and columns of free answers.

A quotation of a paper names authors, a year and a page; a respondent is a number, or a sex, an age and a job. Free
answers speak in the first person, which labels, descriptions and notes of a codebook do not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_ROLE = (
    r"(?:respondent|participant|interviewee|informant|student|client|patient|learner|worker|parent|teacher|mother|father|youth"
    r"|graduate|caller|claimant|inmate)"
)
_TRAIT = r"(?:fe)?male|(?:wo)?man|girl|boy|non-?binary|aged? \d{1,2}|\d{2}(?: years?(?: old)?| y/?o)?"
_QUOTED = re.compile(
    rf"(?:[\"”»]|^\s*>|[—–-])\s*\(?{_ROLE}\s*(?:#|no\.?|id)?\s*[A-Z]{{0,3}}-?\d{{1,6}}\s*[,;:(]\s*(?:{_TRAIT})\b"
    rf"|[\"”»]\s*[\n>\s]*[(—–-]\s*(?:{_TRAIT})\s*,\s*(?:{_TRAIT}|[a-z]+)\b"
    rf"|[\"”»]\s*[\n>\s]*[(—–-]?\s*(?:{_TRAIT})?[ ,]*{_ROLE}\s*,\s*(?:{_TRAIT})\b",
    re.IGNORECASE | re.MULTILINE,
)
_FIRST_PERSON = re.compile(r"\b(?:I|I'm|I've|I’m|I’ve|my|me|myself)\b")
_LEAST_ANSWERS = 4
_WORDS = 3


def quoted_respondents(text: str) -> int:
    """How many quotations are followed by who said it: a respondent's number with a trait, or sex and age."""
    return len(_QUOTED.findall(text)) if '"' in text or "“" in text or "»" in text or ">" in text else 0


def are_free_answers(texts: Sequence[str]) -> bool:
    """Are these sentences that persons wrote about themselves, one a row?"""
    filled = [text for text in texts if text.strip()]
    if len(filled) < _LEAST_ANSWERS or len(set(filled)) < 0.8 * len(filled):
        return False
    sentences = sum(len(text.split()) >= _WORDS for text in filled)
    told = sum(bool(_FIRST_PERSON.search(text)) for text in filled)
    return 2 * sentences >= len(filled) and told >= 2 and 5 * told >= len(filled)
