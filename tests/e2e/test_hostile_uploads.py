"""Whatever an upload carries, a browser that shows it runs nothing and asks nobody else."""

from __future__ import annotations

import io
import json
from typing import Any

from openpyxl import Workbook
from playwright.sync_api import Browser, FilePayload
from sqlalchemy import text

from tests.e2e.served import reader, served
from tests.portal import Portal
from tests.unit.airlock.conftest import desk  # noqa: F401  (a fixture)
from tests.unit.airlock.desk import API, post

ATTACK = (
    "\"'><script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)></svg>"
    "<img src=http://elsewhere.localhost:9/seen><a href=javascript:alert(4)>x</a>{{7*7}}"
)
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(5)"><script>alert(6)</script><text>{ATTACK}</text></svg>'
PDFISH = b"%PDF-1.4\n<script>alert(7)</script>"


def _notebook() -> bytes:
    outputs: list[dict[str, Any]] = [
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": [ATTACK], "image/svg+xml": [SVG],
                                                                "application/javascript": ["alert(8)"]}},
        {"output_type": "stream", "name": "stdout", "text": [ATTACK]},
    ]  # fmt: skip
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": [ATTACK, "[x](javascript:alert(9))"]},
        {"cell_type": "code", "metadata": {}, "source": [ATTACK], "execution_count": 1, "outputs": outputs},
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def _workbook() -> bytes:
    book, stream = Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.title = "<b onclick=1>"
    book.active.append([ATTACK, f'=HYPERLINK("javascript:alert(1)","{"x"}")'])
    book.save(stream)
    return stream.getvalue()


FILES = [
    # name, bytes: stored XSS in every kind that is shown, and polyglots under another kind's name
    ("t1.csv", f'district,n\n"{ATTACK.replace(chr(34), chr(34) * 2)}",500\nButte,600\n'.encode()),
    ("words.txt", ATTACK.encode()),
    ("words.md", f"{ATTACK}\n\n[x](javascript:alert(1)) ![y](http://elsewhere.localhost:9/y)".encode()),
    ("page.html", f"<html><body onload=alert(1)>{ATTACK}</body></html>".encode()),
    ("figure.svg", SVG.encode()),
    ("notes.ipynb", _notebook()),
    ("book.xlsx", _workbook()),
    ("code.py", f"# {ATTACK}\n".encode()),
    ("picture.png", b"\x89PNG\r\n\x1a\n" + ATTACK.encode()),
    ("photo.jpg", b"GIF89a/*" + ATTACK.encode()),
    ("data.json", json.dumps({ATTACK: [ATTACK]}).encode()),
    ("paper.pdf", PDFISH),
]


def _send(desk: Portal) -> str:  # noqa: F811
    """Every kind that is taken in one request, the attack in every word of it."""
    rosa = desk.operator("rosa")
    kept = []
    for name, data in FILES:
        answer = rosa.post(f"{API}/projects/promise/outputs", data={"title": "Probe"}, files=[("files", (name, data))])
        assert answer.status_code in (201, 400), (name, answer.text)
        kept += [(name, data)] if answer.status_code == 201 else []
    assert {"t1.csv", "words.txt", "notes.ipynb", "book.xlsx", "picture.png"} <= {name for name, _ in kept}
    answer = rosa.post(
        f"{API}/projects/promise/outputs",
        data={"title": ATTACK, "purpose": ATTACK},
        files=[
            *(("files", each) for each in kept),
            ("sidecars", ("t1.context.yaml", f"table: {json.dumps(ATTACK)}\nkind: frequency\n".encode())),
        ],
    )
    assert answer.status_code == 201, answer.text
    made = answer.json()
    identity = str(made["id"])
    post(rosa, f"/releases/{identity}/comments", {"body": ATTACK})
    rosa.put(f"{API}/releases/{identity}/groups", json={"group": "outputs", "context": ATTACK, "controls": ATTACK})
    for file in made["files"]:
        for rule in file["unjustified"]:
            post(rosa, f"/releases/{identity}/justifications",
                 {"file": file["id"], "rule": rule, "justification": ATTACK})  # fmt: skip
    post(rosa, f"/releases/{identity}/submit")
    post(desk.operator("sam"), f"/releases/{identity}/comments", {"body": ATTACK, "visibility": "PUBLIC"})
    with desk.context.database.write() as session:
        session.execute(text("UPDATE projects SET title = :words"), {"words": ATTACK})
        session.execute(text("UPDATE users SET full_name = :words"), {"words": ATTACK})
    return identity


