"""Markdown and HTML: tables, prose, and what a browser would run or hide."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from c2c_research.disclosure.document import Document, Hidden, Unreadable
from c2c_research.disclosure.readers.encoding import decode
from c2c_research.disclosure.readers.grid import tables_from, titled
from c2c_research.disclosure.readers.text import tables_in
from c2c_research.disclosure.readers.unseen import attributes_hold_data, holds_data
from c2c_research.disclosure.tables import Table

_DATA_URI = re.compile(r"data:[a-z]+/[a-z0-9.+-]+[;,]", re.IGNORECASE)
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*(?:0|1px)(?![\d.]*[1-9])"
    r"|opacity\s*:\s*0(?:\.0*)?\s*(?:[;!}]|$)|(?:left|top|text-indent)\s*:\s*-\d{3,}|(?<!-)color\s*:\s*transparent"
    r"|(?<![\w-])(?:width|height)\s*:\s*0(?:px)?\s*(?:[;!}]|$)",
    re.IGNORECASE,
)
_WHITE = re.compile(
    r"(?<!-)color\s*:\s*(?:white|#fff(?:fff)?|rgba?\(\s*255\s*,\s*255\s*,\s*255[^)]*\))(?![\w])", re.IGNORECASE
)
_RULE = re.compile(r"([^{}]{1,400})\{([^{}]{0,2000})\}")
_NAME = re.compile(r"[.#]([\w-]+)\s*$")
_FENCED = re.compile(r"^(```|~~~).*?^\1\s*$|`[^`\n]{1,400}`", re.DOTALL | re.MULTILINE)
_REMARK = re.compile(
    r"^\s{0,3}\[(?://|comment|#|[^\]\n]{1,60})\]:\s*(?:#|<>)\s*[(\"'](.*?)[)\"']\s*$", re.DOTALL | re.MULTILINE
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
        html = _parsed(_FENCED.sub("", text))
        hidden.extend(html.hidden(where))
    tables, prose = tables_in(re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL), where)
    return Document("markdown", (*tables, *html.tables(where)), prose, tuple(hidden))


def _markdown_hidden(text: str, where: str) -> list[Hidden]:
    found = []
    if _DATA_URI.search(text):
        found.append(Hidden("A data address is embedded in the text.", where))
    if any(holds_data(remark) for remark in _REMARK.findall(text)):
        found.append(Hidden("A comment in the text holds data.", where))
    return found


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
    """Collects tables, text and hidden content. Nested tables count to the outer one.

    A cell over several columns or lines stands in each of them.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self._grids: list[list[list[str]]] = []
        self._titles: list[str] = []
        self._told = 0
        self._depth = 0
        self._cell: list[str] | None = None
        self._span = (1, 1)
        self._below: dict[int, tuple[str, int]] = {}
        self._wide: dict[int, int] = {}
        self._styles: list[str] = []
        self._names: set[str] = set()
        self._concealed: set[str] = set()
        self._skip: list[str] = []
        self._told_values: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._look(tag, given)
        if tag in _ACTIVE or tag == "style":
            self._skip.append(tag)
        if tag == "table":
            self._depth += 1
            if self._depth == 1:
                self._grids.append([])
                self._below = {}
        elif tag == "tr" and self._depth:
            self._fill()
            self._grids[-1].append([])
        elif tag in ("td", "th") and self._depth:
            self._cell = []
            self._span = _span(given, "colspan", 50), _span(given, "rowspan", 1_000)
        elif tag in ("br", "p", "div", "pre", "li", "h1", "h2", "h3") and not self._depth:
            self.text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self._skip and self._skip[-1] == tag:
            self._skip.pop()
        if tag == "table" and self._depth:
            self._fill()
            self._depth -= 1
            if not self._depth:
                # what stands above the table, and its caption
                self._titles.append("".join(self.text[self._told :]))
                self._told = len(self.text)
        elif tag in ("td", "th") and self._cell is not None and self._depth:
            if not self._grids[-1]:
                self._grids[-1].append([])
            self._place(" ".join("".join(self._cell).split()), *self._span)
            self._cell = None

    def _place(self, text: str, wide: int, high: int) -> None:
        self._fill()
        row = self._grids[-1][-1]
        if not row and wide > 1:
            self._wide[id(row)] = wide
        for _ in range(wide):
            if high > 1:
                self._below[len(row)] = (text, high - 1)
            row.append(text)

    def _fill(self) -> None:
        """Put what reaches down from lines above into the places that come next in this line."""
        if not self._grids[-1]:
            return
        row = self._grids[-1][-1]
        while (found := self._below.get(len(row))) is not None:
            text, left = found
            if left > 1:
                self._below[len(row)] = (text, left - 1)
            else:
                del self._below[len(row)]
            row.append(text)

    def handle_data(self, data: str) -> None:
        if self._skip:
            if self._skip[-1] == "style":
                self._styles.append(data)
            return
        if self._cell is not None:
            self._cell.append(data)
        else:
            self.text.append(data)

    def handle_comment(self, data: str) -> None:
        if holds_data(data):
            self._concealed.add("A comment in the page holds data.")

    def _look(self, tag: str, given: dict[str, str]) -> None:
        if tag in _ACTIVE:
            self._concealed.add(f"The page holds an element that runs or embeds content ({tag}).")
        if any(name.startswith("on") for name in given):
            self._concealed.add("The page holds an element with a script of its own.")
        if any(_DATA_URI.search(value) for value in given.values()):
            self._concealed.add("A data address is embedded in the page.")
        if any(value.strip().lower().startswith("javascript:") for value in given.values()):
            self._concealed.add("A link of the page runs a script.")
        self._names.update([*given.get("class", "").split(), given.get("id", "")])
        told = [
            value for name, value in given.items() if name.startswith("data-") or (tag, name) == ("meta", "content")
        ]
        self._told_values.extend(value for name, value in given.items() if name.startswith("data-"))
        if any(len(value) > 40 and holds_data(value) for value in told if "width=" not in value):
            self._concealed.add("An element of the page carries data that is not shown.")
        style = given.get("style", "")
        if _WHITE.search(style) and "background" not in style:
            self._concealed.add("The page holds white text.")
        if _HIDDEN_STYLE.search(style) or "hidden" in given or (tag, given.get("type")) == ("input", "hidden"):
            self._concealed.add("The page holds an element that is not shown.")

    def tables(self, where: str) -> list[Table]:
        found: list[Table] = []
        for number, grid in enumerate(self._grids, start=1):
            # a cell over a whole line is a title or a heading
            rows = [[row[0]] if self._wide.get(id(row)) == len(row) else row for row in grid if row]
            place = where if len(self._grids) == 1 else f"{where}, table {number}".lstrip(", ")
            title = self._titles[number - 1] if number <= len(self._titles) else ""
            found.extend(titled(tables_from(rows, place)[0], title.split("\n")))
        return found

    def hidden(self, where: str) -> list[Hidden]:
        for selectors, body in _RULE.findall("".join(self._styles)):
            named = {match[1] for each in selectors.split(",") if (match := _NAME.search(each))}
            if named & self._names and _HIDDEN_STYLE.search(body):
                self._concealed.add("The page holds an element that is not shown.")
        cells = [text for grid in self._grids for row in grid for text in row]
        if attributes_hold_data(self._told_values, " ".join([*self.text, *cells])):
            self._concealed.add("Elements of the page carry data that is not shown.")
        return [Hidden(message, where) for message in sorted(self._concealed)]


def _span(given: dict[str, str], name: str, most: int) -> int:
    text = given.get(name, "").strip()
    return max(min(int(text), most), 1) if text.isdecimal() and len(text) < 5 else 1
