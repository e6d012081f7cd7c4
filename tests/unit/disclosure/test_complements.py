"""Suppression under a pack that wants one more complement where masked counts of a line are too few persons."""

from __future__ import annotations

from c2c_research.disclosure import readers
from c2c_research.disclosure.context import parse_context
from c2c_research.disclosure.policy import load_pack
from c2c_research.disclosure.protection.request import Wishes, suppress_table

TABLE = b"county,cases\nAlpine,4\nInyo,5\nKern,310\nMono,42\nTotal,361\n"
CONTEXT = "table: t.csv\nrows: [county]\nkind: frequency\ncounts: cases\ntotals: {rows: Total}\n"


def hidden(pack: str, wishes: Wishes) -> list[tuple[int, int]]:
    table = readers.read("t.csv", TABLE).with_context(parse_context(CONTEXT, "")).tables[0]
    return sorted(suppress_table(table, load_pack(pack), wishes).hidden)


def test_the_smallest_count_of_the_line_is_masked_besides() -> None:
    assert hidden("enclave-default", Wishes()) == [(0, 1), (1, 1)]
    assert hidden("calhhs-ddg-2.0", Wishes()) == [(0, 1), (1, 1), (3, 1)]


def test_a_count_that_is_to_be_kept_shown_stays() -> None:
    assert hidden("calhhs-ddg-2.0", Wishes(shown=((3, 1),))) == [(0, 1), (1, 1), (2, 1)]
