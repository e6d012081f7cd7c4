"""What several rules share: proven rounding, which cells a count rule skips, wording of numbers."""

from __future__ import annotations

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.findings import Cell, Finding, Status
from c2c_research.disclosure.policy import Rule
from c2c_research.disclosure.tables import Table

_SCHOOLS = frozenset(["schools", "colleges", "districts", "institutions", "campuses", "universities"])


def finding(
    rule: Rule, saw: str, where: str = "", cells: list[Cell] | None = None, status: Status | None = None
) -> Finding:
    """A finding in the house's form: what was seen, then the pack's sentence."""
    places = tuple(sorted(set(cells or ())))
    return Finding(rule.kind, rule.status if status is None else status, f"{saw} {rule.sentence}", where, places)


def many(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def rounding_base(table: Table) -> int:
    """The base to which all counts of a table are rounded; 0 where that is neither declared and kept, nor proven."""
    return table.rounding_base


def counts_institutions(table: Table, column: int) -> bool:
    """Schools and colleges have no threshold: the column says that it counts them, or the table's title does."""
    own = set(lexicon.words(table.header[column]))
    if own & _SCHOOLS and not own & (lexicon.PERSON_COUNTS | {"per", "size"}):
        return True
    title = lexicon.words(f"{table.caption} {table.title}")
    return bool(set(title) & _SCHOOLS) and not {*title, *own} & (lexicon.PERSON_COUNTS | lexicon.PERSON_NOUNS)
