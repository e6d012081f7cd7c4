"""Models: a regression needs residual degrees of freedom and persons. Reads the summaries of statsmodels and alike."""

from __future__ import annotations

import re
from collections.abc import Iterator

from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Finding
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.rules.shared import finding

_RESIDUAL = re.compile(r"(?:df residuals?|residual df|degrees of freedom \(residual\))\s*[:=|,]?\s*(-?\d[\d,]*)", re.I)
_PERSONS = re.compile(r"(?:no\.? observations|number of obs(?:ervations)?|nobs|n obs)\s*[:=|,]?\s*(\d[\d,]*)", re.I)


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    text = _all_text(document)
    dof = int(rule.number("residual_dof", 10))
    persons = int(rule.number("persons", 11))
    if any(number < dof for number in _numbers(_RESIDUAL, text)):
        yield finding(rule, f"A model has fewer than {dof} residual degrees of freedom.")
    if any(0 < number < persons for number in _numbers(_PERSONS, text)):
        yield finding(rule, f"A model rests on fewer than {persons} persons.")


def _numbers(pattern: re.Pattern[str], text: str) -> list[int]:
    return [int(match.replace(",", "")) for match in pattern.findall(text)]


def _all_text(document: Document) -> str:
    lines = [document.text]
    for table in document.tables:
        lines.append(" ".join(table.header))
        lines.extend(" ".join(row) for row in table.rows)
    return "\n".join(lines)
