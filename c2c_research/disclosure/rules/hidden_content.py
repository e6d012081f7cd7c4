"""Hidden content: what a reader of the file does not see but a program finds. Each reader reports it by kind."""

from __future__ import annotations

from collections.abc import Iterator

from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Finding
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.rules.shared import finding


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    seen = set()
    for item in document.hidden:
        if (item.message, item.where) not in seen:
            seen.add((item.message, item.where))
            yield finding(rule, item.message, item.where, list(item.cells))
