"""Unreleased files on a checker's screen: what a researcher uploaded, never as the browser would run it.

Each file kind has one dataclass whose `html()` builds from escaped text alone. HTML and SVG are shown as their source;
pictures are rebuilt from their drawing data and embedded; nothing uploaded is ever served under an address of its own.
The readers here are Python's own and bounded: parsing that needs more happens in the checker.
"""

from output_review.render.choose import render
from output_review.render.markup import Html, tag

__all__ = ["Html", "render", "tag"]
