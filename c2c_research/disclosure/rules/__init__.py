"""Rules: each module implements one kind and promises `check(document, rule, policy)`, a stream of findings.

Principle: prove, repair or ask before flagging; one finding a rule a table, with the cells. A rule never passes what
it could not look at: a crash becomes a REVIEW finding in the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module

from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Finding
from c2c_research.disclosure.policy import Policy, Rule

Check = Callable[[Document, Rule, Policy], Iterator[Finding]]

# In the order of the report. The engine itself raises file_kind, and unreadable for files that break a reader.
MODULES = {
    "min_cell": "min_cell",
    "rate": "rate",
    "group": "group",
    "dominance": "dominance",
    "order_statistic": "order_statistic",
    "model": "model",
    "survival": "survival",
    "secondary": "secondary",
    "differencing": "differencing",
    "rounding": "rounding",
    "unit_record": "unit_record",
    "identifier": "identifier",
    "hidden_content": "hidden_content",
    "unreadable": "unreadable",
}
OF_THE_ENGINE = ("file_kind",)


def implemented(kind: str) -> bool:
    """Does code enforce this kind of rule?"""
    return kind in MODULES or kind in OF_THE_ENGINE


def check_of(kind: str) -> Check:
    """The function that enforces a kind."""
    check: Check = import_module(f"{__name__}.{MODULES[kind]}").check
    return check
