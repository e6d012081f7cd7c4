"""Leaves of decision trees as scikit-learn, rpart and party print them: how many persons ended in each.

A text is read as a tree only where it splits ("attendance <= 0.82"). Settings of a tree ("min_samples_leaf=5") are
no leaves, and weights that are no whole numbers are shares.
"""

from __future__ import annotations

import re

_SPLITS = re.compile(r"^[\s|`+-]*(?:\d+\)|\[\d+\])?\s*[A-Za-z_][\w.\[\]]*\s*(?:<=?|>=?|==?|in)\s*\S", re.MULTILINE)
_SIZE = re.compile(r"(?<![\w.])(?:samples|n|obs|cases|support|cover|students|persons)\s*[:=]\s*(\d+)(?![\w.,]\d|\d|%)")
_WEIGHTS = re.compile(r"\b(?:weights|value|counts|yval2?)\s*[:=]\s*[\[(]([^\])]{1,200})[\])]")
_RPART = re.compile(r"^\s*\d+\)\s+.*?[<>=]\s*\S+\s+(\d+)\s+[\d.e+-]+\s+\S+", re.MULTILINE)
_LEAST_SPLITS = 2


def small_leaves_in(text: str, threshold: int) -> int:
    """How many lines of a printed tree show 1 to `threshold` - 1 persons."""
    if len(_SPLITS.findall(text)) < _LEAST_SPLITS:
        return 0
    sizes = [int(number) for number in _SIZE.findall(text)] + [int(number) for number in _RPART.findall(text)]
    return sum(0 < size < threshold for size in sizes) + sum(
        _holds_small(inside, threshold) for inside in _WEIGHTS.findall(text)
    )


def _holds_small(inside: str, threshold: int) -> bool:
    parts = [part.strip() for part in inside.split(",")]
    if not all(re.fullmatch(r"\d+(?:\.0*)?", part) for part in parts):
        return False
    return len(parts) > 1 and any(0 < float(part) < threshold for part in parts)
