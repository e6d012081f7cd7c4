"""A short link leads from a released number back to where it came from, and says so when that was revoked."""

from __future__ import annotations

import pytest

from output_review.citing import Cell, bibtex, code_of, find, sheets
from services.worker import airlock as jobs
from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, TABLE, approve, post, submit

TITLED = b"district,group,n\nAlpine,all,120\nButte,all,240\nColusa,all,360\nTotal,all,720\n"


def _released(desk: Portal, public: bool = False) -> tuple[str, str]:
    """Id of a release of one table, and the code of its file."""
    identity = submit(desk, TABLE, public=public)["id"]
    approve(desk, identity)
    for job in jobs.JOBS:
        for item in job.pending(desk.context):
            job.run(desk.context, item)
    return identity, desk.operator("rosa").get(f"{API}/releases/{identity}").json()["files"][0]["cite"]


def test_a_number_is_found_by_its_code_with_value_context_and_record(desk: Portal) -> None:
    identity, code = _released(desk)
    found = desk.operator("rosa").get(f"{API}/r/{code}-1.2.2").json()
    assert (found["value"], found["column_name"], found["row_keys"]) == ("240", "n", {"district": "Butte"})
    assert (found["release"], found["file"], found["revoked"]) == (identity, "t1.csv", False)
    record = desk.operator("rosa").get(f"{API}/releases/{identity}/record").json()["payload"]
    assert found["sha256"] == record["manifest"][0]["sha256"]
    assert found["link"].endswith(f"/services/portal/r/{code}-1.2.2") and found["link"] in found["citation"]
    assert "240" in found["bibtex"] and found["bibtex"].startswith("@misc{c2c-")


# number, public, who, status of the number, of a code that stands for nothing
DOORS = [
    (1, False, "rosa", 200, 404), (2, False, "chris", 200, 404), (3, False, "ada", 404, 404),
    (4, False, "office", 404, 404), (5, False, "reviewer-cde", 404, 404), (6, False, "", 401, 401),
    (7, True, "office", 200, 404), (8, True, "", 200, 401),
]  # fmt: skip


@pytest.mark.parametrize("public", [False, True])
def test_public_numbers_are_anybodys_and_others_look_as_if_they_were_not_there(desk: Portal, public: bool) -> None:
    _, code = _released(desk, public)
    for number, of, who, status, none in DOORS:
        if of is not public:
            continue
        client = desk.operator(who) if who else desk.stranger()
        assert client.get(f"{API}/r/{code}-1.1.2").status_code == status, number
        assert client.get(f"{API}/r/0000000000000-00000000-1.1.2").status_code == none, number


def test_a_stranger_is_led_to_the_log_in_and_back(desk: Portal) -> None:
    _, code = _released(desk)
    answer = desk.stranger().get(f"{BASE}/r/{code}-1.1.2")
    assert answer.status_code == 303 and code in answer.headers["location"]


@pytest.mark.parametrize(
    "rest", ["-1.99.1", "-1.1.99", "-2.1.1", "-0.1.1", "-1.1", "x", "-1.1.1.1", "-9.9.9/..", "-１.1.1"]
)
def test_a_code_beyond_the_file_is_no_code(desk: Portal, rest: str) -> None:
    _, code = _released(desk)
    assert desk.operator("rosa").get(f"{API}/r/{code}{rest}").status_code == 404


def test_a_request_on_its_way_has_no_code(desk: Portal) -> None:
    made = submit(desk)
    assert made["files"][0]["cite"] == ""
    code = code_of(made["id"], made["files"][0]["sha256"])
    assert desk.operator("rosa").get(f"{API}/r/{code}").status_code == 404


def test_a_revoked_release_says_so_and_shows_no_value(desk: Portal) -> None:
    identity, code = _released(desk, public=True)
    post(desk.operator("sam"), f"/releases/{identity}/revoke", {"note": "A wrong year."})
    found = desk.stranger().get(f"{API}/r/{code}-1.2.2").json()
    assert found["revoked"] and found["value"] is None and found["tables"] == 0
    page = desk.stranger().get(f"{BASE}/r/{code}-1.2.2")
    assert page.status_code == 200 and "revoked" in page.text
    assert "240" not in page.text and "wrong year" not in page.text
    file = desk.stranger().get(f"{BASE}/r/{code}").text
    assert "240" not in file and "Butte" not in file


def test_each_value_on_the_files_page_is_a_link_that_leads_to_it(desk: Portal) -> None:
    identity, code = _released(desk, public=True)
    assert f"/r/{code}" in desk.browser("rosa").get(f"{BASE}/releases/{identity}").text
    assert f"/r/{code}" in desk.stranger().get(f"{BASE}/public/{identity}").text
    page = desk.stranger().get(f"{BASE}/r/{code}").text
    assert f'<a href="{BASE}/r/{code}-1.3.2">360</a>' in page
    shown = desk.stranger().get(f"{BASE}/r/{code}-1.3.2").text
    assert "<strong>360</strong>" in shown and "district: Colusa" in shown and "rosa" not in shown


def test_the_code_outlives_new_releases_and_is_derived_alone(desk: Portal) -> None:
    identity, code = _released(desk)
    later = submit(desk, TITLED)["id"]
    approve(desk, later)
    with desk.context.database.read() as session:
        cited = find(session, f"{code.upper()}-1.1.2")
        assert cited.request.id == identity and cited.cell == Cell(1, 1, 2)
        assert code_of(identity, cited.file["sha256"], cited.cell) == f"{code}-1.1.2"


def test_words_of_a_title_cannot_break_out_of_a_bibtex_entry(desk: Portal) -> None:
    _, code = _released(desk)
    with desk.context.database.read() as session:
        cited = find(session, code)
        hostile = {**cited.payload, "title": "50% } @misc{x, \\input{y} & ~"}
        made = bibtex(type(cited)(**{**vars(cited), "payload": hostile}), "https://enclave.example/r/x")
    title = next(line for line in made.splitlines() if line.startswith("  title"))
    assert title == r"  title = {{50\% \} @misc\{x, \textbackslash{}input\{y\} \& \textasciitilde{}}},"


def test_files_without_tables_are_cited_as_a_whole() -> None:
    assert sheets("a.txt", b"120") == [] and sheets("a.xlsx", b"no workbook") == []
    assert sheets("a.tsv", b"a\tb\n1\t2\n")[0].rows == [["1", "2"]]
