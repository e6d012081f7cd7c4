"""What changed since the last turn, and since the last release of the same name."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image

from output_review.render.changes import MAX_LINES, RowChange, changes, row_changes
from services.worker import airlock as jobs
from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, TABLE, approve, post, submit

ATTACK = "<script>alert(1)</script>"


def _notebook(*cells: tuple[str, str], run: int = 1) -> bytes:
    made = [
        {
            "cell_type": "code",
            "source": [source],
            "outputs": [{"output_type": "stream", "text": text, "execution_count": run}],
        }
        for source, text in cells
    ]
    return json.dumps({"cells": made, "metadata": {"run": run}}).encode()


def _png(colour: str, **save: object) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (8, 6), colour).save(stream, "PNG", **save)
    return stream.getvalue()


def test_rows_are_matched_by_their_first_cell_and_columns_by_their_name() -> None:
    before = [["district", "n", "share"], ["A", "25", "5"], ["B", "30", "6"], ["C", "1", "2"], ["A", "7", "7"]]
    after = [["district", "share", "n"], ["B", "6", "31"], ["A", "5", "25"], ["A", "7", "8"], ["D", "4", "40"]]
    assert row_changes(before, after) == [
        RowChange("changed", "B", (("n", "30", "31"),)),
        RowChange("changed", "A", (("n", "7", "8"),)),
        RowChange("new", "D", (("district", "", "D"), ("share", "", "4"), ("n", "", "40"))),
        RowChange("gone", "C", (("district", "C", ""), ("n", "1", ""), ("share", "2", ""))),
    ]


def test_the_order_of_rows_is_no_change() -> None:
    assert "No cell changed" in changes("t.csv", b"d,n\nA,1\nB,2\n", b"d,n\nB,2\nA,1\n")


def test_a_notebook_tells_the_cells_that_differ_and_not_that_it_ran_again() -> None:
    before = _notebook(("a = 1", "1"), ("b = 2", "2"))
    assert "No cell changed" in changes("n.ipynb", before, _notebook(("a = 1", "1"), ("b = 2", "2"), run=9))
    told = changes("n.ipynb", before, _notebook(("a = 1", "1"), ("b = 3", "3"), ("c = 4", "4")))
    assert "Cell 2: changed" in told and "Cell 3: new" in told and "Cell 1" not in told
    assert "<del>-b = 2</del>" in told and "<ins>+b = 3</ins>" in told


def test_a_picture_that_is_drawn_the_same_is_told_so() -> None:
    assert "drawn the same" in changes("f.png", _png("white"), _png("white", dpi=(10, 10)))
    assert changes("f.png", _png("white"), _png("red")).count("<img") == 2


def test_a_text_too_long_to_compare_says_so() -> None:
    assert "read all of it" in changes("t.txt", b"a\n", b"b\n" * (MAX_LINES + 1))


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.xlsx", "n.ipynb", "f.png", "t.txt", "t.html", "t.svg", "t.json"])
def test_markup_in_what_changed_is_text(name: str) -> None:
    after = _notebook((ATTACK, ATTACK)) if name == "n.ipynb" else f"a,{ATTACK}\n{ATTACK},2\n".encode()
    before = _notebook(("1", "2")) if name == "n.ipynb" else b"a,b\n1,2\n"
    for told in (changes(name, before, after), changes(name, after, before)):
        assert "<script" not in told and "alert(1)" in told


def test_a_returned_table_shows_its_changed_cells_to_its_checkers_alone(desk: Portal) -> None:
    made = submit(desk)
    chris, rosa = desk.browser("chris"), desk.browser("rosa")
    chris.post(f"{BASE}/review/{made['id']}/return", data={"note": "Check Alpine."})
    changed = TABLE.replace(b"120", b"130").replace(b"720", b"730")
    rosa.post(f"{BASE}/releases/{made['id']}/files", files=[("files", ("t1.csv", changed))])
    rosa.post(f"{BASE}/releases/{made['id']}/submit")
    page = chris.get(f"{BASE}/review/{made['id']}?show=changed").text
    assert "What changed since turn 1" in page and "<del>120</del>" in page and "<ins>130</ins>" in page
    assert "2 rows changed, 0 rows new, 0 rows gone" in page and "The whole file" in page
    told = desk.operator("chris").get(f"{API}/releases/{made['id']}/changes").json()
    assert [(each["name"], each["against"], each["changed"]) for each in told] == [("t1.csv", "turn 1", True)]
    for name, status in (("rosa", 403), ("ada", 403), ("dana", 404), ("sam", 200)):
        assert desk.operator(name).get(f"{API}/releases/{made['id']}/changes").status_code == status, name


def test_a_repeated_run_is_compared_with_the_release_before(desk: Portal) -> None:
    first = submit(desk)
    approve(desk, first["id"])
    jobs.release(desk.context, first["id"])
    again = submit(desk, TABLE.replace(b"120", b"170").replace(b"720", b"770"), submit=False)
    for rule in again["files"][0]["unjustified"]:
        body = {"file": "t1.csv", "rule": rule, "justification": "A new year."}
        post(desk.operator("rosa"), f"/releases/{again['id']}/justifications", body)
    post(desk.operator("rosa"), f"/releases/{again['id']}/submit")
    post(desk.operator("chris"), f"/releases/{again['id']}/claim")
    page = desk.browser("chris").get(f"{BASE}/review/{again['id']}").text
    assert "What changed since release" in page and first["id"] in page and "<ins>170</ins>" in page
