"""Links in findings: releases that they name lead to their pages, files of the same request to their place.

The sentence stays text: it is escaped first; only ids of releases and names of the request's own files become links.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from markupsafe import Markup, escape

_RELEASE = r"rel_[0-9a-z]{26}\b"


def linker(files: Mapping[str, str], release: Callable[[str], str]) -> Callable[[str], Markup]:
    """A filter for sentences: `files` is name → id, `release` makes a release's address from its id."""
    names = sorted((name for name in files if "." in name), key=len, reverse=True)
    either = "|".join([_RELEASE, *(rf"(?<![\w/.-]){re.escape(name)}(?![\w-])" for name in names)])
    pattern = re.compile(either)

    def linked(text: str) -> Markup:
        parts, at = [], 0
        for match in pattern.finditer(text):
            named = match[0]
            target = f"#{files[named]}" if named in files else release(named)
            parts += [escape(text[at : match.start()]), Markup('<a href="{}">{}</a>').format(target, named)]
            at = match.end()
        return Markup("").join([*parts, escape(text[at:])])

    return linked
