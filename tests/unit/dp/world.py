"""A portal and a running data service around one small project, for tests of the whole path."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn

from enclave.agreements import service as agreements
from enclave.agreements.terms import usual
from enclave.core.actors import Actor
from enclave.core.clock import Clock
from enclave.core.db import Database, Session
from enclave.core.settings import Settings
from enclave.core.signing import Keyring, SigningKey
from enclave.dp.policy import load_policies
from enclave.editions.model import Edition, EditionTable
from enclave.projects.model import DataRequest, Project, ProjectMember
from services.data.app import create_app
from services.data.context import DataContext
from services.data_client import DataClient
from tests.factories import OPERATOR, make_actor
from tests.unit.dp.editions import EDITION

PROJECT = "promise"


def count_body(**changes: Any) -> dict[str, Any]:
    """A question about completions by county, to be varied."""
    return {
        "dataset": "k12_completion",
        "where": [{"column": "academic_year", "op": "=", "value": 2023}],
        "by": [{"column": "county_code", "keys": ["01", "19"]}],
        "measures": [{"kind": "count_persons"}],
        "loss": {"error": 30},
    } | changes


def make_project(session: Session, clock: Clock, name: str = PROJECT, member: str = "alice") -> Actor:
    """A live project with one member, on a published edition whose provider's agreement is in force."""
    actor = make_actor(session, clock, member)
    session.add_all(_request_and_project(name, member, clock))
    session.flush()
    session.add(ProjectMember(project_id=name, user=member, added_at=clock.now()))
    if session.get(Edition, EDITION) is None:
        session.add(_edition(clock))
        agreement = agreements.draw_up(
            session, OPERATOR, usual("cde"), clock, expires_at=clock.now() + timedelta(days=900)
        )
        agreements.activate(session, OPERATOR, agreement.id, clock)
    return actor


@dataclass(frozen=True)
class World:
    """What a test of the whole path needs."""

    database: Database
    client: DataClient
    context: DataContext
    alice: Actor


@contextmanager
def serving(context: DataContext) -> Iterator[None]:
    """The data service on its real unix socket, in a thread."""
    socket = context.paths.socket("data")
    socket.parent.mkdir(parents=True, exist_ok=True)
    server = uvicorn.Server(uvicorn.Config(create_app(context), uds=str(socket), log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)


def wait_until(holds: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for a condition, or fail."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def data_context(root: Path, keys: dict[str, SigningKey], keyring: Keyring, clock: Clock) -> DataContext:
    """The data service's context over a data folder."""
    return DataContext(Settings(data_dir=root).paths, keys["data"], keyring, clock)


def data_client(context: DataContext, key: SigningKey) -> DataClient:
    """A client of that data service with a key of its own."""
    return DataClient(context.paths.socket("data"), key, context.keyring, context.clock)


def with_key(client: DataClient, key: SigningKey) -> DataClient:
    """The same client speaking as another service."""
    return replace(client, key=key)


def _request_and_project(name: str, member: str, clock: Clock) -> list[DataRequest | Project]:
    request = DataRequest(
        id=f"req_{name}", state="APPROVED", state_since=clock.now(), state_reason="", requester=member,
        form={"title": name, "project": name}, version=1, summary="", created_at=clock.now(),
    )  # fmt: skip
    project = Project(
        id=name, state="ACTIVE", state_reason="", title=name, lead=member, institution="A university",
        request_id=request.id, request_version=1, request_digest="0" * 64, form={}, providers=["cde"],
        created_at=clock.now(), expires_at=clock.now() + timedelta(days=300), extract_version=None,
    )  # fmt: skip
    return [request, project]


def _edition(clock: Clock) -> Edition:
    columns = [
        {"name": name, "type": "text", "description": name, "kind": "attribute", "max_route": "extract"}
        for name in ("person_key", *load_policies()["k12_completion"].columns)
    ]
    table = EditionTable(
        id=f"{EDITION}/cde/k12_completion", provider="cde", name="k12_completion", description="", rows=1,
        persons=1, digest="0" * 64, columns=columns,
    )  # fmt: skip
    return Edition(
        id=EDITION, year=2025, revision=1, state="PUBLISHED", published_at=clock.now(), manifest_digest="0" * 64,
        persons=1, quality={}, lineage={}, tables=[table],
    )  # fmt: skip
