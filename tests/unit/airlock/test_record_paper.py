"""The release record as PDF: tagged, the same bytes again, complete, and whole with hostile words and 500 files."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from enclave.core.signing import seal
from output_review import record, service
from output_review.record import verify
from output_review.render.record_page import record_page
from output_review.render.record_pdf import record_pdf
from tests.unit.airlock.house import ALICE, CHRIS, DANA, FAIL, SAM, House

SHA = "ab" * 32


@pytest.fixture
def bundle(house: House) -> Path:
    house.checker.answers["t1.csv"] = FAIL
    request = house.draft(edition="2025r1", receipts=[{"statement": "rcp_7"}])
    house.put(request)
    house.check(request)
    house.do(service.justify, ALICE, request, "t1.csv", rule="min_cell", justification="Published before.")
    house.do(service.submit, ALICE, request)
    house.do(service.tick, CHRIS, request, ["understood", "counts"])
    house.vote(CHRIS, request)
    house.vote(DANA, request)
    house.do(service.decide_exception, SAM, request, "t1.csv", rule="min_cell", grant=True, reason="Public.")
    house.do(service.approve, DANA, request)
    return house.release(request)


def _payload(bundle: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(zipfile.ZipFile(bundle).read("record.json"))["payload"]
    return found


def _text(data: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())


def _elements(node: Any) -> list[DictionaryObject]:
    """The structure tree in reading order; a mark of content is a number and ends it."""
    kids = node.get_object().get("/K", [])
    found = [kid.get_object() for kid in kids if isinstance(kid.get_object(), DictionaryObject)]
    return [each for kid in found for each in (kid, *_elements(kid))]


def test_the_paper_says_what_the_page_says(bundle: Path) -> None:
    said = _text(zipfile.ZipFile(bundle).read("record.pdf"))
    page = zipfile.ZipFile(bundle).read("record.html").decode()
    payload = _payload(bundle)
    for words in (
        "Table 1", "chris", "dana", "min_cell", "A count below 11.", "Published before.", "Public.", "granted",
        "2025r1", "rcp_7", "files/t1.csv", payload["manifest"][0]["sha256"], payload["files"][0]["check"]["evidence"],
        payload["audit"]["head"], "What the checkers confirmed", "March 3, 2025, 09:00 UTC",
    ):  # fmt: skip
        assert words in said, words
        assert words in page, words


def test_the_paper_is_tagged_and_has_a_title_and_a_language(bundle: Path) -> None:
    root = PdfReader(io.BytesIO(zipfile.ZipFile(bundle).read("record.pdf"))).trailer["/Root"]
    assert root["/Lang"] == "en-US" and root["/MarkInfo"]["/Marked"] and root["/ViewerPreferences"]["/DisplayDocTitle"]
    kinds = Counter(each["/S"] for each in _elements(root["/StructTreeRoot"]))
    assert kinds["/H1"] == 1 and kinds["/H2"] == 4 and kinds["/H3"] == 1
    assert kinds["/L"] == 5 and kinds["/LI"] == kinds["/LBody"] > 15


def test_every_mark_of_every_page_has_its_element() -> None:
    reader = PdfReader(io.BytesIO(record_pdf(_record(30))))
    every = _elements(reader.trailer["/Root"]["/StructTreeRoot"])
    leaves = [each for each in every if each["/S"] not in ("/Document", "/L", "/LI")]
    for page in reader.pages:
        content = page.get_contents()
        assert content is not None
        data = content.get_data()
        own = [each["/K"][0] for each in leaves if each.raw_get("/Pg") == page.indirect_reference]
        assert own == list(range(len(own))) and data.count(b"/MCID") == len(own) > 0
        assert data.count(b" BDC") + data.count(b" BMC") == data.count(b"EMC")


def test_an_old_bundle_needs_no_paper_and_takes_no_foreign_one(house: House, tmp_path: Path) -> None:
    request = house.approved()
    bundle = house.release(request)
    payload = _payload(bundle)
    del payload["paper"]
    with zipfile.ZipFile(bundle) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["record.json"] = json.dumps(seal(record.KIND, payload, house.key, house.clock)).encode()
    for name, keep in (("old.zip", members.keys() - {"record.pdf"}), ("foreign.zip", members.keys())):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for each in keep:
                archive.writestr(each, members[each])
    assert verify(tmp_path / "old.zip", house.keyring, house.clock).holds
    result = verify(tmp_path / "foreign.zip", house.keyring, house.clock)
    assert [check["check"] for check in result.checks if not check["holds"]] == ["manifest"]


HOSTILE = {
    "a turned name": ("report \u202egnp.exe", "[U+202E]gnp.exe"),
    "Arabic": ("مرحبا بالعالم", ""),
    "Hebrew and English": ("שלום world", "world"),
    "an emoji": ("Well done 😀", "Well done"),
    "a family of joined emoji": ("👨\u200d👩\u200d👧", "[U+200D]"),
    "Chinese": ("漢字", "[U+6F22][U+5B57]"),
    "a long word": ("W" * 3000, "W" * 20),
    "control characters": ("a\x00b\x1b[31m", "a[U+0000]b[U+001B][31m"),
    "markup": ("<script>alert(1)</script> {{7*7}} (\\) Tj ET", "<script>alert(1)</script> {{7*7}} (\\) Tj ET"),
    "a lone surrogate": ("\ud800", "[U+D800]"),
    "nothing": ("", ""),
    "many lines": ("one\ntwo\r\n" * 400, "one two"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_words_are_printed_or_spelled(name: str) -> None:
    words, shown = HOSTILE[name]
    payload = _record(1) | {"title": words, "purpose": words}
    payload["files"][0]["exceptions"][0]["justification"] = words
    paper = record_pdf(payload)
    assert shown in _text(paper)
    assert paper == record_pdf(payload)
    page = str(record_page(payload))
    assert "\u202e" not in page and "<script" not in page
    page.encode()


def test_five_hundred_files_are_all_on_the_paper() -> None:
    paper = record_pdf(_record(500))
    assert len(paper) < 5_000_000
    reader = PdfReader(io.BytesIO(paper))
    assert paper.count(b"/S /H3\n") == 500 and paper.count(b"/S /LI\n") > 2000
    assert "table_499.csv" in " ".join(page.extract_text() for page in reader.pages[-2:])


def _record(files: int) -> dict[str, Any]:
    at = "2025-03-03T09:00:00+00:00"
    check = {
        "status": "fail", "complete": True, "policy": {"name": "enclave-default", "version": "12"}, "evidence": SHA,
        "findings": [{"rule": "min_cell", "status": "fail", "message": "A count below 11.", "where": "row 3"}],
    }  # fmt: skip
    exception = {
        "rule": "min_cell", "state": "GRANTED", "justification": "Public.", "decided_by": "sam", "reason": "Yes.",
    }  # fmt: skip
    vote = {"checker": "chris", "choice": "APPROVED", "sha256": SHA, "turn": 1, "cast_at": at}
    return {
        "release": "rel_1", "project": "promise", "title": "Enrollment", "purpose": "Paper", "public": True,
        "author": "alice", "turns": 1, "submitted_at": at, "approved_at": at, "approved_by": "dana", "released_at": at,
        "review": {"tier": "", "reason": "", "mode": "SEQUENTIAL", "required_votes": 2, "checklists": {}},
        "lineage": {"providers": ["cde"]}, "audit": {"head": SHA, "events": 9},
        "manifest": [{"path": f"files/table_{i}.csv", "sha256": SHA, "size": 900} for i in range(files)],
        "files": [
            {"name": f"table_{i}.csv", "kind": "OUTPUT", "size": 900, "sha256": SHA, "leaves": True, "check": check,
             "group": {"name": "", "context": ""}, "exceptions": [dict(exception)], "votes": [vote]}
            for i in range(files)
        ],
    }  # fmt: skip
