"""Rounding: where a file states a base, all its counts are multiples of it."""

from __future__ import annotations

from collections.abc import Iterator

from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Finding
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.rules.shared import finding, many


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    base = document.context.rounding_base
    if base < 2:
        return
    for table in document.tables:
        off = [cell for cell, value in table.counts() if value.mark is Mark.NUMBER and (value.number or 0) % base]
        if off:
            yield finding(rule, f"Counts that are no multiple of {base}: {many(len(off), 'cell')}.", table.where, off)
