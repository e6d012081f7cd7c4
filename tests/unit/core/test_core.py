"""The core keeps its promises: signatures, chain, moves, writes."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from enclave.core.actors import Actor
from enclave.core.audit import record, verify
from enclave.core.calls import sign_call, verify_call
from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.core.digests import canonical_json
from enclave.core.errors import BadInput, Conflict, NotAuthenticated
from enclave.core.files import write_atomic
from enclave.core.ids import check_slug, new_id
from enclave.core.lifecycle import Lifecycle, Move
from enclave.core.signing import Keyring, SigningKey, open_envelope, seal
from enclave.people import service as people
from enclave.people.states import USER, UserState
from tests.factories import OPERATOR, make_user

WORKER = Actor.service("worker")


def test_a_sealed_envelope_opens_to_its_payload(
    keys: dict[str, SigningKey], keyring: Keyring, clock: FixedClock
) -> None:
    envelope = seal("data.job", {"job": "x", "n": 1}, keys["portal"], clock)
    assert open_envelope(envelope, keyring, "data.job", clock, {"portal"}) == {"job": "x", "n": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "data.result"},
        {"issuer": "worker"},
        {"payload": {"job": "y"}},
        {"expires_at": "2099-01-01T00:00:00+00:00"},
        {"issued_at": "2026-08-03T09:00:01+00:00"},
        {"signature": "AAAA"},
        {"more": 1},
    ],
)
def test_a_changed_envelope_does_not_open(
    change: dict[str, object], keys: dict[str, SigningKey], keyring: Keyring, clock: FixedClock
) -> None:
    envelope = seal("data.job", {"job": "x"}, keys["portal"], clock, timedelta(minutes=1)) | change
    with pytest.raises(NotAuthenticated):
        open_envelope(envelope, keyring, "data.job", clock, {"portal", "worker"})


def test_an_envelope_ends_with_its_time(keys: dict[str, SigningKey], keyring: Keyring, clock: FixedClock) -> None:
    envelope = seal("lab.ticket", {}, keys["portal"], clock, timedelta(seconds=60))
    clock.advance(timedelta(seconds=61))
    with pytest.raises(NotAuthenticated, match="expired"):
        open_envelope(envelope, keyring, "lab.ticket", clock, {"portal"})


def test_a_signed_call_fits_one_call_only(keys: dict[str, SigningKey], keyring: Keyring, clock: FixedClock) -> None:
    header = sign_call(keys["hub"], clock, "POST", "/internal/spawn", b"{}")
    assert verify_call(header, keyring, clock, "POST", "/internal/spawn", b"{}", {"hub"}) == "hub"
    for method, path, body in (
        ("GET", "/internal/spawn", b"{}"),
        ("POST", "/x", b"{}"),
        ("POST", "/internal/spawn", b""),
    ):
        with pytest.raises(NotAuthenticated):
            verify_call(header, keyring, clock, method, path, body, {"hub"})


def test_a_private_key_is_never_overwritten(tmp_path: Path) -> None:
    SigningKey.create(tmp_path / "a.key", "a")
    with pytest.raises(FileExistsError):
        SigningKey.create(tmp_path / "a.key", "a")


def test_canonical_json_refuses_what_has_no_one_form() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"x": float("nan")})


def test_ids_sort_by_time_and_slugs_are_checked() -> None:
    assert new_id("rel") < new_id("rel")[:7] + "z" * 26
    assert check_slug("college-going") == "college-going"
    for wrong in ("", "A", "1a", "a_b", "a-", "x" * 31, "../x"):
        with pytest.raises(BadInput):
            check_slug(wrong)


def test_the_chain_holds_and_finds_a_changed_event(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        for number in range(5):
            record(session, WORKER, "thing.done", "thing", str(number), clock, count=number)
    with database.read() as session:
        assert verify(session).holds
        assert verify(session).events == 5
    with database.write() as session:
        session.execute(text("DROP TRIGGER audit_no_update"))
        session.execute(text("UPDATE audit_events SET subject_id = 'other' WHERE seq = 3"))
    with database.read() as session:
        report = verify(session)
    assert (report.holds, report.broken_at) == (False, 3)


@pytest.mark.parametrize("statement", ["UPDATE audit_events SET actor = 'x'", "DELETE FROM audit_events"])
def test_the_audit_is_append_only(statement: str, database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        record(session, WORKER, "thing.done", "thing", "1", clock)
    with pytest.raises((IntegrityError, OperationalError), match="append-only"), database.write() as session:
        session.execute(text(statement))


def test_of_two_that_move_the_same_row_one_loses_politely(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        make_user(session, clock, "alice")
    with database.read() as slow:
        seen = people.get_user(slow, "alice")
        slow.expunge(seen)
    with database.write() as session:
        people.suspend(session, OPERATOR, clock, "alice", "left the university")
    assert seen.state == UserState.ACTIVE
    with database.write() as session, pytest.raises(Conflict, match="Somebody else"):
        USER.move(session, seen, UserState.SUSPENDED, OPERATOR, clock)


def test_a_lifecycle_needs_a_row_for_every_state() -> None:
    class Light(StrEnum):
        RED = "RED"
        GREEN = "GREEN"

    with pytest.raises(ValueError, match="no row for"):
        Lifecycle("light", Light, {Light.RED: {Light.GREEN: Move("timer", "light.green")}})


def test_a_write_that_raises_changes_nothing(database: Database, clock: FixedClock) -> None:
    with pytest.raises(BadInput), database.write() as session:
        make_user(session, clock, "alice")
        raise BadInput("stop")
    with database.read() as session:
        assert verify(session).events == 0


def test_a_failed_atomic_write_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "state.json"
    write_atomic(target, b"old")
    with pytest.raises(TypeError):
        write_atomic(target, "text")  # type: ignore[arg-type]
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]
