"""Markdown and HTML: tables, prose, and what a browser would run or hide."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from c2c_research.disclosure.document import Document, Hidden, Unreadable
from c2c_research.disclosure.readers.encoding import decode
from c2c_research.disclosure.readers.grid import tables_from, titled
from c2c_research.disclosure.readers.text import tables_in
from c2c_research.disclosure.tables import Table

_DATA_URI = re.compile(r"data:[a-z]+/[a-z0-9.+-]+[;,]", re.IGNORECASE)
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?:\D|$)", re.I
)
_ACTIVE = frozenset(["script", "iframe", "object", "embed", "applet", "svg", "template", "noscript"])
_VOID = frozenset(["br", "img", "hr", "input", "meta", "link", "col", "source", "wbr", "base", "area"])


def read(kind: str, content: bytes) -> Document:
    text = decode(content)
    if kind == "html":
        return read_html(text)
    return read_markdown(text)


def read_markdown(text: str, where: str = "") -> Document:
    """Markdown: bar tables and text tables; raw HTML in it is read as HTML."""
    hidden = list(_markdown_hidden(text, where))
    html = _Html()
    if re.search(r"<[a-zA-Z!]", text):
        html = _parsed(text)
        hidden.extend(html.hidden(where))
    tables, prose = tables_in(re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL), where)
    return Document("markdown", (*tables, *html.tables(where)), prose, tuple(hidden))


def _markdown_hidden(text: str, where: str) -> list[Hidden]:
    if _DATA_URI.search(text):
        return [Hidden("A data address is embedded in the text.", where)]
    return []


def read_html(text: str, where: str = "") -> Document:
    """HTML: its tables, its visible text, and scripts, hidden elements and data addresses as hidden content."""
    page = _parsed(text)
    tables, prose = tables_in("".join(page.text), where)
    return Document("html", (*page.tables(where), *tables), prose, tuple(page.hidden(where)))


def _parsed(text: str) -> _Html:
    page = _Html()
    try:
        page.feed(text)
        page.close()
    except AssertionError as problem:
        # the parser's way to say that a declaration has no end
        raise Unreadable("The page cannot be read to its end; save it again.") from problem
    return page


class _Html(HTMLParser):
    """Collects tables (colspan repeated), text and hidden content. Nested tables count to the outer one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self._grids: list[list[list[str]]] = []
        self._titles: list[str] = []
        self._told = 0
        self._depth = 0
        self._cell: list[str] | None = None
        self._span = 1
        self._concealed: set[str] = set()
        self._skip: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._look(tag, given)
        if tag in _ACTIVE or tag == "style":
            self._skip.append(tag)
        if tag == "table":
            self._depth += 1
            if self._depth == 1:
                self._grids.append([])
        elif tag == "tr" and self._depth:
            self._grids[-1].append([])
        elif tag in ("td", "th") and self._depth:
            self._cell = []
            self._span = min(int(given["colspan"]), 50) if given.get("colspan", "").isdecimal() else 1
        elif tag in ("br", "p", "div", "pre", "li", "h1", "h2", "h3") and not self._depth:
            self.text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self._skip and self._skip[-1] == tag:
            self._skip.pop()
        if tag == "table" and self._depth:
            self._depth -= 1
            if not self._depth:
                # what stands above the table, and its caption
                self._titles.append("".join(self.text[self._told :]))
                self._told = len(self.text)
        elif tag in ("td", "th") and self._cell is not None and self._depth:
            if not self._grids[-1]:
                self._grids[-1].append([])
            self._grids[-1][-1].extend([" ".join("".join(self._cell).split())] * self._span)
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._skip:
            return
        if self._cell is not None:
            self._cell.append(data)
        else:
            self.text.append(data)

    def handle_comment(self, data: str) -> None:
        if any(char.isdigit() for char in data) and "if " not in data[:8].lower():
            self._concealed.add("A comment in the page holds figures.")

    def _look(self, tag: str, given: dict[str, str]) -> None:
        if tag in _ACTIVE:
            self._concealed.add(f"The page holds an element that runs or embeds content ({tag}).")
        if any(name.startswith("on") for name in given):
            self._concealed.add("The page holds an element with a script of its own.")
        if any(_DATA_URI.search(value) for value in given.values()):
            self._concealed.add("A data address is embedded in the page.")
        if any(value.strip().lower().startswith("javascript:") for value in given.values()):
            self._concealed.add("A link of the page runs a script.")
        if (
            _HIDDEN_STYLE.search(given.get("style", ""))
            or "hidden" in given
            or (tag, given.get("type")) == ("input", "hidden")
        ):
            self._concealed.add("The page holds an element that is not shown.")

    def tables(self, where: str) -> list[Table]:
        found: list[Table] = []
        for number, grid in enumerate(self._grids, start=1):
            rows = [row for row in grid if row]
            place = where if len(self._grids) == 1 else f"{where}, table {number}".lstrip(", ")
            title = self._titles[number - 1] if number <= len(self._titles) else ""
            found.extend(titled(tables_from(rows, place)[0], title.split("\n")))
        return found

    def hidden(self, where: str) -> list[Hidden]:
        return [Hidden(message, where) for message in sorted(self._concealed)]
