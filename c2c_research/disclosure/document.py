"""A file as read: its tables, its prose, and what hides in it. What readers return and rules look at."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from c2c_research.disclosure.context import Context, Evidence
from c2c_research.disclosure.findings import Question
from c2c_research.disclosure.tables import Table


class RefusedKind(Exception):
    """The file is of a kind that is not reviewed; the message says which kind it seems to be."""


class Unreadable(Exception):
    """A file of an accepted kind that cannot be read completely; it is refused, never guessed."""


@dataclass(frozen=True)
class Hidden:
    """Something that a reader of the file does not see. `cells` where it sits in a table."""

    message: str
    where: str = ""
    cells: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Cloud:
    """Equal marks of a figure at `points` distinct places; `ordered` where they follow a line from left to right.

    `stairs` says that they are no marks but the steps of a falling curve at uneven places, `raster` that
    they were seen in pixels, where no text says what they are.
    """

    points: int
    ordered: bool
    where: str = ""
    stairs: bool = False
    raster: bool = False


@dataclass(frozen=True)
class Document:
    """What a reader made of one file.

    `text` is prose outside tables, searched for identifiers; `clouds` are the scatter plots of a figure; `unread` says
    in sentences what of the file no reader looked into: a reviewer has to.
    """

    kind: str
    tables: tuple[Table, ...] = ()
    text: str = ""
    hidden: tuple[Hidden, ...] = ()
    context: Context = field(default_factory=Context)
    questions: tuple[Question, ...] = ()
    clouds: tuple[Cloud, ...] = ()
    unread: tuple[str, ...] = ()

    def with_context(self, context: Context) -> Document:
        """Attach a sidecar to the document and to each of its tables."""
        tables = tuple(replace(table, context=_seen_from(table, context)) for table in self.tables)
        return replace(self, context=context, tables=tables)


def _seen_from(table: Table, context: Context) -> Context:
    """Evidence names cells of the file; a reshaped table has them elsewhere."""
    if not table.reshaped or not (context.evidence.counts or context.evidence.bases):
        return context
    here = {
        place: (row, column)
        for row in range(len(table.rows))
        for column in reversed(range(table.width))
        if (place := table.place((row, column))) is not None
    }
    counts, bases = (
        {here[cell]: number for cell, number in given.items() if cell in here}
        for given in (context.evidence.counts, context.evidence.bases)
    )
    contributions = tuple(replace(c, cell=here[c.cell]) for c in context.evidence.contributions if c.cell in here)
    return replace(context, evidence=Evidence(counts, bases, contributions))
