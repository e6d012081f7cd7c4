"""Findings that name a release or a file of the request lead there, and nothing else in them is markup."""

from __future__ import annotations

import pytest

from services.web.finding_links import linker
from services.worker import airlock as jobs
from tests.portal import BASE, Portal
from tests.unit.airlock.desk import CONTEXT, TABLE, approve, submit

RELEASE = "rel_01m86p2ae3xpnp2mbhwsp4mh2j"
FILES = {"t1.csv": "fil_1", "tables/t1.csv": "fil_2", "table 1.csv": "fil_3"}
# number, the sentence, what it becomes
SENTENCES = [
    (1, f"with t9.csv of release {RELEASE}", f'with t9.csv of release <a href="/r/{RELEASE}">{RELEASE}</a>'),
    (2, "from tables/t1.csv (Sheet 1).", 'from <a href="#fil_2">tables/t1.csv</a> (Sheet 1).'),
    (3, "from table 1.csv, t1.csv", 'from <a href="#fil_3">table 1.csv</a>, <a href="#fil_1">t1.csv</a>'),
    (4, "<b>t1.csv</b>", '&lt;b&gt;<a href="#fil_1">t1.csv</a>&lt;/b&gt;'),
    (5, "from at1.csv and t1.csv-old and other/t1.csv", "from at1.csv and t1.csv-old and other/t1.csv"),
    (6, "rel_short", "rel_short"),
]


@pytest.mark.parametrize(("number", "sentence", "made"), SENTENCES)
def test_what_becomes_a_link(number: int, sentence: str, made: str) -> None:
    assert str(linker(FILES, lambda release: f"/r/{release}")(sentence)) == made


def test_a_finding_leads_to_the_release_that_it_names(desk: Portal) -> None:
    first = submit(desk)["id"]
    approve(desk, first)
    jobs.release(desk.context, first)
    near = TABLE.replace(b"120", b"123").replace(b"720", b"723")
    again = desk.operator("rosa").post(
        f"{BASE}/api/projects/promise/outputs", data={"title": "Again"},
        files=[("files", ("t2.csv", near)), ("sidecars", ("t2.context.yaml", CONTEXT))],
    ).json()  # fmt: skip
    page = desk.browser("rosa").get(f"{BASE}/releases/{again['id']}").text
    assert f'<a href="{BASE}/releases/{first}">{first}</a>' in page
