"""What the text of one cell means."""

from __future__ import annotations

import pytest

from c2c_research.disclosure.cells import Mark, parse


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,204", 1204), (" 7 ", 7), ("12.0", 12), ("$1,000.50", 1000.5), ("45.3%", 45.3), ("(3.2)", 3.2),
     ("1e-3", 0.001), ("−4", -4), ("1 204", 1204), ("12*", 12)],
)  # fmt: skip
def test_numbers(text: str, number: float) -> None:
    assert parse(text).number == number


@pytest.mark.parametrize("text", ["2001-03-04", "A12", "12-A", "1,2", "9th", "high school", "2018-19x"])
def test_texts(text: str) -> None:
    assert parse(text).mark is Mark.TEXT


@pytest.mark.parametrize(("text", "upper"), [("<11", 10), ("< 11", 10), ("<=10", 10), ("*", None), ("[c]", None)])
def test_suppressed_markers_and_what_they_bound(text: str, upper: int | None) -> None:
    value = parse(text)
    assert (value.mark, value.upper) == (Mark.SUPPRESSED, upper)


@pytest.mark.parametrize("text", [">=95%", "60-69%", "<=5%"])
def test_bands(text: str) -> None:
    assert parse(text).mark is Mark.BANDED


def test_a_declared_marker_wins_over_its_other_meaning() -> None:
    assert parse("").mark is Mark.EMPTY
    assert parse("", frozenset([""])).mark is Mark.SUPPRESSED
    assert parse("Low", frozenset(["low"])).mark is Mark.SUPPRESSED


def test_decimal_commas_only_where_the_table_has_them() -> None:
    assert parse("1.204,5", decimal_comma=True).number == 1204.5
    assert parse("3,25", decimal_comma=True).number == 3.25
