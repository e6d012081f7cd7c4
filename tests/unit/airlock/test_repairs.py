"""Repairs in the airlock: looked for in the checker, seen as a difference, taken and undone, by program and by page."""

from __future__ import annotations

import io
import json
import struct
import zlib
from typing import Any

import openpyxl
import pytest

from enclave.core import audit
from output_review import store
from services.worker import airlock as jobs
from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, CONTEXT, TABLE, post

COUNTS = b"county,F,M,Total\nA,33,42,75\nB,4,51,55\nC,61,18,79\nTotal,98,111,209\n"
COUNTED = (
    "table: t.csv\nrows: [county]\nkind: frequency\ncounts: [F, M, Total]\ntotals: {columns: Total, rows: Total}\n"
    "merge:\n  county:\n    A and B: [A, B]\n"
)
RATES = b"district,students,graduated_pct\nAlder,400,98.3\nBirch,250,61.2\nCedar,310,72.9\n"
RATED = "table: t.csv\nrows: [district]\ncounts: [students]\nrates: [graduated_pct]\n"


def hidden_sheet() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["district", "students"])
    for row in (["Alder", 400], ["Birch", 250]):
        book.active.append(row)
    book.create_sheet("raw").append(["Maria Lopez", "2004-02-11"])
    book["raw"].sheet_state = "hidden"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def png_with_words() -> bytes:
    """A small white picture whose text chunk holds data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\x00" + b"\xff\xff\xff" * 8 for _ in range(8))
    words = b"Comment\x00" + b"id,earnings\n" + b"".join(b"%d,%d\n" % (n, n * 977) for n in range(200))
    parts = [chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)), chunk(b"tEXt", words),
             chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def notebook() -> bytes:
    cell = {"cell_type": "markdown", "metadata": {}, "source": "Words.", "id": "a",
            "attachments": {"raw.csv": {"text/csv": "id,earnings\n" + "1,2\n" * 300}}}  # fmt: skip
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}).encode()


def draft(desk: Portal, name: str, data: bytes, context: str = "", more: dict[str, bytes] | None = None) -> Any:
    files = [("files", (name, data)), *(("files", each) for each in (more or {}).items())]
    if context:
        files.append(("sidecars", (f"{name}.context.yaml", context.encode())))
    answer = desk.operator("rosa").post(f"{API}/projects/promise/outputs", data={"title": "T"}, files=files)
    assert answer.status_code == 201, answer.text
    return answer.json()


def offers(desk: Portal, made: Any, name: str) -> dict[str, Any]:
    found = post(desk.operator("rosa"), f"/releases/{made['id']}/repairs", {"file": name})
    return {each["kind"]: each for each in found}


def taken(desk: Portal, made: Any, repair: Any) -> Any:
    return post(desk.operator("rosa"), f"/releases/{made['id']}/repairs/{repair['id']}/take")


def content(desk: Portal, release: str, name: str) -> bytes:
    with desk.context.database.read() as session:
        file = store.get(session, release).file(name)
        assert file is not None
        return (desk.context.settings.paths.blobs / file.sha256[:2] / file.sha256).read_bytes()


# number, file, its bytes, its sidecar, the repair, what stands in the repaired file, what is gone
WAYS = [
    (1, "t.csv", COUNTS, COUNTED, "rounded", b"B,5,50,", b"B,4,"),
    (2, "t.csv", COUNTS, COUNTED, "suppressed", b"209", b"B,4,"),
    (3, "t.csv", COUNTS, COUNTED, "merged", b"A and B,37,93,130", b"B,4,"),
    (4, "t.csv", RATES, RATED, "banded", b"Alder,400,>=95", b"98.3"),
    (5, "w.xlsx", hidden_sheet(), "", "stripped", b"PK", b"raw"),
    (6, "f.png", png_with_words(), "", "stripped", b"PNG", b"earnings"),
    (7, "n.ipynb", notebook(), "", "stripped", b"Words.", b"earnings"),
    (8, "f.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><text>Plan</text></svg>', "",
     "stripped", b"Plan", b"alert"),
]  # fmt: skip


@pytest.mark.parametrize(("number", "name", "data", "context", "kind", "stands", "gone"), WAYS)
def test_each_repair_goes_the_whole_way(
    desk: Portal, number: int, name: str, data: bytes, context: str, kind: str, stands: bytes, gone: bytes
) -> None:
    made = draft(desk, name, data, context)
    assert made["files"][0]["findings"]
    repair = offers(desk, made, name)[kind]
    assert repair["state"] == "OFFERED" and not repair["remains"]
    shown = taken(desk, made, repair)
    assert shown["status"] == "pass" and len(shown["files"]) == 1
    now = content(desk, made["id"], name)
    assert stands in now and gone not in now and now != data
    assert shown["files"][0]["repaired"]["kind"] == kind
    back = post(desk.operator("rosa"), f"/projects/promise/outputs/{made['id']}/repairs/{repair['id']}/undo")
    assert content(desk, made["id"], name) == data and back["status"] == made["status"]
    assert back["files"][0]["binding"] == made["files"][0]["binding"]
    with desk.context.database.read() as session:
        told = audit.list_events(session, subject_id=repair["id"]).events
        assert [event.action for event in reversed(told)] == [
            "release.repair_taken",
            "release.repair_undone",
        ] and audit.verify(session).holds


def test_a_repair_names_the_cells_that_change(desk: Portal) -> None:
    found = offers(desk, draft(desk, "t.csv", COUNTS, COUNTED), "t.csv")
    assert {"label": "B: F", "before": "4", "after": "5"} in found["rounded"]["cells"]
    assert found["merged"]["cells"] == [] and "lines became" in found["merged"]["changed"]


def test_a_repaired_workbook_becomes_a_csv_and_comes_back(desk: Portal) -> None:
    book = openpyxl.Workbook()
    for row in (["district", "students"], ["Alder", 4], ["Birch", 250], ["Cedar", 301]):
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    made = draft(desk, "t.xlsx", buffer.getvalue(), more={"t.csv": TABLE})
    repair = offers(desk, made, "t.xlsx")["rounded"]
    shown = taken(desk, made, repair)
    assert sorted(file["name"] for file in shown["files"]) == ["t-repaired.csv", "t.csv"]
    back = post(desk.operator("rosa"), f"/releases/{made['id']}/repairs/{repair['id']}/undo")
    assert sorted(file["name"] for file in back["files"]) == ["t.csv", "t.xlsx"]


def test_tables_that_differ_by_a_few_persons_are_repaired_beside_each_other(desk: Portal) -> None:
    other = TABLE.replace(b"120", b"123").replace(b"720", b"723")
    made = draft(desk, "all.csv", other, CONTEXT.decode(), {"most.csv": TABLE})
    by_name = {file["name"]: file for file in made["files"]}
    assert by_name["all.csv"]["status"] != "pass"
    repair = offers(desk, made, "all.csv").get("rounded")
    assert repair is not None and all(each["status"] != "fail" for each in repair["remains"])
    assert {file["name"]: file["status"] for file in taken(desk, made, repair)["files"]}["all.csv"] != "fail"


def test_nothing_is_offered_that_only_says_that_it_is_rounded(desk: Portal) -> None:
    assert set(offers(desk, draft(desk, "t.csv", RATES, RATED), "t.csv")) == {"banded"}


def test_a_file_that_changed_since_is_not_replaced_by_its_old_repair(desk: Portal) -> None:
    made = draft(desk, "t.csv", COUNTS, COUNTED)
    repair = offers(desk, made, "t.csv")["rounded"]
    answer = desk.operator("rosa").post(
        f"{API}/releases/{made['id']}/files", files=[("files", ("t.csv", COUNTS.replace(b"33", b"34")))]
    )
    assert answer.status_code == 200
    post(desk.operator("rosa"), f"/releases/{made['id']}/repairs/{repair['id']}/take", status=409)


def test_only_the_author_repairs_and_only_a_draft(desk: Portal) -> None:
    made = draft(desk, "t.csv", COUNTS, COUNTED)
    repair = offers(desk, made, "t.csv")["rounded"]
    for name in ("chris", "sam"):
        post(desk.operator(name), f"/releases/{made['id']}/repairs", {"file": "t.csv"}, 404)
        post(desk.operator(name), f"/releases/{made['id']}/repairs/{repair['id']}/take", status=404)
        assert desk.browser(name).get(f"{BASE}/releases/{made['id']}/repairs/{repair['id']}").status_code == 404
    taken(desk, made, repair)
    post(desk.operator("rosa"), f"/releases/{made['id']}/submit")
    post(desk.operator("rosa"), f"/releases/{made['id']}/repairs/{repair['id']}/undo", status=409)
    post(desk.operator("rosa"), f"/releases/{made['id']}/repairs/rep_none/undo", status=409)


def test_votes_on_the_old_bytes_do_not_count_for_the_repaired_file(desk: Portal) -> None:
    made = draft(desk, "t.csv", RATES, RATED)
    post(desk.operator("rosa"), f"/releases/{made['id']}/submit")
    post(desk.operator("chris"), f"/releases/{made['id']}/votes", {"file": "t.csv", "choice": "APPROVED"})
    post(desk.operator("dana"), f"/releases/{made['id']}/return", {"note": "Band the percentage."})
    shown = taken(desk, made, offers(desk, made, "t.csv")["banded"])
    assert shown["state"] == "RETURNED"
    post(desk.operator("rosa"), f"/releases/{made['id']}/submit")
    desk_view = desk.operator("chris").get(f"{API}/releases/{made['id']}").json()["files"][0]
    assert desk_view["votes"] == [] and desk_view["repaired"]["kind"] == "banded" and desk_view["repairs"] is None


def test_the_worker_looks_before_the_author_comes(desk: Portal) -> None:
    made = draft(desk, "t.csv", COUNTS, COUNTED)
    draft(desk, "fine.csv", TABLE)
    items = jobs.unrepaired(desk.context)
    assert [item.partition("/")[0] for item in items] == [made["id"]]
    jobs.repair(desk.context, items[0])
    assert jobs.unrepaired(desk.context) == []
    assert "Repair: round" in desk.browser("rosa").get(f"{BASE}/releases/{made['id']}").text


def test_the_whole_repair_by_pages(desk: Portal) -> None:
    made = draft(desk, "t.csv", COUNTS, COUNTED)
    rosa, address = desk.browser("rosa"), f"{BASE}/releases/{made['id']}"
    assert "Look for repairs" in rosa.get(address).text
    assert rosa.post(f"{address}/repairs", data={"file": made["files"][0]["id"]}).status_code == 303
    page = rosa.get(address).text
    assert all(f"Repair: {word}" in page for word in ("round", "merge", "suppress"))
    repair = page.split(f"{address}/repairs/")[1].split('"')[0]
    preview = rosa.get(f"{address}/repairs/{repair}").text
    assert "B: F" in preview and "<del>4</del>" in preview and "Use the repaired file" in preview
    answer = rosa.post(f"{address}/repairs/{repair}/take")
    assert answer.headers["location"].endswith(f"#{made['files'][0]['id']}")
    page = rosa.get(address).text
    assert "Undo the repair" in page and "Submit to the checkers" in page
    assert rosa.post(f"{address}/repairs/{repair}/undo").status_code == 303
    assert "Undo the repair" not in rosa.get(address).text


def test_a_file_without_a_repair_says_so(desk: Portal) -> None:
    made = draft(desk, "t.csv", b"name,ssn\nMaria Lopez,219-09-9999\nJo Kim,078-05-1121\n")
    assert offers(desk, made, "t.csv") == {}
    assert "No repair that programs can make" in desk.browser("rosa").get(f"{BASE}/releases/{made['id']}").text


def test_a_repaired_file_of_a_session_is_not_blamed_for_its_checksum(desk: Portal) -> None:
    from tests.unit.airlock.test_sessions import digest, record

    counts = COUNTS.decode()
    files = {"results.json": record().encode(), "t.csv.txt": digest(counts).encode()}
    made = draft(desk, "t.csv", COUNTS, COUNTED, files)
    repair = offers(desk, made, "t.csv")["rounded"]
    found = {file["name"]: file for file in taken(desk, made, repair)["files"]}["t.csv"]
    assert not any("checksum" in each["message"] for each in found["findings"])
