"""Hover texts: the terms of `GLOSSARY.md`, so that page and glossary never say two things.

A term is a link to its entry on the help page; its explanation shows on hover and on focus, and a screen reader
reads it as the link's description. It needs no JavaScript, and works by a finger too: the link leads to the words.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import count
from pathlib import Path

from markupsafe import Markup, escape

from services.web.menu import BASE

GLOSSARY = Path(__file__).parents[2] / "GLOSSARY.md"
_numbers = count(1)
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
    tip = f"tip-{next(_numbers)}"
    return Markup(
        '<dfn class="c2c-term"><a href="{}/help#{}" aria-describedby="{}">{}</a>'
        '<span role="tooltip" id="{}">{}</span></dfn>'
    ).format(BASE, anchor(term), tip, escape(label or term), tip, text)


def anchor(term: str) -> str:
    """The term as the last part of an address: "Release record" is found at ``#term-release-record``."""
    return "term-" + re.sub(r"[^a-z0-9]+", "-", term.lower()).strip("-")
