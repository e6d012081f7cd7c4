"""The checker over its real socket: verdicts, limits, and files that end their reader."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest

from c2c_research.disclosure import engine, readers
from c2c_research.disclosure.findings import Status
from services.checker import child
from services.checker.child import Comparison, Submission, check_apart, compare_apart
from services.checker.server import listen


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with TemporaryDirectory(prefix="chk") as folder:
        path = Path(folder) / "checker.sock"
        server = listen(path)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(path)), base_url="http://checker") as client:
            yield client
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_file_is_checked_with_its_sidecar(client: httpx.Client) -> None:
    files: dict[str, Any] = {
        "file": ("t1.csv", b"district,x\nA,7\nB,70\n", "text/csv"),
        "context": ("t1.csv.context", b"rows: [district]\nkind: frequency\ncounts: x\n", "text/plain"),
    }
    answer = client.post("/check", files=files, data={"policy": "enclave-default"})
    body = answer.json()
    assert answer.status_code == 200
    assert (body["path"], body["status"], body["policy"]["name"]) == ("t1.csv", "fail", "enclave-default")
    assert [(finding["rule"], finding["cells"]) for finding in body["findings"]] == [("min_cell", [[0, 1]])]


def test_binary_files_arrive_as_they_are(client: httpx.Client) -> None:
    content = bytes(range(256)) + b"\r\n--\r\n" + b"\r\n\r\n"
    answer = client.post("/check", files={"file": ("m.bin", content)}).json()
    assert answer["sha256"] == engine.check_content("m.bin", content).sha256
    assert answer["status"] == "fail"


@pytest.mark.parametrize(
    ("files", "data"),
    [({}, {"policy": "enclave-default"}), ({"file": ("a.csv", b"x")}, {"policy": "none-such"})],
)
def test_a_call_that_cannot_work_says_what_to_send(
    client: httpx.Client, files: dict[str, Any], data: dict[str, str]
) -> None:
    answer = client.post("/check", files=files, data=data)
    assert answer.status_code == 400
    assert answer.json()["error"]["advice"]


def test_other_pages_are_not_found_and_health_answers(client: httpx.Client) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    assert client.get("/etc").status_code == 404
    assert client.post("/other", content=b"").status_code == 404


def _submission() -> Submission:
    return Submission("t1.csv", b"district,n\nA,70\n", "enclave-default")


def test_a_check_that_does_not_end_is_stopped_and_asks_for_review(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "read", lambda *_: time.sleep(60))
    started = time.monotonic()
    report = check_apart(_submission(), seconds=0.5).report
    assert time.monotonic() - started < 5
    assert [(finding.rule, finding.status) for finding in report.findings] == [("unreadable", Status.REVIEW)]


def test_a_child_that_dies_asks_for_review(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setattr(readers, "read", lambda *_: os.kill(os.getpid(), 9))
    report = check_apart(_submission()).report
    assert [(finding.rule, finding.status) for finding in report.findings] == [("unreadable", Status.REVIEW)]


def test_a_file_that_needs_too_much_memory_asks_for_review(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "read", lambda *_: bytearray(4_000_000_000))
    report = check_apart(_submission(), memory=1_000_000_000).report
    assert [(finding.rule, finding.status) for finding in report.findings] == [("unreadable", Status.REVIEW)]


def test_a_harmless_file_passes_in_the_child() -> None:
    assert check_apart(_submission()).report.status is Status.PASS


def test_a_request_is_compared_by_its_statements(client: httpx.Client) -> None:
    """What `/check` says of two files goes to `/check-request`; the findings name the other file."""
    tables = {"t1.csv": b"sex,n\nF,40900\nM,55700\n", "t2.csv": b"sex,n\nF,40900\nM,55697\n"}
    files = [
        {"path": name, "statements": client.post("/check", files={"file": (name, content)}).json()["statements"]}
        for name, content in tables.items()
    ]
    answer = client.post("/check-request", json={"policy": "enclave-default", "files": files, "released": []})
    assert answer.status_code == 200
    assert [item["rule"] for item in answer.json()["findings"]["t1.csv"]] == ["differencing"]
    assert "t2.csv" in answer.json()["findings"]["t1.csv"][0]["message"]


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"files": 1}'])
def test_what_is_no_request_is_refused(client: httpx.Client, body: bytes) -> None:
    assert client.post("/check-request", content=body).status_code == 400


def test_a_comparison_that_breaks_off_is_a_review_of_every_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_: Any) -> Any:
        while True:
            pass

    monkeypatch.setattr(child, "check_request", endless)
    found = compare_apart(Comparison([{"path": "t1.csv", "statements": []}], [], "enclave-default"), seconds=0.5)
    assert [item["status"] for item in found["t1.csv"]] == ["review"]
