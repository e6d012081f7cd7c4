"""Unit records: rows of a table that are single persons, and row-level ids, pseudonymous ones too."""

from __future__ import annotations

import re
from collections.abc import Iterator

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Finding, Status
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.rules.shared import finding
from c2c_research.disclosure.tables import Role, Table

# the project pseudonyms of an extract are random 63-bit integers
_LONG_ID = re.compile(r"(?<![\d.])\d{15,19}(?!\d|\.\d)")
# ids as registries give them: five digits and more, a letter before them, or hexadecimal
_NUMBERED = re.compile(r"[A-Za-z]?\d{5,}|[0-9a-fA-F-]{16,}")
_FEW_COLUMNS = 3


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    least = int(rule.number("rows", 3))
    for table in document.tables:
        seen = _seen(table, least)
        if seen is not None:
            yield finding(rule, seen[0], table.where, status=min(seen[1], rule.status))
    ids = set(_LONG_ID.findall(document.text))
    if ids:
        status = rule.status if len(ids) > 1 else Status.REVIEW
        yield finding(rule, "The text shows numbers of the length of a person's pseudonym.", status=status)


def _seen(table: Table, least: int) -> tuple[str, Status] | None:
    for column in range(table.width):
        texts = [value.text for value in table.column(column) if value.mark is not Mark.EMPTY]
        if len(texts) > 0 and sum(bool(_LONG_ID.fullmatch(text)) for text in texts) > len(texts) / 2:
            return "A column holds row-level ids.", Status.FAIL
    for column in table.columns_of(Role.IDENTIFIER):
        texts = [value.text for value in table.column(column) if value.mark is not Mark.EMPTY]
        if len(texts) >= least and _is_person_id(table, column, texts):
            return "A column holds row-level ids.", Status.FAIL
    if _rows_are_persons(table):
        return "Rows look like single persons.", Status.FAIL
    return None


def _is_person_id(table: Table, column: int, texts: list[str]) -> bool:
    """Distinct values over rows that carry no count; a bare `id` in a small table of groups is none."""
    tokens = lexicon.words(table.header[column])
    personal = bool(set(tokens) & lexicon.PERSON_NOUNS) or bool(set(tokens) & {"ssn", "ssid"})
    has_counts = bool(table.columns_of(Role.COUNT))
    repeated = len(set(texts)) < len(texts)
    numbered = sum(bool(_NUMBERED.fullmatch(text)) for text in texts) > len(texts) / 2
    return personal or (numbered and not has_counts and not repeated and len(texts) >= 10)


def _rows_are_persons(table: Table) -> bool:
    """No counts, no rates, several attributes of persons, and rows that repeat each other's categories."""
    if table.columns_of(Role.COUNT, Role.RATE, Role.MEAN) or table.width < _FEW_COLUMNS or len(table.rows) < 5:
        return False
    attributes = sum(
        bool(set(lexicon.words(name)) & lexicon.PERSON_ATTRIBUTES) and not _is_statistic(table, column)
        for column, name in enumerate(table.header)
    )
    if attributes < _FEW_COLUMNS or table.total_rows:
        return False
    keys = [column for column in table.columns_of(Role.KEY) if not _is_index(table, column)]
    combinations = [tuple(row[column] for column in keys) for row in table.rows]
    birth = any(set(lexicon.words(name)) & {"birth", "dob", "birthdate"} for name in table.header)
    return birth or len(set(combinations)) < len(combinations) or attributes >= 5


def _is_statistic(table: Table, column: int) -> bool:
    return table.roles[column] in (Role.STATISTIC, Role.EXTREME)


def _is_index(table: Table, column: int) -> bool:
    texts = [row[column].strip() for row in table.rows]
    return table.header[column].strip() == "" and len(set(texts)) == len(texts)
