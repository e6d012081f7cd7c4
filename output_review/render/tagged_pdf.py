"""A tagged PDF: headings, paragraphs and lists that a screen reader can follow, on paper that prints.

fpdf2 tags pictures only, so `Tree` holds its structure elements nested, and `Paper` writes every piece of text inside
one of them (ISO 32000-1, 14.7 and 14.8); page numbers are artifacts. The same calls give the same bytes on the same
libraries: the date is the caller's, the identifier a digest of the content. The font is DejaVu Sans, for its Latin,
Greek, Cyrillic, Hebrew, Arabic and simple pictographs; `readable` spells out what it lacks, and every character that
would only change how its neighbours look.
Caution: `_out` and the structure builder are inside of fpdf2, so its version is pinned; no conformance is claimed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import MethodReturnValue
from fpdf.fonts import TTFFont
from fpdf.prefs import ViewerPreferences
from fpdf.structure_tree import StructElem
from fpdf.syntax import PDFArray

from output_review.render.unseen import code, spelled

FONTS = Path(__file__).parent / "fonts"
_FONT = "DejaVu"
_MARGIN, _FOOT = 20.0, 15.0
_INDENT = 6.0
_TURNED = {"R", "AL", "AN"}
_SIZES = {"H1": 17.0, "H2": 13.0, "H3": 11.0}


class Tree(PDFArray):
    """The children of the document's element: all descendants to who walks them, only its own to who prints them."""

    def __iter__(self) -> Iterator[StructElem]:
        for child in super().__iter__():
            yield child
            yield from _below(child)

    def serialize(self, *_: Any, **__: Any) -> str:
        return f"[{' '.join(child.ref for child in super().__iter__())}]"


def _below(parent: StructElem) -> Iterator[StructElem]:
    for kid in parent.k:
        if isinstance(kid, StructElem):
            yield kid
            yield from _below(kid)


@cache
def _known() -> frozenset[int]:
    """What both weights can draw."""
    with TTFont(FONTS / "DejaVuSans.ttf") as plain, TTFont(FONTS / "DejaVuSans-Bold.ttf") as bold:
        return frozenset(plain.getBestCmap()) & frozenset(bold.getBestCmap())


def readable(text: object) -> str:
    """The text with each character that is unseen, or not in the font, as its number."""
    return "".join(each if ord(each) in _known() else code(each) for each in spelled(str(text)))


def _needs_shaping(text: str) -> bool:
    """Whether letters join or run from right to left; shaping everything would take ten times as long."""
    return any(unicodedata.bidirectional(each) in _TURNED or unicodedata.combining(each) for each in text)


