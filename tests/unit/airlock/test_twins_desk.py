"""The stripped twin beside the file: made in the checker, for the request's checkers alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, TABLE, post

SECRET = "hidden-word-77"


def _notebook(secret: str = SECRET) -> bytes:
    cell: dict[str, Any] = {
        "cell_type": "code", "execution_count": 1, "metadata": {"note": secret}, "source": "print(12)",
        "outputs": [
            {"output_type": "stream", "name": "stdout", "text": "a shown line\n"},
            {"output_type": "display_data", "metadata": {}, "data": {"application/x-secret": secret}},
        ],
    }  # fmt: skip
    book = {"cells": [cell], "metadata": {"author": secret}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book).encode()


@pytest.fixture
def request_id(desk: Portal) -> str:
    """A submitted request of a notebook that hides something, and of a table; chris has a place at its desk."""
    answer = desk.operator("rosa").post(
        f"{API}/projects/promise/outputs", data={"title": "A notebook"},
        files=[("files", ("n.ipynb", _notebook())), ("files", ("t1.csv", TABLE))],
    )  # fmt: skip
    made = answer.json()
    for file in made["files"]:
        for rule in file["unjustified"]:
            body = {"file": file["id"], "rule": rule, "justification": "For the checkers to see."}
            post(desk.operator("rosa"), f"/releases/{made['id']}/justifications", body)
    post(desk.operator("rosa"), f"/releases/{made['id']}/submit")
    post(desk.operator("chris"), f"/releases/{made['id']}/claim")
    return str(made["id"])


def test_the_twin_of_a_notebook_shows_what_a_reader_sees_and_names_what_it_lacks(desk: Portal, request_id: str) -> None:
    found = desk.operator("chris").get(f"{API}/releases/{request_id}/twins/n.ipynb").json()
    assert found["note"] == "" and "a shown line" in found["html"] and SECRET not in found["html"]
    assert found["changed"]


def test_the_desk_shows_both_side_by_side_without_javascript(desk: Portal, request_id: str) -> None:
    chris = desk.browser("chris")
    plain = chris.get(f"{BASE}/review/{request_id}").text
    assert "Stripped twin" not in plain and plain.count("Show it beside its stripped twin") == 1
    link = plain.split('href="?twin=')[1].split("#")[0]
    shown = chris.get(f"{BASE}/review/{request_id}?twin={link}").text
    assert "As it was sent" in shown and "Stripped twin: what a reader sees" in shown
    assert shown.count("a shown line") >= 2 and "Show the file alone" in shown


# number, who, file, status
DOORS = [
    (1, "chris", "n.ipynb", 200), (2, "chris", "t1.csv", 200), (3, "chris", "no.csv", 404), (4, "rosa", "n.ipynb", 403),
    (5, "erin", "n.ipynb", 404), (6, "ada", "n.ipynb", 403), (7, "reviewer-cde", "n.ipynb", 403),
]  # fmt: skip


def test_only_who_reads_the_files_gets_their_twins(desk: Portal, request_id: str) -> None:
    for number, who, file, status in DOORS:
        answer = desk.operator(who).get(f"{API}/releases/{request_id}/twins/{file}")
        assert answer.status_code == status, (number, answer.text)


def test_a_table_of_text_has_nothing_to_strip(desk: Portal, request_id: str) -> None:
    found = desk.operator("chris").get(f"{API}/releases/{request_id}/twins/t1.csv").json()
    assert found["html"] == "" and "hide nothing" in found["note"]


def test_a_checker_that_is_away_leaves_the_desk_usable(desk: Portal, request_id: str) -> None:
    desk.context.settings.paths.socket("checker").unlink()
    assert desk.operator("chris").get(f"{API}/releases/{request_id}/twins/n.ipynb").status_code == 503
    notebook = next(
        file["id"]
        for file in desk.operator("chris").get(f"{API}/releases/{request_id}").json()["files"]
        if file["name"] == "n.ipynb"
    )
    page = desk.browser("chris").get(f"{BASE}/review/{request_id}?twin={notebook}")
    assert page.status_code == 200 and "The checker is away" in page.text and "a shown line" in page.text
