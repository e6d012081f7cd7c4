"""Unknown outputs: a table whose numbers nothing explains is looked at by a reviewer; it never passes by default.

Nothing explains a column that no header, caption, label, unit or sidecar describes: `A, B, C` over `73479.0, 32002.4`
may be means, sums, maxima or single wages. (The engine itself raises what cannot be read.)
"""

from __future__ import annotations

from collections.abc import Iterator

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Finding, Status
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.rules.regression import all_text, regression_of, terms_of
from c2c_research.disclosure.rules.shared import finding
from c2c_research.disclosure.rules.survival import has_curve
from c2c_research.disclosure.tables import Role, Table

_TABULAR = ("csv", "tsv", "xlsx", "text", "markdown", "html")
_EXPLAINED = (
    lexicon.COUNT_STRONG | lexicon.COUNT_NOUNS | lexicon.RATE | lexicon.STATISTIC | lexicon.MEAN | lexicon.EXTREME
    | lexicon.MONEY
)  # fmt: skip


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    effect = rule.effect("unknown", "review")
    if effect is Status.PASS or document.kind not in _TABULAR:
        return
    model = regression_of(document)
    if model.persons or model.residual_dof or model.r_squared or "R-squared" in all_text(document):
        return
    unknown = [table.where for table in document.tables if is_unknown(table)]
    if unknown:
        yield finding(rule, "Numbers that no header, label or sidecar explains.", ", ".join(unknown[:3]), status=effect)


def is_unknown(table: Table) -> bool:
    """Two columns of fractions or more, and nothing says what they are. (Of whole numbers the author is asked.)"""
    if table.context.kind or table.context.counts or table.context.cells_are_counts or table.context.rates:
        return False
    numeric = [column for column in range(table.width) if _is_numeric(table, column)]
    numeric = [column for column in numeric if table.roles[column] not in (Role.KEY, Role.IDENTIFIER)]
    fractions = [column for column in numeric if any(value.decimals for value in table.column(column))]
    if len(table.rows) < 2 or len(fractions) < 2 or any(table.roles[column] is not Role.UNKNOWN for column in numeric):
        return False
    if any(True for _ in terms_of(table)) or has_curve(table):
        return False
    if set(lexicon.words(table.caption)) & _EXPLAINED:
        return False
    labels = [table.rows[row][0] for row in range(len(table.rows))]
    explained = sum(bool(set(lexicon.words(label)) & _EXPLAINED) for label in labels)
    return explained < len(labels) / 2


def _is_numeric(table: Table, column: int) -> bool:
    values = [value for value in table.column(column) if value.mark is not Mark.EMPTY]
    return bool(values) and sum(value.mark is Mark.NUMBER for value in values) > len(values) / 2
