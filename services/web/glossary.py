"""Hover texts: the terms of `GLOSSARY.md`, so that page and glossary never say two things."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup, escape

GLOSSARY = Path(__file__).parents[2] / "GLOSSARY.md"
_ENTRY = re.compile(r"^\*\*(?P<term>[^*]+)\*\*\s*[:—-]\s*(?P<text>.+)$")


@lru_cache
def glossary() -> dict[str, str]:
    """Term (lower case) → explanation, in the order of the file."""
    entries = {}
    for line in GLOSSARY.read_text(encoding="utf-8").splitlines():
        if match := _ENTRY.match(line.strip()):
            entries[match["term"].strip().lower()] = match["text"].strip()
    return entries


def glossary_hint(term: str, label: str | None = None) -> Markup:
    """The term with its explanation for hover, focus and screen readers; unknown terms are an error of ours."""
    text = glossary()[term.lower()]
    return Markup('<dfn class="c2c-term" tabindex="0" title="{}">{}</dfn>').format(text, escape(label or term))
