"""The checker on a unix socket: POST /check, one file a call; POST /check-request for all together; POST /repair for a
file's repairs that pass; POST /check-session for what an ACRO session says of a file; POST /twin for a file made anew
from what is visible of it.

It has no network, keys or database, and writes nothing. The form's fields: `file` (with its name), `context` (the
sidecar's YAML), `evidence` (JSON), `answers` (JSON, what the author said of columns), `policy` (a pack's name). The
answer is the per-file report of `c2c check`, with the policy's name and version, and what the file says in numbers
(`statements`). A request is compared by these alone. `/repair` takes the same form, and `anyway` for files that pass
alone; `/check-session` takes `file`, `policy`, the session's `record` and the file's `checksum`.
"""

from __future__ import annotations

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import Any

from c2c_research.disclosure.engine import unchecked_rules
from c2c_research.disclosure.policy import DEFAULT_PACK, BadPolicy, Policy, load_pack
from c2c_research.disclosure.rules import MODULES, check_of
from services.checker.child import (
    Comparison,
    Submission,
    check_apart,
    compare_apart,
    repair_apart,
    session_apart,
    twin_apart,
)
from services.checker.multipart import BadForm, Part, parse_form

MAX_BODY = 120_000_000
AT_ONCE = 2
READ_SECONDS = 30


class Handler(BaseHTTPRequestHandler):
    """One call. Every answer is JSON and closes the connection."""

    protocol_version = "HTTP/1.1"
    timeout = READ_SECONDS
    server: CheckerServer

    def do_GET(self) -> None:
        if self.path == "/health":
            self._answer(200, {"status": "ok"})
        else:
            self._refuse(404, "not_found", "There is no such page.", "Use POST /check.")

    def do_POST(self) -> None:
        answers = {
            "/check": self._check, "/repair": self._repair, "/check-session": self._session, "/twin": self._twin,
        }  # fmt: skip
        answer = answers.get(self.path)
        if answer is None and self.path != "/check-request":
            self._refuse(404, "not_found", "There is no such page.", "Use POST /check.")
            return
        size = self.headers.get("content-length", "")
        if not size.isdigit() or int(size) > MAX_BODY:
            self._refuse(413, "too_large", "The file is too large or its length is not stated.", "Send a smaller file.")
            return
        body = self.rfile.read(int(size))
        if answer is None:
            self._compare(body)
            return
        try:
            form = parse_form(self.headers.get("content-type", ""), body)
            submission = _submission(form)
            pack = load_pack(submission.policy)
        except (BadForm, BadPolicy) as problem:
            self._refuse(400, "bad_input", str(problem), "Send `file`, `policy` and, if there is one, `context`.")
            return
        with self.server.slots:
            said = answer(submission, form, pack)
        self._answer(200, {**said, "policy": _policy(pack)})

    def _check(self, submission: Submission, form: dict[str, Part], pack: Policy) -> dict[str, Any]:
        examined = check_apart(submission)
        said = {"statements": examined.statements.to_json()["statements"], "unchecked": list(unchecked_rules(pack))}
        return {**examined.report.to_json(), **said}

    def _repair(self, submission: Submission, form: dict[str, Part], pack: Policy) -> dict[str, Any]:
        found, problem = repair_apart(submission, bool(_text(form, "anyway")))
        return {"repairs": found, "problem": problem}

    def _twin(self, submission: Submission, form: dict[str, Part], pack: Policy) -> dict[str, Any]:
        made, problem = twin_apart(submission)
        return {"twin": made, "problem": problem}

    def _session(self, submission: Submission, form: dict[str, Part], pack: Policy) -> dict[str, Any]:
        record, checksum = (form[part].content if part in form else b"" for part in ("record", "checksum"))
        return {"findings": session_apart(submission, record, checksum)}

    def _compare(self, body: bytes) -> None:
        """Findings by file of a whole request: `policy`, `files` and `released` as statement sets."""
        try:
            comparison = _comparison(body)
            pack = load_pack(comparison.policy)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            self._refuse(400, "bad_input", "This is no request.", "Send `policy`, `files` and `released` as JSON.")
            return
        with self.server.slots:
            found = compare_apart(comparison)
        self._answer(200, {"policy": _policy(pack), "findings": found})

    def _refuse(self, status: int, code: str, message: str, advice: str) -> None:
        self._answer(status, {"error": {"code": code, "message": message, "advice": advice}})

    def _answer(self, status: int, data: dict[str, Any]) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def address_string(self) -> str:
        return "unix"

    def log_message(self, format: str, *args: Any) -> None:
        """No access log: file names are a researcher's words."""


class CheckerServer(ThreadingMixIn, UnixStreamServer):
    """A thread a call, at most a few checks at once."""

    daemon_threads = True

    def __init__(self, path: str) -> None:
        self.slots = threading.BoundedSemaphore(AT_ONCE)
        super().__init__(path, Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, _ = super().get_request()
        # the handler's base class expects an address of two parts
        return connection, ("unix", 0)


def listen(path: Path) -> CheckerServer:
    """Bind the socket; one left over from a stopped server is replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    server = CheckerServer(str(path))
    # services run as users of their own; the folder decides who reaches the socket: only those that mount it
    path.chmod(0o666)
    return server


def serve(path: Path) -> None:
    """Serve until the process is stopped. Rules are imported first, so that each child starts warm."""
    for kind in MODULES:
        check_of(kind)
    with listen(path) as server:
        server.serve_forever()


def _policy(pack: Policy) -> dict[str, str]:
    return {"name": pack.name, "version": pack.version}


def _comparison(body: bytes) -> Comparison:
    data = json.loads(body)
    files, released = data["files"], data.get("released", [])
    if not isinstance(files, list) or not isinstance(released, list):
        raise ValueError("lists of statement sets are needed")
    return Comparison(files, released, str(data.get("policy") or DEFAULT_PACK))


def _submission(form: dict[str, Part]) -> Submission:
    if "file" not in form:
        raise BadForm("The form has no `file`.")
    return Submission(
        name=Path(form["file"].filename or "file").name,
        content=form["file"].content,
        policy=_text(form, "policy") or DEFAULT_PACK,
        context=_text(form, "context"),
        evidence=_text(form, "evidence"),
        answers=_text(form, "answers"),
    )


def _text(form: dict[str, Part], name: str) -> str:
    return form[name].content.decode("utf-8", errors="replace") if name in form else ""
