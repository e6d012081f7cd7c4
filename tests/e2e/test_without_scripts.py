"""A browser that runs no scripts is enough for the whole road of a release, at 200 % zoom too.

Rosa sends a table by the form, sees its finding, justifies it and submits. Chris finds it in his queue by the menu,
claims it, sorts the grid, asks for changes with a comment and returns it. Rosa replaces the file. Chris and Dana read,
tick the checklist and vote, Dana approves, and it is released: bundle, paper, public page, a citation of one number.
"""

from __future__ import annotations

import io

import pytest
from playwright.sync_api import Browser, expect
from pypdf import PdfReader

from services.worker import airlock as jobs
from tests.e2e.served import Reader, reader, served
from tests.portal import Portal
from tests.unit.airlock.conftest import desk  # noqa: F401  (a fixture)
from tests.unit.airlock.desk import API, SMALL, TABLE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
ZOOMED = 640
"""What is left of 1280 px at 200 %."""


def test_the_whole_road_needs_no_scripts(desk: Portal, chromium: Browser) -> None:  # noqa: F811
    with served(desk) as port:
        rosa, chris, dana, reader_of_news = (
            reader(chromium, desk, port, name, scripts=False, width=ZOOMED) for name in ("rosa", "chris", "dana", "")
        )
        release = _sent(rosa)
        _returned(chris, release)
        _mended(rosa)
        _voted(chris, release)
        _voted(dana, release)
        dana.press("Approve the release")
        jobs.release(desk.context, release)
        _downloaded(rosa, release)
        _cited(reader_of_news)
        for person in (rosa, chris, dana, reader_of_news):
            assert person.alarms == []
            person.page.context.close()
    assert desk.operator("rosa").get(f"{API}/releases/{release}").json()["state"] == "RELEASED"


def _sent(rosa: Reader) -> str:
    """By the form, with a table whose count is too small; justified and submitted."""
    rosa.go("/")
    rosa.follow("Outputs")
    rosa.follow("Submit outputs")
    rosa.fill("Title", "Enrollment by district")
    rosa.page.get_by_label("Files").set_input_files({"name": "t1.csv", "mimeType": "text/csv", "buffer": SMALL})
    rosa.page.get_by_text("Make it public once it is released").click()
    rosa.press("Store and check")
    expect(rosa.page.get_by_text("min cell").first).to_be_visible()
    while rosa.page.get_by_role("button", name="Justify").count():
        rosa.page.locator("textarea[name=justification]").first.fill("The agency publishes it.")
        rosa.press("Justify")
    rosa.press("Submit to the checkers")
    _fits(rosa)
    return rosa.page.url.split("/")[-1].split("?")[0]


def _returned(chris: Reader, release: str) -> None:
    """Found by the menu, read in a grid that the server sorts, and sent back with a comment."""
    chris.go("/")
    chris.follow("Review")
    chris.press("Claim Enrollment by district")
    chris.go(f"/review/{release}")
    chris.page.get_by_role("link", name="n", exact=True).first.click()
    assert chris.page.locator("tbody tr td:nth-child(3)").first.inner_text().strip().startswith("3")
    _fits(chris)
    chris.fill("Comment", "The count of three must go.")
    chris.page.get_by_text("The author too").click()
    chris.press("Add comment")
    chris.press("Ask for changes to t1.csv")
    chris.fill("Note to the author", "Merge the small district.")
    chris.press("Return to the author")


def _mended(rosa: Reader) -> None:
    """The note is read, the file replaced, and the request handed in again."""
    rosa.page.reload()
    assert "Merge the small district." in rosa.page.inner_text("main")
    assert "The count of three must go." in rosa.page.inner_text("main")
    rosa.page.get_by_text("Add or replace files").click()
    rosa.page.get_by_label("Files").set_input_files({"name": "t1.csv", "mimeType": "text/csv", "buffer": TABLE})
    rosa.press("Store and check")
    rosa.press("Submit to the checkers")


def _voted(checker: Reader, release: str) -> None:
    checker.go(f"/review/{release}")
    if checker.page.get_by_role("button", name="Claim this request").count():
        checker.press("Claim this request")
    assert "Colusa" in checker.page.inner_text("main")
    checker.page.get_by_text("I understand what each file shows").click()
    checker.press("Save the checklist")
    checker.press("Approve t1.csv")
    _fits(checker)


def _downloaded(rosa: Reader, release: str) -> None:
    rosa.go(f"/releases/{release}")
    for name, ending in (("Download the bundle", ".zip"), ("PDF", ".pdf")):
        with rosa.page.expect_download() as download:
            rosa.page.get_by_role("link", name=name).click()
        assert download.value.suggested_filename.endswith(ending)
    said = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(download.value.path().read_bytes())).pages)
    assert "Enrollment by district" in said and "Vote of chris" in said and "Vote of dana" in said


def _cited(anybody: Reader) -> None:
    anybody.go("/public")
    anybody.follow("Enrollment by district")
    anybody.follow("t1.csv")
    anybody.follow("360")
    assert "Colusa" in anybody.page.inner_text("main")
    _fits(anybody)


def _fits(person: Reader) -> None:
    """Nothing is wider than the window."""
    assert person.page.evaluate("document.documentElement.scrollWidth") <= ZOOMED, person.page.url
