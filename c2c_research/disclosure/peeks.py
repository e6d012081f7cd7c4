"""Peeks into a table of persons that are no table in print: R's str() and glimpse(), stem-and-leaf plots.

A line of a peek names a column, its type and its first values. It shows persons where at least two columns with values
stand side by side, one of them a trait of a person, and none of them counts a group.
"""

from __future__ import annotations

import re

from c2c_research.disclosure import words as lexicon

_COLUMN = re.compile(
    r"^\s*\$\s*([\w.]+)\s*:?\s*(?:int|num|chr|dbl|Factor|Date|logi|fct|lgl|<(?:int|dbl|chr|fct|date|lgl|num)>)\b(.*)$",
    re.MULTILINE,
)
_VALUES = re.compile(r"\"[^\"\n]*\"|(?<![\w.])-?\d[\d.]*")
# what R prints above a stem-and-leaf plot, and nowhere else
_STEM = re.compile(r"\bdecimal point is (?:at|\d+ digit)[^\n]{0,60}\|")
_LEAST_VALUES = 3


def peeks_in(text: str) -> int:
    """How many listings of single persons' values a text holds that are no tables."""
    stems = len(_STEM.findall(text)) if "decimal point" in text else 0
    shown = [name for name, rest in _COLUMN.findall(text) if len(_VALUES.findall(rest)) >= _LEAST_VALUES]
    words = {word for name in shown for word in lexicon.words(name.replace(".", "_"))}
    counted = words & (lexicon.COUNT_STRONG | lexicon.PERSON_COUNTS | lexicon.MEAN)
    persons = words & (lexicon.PERSONAL | lexicon.PERSON_NOUNS | {"pid", "yob", "born"})
    return stems + int(len(shown) > 1 and bool(persons) and not counted)
