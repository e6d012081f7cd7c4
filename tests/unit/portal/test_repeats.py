"""Calls that are sent twice: the table of `services/api/repeats.py`, and a connection that is lost on the way."""

from __future__ import annotations

import http.server
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from c2c_research import _http
from c2c_research.project import Project
from enclave.core.clock import FixedClock
from enclave.core.kept_answers import KeptAnswer
from services.api.repeats import Repeats
from services.portal.__main__ import OperatorListener
from tests.approved import form, make_cast
from tests.portal import BASE, Portal

API = f"{BASE}/api"
KEY = {"Idempotency-Key": "a-key-of-this-test"}


@pytest.fixture
def people(portal: Portal, clock: FixedClock) -> Portal:
    with portal.context.database.write() as session:
        make_cast(session, clock)
    return portal


def draft(client: TestClient, headers: dict[str, str] = KEY, project: str = "promise") -> Any:
    return client.post(f"{API}/requests", json={"form": form(project=project)}, headers=headers)


def count(client: TestClient) -> int:
    return len(client.get(f"{API}/requests").json())


def test_the_same_call_is_done_once_and_answered_alike(people: Portal) -> None:
    rosa = people.operator("rosa")
    first, second = draft(rosa), draft(rosa)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert "Idempotency-Replayed" not in first.headers and second.headers["Idempotency-Replayed"] == "true"
    assert count(rosa) == 1


def test_without_a_key_it_is_done_twice(people: Portal) -> None:
    rosa = people.operator("rosa")
    assert draft(rosa, {}).json()["id"] != draft(rosa, {}, "second").json()["id"]


def test_another_call_under_the_key_is_refused(people: Portal) -> None:
    rosa = people.operator("rosa")
    draft(rosa)
    answer = draft(rosa, project="second")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "unprocessable")
    assert count(rosa) == 1


def test_a_key_belongs_to_its_caller(people: Portal) -> None:
    first = draft(people.operator("rosa")).json()["id"]
    answer = people.operator("stranger").post(f"{API}/requests/{first}/withdraw", json={}, headers=KEY)
    assert answer.status_code in (403, 404)
    assert people.stranger().post(f"{API}/requests", json={}, headers=KEY).status_code == 401


def test_a_refusal_at_the_door_leaves_the_key_free(people: Portal) -> None:
    body = {"name": "new", "full_name": "New", "email": "new@example.org", "roles": ["researcher"]}
    for _ in range(2):
        answer = people.operator("rosa").post(f"{API}/users", json=body, headers=KEY)
        assert answer.status_code == 403 and "Idempotency-Replayed" not in answer.headers


def test_after_a_day_the_key_is_free(people: Portal, clock: FixedClock) -> None:
    rosa = people.operator("rosa")
    draft(rosa)
    clock.advance(timedelta(hours=25))
    assert "Idempotency-Replayed" not in draft(rosa, project="second").headers
    assert count(rosa) == 2


def test_a_secret_is_not_kept(people: Portal) -> None:
    operator = people.operator()
    assert "url" in operator.post(f"{API}/users/rosa/setup-link", headers=KEY).json()
    again = operator.post(f"{API}/users/rosa/setup-link", headers=KEY)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "look_first")
    with people.context.database.read() as session:
        assert [row.body for row in session.scalars(select(KeptAnswer))] == [None]


@pytest.mark.parametrize("key", ["short", "x" * 201, "with\ttabs in it"])
def test_what_is_no_key_is_told_so(people: Portal, key: str) -> None:
    assert draft(people.operator("rosa"), {"Idempotency-Key": key}).status_code == 400


def test_a_second_call_waits_for_the_first_politely(people: Portal) -> None:
    """The application inside is slow: it answers when it is told to."""
    begun, go_on = threading.Event(), threading.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        from anyio.to_thread import run_sync

        begun.set()
        await run_sync(go_on.wait)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": b"{}"})

    app = OperatorListener(Repeats(slow, people.app, f"{API}/"))
    answers: list[int] = []
    first = threading.Thread(
        target=lambda: answers.append(TestClient(app).post(f"{API}/anything", headers=KEY).status_code)
    )
    first.start()
    begun.wait(10)
    second = TestClient(app).post(f"{API}/anything", headers=KEY)
    go_on.set()
    first.join()
    assert (second.status_code, second.json()["error"]["code"]) == (409, "still_running")
    assert answers == [200]
    assert TestClient(app).post(f"{API}/anything", headers=KEY).headers["Idempotency-Replayed"] == "true"


def test_after_a_crash_the_caller_is_told_to_look_first(people: Portal) -> None:
    """A process that began the call is gone; the next one knows nothing of how it ended."""

    async def never(scope: Scope, receive: Receive, send: Send) -> None:
        raise OSError("the machine stops here")

    with pytest.raises(OSError, match="stops"):
        TestClient(OperatorListener(Repeats(never, people.app, f"{API}/"))).post(f"{API}/anything", headers=KEY)
    with people.context.database.write() as session:
        session.scalars(select(KeptAnswer)).one().status = None
    answer = people.operator().post(f"{API}/anything", headers=KEY)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "look_first")


class _LosesTheFirstAnswer(http.server.BaseHTTPRequestHandler):
    """Hands a call to the portal; the answer to the first one is lost on the way back."""

    client: TestClient
    calls: int

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        sent = {name: self.headers[name] for name in ("Content-Type", "Idempotency-Key")}
        answer = type(self).client.post(self.path, content=body, headers=sent)
        type(self).calls += 1
        if type(self).calls > 1:
            self.send_response(answer.status_code)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def losing(client: TestClient, socket: Path) -> Iterator[type[_LosesTheFirstAnswer]]:
    handler = type("Handler", (_LosesTheFirstAnswer,), {"client": client, "calls": 0})
    with socketserver.UnixStreamServer(str(socket), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield handler
        server.shutdown()
        thread.join()


def test_the_library_submits_once_over_a_connection_that_is_lost(
    people: Portal, clock: FixedClock, tmp_path: Path
) -> None:
    from tests.approved import approved_project

    with people.context.database.write() as session:
        from enclave.people.service import actor_for

        names = {"rosa": "rosa", "office": "office", "cde": "reviewer-cde", "edd": "reviewer-edd"}
        approved_project(session, {name: actor_for(session, user) for name, user in names.items()}, clock)
    rosa = people.operator("rosa")
    where = Project("promise", "rosa", tmp_path, tmp_path / "relay.sock", "none")
    with losing(rosa, where.relay) as relay:
        upload = _http.Upload("files", "t1.csv", b"district,n\nAlpine,120\nTotal,120\n")
        made = _http.post_form("/outputs", [("title", "Table 1")], [upload], where)
    assert relay.calls == 2
    listed = rosa.get(f"{API}/projects/promise/outputs").json()["releases"]
    assert [row["id"] for row in listed] == [made["id"]]
