"""The checker over its real socket: verdicts come back; being away is told apart from failing."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from output_review.checks import CheckerAway, CheckerCrashed, SocketChecker

SEEN: list[bytes] = []


@contextmanager
def _serving(path: Path, status: int, body: bytes) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            SEEN.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def address_string(self) -> str:
            return "socket"

        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

    with socketserver.UnixStreamServer(str(path), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def test_a_verdict_comes_over_the_socket(tmp_path: Path) -> None:
    answer = {"policy": {"name": "p", "version": "1"}, "files": [{"status": "pass", "findings": []}]}
    with _serving(tmp_path / "c.sock", 200, json.dumps(answer).encode()):
        found = SocketChecker(tmp_path / "c.sock").examine("a/t.csv", b"a\n1\n", {"context": b"kind: frequency"}, "p")
    assert found == answer
    assert b'name="file"; filename="t.csv"' in SEEN[-1] and b'name="context"' in SEEN[-1]
    assert b'name="policy"' in SEEN[-1]


def test_a_missing_socket_is_a_checker_that_is_away(tmp_path: Path) -> None:
    with pytest.raises(CheckerAway):
        SocketChecker(tmp_path / "none.sock").examine("t.csv", b"", {}, "p")


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (503, b"", CheckerAway),
        (500, b"{}", CheckerCrashed),
        (200, b"<html>", CheckerCrashed),
        (200, b"[]", CheckerCrashed),
    ],
)
def test_other_answers_are_no_verdict(tmp_path: Path, status: int, body: bytes, error: type[Exception]) -> None:
    with _serving(tmp_path / "c.sock", status, body), pytest.raises(error):
        SocketChecker(tmp_path / "c.sock").examine("t.csv", b"", {}, "p")
