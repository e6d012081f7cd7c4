"""Rosa with her project and a colleague, the worker's context, and an engine of plain records behind a socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from threading import Thread
from typing import Any

import pytest

from enclave.core.actors import Actor
from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.jobs import service
from enclave.jobs.model import NotebookJob
from enclave.people.roles import Role
from enclave.projects.model import ProjectMember
from enclave.sandboxes.grants import HEADER, Grant, from_header, open_grant
from services.api.context import Context
from tests.approved import approved_project, make_cast, ready_extract
from tests.factories import OPERATOR, make_actor
from tests.portal import Portal

Cast = dict[str, Actor]


@pytest.fixture
def cast(database: Database, clock: FixedClock) -> Cast:
    """Two members of a project whose extract is ready, somebody of the office, an administrator, a stranger."""
    with database.write() as session:
        people = make_cast(session, clock)
        approved_project(session, people, clock)
        ready_extract(session, "promise", clock)
        people["ben"] = make_actor(session, clock, "ben", Role.RESEARCHER)
        session.add(ProjectMember(project_id="promise", user="ben", added_at=clock.now()))
        people["admin"] = make_actor(session, clock, "admin", Role.ADMINISTRATOR)
    return people | {"operator": OPERATOR}


@pytest.fixture
def ctx(portal: Portal, cast: Cast) -> Context:
    """The worker's context."""
    return portal.context


def ask(ctx: Context, actor: Actor, notebook: str = "main.ipynb", **parameters: Any) -> str:
    """A job that waits; its id."""
    with ctx.database.write() as session:
        return service.request_job(session, actor, "promise", notebook, parameters, ctx.clock).id


def job(ctx: Context, job_id: str) -> NotebookJob:
    """The row as it stands."""
    with ctx.database.read() as session:
        row = session.get_one(NotebookJob, job_id)
        session.expunge(row)
        return row


@dataclass
class Box:
    """A sandbox as an engine remembers it."""

    grant: Grant
    status: str = "created"
    code: int = 0
    oom: bool = False


class Guard(ThreadingMixIn, UnixStreamServer):
    """Answers as guard and engine do about records that run nothing; `refuses` is what it says to a creation."""

    daemon_threads = True

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.boxes: dict[str, Box] = {}
        self.made = 0
        self.refuses: dict[str, Any] | None = None
        socket = ctx.settings.paths.socket("guard")
        socket.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(str(socket), _Handler)

    @property
    def only(self) -> Box:
        """The one sandbox that there is."""
        (box,) = self.boxes.values()
        return box

    def end(self, code: int, *, oom: bool = False) -> None:
        """Its command ends."""
        self.only.status, self.only.code, self.only.oom = "exited", code, oom


class _Handler(BaseHTTPRequestHandler):
    server: Guard

    def address_string(self) -> str:
        return "guard"

    def log_message(self, *_args: object) -> None:
        return

    def do_GET(self) -> None:
        name = self.path.split("/")[2]
        if name == "json":
            self._say(200, [{"Names": [f"/{n}"]} for n, box in self.server.boxes.items() if box.status == "running"])
        elif (box := self.server.boxes.get(name)) is None:
            self._say(404, {"message": "none"})
        else:
            self._say(200, {"State": {"Status": box.status, "ExitCode": box.code, "OOMKilled": box.oom}})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if not self.path.startswith("/containers/create"):
            self.server.boxes[self.path.split("/")[2]].status = "running"
            self._say(204, None)
        elif self.server.refuses is not None:
            self._say(409, self.server.refuses)
        else:
            ctx = self.server.ctx
            grant = open_grant(from_header(self.headers[HEADER]), ctx.keyring, ctx.clock)
            assert json.loads(body)["Cmd"] == list(grant.command)
            self.server.boxes[self.path.partition("name=")[2]] = Box(grant)
            self.server.made += 1
            self._say(201, {})

    def do_DELETE(self) -> None:
        gone = self.server.boxes.pop(Path(self.path.partition("?")[0]).name, None)
        self._say(204 if gone else 404, None)

    def _say(self, status: int, content: Any) -> None:
        body = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def guard(ctx: Context) -> Iterator[Guard]:
    """A guard that answers."""
    server = Guard(ctx)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)
