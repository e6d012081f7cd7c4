"""A run from its request to the draft release request: the real notebook, the real archive, the real airlock.

The guard here is a small server on a unix socket that runs the command of a create request as a process, so that
everything but the container itself is the real path.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import Any

import pytest

from enclave.core.actors import Actor
from enclave.core.audit import verify
from enclave.core.clock import FixedClock
from enclave.core.errors import Conflict, NotAllowed, Unavailable, Unprocessable
from enclave.people.roles import Role
from enclave.reports import runner, service, store
from enclave.reports.catalogue import FOLDER
from enclave.reports.states import RUN, RunState
from enclave.sandboxes.grants import HEADER, from_header, open_grant
from enclave.sandboxes.project_keys import MasterKey
from output_review import store as releases
from services.api.context import Context
from services.worker import reports as worker
from tests.factories import OPERATOR
from tests.images import SANDBOX, image_id
from tests.unit.dp.world import PROJECT

GIVEN = {"cohort_year": "2019", "by": "county_code"}


class Guard(ThreadingMixIn, UnixStreamServer):
    """Runs one sandbox at a time as a process of this machine."""

    daemon_threads = True

    def __init__(self, context: Context, extract: Path, workspace: Path) -> None:
        self.context, self.extract, self.workspace = context, extract, workspace
        self.requests: list[dict[str, Any]] = []
        self.ended: subprocess.CompletedProcess[bytes] | None = None
        socket = context.settings.paths.socket("guard")
        socket.parent.mkdir(parents=True)
        MasterKey.ensure(socket.parent.parent / "rooms.key", context.settings.paths.rooms_public_key)
        super().__init__(str(socket), _Handler)

    def create(self, header: str, request: dict[str, Any]) -> None:
        grant = open_grant(from_header(header), self.context.keyring, self.context.clock)
        assert list(grant.command) == request["Cmd"]
        self.requests.append(request)

    def start(self) -> None:
        _, *rest = self.requests[-1]["Cmd"]
        code = (
            "import sys; from pathlib import Path; from c2c_research import reporting; "
            f"sys.exit(reporting.main(sys.argv[1:], Path({str(FOLDER)!r})))"
        )
        self.workspace.mkdir(exist_ok=True)
        environment = {
            **os.environ, "HOME": str(self.workspace), "C2C_PROJECT": PROJECT, "C2C_DATA": str(self.extract),
            "PYTHONPATH": str(FOLDER.parents[1]),
        }  # fmt: skip
        command = [sys.executable, "-c", code, *rest[2:]]
        self.ended = subprocess.run(command, env=environment, capture_output=True, check=False)


class _Handler(BaseHTTPRequestHandler):
    server: Guard

    def address_string(self) -> str:
        return "guard"

    def log_message(self, *_args: object) -> None:
        return

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path.startswith("/containers/create"):
            self.server.create(self.headers[HEADER], json.loads(body))
        else:
            self.server.start()
        self._say(b"{}")

    def do_GET(self) -> None:
        ended = self.server.ended
        assert ended is not None
        if "/logs" in self.path:
            self._say(b"\x01\0\0\0" + struct.pack(">I", len(ended.stdout)) + ended.stdout)
        else:
            state = {"Running": False, "Status": "exited", "ExitCode": ended.returncode}
            self._say(json.dumps({"State": state}).encode())

    def do_DELETE(self) -> None:
        self._say(b"")

    def _say(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def guard(context: Context, extract: Path, tmp_path: Path) -> Iterator[Guard]:
    server = Guard(context, extract, tmp_path / "workspace")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


def ask(context: Context, actor: Actor, project: str | None = PROJECT, **given: Any) -> str:
    with context.database.write() as session:
        return service.request_run(session, actor, context.clock, "college-going", project, GIVEN | given).id


def shown(context: Context, run_id: str) -> dict[str, Any]:
    with context.database.read() as session:
        return service.run_json(store.get_run(session, run_id), OPERATOR)


def test_every_state_stands_in_the_table() -> None:
    assert set(RUN.transitions) == set(RunState)


def test_a_run_becomes_a_draft_release_request_of_its_author(context: Context, agenda: Actor, guard: Guard) -> None:
    run_id = ask(context, agenda)
    assert worker.pending(context) == [run_id]
    worker.run(context, run_id)
    view = shown(context, run_id)
    assert (view["state"], view["reason"]) == ("SUCCEEDED", "")
    assert set(view["outputs"]) >= {"college_going_counts.csv", "college-going.ipynb"}
    assert worker.pending(context) == []
    with context.database.read() as session:
        request = releases.get(session, view["release"])
        assert (request.state, request.author, request.project_id) == ("DRAFT", "rita", PROJECT)
        kinds = {file.name: (file.kind, sorted(file.sidecars)) for file in request.files}
        assert kinds["college_going_counts.csv"] == ("OUTPUT", ["context", "evidence"])
        assert kinds["college-going.ipynb"][0] == "SUPPORTING"
        assert verify(session).holds
    assert guard.requests[0]["HostConfig"]["NetworkMode"] == "none"
    assert guard.requests[0]["Image"] == image_id(SANDBOX)  # the pin of its first start


def test_a_notebook_that_fails_ends_the_run_without_its_text(
    context: Context, agenda: Actor, guard: Guard, extract: Path
) -> None:
    (extract / "ps_enrollment.parquet").unlink()
    run_id = ask(context, agenda)
    worker.run(context, run_id)
    view = shown(context, run_id)
    assert (view["state"], view["release"]) == ("FAILED", None)
    assert "ps_enrollment" not in view["reason"]


def test_a_run_that_was_cancelled_stays_so(context: Context, agenda: Actor, guard: Guard) -> None:
    run_id = ask(context, agenda)
    with context.database.write() as session:
        service.cancel(session, agenda, context.clock, run_id)
    assert worker.pending(context) == []
    assert shown(context, run_id)["state"] == "CANCELLED"
    with context.database.write() as session, pytest.raises(Conflict):
        service.cancel(session, agenda, context.clock, run_id)


def test_without_a_guard_the_run_waits(context: Context, agenda: Actor) -> None:
    run_id = ask(context, agenda)
    with pytest.raises(Unavailable):
        worker.run(context, run_id)
    assert shown(context, run_id)["state"] == "RUNNING"
    assert worker.pending(context) == [run_id]


def test_only_the_research_agenda_in_its_own_projects_and_the_operator_run_reports(
    context: Context, agenda: Actor, clock: FixedClock
) -> None:
    for actor in (Actor("alice", frozenset({Role.RESEARCHER})), Actor("zoe", frozenset({Role.RESEARCH_AGENDA}))):
        with pytest.raises(NotAllowed):
            ask(context, actor)
    assert shown(context, ask(context, OPERATOR))["author"] == "alice"
    assert shown(context, ask(context, agenda, project=None))["project"] == PROJECT


@pytest.mark.parametrize("printed", [b"", b"--c2c-outputs--\nxx\n--c2c-end--\n", b"--c2c-outputs--\n", b"text"])
def test_outputs_that_are_no_whole_archive_are_refused(printed: bytes) -> None:
    with pytest.raises(Unprocessable):
        runner.outputs_of(printed)


@pytest.mark.parametrize("name", ["../up.csv", "/etc/passwd", "a/b.csv", ".hidden", "x" * 200])
def test_an_archive_member_with_another_name_than_a_plain_one_is_refused(name: str) -> None:
    import base64
    import io
    import tarfile

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo(name))
    with pytest.raises(Unprocessable):
        runner.outputs_of(runner.BEGIN + b"\n" + base64.b64encode(buffer.getvalue()) + b"\n" + runner.END)
