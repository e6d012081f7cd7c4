"""SVG: the texts of a figure (also where they are drawn as glyphs), clouds of marks, and what is not drawn.

The file is walked as a stream; entities are refused, nothing outside the file is ever fetched.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import replace
from xml.parsers import expat

from c2c_research.disclosure.document import Cloud, Document, Hidden, Unreadable
from c2c_research.disclosure.readers import image
from c2c_research.disclosure.readers.encoding import decode
from c2c_research.disclosure.readers.layout import MAX_ITEMS, Item, cloud_of, read_items, stairs_of
from c2c_research.disclosure.readers.unseen import attributes_hold_data, holds_data

MAX_DEPTH = 200
SMALL_MARK = 14.0
MAX_METADATA = 2_000
MAX_REMARK = 200
Matrix = tuple[float, float, float, float, float, float]
_SAME: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_ACTIVE = frozenset(["script", "foreignobject", "iframe", "object", "embed", "animate", "set", "handler", "audio",
                     "video", "animatetransform", "animatemotion"])  # fmt: skip
_TRANSFORM = re.compile(r"(matrix|translate|scale|rotate)\s*\(([^)]{0,200})\)")
_STYLE = re.compile(r"([\w-]+)\s*:\s*([^;]{1,200})")
_PICTURE = re.compile(r"^\s*data:image/(png|jpeg|jpg);base64,", re.IGNORECASE)
# paths with curves, and paths that tell their places relative to each other
_CURVED = re.compile(r"[CcSsQqTtAalmhvHV]")
_COORDINATE = re.compile(r"-?\d{1,12}(?:\.\d{1,12})?(?:e-?\d{1,2})?")
_GLYPH = re.compile(r"^#(?:glyph|[A-Z][A-Za-z0-9]*(?:[-_][A-Za-z]+)*-[0-9a-f]+$)")
_WHITE = frozenset(["#fff", "#ffffff", "white", "rgb(255,255,255)", "rgb(100%,100%,100%)"])
_NO_FILL = frozenset(["none", "transparent"])


def read(kind: str, content: bytes) -> Document:
    """Read a figure. Raises Unreadable for what is no well-formed SVG."""
    return read_svg(decode(content))


def read_svg(text: str, where: str = "") -> Document:
    walker = _Walker()
    try:
        walker.parser.Parse(text.encode(), True)
    except expat.ExpatError as problem:
        raise Unreadable("The figure is no well-formed SVG; save it again, or as PNG.") from problem
    if walker.root != "svg":
        raise Unreadable("The name says SVG, the content is another kind of XML.")
    tables, prose = read_items(walker.items, where)
    hidden = [Hidden(message, where) for message in sorted({*walker.hidden, *walker.judged()})]
    clouds = [cloud_of(points, where) for points in walker.clouds.values() if len(points) > 1]
    drawn = (*clouds, *(replace(each, where=where) for each in walker.stairs))
    return Document("svg", tuple(tables), "\n".join([prose, *walker.remarks]), tuple(hidden), clouds=drawn)


class _Walker:
    """Collects what a viewer draws and what it does not."""

    def __init__(self) -> None:
        # the text is already decoded: the declaration's own encoding does not count
        self.parser = expat.ParserCreate("utf-8")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.CommentHandler = self._comment
        self.parser.ProcessingInstructionHandler = self._instruction
        self.parser.EntityDeclHandler = self._entity
        self.root = ""
        self.items: list[Item] = []
        self.stairs: list[Cloud] = []
        self.remarks: list[str] = []
        self.hidden: set[str] = set()
        self.clouds: dict[tuple[int, str], list[tuple[float, float]]] = {}
        self._stack: list[tuple[str, Matrix, bool, bool]] = []
        self._text: list[str] | None = None
        self._place = (0.0, 0.0, 10.0)
        self._pending = ""
        self._glyphs = 0
        self._anchor: tuple[float, float] | None = None
        self._metadata = 0
        self._white = self._dark = 0
        self._group = 0
        self._data: list[str] = []
        self._view: tuple[float, float] | None = None

    def judged(self) -> list[str]:
        """What only the whole figure tells: white letters need as many dark fields to stand on."""
        found = ["The figure holds white text on white."] if self._white > self._dark else []
        if attributes_hold_data(self._data, " ".join(item.text for item in self.items)):
            found.append("The figure carries data that is not drawn.")
        return found

    def _start(self, name: str, given: dict[str, str]) -> None:
        tag = name.rpartition(":")[2].lower()
        attributes = {key.rpartition(":")[2].lower(): value for key, value in given.items() if key != "xmlns"}
        style = {key.lower(): value.strip().lower() for key, value in _STYLE.findall(attributes.get("style", ""))}
        drawn = {**{key: value.strip().lower() for key, value in attributes.items()}, **style}
        outer = self._stack[-1] if self._stack else ("", _SAME, False, False)
        if not self._stack:
            self.root = tag
            self._view = _view(attributes)
        if len(self._stack) > MAX_DEPTH:
            raise Unreadable("The figure is nested too deeply to be reviewed.")
        matrix = _product(outer[1], _matrix(attributes.get("transform", "")))
        unseen = outer[2] or _unseen(drawn)
        kept_back = outer[3] or tag in ("defs", "clippath", "symbol", "marker", "mask", "pattern", "metadata")
        self._stack.append((tag, matrix, unseen, kept_back))
        self._look(tag, attributes)
        if tag == "g":
            self._group += 1
            self._finish()
        if tag in ("text", "tspan"):
            self._begin_text(tag, attributes, drawn, matrix, unseen)
        elif tag == "use" and not kept_back:
            self._use(attributes, matrix)
        elif tag in ("circle", "ellipse") and not kept_back:
            self._mark(tag + attributes.get("r", attributes.get("rx", "")), _pair(attributes, "cx", "cy"), matrix)
        elif tag == "rect" and not kept_back and _is_mark(attributes):
            self._mark(f"circle rect {attributes['width']}", _pair(attributes, "x", "y"), matrix)
        elif tag in ("path", "rect", "polygon", "polyline", "image") and not kept_back:
            self._stairs(tag, attributes, matrix)
            fill = drawn.get("fill", "#000000").replace(" ", "")
            self._dark += fill not in _WHITE | _NO_FILL
        if unseen and tag in ("text", "image"):
            self.hidden.add("The figure holds an element that is not shown.")

    def _end(self, name: str) -> None:
        tag = self._stack.pop()[0]
        if tag == "text" and self._text is not None:
            self._add("".join(self._text), *self._place)
            self._text = None
        elif tag == "g":
            self._finish()

    def _begin_text(self, tag: str, given: dict[str, str], drawn: dict[str, str], matrix: Matrix, unseen: bool) -> None:
        x, y = _apply(matrix, *_pair(given, "x", "y"))
        size = _number(drawn.get("font-size", _font_size(drawn.get("font", ""))), 10.0) * _scale(matrix)
        if tag == "tspan" and self._text is not None and "x" in given and self._text:
            self._add("".join(self._text), *self._place)
            self._text = []
        if tag == "text" or (tag == "tspan" and "x" in given):
            self._place = (x, y, size)
        if tag == "text":
            self._text = []
        if drawn.get("fill", "").replace(" ", "") in _WHITE:
            self._white += 1
        outside = self._view is not None and not (
            -0.2 * self._view[0] <= x <= 1.2 * self._view[0] and -0.2 * self._view[1] <= y <= 1.2 * self._view[1]
        )
        if drawn.get("fill") in _NO_FILL or size < 1.0 or outside:
            self.hidden.add("The figure holds text that is not shown.")

    def _characters(self, text: str) -> None:
        if not text.strip():
            return
        tags = [entry[0] for entry in self._stack]
        if "metadata" in tags:
            self._metadata += len(text)
            if self._metadata > MAX_METADATA:
                self.hidden.add("The figure carries more metadata than a program writes of itself.")
        elif self._text is not None:
            self._text.append(text)
        elif tags[-1] in ("title", "desc"):
            self.remarks.append(text)
            if len(text) > MAX_REMARK:
                self.hidden.add("The figure carries a long description that is not drawn.")
        elif tags[-1] != "style":
            self.hidden.add("The figure carries text that is not drawn.")
        elif "@import" in text or "url(http" in text:
            self.hidden.add("The figure loads content from elsewhere.")

    def _comment(self, text: str) -> None:
        """Matplotlib writes the words of a text that it draws as glyphs into a comment before the glyphs."""
        self._finish()
        in_text = bool(self._stack) and self._stack[-1][0] == "g"
        if in_text and len(text) <= MAX_REMARK:
            self._pending, self._glyphs, self._anchor = text.strip(), 0, None
        elif holds_data(text):
            self.hidden.add("A comment in the figure holds data.")

    def _finish(self) -> None:
        """Believe a pending comment where as many glyphs follow as it has letters."""
        letters = len("".join(self._pending.split()))
        if self._pending and self._glyphs and self._anchor is not None:
            if abs(self._glyphs - letters) <= max(1, letters // 3) or "$" in self._pending:
                self._add(self._pending, *self._anchor, 10.0)
                self._pending = ""
            elif holds_data(self._pending):
                self.hidden.add("A comment in the figure holds data.")
                self._pending = ""

    def _use(self, given: dict[str, str], matrix: Matrix) -> None:
        target = given.get("href", "")
        x, y = _apply(matrix, *_pair(given, "x", "y"))
        if self._pending:
            self._glyphs += 1
            self._anchor = self._anchor or (x, y)
        elif not _GLYPH.match(target):
            self._mark(target, (0.0, 0.0), _product(matrix, (1.0, 0.0, 0.0, 1.0, *_pair(given, "x", "y"))))

    def _mark(self, target: str, place: tuple[float, float], matrix: Matrix) -> None:
        x, y = _apply(matrix, *place)
        # circles of one size are one cloud wherever they are grouped; markers are grouped by their series
        group = 0 if target.startswith(("circle", "ellipse")) else self._group
        self.clouds.setdefault((group, target if group == 0 else target[:3]), []).append((round(x, 3), round(y, 3)))

    def _stairs(self, tag: str, given: dict[str, str], matrix: Matrix) -> None:
        """Keep a path that goes down by steps, as survival curves do."""
        text = given.get("d", "") if tag == "path" else given.get("points", "") if tag == "polyline" else ""
        if text and not _CURVED.search(text):
            numbers = [float(number) for number in _COORDINATE.findall(text[:200_000])]
            corners = [_apply(matrix, x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=False)]
            found = stairs_of([(x, -y) for x, y in corners])
            if found is not None:
                self.stairs.append(found)

    def _add(self, text: str, x: float, y: float, size: float) -> None:
        words = " ".join(text.split())
        if words:
            if len(self.items) >= MAX_ITEMS:
                raise Unreadable("The figure holds too many texts to be reviewed; save the table as CSV.")
            self.items.append(Item(x, -y, words, size))

    def _look(self, tag: str, given: dict[str, str]) -> None:
        if tag in _ACTIVE:
            self.hidden.add(f"The figure holds an element that runs or embeds content ({tag}).")
        if any(name.startswith("on") for name in given):
            self.hidden.add("The figure holds an element with a script of its own.")
        for name, value in given.items():
            if name.startswith("data-"):
                self._data.append(value)
            if len(value) > 5_000 and name.startswith("data-"):
                self.hidden.add("The figure carries data that is not drawn.")
            if name in ("href", "src"):
                self._link(tag, value)
            elif name == "style" and "url(http" in value:
                self.hidden.add("The figure loads content from elsewhere.")

    def _link(self, tag: str, target: str) -> None:
        picture = _PICTURE.match(target)
        if tag == "image" and picture:
            self.hidden.update(_picture(picture[1].lower(), target[picture.end() :]))
        elif target.strip().lower().startswith(("data:", "javascript:")):
            self.hidden.add("A data address is embedded in the figure.")
        elif tag != "a" and not target.startswith("#") and target:
            self.hidden.add("The figure loads content from elsewhere.")

    def _instruction(self, target: str, data: str) -> None:
        self.hidden.add("The figure holds an instruction to another program.")

    def _entity(self, *_: object) -> None:
        raise Unreadable("The figure declares entities, which are not read; save it again, or as PNG.")


def _picture(kind: str, encoded: str) -> set[str]:
    try:
        content = base64.b64decode("".join(encoded.split()), validate=True)
    except (ValueError, binascii.Error):
        return {"A picture in the figure cannot be decoded."}
    try:
        return {item.message for item in image.read("png" if kind == "png" else "jpeg", content).hidden}
    except Unreadable:
        return {"A picture in the figure cannot be decoded."}


def _is_mark(given: dict[str, str]) -> bool:
    """A small square."""
    wide, high = (_number(given.get(name, "0"), 0.0) for name in ("width", "height"))
    return 0 < wide == high <= SMALL_MARK


def _unseen(drawn: dict[str, str]) -> bool:
    return (
        drawn.get("display") == "none"
        or drawn.get("visibility") in ("hidden", "collapse")
        or _number(drawn.get("opacity", "1"), 1.0) == 0
        or (_number(drawn.get("fill-opacity", "1"), 1.0) == 0 and drawn.get("stroke", "none") == "none")
    )


def _view(given: dict[str, str]) -> tuple[float, float] | None:
    box = given.get("viewbox", "").replace(",", " ").split()
    return (_number(box[2], 0.0), _number(box[3], 0.0)) if len(box) == 4 else None


def _pair(given: dict[str, str], first: str, second: str) -> tuple[float, float]:
    return _number(given.get(first, "0"), 0.0), _number(given.get(second, "0"), 0.0)


def _number(text: str, default: float) -> float:
    match = re.match(r"\s*[-+]?(?:\d{1,15}\.?\d{0,15}|\.\d{1,15})(?:e[-+]?\d{1,2})?", text)
    return float(match[0]) if match else default


def _font_size(font: str) -> str:
    match = re.search(r"(\d{1,4}(?:\.\d{1,8})?)(?:px|pt)", font)
    return match[1] if match else "10"


def _matrix(text: str) -> Matrix:
    matrix = _SAME
    for name, inside in _TRANSFORM.findall(text[:2_000]):
        numbers = [_number(part, 0.0) for part in inside.replace(",", " ").split()][:6]
        if name == "translate" and numbers:
            step: Matrix = (1.0, 0.0, 0.0, 1.0, numbers[0], numbers[1] if len(numbers) > 1 else 0.0)
        elif name == "scale" and numbers:
            step = (numbers[0], 0.0, 0.0, numbers[1] if len(numbers) > 1 else numbers[0], 0.0, 0.0)
        elif name == "matrix" and len(numbers) == 6:
            step = (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5])
        elif name == "rotate" and len(numbers) == 3:
            # what turns about its own place stays there
            continue
        else:
            continue
        matrix = _product(matrix, step)
    return matrix


def _product(a: Matrix, b: Matrix) -> Matrix:
    return (
        a[0] * b[0] + a[2] * b[1], a[1] * b[0] + a[3] * b[1], a[0] * b[2] + a[2] * b[3],
        a[1] * b[2] + a[3] * b[3], a[0] * b[4] + a[2] * b[5] + a[4], a[1] * b[4] + a[3] * b[5] + a[5],
    )  # fmt: skip


def _apply(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    return matrix[0] * x + matrix[2] * y + matrix[4], matrix[1] * x + matrix[3] * y + matrix[5]


def _scale(matrix: Matrix) -> float:
    return max(abs(matrix[0]), abs(matrix[1]), abs(matrix[3])) or 1.0
