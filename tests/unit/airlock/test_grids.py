"""Grids on the desk: sorted by a link, with bounds in words; figures beside their tables."""

from __future__ import annotations

import re

import pytest

from output_review.render import render
from output_review.render.bounds import bounds_in_words
from output_review.render.figures import table_behind
from output_review.render.order import Order, Sorting, read_order
from tests.portal import BASE, Portal
from tests.unit.airlock.desk import TABLE, post, submit

BODY = [["b", "1,200"], ["a", "<11"], ["C", ""], ["d", "95%"], ["e", "n/a"]]


@pytest.mark.parametrize(
    ("order", "rows"),
    [
        (Order(0, 1), [1, 3, 0, 4, 2]),
        (Order(0, 1, True), [4, 0, 3, 1, 2]),
        (Order(0, 0), [1, 0, 2, 3, 4]),
        (Order(0, 9), [0, 1, 2, 3, 4]),
    ],
)
def test_numbers_sort_by_size_then_words_and_nothing_last(order: Order, rows: list[int]) -> None:
    assert order.rows(BODY) == rows


@pytest.mark.parametrize("asked", ["", "f.1", "f.x.1", "f.0.1--", "f.0.1<script>", "f.0.1234"])
def test_what_is_no_order_sorts_nothing(asked: str) -> None:
    assert read_order(asked) is None
    assert read_order("fil_1.0.2-") == ("fil_1", Order(0, 2, True))


def test_a_second_press_sorts_the_other_way_and_rows_keep_their_numbers_and_flags() -> None:
    finding = {"status": "fail", "message": "A count below 11.", "where": "", "cells": [[1, 1]]}
    data = b"district,n\nA,25\nB,3\n"
    first = render("t.csv", data, [finding], Sorting("fil_1"))
    assert 'href="?sort=fil_1.0.1#fil_1"' in first and "aria-sort" not in first
    turned = render("t.csv", data, [finding], Sorting("fil_1", Order(0, 1)))
    assert 'aria-sort="ascending"' in turned and 'href="?sort=fil_1.0.1-#fil_1"' in turned
    assert re.findall(r'<th scope="row">(\d+)', turned) == ["2", "1"]
    assert turned.index("review-cell--fail") < turned.index(">A<")


def test_the_bounds_of_a_hidden_cell_are_said_in_words() -> None:
    alone = "Hidden counts that can be worked out: 1 cell, the narrowest between 2 and 2."
    assert bounds_in_words(alone, 1) == "This cell lies between 2 and 2: hidden by nothing."
    assert bounds_in_words(alone.replace("2 and 2", "2 and 4"), 3).endswith(
        "3 cells lies between 2 and 4: hidden among 3 values."
    )
    assert bounds_in_words("A count below 11.", 1) == ""


def test_a_figure_is_found_with_its_table() -> None:
    names = {"a/x.png", "a/x.table.csv", "y.svg", "t.csv"}
    found = {name: table_behind(name, names) for name in sorted(names)}
    assert found == {"a/x.png": "a/x.table.csv", "a/x.table.csv": None, "t.csv": None, "y.svg": ""}


def test_the_desk_sorts_by_a_link_and_says_a_cell_that_hides_nothing(desk: Portal) -> None:
    made = submit(desk)
    post(desk.operator("chris"), f"/releases/{made['id']}/claim")
    file = made["files"][0]["id"]
    browser = desk.browser("chris")
    page = browser.get(f"{BASE}/review/{made['id']}?sort={file}.0.1-").text
    assert re.findall(r"<td>(\d+)</td>", page) == ["720", "360", "240", "120"]
    page = browser.get(f"{BASE}/review/{made['id']}?sort=no.such.order").text
    assert re.findall(r"<td>(\d+)</td>", page) == ["120", "240", "360", "720"]


def test_a_hidden_cell_that_its_total_gives_back_says_between_what_it_lies(desk: Portal) -> None:
    hidden = TABLE.replace(b"Alpine,120", b"Alpine,*").replace(b"720", b"602")
    made = submit(desk, hidden, submit=False)
    page = desk.browser("rosa").get(f"{BASE}/releases/{made['id']}").text
    assert "This cell lies between 2 and 2: hidden by nothing." in page
