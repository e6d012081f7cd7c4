"""Which answered number is the sum of which cells: margins, sub-areas, and what no cell of the answers holds.

A **cell** is a group of the finest answer. A margin drops a group; a **hierarchy** says of each key of a group in which
larger area it lies (districts in counties: the reference shelf's `district_directory`; schools in districts: the first
seven digits of the code). A **rest** is a cell that was not asked: the districts of a county that an answer leaves out,
the genders that a question did not name. It is at least 0 and unknown: no sum is forced on some of its parts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from c2c_research.dp.answer import PrivateAnswer
from c2c_research.errors import BadUse, NotInSandbox

Key = tuple[Any, ...]
Within = Mapping[tuple[str, str], Mapping[str, str]]
OUTSIDE = ("value", "half_width", "status", "measure", "shown")
ADVICE = "Ask for the same count with the same conditions, one answer with all the groups and others with some of them."
_SAME = "Name the same keys of a group in each question."
SCHOOL, DISTRICT, COUNTY = "school_code", "district_code", "county_code"


@dataclass(frozen=True)
class Rest:
    """The keys of a group that the finest answer does not have, below one key of the larger area (or none)."""

    parent: Any = None


@dataclass(frozen=True)
class Sums:
    """The cells, and for each answer the place of the row that each cell is a part of; None: of no row."""

    cells: tuple[Key, ...]
    rows: tuple[tuple[int | None, ...], ...]


def sums(answers: Sequence[PrivateAnswer], within: Within | None, whole: Collection[str]) -> Sums:
    """Raises BadUse where an answer's groups are neither of the cells' nor above them, or its keys do not fit."""
    finest = _finest(answers, {*(within or {}), *_KNOWN})
    columns = groups(finest)
    parents = _Parents(finest, answers, within)
    keys = [_extended(column, finest, answers, parents, column in whole) for column in columns]
    cells = tuple(product(*keys))
    return Sums(cells, tuple(_rows(answer, finest, cells, parents) for answer in answers))


def _finest(answers: Sequence[PrivateAnswer], known: Collection[tuple[str, str]]) -> PrivateAnswer:
    """The answer that has every group of the others, or one that lies in it."""
    wanted = {column for answer in answers for column in groups(answer)}
    for answer in sorted(answers, key=lambda answer: (len(groups(answer)), len(answer.rows)), reverse=True):
        own = groups(answer)
        if all(column in own or any((child, column) in known for child in own) for column in wanted):
            return answer
    raise BadUse("No answer has all the groups of the others.", ADVICE)


def groups(answer: PrivateAnswer) -> tuple[str, ...]:
    return tuple(column for column in answer.columns if column not in OUTSIDE)


class _Parents:
    """For each group of the finest answer: the larger area that another answer has in its place."""

    def __init__(self, finest: PrivateAnswer, answers: Sequence[PrivateAnswer], within: Within | None) -> None:
        self.of: dict[str, dict[str, Callable[[Any], Any]]] = {column: {} for column in groups(finest)}
        self.children: dict[tuple[str, str], Mapping[str, str]] = {}
        wanted = {column for answer in answers for column in groups(answer)} - set(self.of)
        for area in sorted(wanted):
            child = next(column for column in self.of if (column, area) in {*(within or {}), *_KNOWN})
            lookup = (within or {}).get((child, area)) or _KNOWN[child, area]()
            self.children[child, area] = lookup
            self.of[child][area] = lookup.get

    def place(self, column: str, columns: Sequence[str]) -> tuple[int, Callable[[Any], Any]]:
        """Where the keys of an answer's group come from: the position of the cells' group and what it becomes."""
        if column in columns:
            return columns.index(column), lambda key: key
        child = next(child for child, areas in self.of.items() if column in areas)
        up = self.of[child][column]
        return columns.index(child), lambda key: key.parent if isinstance(key, Rest) else up(key)


def _extended(
    column: str, finest: PrivateAnswer, answers: Sequence[PrivateAnswer], parents: _Parents, whole: bool
) -> list[Any]:
    """The keys of a group, and the rests that sums over it need."""
    keys = list(dict.fromkeys(row[column] for row in finest.rows))
    areas = parents.of[column]
    if not areas:
        dropped = any(column not in groups(answer) for answer in answers)
        return keys + [Rest()] * (dropped and not whole and not _is_whole(finest, column))
    if len(areas) > 1:
        raise BadUse("A group lies in two kinds of larger areas at once.", "Make them consistent in two steps.")
    (area,) = areas
    larger = next(answer for answer in answers if area in groups(answer))
    named = list(dict.fromkeys(row[area] for row in larger.rows))
    lookup = parents.children[column, area]
    strangers = [key for key in keys if lookup.get(key) not in named]
    if strangers:
        raise BadUse(
            f"{len(strangers)} keys of {column} lie in no {area} of the answers.", "Ask for the areas of all of them."
        )
    asked = set(keys)
    rests = [Rest(each) for each in named if not whole and not _all_of(each, lookup) <= asked]
    top = any(column not in groups(answer) and area not in groups(answer) for answer in answers)
    return keys + rests + [Rest()] * (top and not whole and not _is_whole(larger, area))


def _all_of(area: Any, lookup: Mapping[str, str]) -> set[str]:
    """The keys of an area; one that nobody can have when the directory knows none, so that it is never complete."""
    return {key for key, each in lookup.items() if each == area} or {""}


def _is_whole(answer: PrivateAnswer, column: str) -> bool:
    """Whether an answer has every key of a group: the question named none, and none was learned from data."""
    said = answer.receipt["payload"]
    named = {group["column"]: group["keys"] for group in said["specification"].get("by", ())}
    return named.get(column) is None and "learned_keys" not in said


def _rows(
    answer: PrivateAnswer, finest: PrivateAnswer, cells: Iterable[Key], parents: _Parents
) -> tuple[int | None, ...]:
    own = groups(answer)
    places = [parents.place(column, groups(finest)) for column in own]
    rows = {tuple(row[column] for column in own): number for number, row in enumerate(answer.rows)}
    found: list[int | None] = []
    for cell in cells:
        number = rows.get(tuple(up(cell[position]) for position, up in places))
        if number is None and answer is not finest and not any(isinstance(part, Rest) for part in cell):
            raise BadUse("The answers do not have the same keys.", _SAME)
        found.append(number)
    if not set(rows.values()) <= set(found):
        raise BadUse("The answers do not have the same keys.", _SAME)
    return tuple(found)


class _Districts(dict[str, str]):
    """The district of a school: the first seven digits of its code. Never complete: schools are in no directory."""

    def get(self, school: Any, default: Any = None) -> Any:
        return str(school)[:7]


def _directory() -> Mapping[str, str]:
    from c2c_research.shelf import reference

    try:
        frame = reference("district_directory")
    except NotInSandbox:
        raise BadUse(
            "There is no directory of districts here.",
            'Give it: within={("district_code", "county_code"): {"1964733": "19", …}}.',
        ) from None
    return dict(zip(frame[DISTRICT], frame[COUNTY], strict=True))


_KNOWN: dict[tuple[str, str], Callable[[], Mapping[str, str]]] = {
    (DISTRICT, COUNTY): _directory,
    (SCHOOL, DISTRICT): _Districts,
}
