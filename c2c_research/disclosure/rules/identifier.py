"""Direct identifiers: two identity fields in a row, valid social security numbers, lone names and telephones.

A nine-digit pattern is a social security number only where its area, group and serial are ones that were ever given
out (Social Security Administration: area not 000, 666 or 900–999; group not 00; serial not 0000).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Cell, Finding, Status
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.rules.shared import finding
from c2c_research.disclosure.tables import Table

_SSN = re.compile(r"(?<![\d-])(\d{3})-(\d{2})-(\d{4})(?![\d-])")
_SSN_PLAIN = re.compile(r"^(\d{3})(\d{2})(\d{4})$")
_EMAIL = re.compile(r"^[\w.+-]+@[\w-]+\.[\w.]+$")
_PHONE = re.compile(r"^\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}$")
_NOT_A_PERSON = frozenset(
    ["school", "district", "county", "college", "campus", "provider", "program", "course", "variable", "group",
     "category", "employer", "city", "file", "table", "column", "model", "term", "institution", "agency"]
)  # fmt: skip


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    for table in document.tables:
        yield from _table(table, rule)
    in_text = [match for match in _SSN.findall(document.text) if valid_ssn(*match)]
    if in_text:
        status = rule.status if len(in_text) > 1 or "ssn" in document.text.lower() else Status.REVIEW
        yield finding(rule, "The text holds the pattern of a social security number.", status=status)


def valid_ssn(area: str, group: str, serial: str) -> bool:
    """Could this number have been given out?"""
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def _table(table: Table, rule: Rule) -> Iterator[Finding]:
    numbers = [cell for column in range(table.width) for cell in _ssn_cells(table, column)]
    if numbers:
        yield finding(rule, "Cells hold social security numbers.", table.where, numbers)
    fields = {column: field for column in range(table.width) if (field := _field(table, column))}
    if len(set(fields.values())) >= 2 and table.rows:
        cells = [(row, column) for row in range(len(table.rows)) for column in fields]
        saw = f"Rows name persons by {' and '.join(sorted(set(fields.values())))}."
        yield finding(rule, saw, table.where, cells)
    elif fields and not numbers:
        field = next(iter(fields.values()))
        yield finding(rule, f"A column looks like a person's {field}.", table.where, status=Status.REVIEW)


def _ssn_cells(table: Table, column: int) -> list[Cell]:
    named = bool({"ssn", "social"} & set(lexicon.words(table.header[column])))
    cells = []
    for row, texts in enumerate(table.rows):
        match = _SSN.fullmatch(texts[column].strip()) or (_SSN_PLAIN.match(texts[column].strip()) if named else None)
        if match and valid_ssn(*match.groups()):
            cells.append((row, column))
    return cells


def _field(table: Table, column: int) -> str:
    """Which identity field a column is; '' where it is none."""
    tokens = set(lexicon.words(table.header[column]))
    texts = [value.text for value in table.column(column) if value.mark is not Mark.EMPTY]
    if not texts:
        return ""
    if sum(bool(_EMAIL.match(text)) for text in texts) > len(texts) / 2:
        return "e-mail"
    if sum(bool(_PHONE.match(text)) for text in texts) > len(texts) / 2:
        return "telephone"
    if tokens & _NOT_A_PERSON:
        return ""
    wordy = sum(text.replace(" ", "").isalpha() for text in texts) > len(texts) / 2
    if wordy and "name" in tokens and tokens & {"first", "last", "full", "middle", "student", "person", "parent"}:
        return "first name" if "first" in tokens else "name"
    if wordy and tokens & {"firstname", "lastname", "surname", "fullname"}:
        return "first name" if "firstname" in tokens else "name"
    if tokens & {"dob", "birthdate"} or {"date", "birth"} <= tokens:
        return "date of birth"
    if tokens & {"street", "address"} and not tokens & {"ip", "web"}:
        return "address"
    return ""
