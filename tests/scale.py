"""How many examples a property test tries: few in `make test`, many in `make soak`."""

from __future__ import annotations

import os
import sys

import pytest

_ASKED: dict[str, set[int]] = {}


def examples(quick: int, soak: int) -> int:
    """`soak` when the large counts are asked for, else `quick`."""
    count = soak if os.environ.get("C2C_SOAK") else quick
    _ASKED.setdefault(sys._getframe(1).f_globals["__name__"], set()).add(count)
    return count


def count_of(item: pytest.Item) -> str:
    """How many examples a test has tried: as hypothesis knows it, else as its file asked; empty for other tests."""
    module = getattr(item, "module", None)
    for thing in (getattr(item, "obj", None), getattr(item, "cls", None)):
        settings = getattr(thing, "_hypothesis_internal_use_settings", None) or getattr(thing, "settings", None)
        if settings is not None:
            return str(settings.max_examples)
    asked = sorted(_ASKED.get(getattr(module, "__name__", ""), ()))
    if not asked or hasattr(module, "given"):
        return ""
    return "all" if asked == [1] else " to ".join(map(str, dict.fromkeys((asked[0], asked[-1]))))
