"""The pages of the import lane without JavaScript: from the form to the labs' folder, and what each person is shown."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.portal import BASE, Portal
from tests.unit.airlock.test_imports import CODE, REASON, WORDS, act, checked, delivered, draft, lane, show, work

__all__ = ["lane"]
EVIL = b"program define x\n<script>alert(1)</script>\nend\n"


def form(client: TestClient, path: str, status: int = 303, **fields: Any) -> str:
    answer = client.post(f"{BASE}{path}", data=fields)
    assert answer.status_code == status, answer.text
    return str(answer.headers.get("location", ""))


def read(client: TestClient, path: str, status: int = 200) -> str:
    answer = client.get(f"{BASE}{path}")
    assert answer.status_code == status
    return answer.text


def test_from_the_form_to_the_labs(lane: Portal) -> None:
    rosa, chris = lane.browser("rosa"), lane.browser("chris")
    assert "own work" in read(rosa, "/imports/new?project=promise")
    made = rosa.post(
        f"{BASE}/imports", data=WORDS | {"project": "promise", "name": "helpers", "kind": "PACKAGE_FILES"},
        files=[("files", ("reghelp.ado", CODE))],
    )  # fmt: skip
    path = made.headers["location"].removeprefix(BASE).partition("?")[0]
    assert made.status_code == 303 and "Nothing was found" in read(rosa, path)
    form(rosa, f"{path}/submit")
    work(lane)
    assert "Decide about “Helpers”" in read(chris, "/")
    assert "Helpers" in read(chris, "/imports")
    page = read(chris, path)
    digest = re.search(r'name="digest" value="([0-9a-f]{64})"', page)
    assert digest and "Let it in" in page
    form(chris, f"{path}/decide", to="approve", digest=digest[1])
    work(lane)
    page = read(rosa, path)
    assert "In the labs" in page and "/imports/helpers" in page and "Let it in" not in page


def test_what_came_back_is_on_the_submitters_home_page_and_is_mended_there(lane: Portal) -> None:
    identity = checked(lane, licence="")
    rosa, chris, path = lane.browser("rosa"), lane.browser("chris"), f"/imports/{identity}"
    assert "No licence is named" in read(chris, path)
    form(chris, f"{path}/decide", to="return", reason="Say under which licence it is.")
    assert "Mend the import “Helpers”" in read(rosa, "/") and "Say under which licence" in read(rosa, path)
    form(rosa, f"{path}/words", **(WORDS | {"licence": "GPL-2.0-only"}))
    assert "No licence is named" not in read(rosa, path)
    form(rosa, f"{path}/remove", file="reghelp.ado")
    assert "The import has no files yet." in read(rosa, path)
    sent = rosa.post(f"{BASE}{path}/files", files=[("files", ("b.ado", CODE))])
    assert sent.status_code == 303 and "b.ado" in read(rosa, path)


def test_a_steward_takes_it_out_of_the_labs_on_the_page(lane: Portal) -> None:
    identity = delivered(lane)
    assert "take it out of the labs" in read(lane.browser("steward"), f"/imports/{identity}")
    form(lane.browser("steward"), f"/imports/{identity}/withdraw", reason=REASON)
    assert show(lane, identity)["state"] == "WITHDRAWN"


def test_nothing_that_was_uploaded_runs(lane: Portal) -> None:
    title = "<img src=x onerror=alert(1)>"
    identity = draft(lane, ("x.ado", EVIL), title=title, description=title, purpose=title, licence=title)
    act(lane, "rosa", identity, "submit")
    work(lane)
    for who, path in (("rosa", "/imports"), ("chris", f"/imports/{identity}?file=x.ado"), ("chris", "/")):
        page = read(lane.browser(who), path)
        assert "<img src=x" not in page and "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in read(lane.browser("chris"), f"/imports/{identity}?file=x.ado")


# number, who, the list, the page of a submitted import, its file
DOORS = [
    (1, "rosa", 200, 200, 200),
    (2, "chris", 200, 200, 200),
    (3, "ada", 200, 200, 403),
    (4, "stranger", 200, 404, 404),
]


@pytest.mark.parametrize(("number", "who", "listed", "shown", "file"), DOORS)
def test_doors(number: int, who: str, listed: int, shown: int, file: int, lane: Portal) -> None:
    identity, browser = checked(lane), lane.browser(who)
    read(browser, "/imports", listed)
    read(browser, f"/imports/{identity}", shown)
    read(browser, f"/imports/{identity}?file=reghelp.ado", file)