def test_nothing_that_was_uploaded_or_written_runs(desk: Portal, chromium: Browser) -> None:  # noqa: F811
    identity = _send(desk)
    places = {
        "sam": ["/", "/review", f"/review/{identity}", "/inbox"],
        "rosa": ["/", "/releases", f"/releases/{identity}", "/projects", "/projects/promise", "/releases/new"],
        "ada": ["/audit", "/people", "/projects"],
    }
    with served(desk) as port:
        for who, paths in places.items():
            person = reader(chromium, desk, port, who)
            for path in paths:
                person.go(path)
                person.page.wait_for_timeout(100)
                marks = person.page.evaluate(
                    "() => [...document.querySelectorAll('*')].flatMap(e => [...e.attributes].filter("
                    "a => a.name.startsWith('on') || /^\\s*javascript:/i.test(a.value) || "
                    "(a.name === 'src' && /elsewhere/.test(a.value))).map(a => e.tagName + ' ' + a.name))"
                )
                assert marks == [], (who, path, marks)
                assert person.page.locator("script:not([src])").count() == 0, (who, path)
                assert "49" not in person.page.title()
            person.page.context.close()
            assert person.alarms == [], (who, person.alarms[:5])
        shown = reader(chromium, desk, port, "sam")
        shown.go(f"/review/{identity}")
        assert "alert(2)" in shown.page.inner_text("body"), "the words are shown, as words"
        shown.page.context.close()


def test_a_request_of_five_tables_is_released_in_at_most_25_interactions(
    desk: Portal,  # noqa: F811
    chromium: Browser,
) -> None:
    files: list[FilePayload] = [
        {"name": f"t{number}.csv", "mimeType": "text/csv",
         "buffer": f"{key},n\n{key} A,{310 * number}\n{key} B,{270 * number}\n{key} C,{450 * number}\n".encode()}
        for number, key in enumerate(("district", "school", "college", "sector", "term"), start=1)
    ]  # fmt: skip
    with served(desk) as port:
        rosa, chris, dana = (reader(chromium, desk, port, name) for name in ("rosa", "chris", "dana"))
        rosa.go("/releases")
        rosa.follow("Submit outputs")
        rosa.fill("Title", "Tables 1 to 5")
        rosa.presses += 1
        rosa.page.get_by_label("Files").set_input_files(files)
        rosa.press("Store and check")
        rosa.press("Submit to the checkers")
        identity = rosa.page.url.split("/")[-1].split("?")[0]
        for checker in (chris, dana):
            checker.go("/")
            checker.follow("Tables 1 to 5")
            if checker.page.get_by_role("button", name="Claim this request").count():
                checker.press("Claim this request")
            checker.press("Approve the 5 files that I have read above")
        dana.press("Approve the release")
        shown = desk.operator("dana").get(f"{API}/releases/{identity}").json()
        assert shown["state"] == "APPROVED"
        post(desk.operator(), f"/releases/{identity}/release")
        rosa.go(f"/releases/{identity}")
        with rosa.page.expect_download() as download:
            rosa.presses += 1
            rosa.page.get_by_role("link", name="Download").first.click()
        assert download.value.suggested_filename == f"{identity}.zip"
        counted = rosa.presses + chris.presses + dana.presses
        for person in (rosa, chris, dana):
            assert person.alarms == []
            person.page.context.close()
    print(f"interactions: {counted}")
    assert counted <= 25
