"""From the last approval to a READY extract, and to its certificate: worker and data service over a real socket."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn

from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.core.errors import Unavailable
from enclave.core.settings import Settings
from enclave.core.signing import Keyring, SigningKey
from enclave.extracts import service, store, withdrawal
from services.api.context import Context
from services.api.hub import HubClient
from services.data.app import create_app
from services.data.context import DataContext
from services.worker import extracts as worker
from tests.approved import approved_project, make_cast
from tests.factories import OPERATOR
from tests.small_edition import write_edition


@pytest.fixture
def context(
    tmp_path: Path, database: Database, keys: dict[str, SigningKey], keyring: Keyring, clock: FixedClock
) -> Context:
    settings = Settings(data_dir=tmp_path, demo=True)
    hub = HubClient("http://127.0.0.1:9", "none")
    return Context(settings=settings, database=database, key=keys["worker"], keyring=keyring, hub=hub, clock=clock)


@pytest.fixture
def data_service(context: Context, keys: dict[str, SigningKey]) -> Iterator[Path]:
    """The data service on its socket, over a small edition."""
    paths = context.settings.paths
    write_edition(paths.root, keys["vault"])
    socket = paths.socket("data")
    socket.parent.mkdir(parents=True)
    app = create_app(DataContext(paths, keys["data"], context.keyring, context.clock))
    server = uvicorn.Server(uvicorn.Config(app, uds=str(socket), log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(200):
        if server.started:
            break
        time.sleep(0.02)
    yield socket
    server.should_exit = True
    thread.join(timeout=5)


def _work(context: Context) -> None:
    for job in worker.JOBS:
        for item in job.pending(context):
            job.run(context, item)


def test_an_approval_becomes_an_extract_and_ends_with_a_certificate(
    context: Context, data_service: Path, database: Database, clock: FixedClock
) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        approved_project(session, cast, clock)
    _work(context)
    folder = context.settings.paths.extracts / "promise" / "1"
    with database.read() as session:
        row = store.version_of(session, "promise", 1)
        assert (row.state, row.state_reason) == ("READY", "")
        assert set(row.result["tables"]) == {"k12_enrollment", "ui_wage"}
    assert sorted(path.name for path in folder.iterdir()) == [
        "codebook.json", "k12_enrollment.parquet", "manifest.json", "ui_wage.parquet",
    ]  # fmt: skip
    answer = worker.data_client(context).call("extract.verify", project="promise", version=1)
    assert answer["ok"] is True

    with database.write() as session:
        withdrawal.close_project(session, OPERATOR, "promise", "The work is done.", clock)
    _work(context)
    assert not folder.exists()
    with database.read() as session:
        gone = store.version_of(session, "promise", 1)
        assert gone.state == "DESTROYED"
        assert gone.certificate is not None
        places = {place["place"]: place["outcome"] for place in gone.certificate["payload"]["places"]}
    assert places == {
        "extract promise/1": "destroyed",
        "pseudonym table person": "destroyed",
        "pseudonym table employer": "destroyed",
    }


def test_an_agreement_that_ends_takes_its_extract_out_of_the_store(
    context: Context, data_service: Path, database: Database, clock: FixedClock
) -> None:
    with database.write() as session:
        approved_project(session, make_cast(session, clock), clock)
    _work(context)
    clock.advance(timedelta(days=5 * 365 + 1))
    _work(context)
    with database.read() as session:
        assert store.version_of(session, "promise", 1).state == "DESTROYED"
    assert worker.due(context) == []


def test_a_changed_file_is_found_by_verification(
    context: Context, data_service: Path, database: Database, clock: FixedClock
) -> None:
    with database.write() as session:
        approved_project(session, make_cast(session, clock), clock)
    _work(context)
    table = context.settings.paths.extracts / "promise" / "1" / "ui_wage.parquet"
    table.write_bytes(table.read_bytes() + b"x")
    answer = worker.data_client(context).call("extract.verify", project="promise", version=1)
    assert answer["problems"] == ["ui_wage.parquet: not as signed."]


def test_a_build_waits_while_the_data_service_is_away(context: Context, database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        approved_project(session, make_cast(session, clock), clock)
    with pytest.raises(Unavailable):
        _work(context)
    with database.read() as session:
        assert store.version_of(session, "promise", 1).state == "BUILDING"
        assert len(store.waiting(session)) == 1


def test_a_missing_table_fails_with_a_sentence_and_can_be_queued_again(
    context: Context, data_service: Path, database: Database, clock: FixedClock
) -> None:
    (context.settings.paths.editions / "2025r1" / "edd" / "ui_wage.parquet").unlink()
    with database.write() as session:
        approved_project(session, make_cast(session, clock), clock)
    _work(context)
    with database.write() as session:
        row = store.version_of(session, "promise", 1)
        assert row.state == "FAILED"
        assert row.state_reason.startswith("The edition has no table ui_wage of edd.")
        assert service.queue(session, OPERATOR, "promise", clock).version == 2


def test_the_data_service_takes_no_job_from_a_stranger(
    context: Context, data_service: Path, keys: dict[str, SigningKey]
) -> None:
    from enclave.core.signing import seal

    envelope = seal("data.job", {"job": "extract.verify"}, keys["gateway"], context.clock)
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(data_service))) as client:
        assert client.post("http://data/jobs", json=envelope).status_code == 401