class Paper(FPDF):
    """Letter pages in reading order. Close with `bytes_of`."""

    def __init__(self, title: str, moment: datetime) -> None:
        super().__init__(format="letter")
        self._line, self._parents, self._marks = 5.0, [self.struct_builder.doc_struct_elem], dict[int, int]()
        self.struct_builder.doc_struct_elem.k = Tree()
        self.set_margins(_MARGIN, _MARGIN, _MARGIN)
        self.c_margin = 0
        self.set_auto_page_break(False)
        self.add_font(_FONT, "", FONTS / "DejaVuSans.ttf")
        self.add_font(_FONT, "B", FONTS / "DejaVuSans-Bold.ttf")
        self.set_title(title)
        self.set_lang("en-US")
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.set_producer("Cradle-to-Career research enclave")
        self.set_creation_date(moment)
        self.add_page()

    def footer(self) -> None:
        """The page's number, which is no part of what is read aloud."""
        self._out("/Artifact BMC")
        self.set_text_shaping(False)
        self.set_font(_FONT, "", 8)
        self.set_xy(_MARGIN, -_FOOT)
        self.cell(0, 4, f"{readable(self.title)} · page {self.page_no()}", align="C")
        self._out("EMC")

    def heading(self, level: int, words: object) -> None:
        """A heading that never stands alone at the foot of a page."""
        self._room(24)
        self.set_y(self.get_y() + (5 if level > 1 else 0))
        self._write(f"H{level}", readable(words), style="B", size=_SIZES[f"H{level}"])
        self.set_y(self.get_y() + 1.5)

    def say(self, words: object, label: str = "") -> None:
        """A paragraph; a label before it is bold."""
        self._write("P", readable(words), label=label)
        self.set_y(self.get_y() + 1.5)

    @contextmanager
    def items(self) -> Iterator[None]:
        """A list: each `item` inside is one of it."""
        with self._inside("L"):
            yield

    def item(self, words: object, label: str = "") -> None:
        """One item, with a dot that is no part of the text."""
        with self._inside("LI"):
            self._room(self._line)
            self._artifact_dot()
            self._write("LBody", readable(words), label=label, indent=_INDENT)
        self.set_y(self.get_y() + 1)

    def bytes_of(self) -> bytes:
        """The finished file."""
        data = bytes(self.output())
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.close()
        return data

    def _artifact_dot(self) -> None:
        self._out("/Artifact BMC")
        self.set_fill_color(90)
        self.circle(_MARGIN + 2.5, self.get_y() + self._line / 2, 0.6, style="F")
        self._out("EMC")

    def _room(self, needed: float) -> None:
        if self.get_y() + needed > self.h - _MARGIN - _FOOT:
            self.add_page()

    @contextmanager
    def _inside(self, kind: str) -> Iterator[None]:
        element = self._element(kind, [])
        self._parents.append(element)
        yield
        self._parents.pop()

    def _element(self, kind: str, kids: list[int]) -> StructElem:
        element = StructElem(f"/{kind}", self._parents[-1], kids, self.page)
        list.append(self._parents[-1].k, element)
        return element

    @contextmanager
    def _marked(self, kind: str) -> Iterator[None]:
        """What is drawn inside belongs to one new element of this page."""
        builder, mark = self.struct_builder, self._marks.get(self.page, 0)
        self._marks[self.page] = mark + 1
        number = builder.spid_per_page_number.setdefault(self.page, len(builder.spid_per_page_number))
        builder.struct_tree_root.parent_tree.nums[number].append(self._element(kind, [mark]))
        self.pages[self.page].struct_parents = number
        self._out(f"/{kind} <</MCID {mark}>> BDC")
        yield
        self._out("EMC")

    def _write(
        self, kind: str, words: str, label: str = "", style: str = "", size: float = 9.5, indent: float = 0.0
    ) -> None:
        """The words over as many pages as they need, an element a page; long words break anywhere."""
        height = self._line * size / 9.5
        self.set_font(_FONT, style, size)
        head = f"{readable(label)}: " if label else ""
        self.set_text_shaping(_needs_shaping(f"{head}{words}"), direction="ltr")
        lines = self._lines(f"{head}{words}", indent, height)
        while lines:
            self._room(height)
            fit = max(1, int((self.h - _MARGIN - _FOOT - self.get_y()) / height))
            with self._marked(kind):
                for line in lines[:fit]:
                    self.set_x(_MARGIN + indent)
                    self.set_font(_FONT, style, size)
                    self._labelled(line, head, height)
                    head = ""
            lines = lines[fit:]

    def _labelled(self, line: str, head: str, height: float) -> None:
        if head and line.startswith(head.rstrip()):
            self.set_font(_FONT, "B", self.font_size_pt)
            self.cell(None, height, head.rstrip() + " ")
            self.set_font(_FONT, "", self.font_size_pt)
            line = line[len(head) :]
        self.cell(self.epw, height, line, new_x="LMARGIN", new_y="NEXT")

    def _lines(self, words: str, indent: float, height: float) -> list[str]:
        """The lines as they fit; a little room is left for the label, which is bold."""
        width = self.epw - indent - 8
        if self.get_string_width(words) < width:
            return [words or "—"]
        found = self.multi_cell(width, height, words, dry_run=True, output=MethodReturnValue.LINES, align="L")
        return list(found) if isinstance(found, list) else []
