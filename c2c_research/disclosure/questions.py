"""What the engine asks the author where it cannot tell, once a column: is this a count?"""

from __future__ import annotations

from collections.abc import Iterator

from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Question
from c2c_research.disclosure.policy import Policy
from c2c_research.disclosure.tables import Role, Table

ASKED = {
    "denominator": "How many persons are in the population that the table describes?",
    "age_range": "How many years does its smallest age group span? (0: no age)",
    "race_groups": "How many race groups does it show? (0: none)",
    "geography": "How many persons live in its smallest area?",
    "months": "How many months does one figure cover?",
    "interactions": "How many variables are crossed beside events, time and place?",
}


def questions_about(document: Document, pack: Policy | None = None) -> Iterator[Question]:
    """Columns of small whole numbers that nothing explains. A declared sidecar has answered already.

    A pack that scores public tables asks for what its score needs.
    """
    if pack is not None:
        yield from _publication(document, pack)
    if document.context.unit == "rows":
        yield Question("unit", "The cells count rows. Where a person can have several, name the person by `unit=`.")
    if document.context.declared:
        return
    asked: set[str] = set()
    for table in document.tables:
        for column in table.columns_of(Role.UNKNOWN):
            if _could_be_small_counts(table, column) and table.header[column] not in asked:
                asked.add(table.header[column])
                name = table.header[column].strip() or f"column {column + 1}"
                text = "Does this column count persons? Say so in the sidecar (`counts:`)."
                yield Question(name, text, table.where)


def _publication(document: Document, pack: Policy) -> Iterator[Question]:
    rule = pack.rule("min_cell")
    if rule is None or rule.word("method", "threshold") != "publication_score":
        return
    if any(table.columns_of(Role.COUNT) for table in document.tables):
        for name in document.context.publication.missing:
            yield Question(f"publication: {name}", f"{ASKED[name]} Say it in the sidecar (`publication:`).")


def _could_be_small_counts(table: Table, column: int) -> bool:
    numbers = [value for value in table.column(column) if value.number is not None]
    whole = all(value.is_integer and (value.number or 0) >= 0 for value in numbers)
    return whole and any(0 < (value.number or 0) < 11 for value in numbers)
