"""One page of a PDF, operator by operator: text that nobody sees, clouds of marks, pages that are one picture.

A white letter is seen where a dark field lies below it; a letter is covered where an opaque field is drawn over it
later (a blacked-out line whose words are still in the file).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from c2c_research.disclosure.document import Unreadable

MAX_OPERATIONS = 1_000_000
MAX_NESTING = 6
MAX_COMPARED = 4_000_000
_MARK_SIZE = 14.0
_SCANNED = 0.6
_READABLE = 2.0
_LONG_LINE = 16
Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]
_SAME: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_FILLS = {b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"}
_ENDS = _FILLS | {b"S", b"s", b"n"}
_SHOWS = {b"Tj", b"TJ", b"'", b'"'}


@dataclass
class Page:
    """What walking a page found. `marks` are the places of equal marks, a list a kind of mark."""

    hidden: list[str] = field(default_factory=list)
    marks: list[list[tuple[float, float]]] = field(default_factory=list)
    scanned: bool = False
    lines: list[list[tuple[float, float]]] = field(default_factory=list)


@dataclass(frozen=True)
class _Pen:
    """The graphics state that matters here."""

    matrix: Matrix = _SAME
    white: bool = False
    opaque: bool = True
    unseen: bool = False
    mode: int = 0
    size: float = 10.0
    leading: float = 0.0


@dataclass(frozen=True)
class _Field:
    """A filled area; its place in the order of drawing."""

    box: Box
    dark: bool
    opaque: bool
    order: int


@dataclass(frozen=True)
class _Text:
    x: float
    y: float
    white: bool
    order: int


def look_at(page: Any) -> Page:
    """Walk a page and the forms it draws. Raises Unreadable where it has too many operators."""
    walk = _Walk(page)
    walk.run(page.get_contents(), page.get("/Resources") or {}, _Pen(), 0)
    return walk.judged()


class _Walk:
    def __init__(self, page: Any) -> None:
        box = page.cropbox
        self.box: Box = (float(box.left), float(box.bottom), float(box.right), float(box.top))
        self.reader = page.pdf
        self.fields: list[_Field] = []
        self.texts: list[_Text] = []
        self.marks: dict[str, list[tuple[float, float]]] = {}
        self.hidden: dict[str, None] = {}
        self.lines: list[list[tuple[float, float]]] = []
        self.picture = 0.0
        self.operations = 0

    def judged(self) -> Page:
        if len(self.texts) * len(self.fields) > MAX_COMPARED:
            self.fields = sorted(self.fields, key=lambda area: -_area(area.box))[: MAX_COMPARED // len(self.texts)]
        for text in self.texts:
            over = [area for area in self.fields if _inside(text, area.box)]
            if text.white and not any(area.dark and area.order < text.order for area in over):
                self.hidden["The PDF holds white text on white."] = None
            if any(area.opaque and area.order > text.order for area in over):
                self.hidden["The PDF holds text that is covered."] = None
        scanned = self.picture > _SCANNED and len(self.texts) < 5
        return Page(list(self.hidden), list(self.marks.values()), scanned, self.lines)

    def run(self, contents: Any, resources: Any, pen: _Pen, depth: int) -> None:
        from pypdf.generic import ContentStream

        if contents is None:
            return
        state = _State(self, pen, resources, depth)
        for operands, operator in ContentStream(contents, self.reader).operations:
            self.operations += 1
            if self.operations > MAX_OPERATIONS:
                raise Unreadable("A page of the PDF draws too much to be reviewed; save it as PNG.")
            state.apply(operator, operands)


class _State:
    """The interpreter of one content stream."""

    def __init__(self, walk: _Walk, pen: _Pen, resources: Any, depth: int) -> None:
        self.walk, self.pen, self.resources, self.depth = walk, pen, resources, depth
        self.stack: list[_Pen] = []
        self.line: Matrix = _SAME
        self.path: list[tuple[float, float]] = []
        self.curves = self.moves = 0

    def apply(self, operator: bytes, given: list[Any]) -> None:
        if operator in _SHOWS:
            self._show(operator, given)
        elif operator in _ENDS:
            self._end_path(operator)
        elif operator in (b"m", b"l", b"c", b"v", b"y", b"re"):
            self._path(operator, [float(number) for number in given])
        elif operator == b"Do":
            self._draw(str(given[0]))
        elif operator in (b"q", b"Q", b"cm", b"gs"):
            self._keep(operator, given)
        elif operator in (b"g", b"rg", b"k", b"sc", b"scn", b"cs"):
            self._colour(operator, given)
        elif operator[:1] in (b"T", b"B") or operator == b"ET":
            self._letters(operator, given)

    def _keep(self, operator: bytes, given: list[Any]) -> None:
        if operator == b"q":
            self.stack.append(self.pen)
        elif operator == b"Q" and self.stack:
            self.pen = self.stack.pop()
        elif operator == b"cm":
            self.pen = replace(self.pen, matrix=_product(self.pen.matrix, _matrix(given)))
        elif operator == b"gs":
            found = (self.resources.get("/ExtGState") or {}).get(given[0])
            alpha = float(found.get_object().get("/ca", 1)) if found is not None else 1.0
            self.pen = replace(self.pen, opaque=alpha >= 1, unseen=alpha == 0)

    def _colour(self, operator: bytes, given: list[Any]) -> None:
        numbers = [float(value) for value in given if isinstance(value, int | float)]
        if operator == b"cs":
            white = False
        elif operator == b"k" or len(numbers) == 4:
            white = max(numbers, default=1.0) <= 0.02
        else:
            white = bool(numbers) and min(numbers) >= 0.98
        self.pen = replace(self.pen, white=white)

    def _letters(self, operator: bytes, given: list[Any]) -> None:
        if operator == b"BT":
            self.line = _SAME
        elif operator == b"Tr":
            self.pen = replace(self.pen, mode=int(given[0]))
        elif operator == b"Tf":
            self.pen = replace(self.pen, size=float(given[1]))
        elif operator == b"TL":
            self.pen = replace(self.pen, leading=float(given[0]))
        elif operator == b"Tm":
            self.line = _matrix(given)
        elif operator in (b"Td", b"TD"):
            self._move(float(given[0]), float(given[1]))
            if operator == b"TD":
                self.pen = replace(self.pen, leading=-float(given[1]))
        elif operator == b"T*":
            self._move(0.0, -self.pen.leading)

    def _move(self, x: float, y: float) -> None:
        self.line = _product(self.line, (1.0, 0.0, 0.0, 1.0, x, y))

    def _show(self, operator: bytes, given: list[Any]) -> None:
        if operator in (b"'", b'"'):
            self._move(0.0, -self.pen.leading)
        text = _letters_of(given[-1] if given else "")
        if not text.strip():
            return
        place = _product(self.pen.matrix, self.line)
        x, y = place[4], place[5]
        size = abs(self.pen.size) * max(abs(place[0]), abs(place[1]), abs(place[3]))
        left, bottom, right, top = self.walk.box
        if self.pen.mode in (3, 7) or self.pen.unseen or size < _READABLE:
            self.walk.hidden["The PDF holds invisible text."] = None
        # labels of a figure may be cut off at its edge
        wide, high = 0.25 * (right - left), 0.25 * (top - bottom)
        if not (left - wide <= x <= right + wide and bottom - high <= y <= top + high):
            self.walk.hidden["The PDF holds text outside the page."] = None
        self.walk.texts.append(_Text(x + 0.3 * size, y + 0.3 * size, self.pen.white, self.walk.operations))
        if text == "l" and self.pen.mode in (0, 1, 2):
            # R draws the points of a plot as letters of a font of symbols
            self.walk.marks.setdefault("letters", []).append((round(x, 3), round(y, 3)))

    def _path(self, operator: bytes, numbers: list[float]) -> None:
        if operator == b"re" and len(numbers) == 4:
            x, y, width, height = numbers
            self.path += [(x, y), (x + width, y + height)]
            self.moves += 1
            return
        self.moves += operator == b"m"
        self.curves += operator in (b"c", b"v", b"y")
        self.path.extend(zip(numbers[::2], numbers[1::2], strict=False))

    def _end_path(self, operator: bytes) -> None:
        if self.path:
            points = [_apply(self.pen.matrix, x, y) for x, y in self.path]
            box = _around(points)
            small = max(box[2] - box[0], box[3] - box[1]) <= _MARK_SIZE
            if self.curves == 4 and self.moves == 1 and small and operator != b"n":
                centre = (round((box[0] + box[2]) / 2, 3), round((box[1] + box[3]) / 2, 3))
                self.walk.marks.setdefault("circles", []).append(centre)
            elif operator in (b"S", b"s") and self.moves == 1 and not self.curves and len(points) > _LONG_LINE:
                self.walk.lines.append(points)
            elif operator in _FILLS and self.moves == 1 and len(self.path) <= 6 and not self.curves:
                area = _Field(box, not self.pen.white, self.pen.opaque, self.walk.operations)
                self.walk.fields.append(area)
        self.path, self.curves, self.moves = [], 0, 0

    def _draw(self, name: str) -> None:
        found = (self.resources.get("/XObject") or {}).get(name)
        if found is None:
            return
        drawn = found.get_object()
        if drawn.get("/Subtype") == "/Image":
            corners = [_apply(self.pen.matrix, x, y) for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))]
            box, page = _around(corners), self.walk.box
            self.walk.picture = max(self.walk.picture, _area(box) / (_area(page) or 1.0))
            self.walk.fields.append(_Field(box, True, self.pen.opaque, self.walk.operations))
            return
        self.walk.marks.setdefault(name, []).append((round(self.pen.matrix[4], 3), round(self.pen.matrix[5], 3)))
        if len(self.walk.marks[name]) == 1:
            self._form(drawn)

    def _form(self, drawn: Any) -> None:
        if self.depth >= MAX_NESTING:
            raise Unreadable("The PDF is nested too deeply to be reviewed.")
        inner = drawn.get("/Matrix")
        matrix = _product(self.pen.matrix, _matrix(inner)) if inner is not None else self.pen.matrix
        resources = drawn.get("/Resources") or self.resources
        self.walk.run(drawn, resources, replace(self.pen, matrix=matrix), self.depth + 1)


def _letters_of(given: Any) -> str:
    if isinstance(given, list):
        return "".join(_letters_of(part) for part in given if not isinstance(part, int | float))
    return given.decode("latin-1") if isinstance(given, bytes) else str(given)


def _inside(text: _Text, box: Box) -> bool:
    return box[0] <= text.x <= box[2] and box[1] <= text.y <= box[3]


def _around(points: list[tuple[float, float]]) -> Box:
    across, up = [x for x, _ in points], [y for _, y in points]
    return min(across), min(up), max(across), max(up)


def _area(box: Box) -> float:
    return abs(box[2] - box[0]) * abs(box[3] - box[1])


def _matrix(given: Any) -> Matrix:
    a, b, c, d, e, f = (float(value) for value in given)
    return a, b, c, d, e, f


def _product(outer: Matrix, inner: Matrix) -> Matrix:
    """`inner` applied first, then `outer`."""
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


def _apply(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    return matrix[0] * x + matrix[2] * y + matrix[4], matrix[1] * x + matrix[3] * y + matrix[5]
