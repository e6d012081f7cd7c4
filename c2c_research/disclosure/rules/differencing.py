"""Differencing inside one file: its tables or columns differ by a few persons, or give hidden counts away.

Files of a request, and what the project has released, are compared by `request` with the same means.
"""

from __future__ import annotations

from collections.abc import Iterator

from c2c_research.disclosure.differencing.nested import nested_categories
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Finding
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.request import check_request
from c2c_research.disclosure.rules.shared import finding, many, rounding_base
from c2c_research.disclosure.statements import StatementSet, statements_of


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    threshold = policy.threshold(document.context.unit)
    for table in document.tables if threshold > 1 else ():
        cells = nested_categories(table, threshold) if rounding_base(table) < 5 else []
        if cells:
            saw = f"Counts of categories that lie in each other differ by 1 to {threshold - 1}: "
            yield finding(rule, f"{saw}{many(len(cells), 'cell')}.", table.where, cells)
    whole = StatementSet("this file", statements_of(document))
    if len(whole.statements) < 2:
        return
    for findings in check_request([whole], [], policy, within_files=True).findings.values():
        yield from findings
