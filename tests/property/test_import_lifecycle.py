"""However people act, nothing lies in a project's labs but what somebody outside it approved, byte for byte."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

import tests.models  # noqa: F401  (registers every mapped class)
from enclave.core import audit
from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.core.digests import sha256_hex
from enclave.core.errors import EnclaveError
from enclave.core.settings import Settings
from enclave.core.signing import Keyring, SigningKey
from enclave.people.roles import Role
from enclave.projects.membership import add_member, resume_project, suspend_project
from output_review.checks import FixedChecker
from output_review.imports import checks, permissions, service, store
from output_review.imports.reconciliation import differences
from output_review.imports.service import Said
from output_review.imports.states import ImportKind, ImportState
from output_review.policies import ReviewPolicy
from services.api.context import Context
from services.api.hub import HubClient
from services.imports import add_file, blobs_of, destroy
from services.worker import imports as worker
from tests.approved import approved_project, make_cast
from tests.factories import OPERATOR, make_actor
from tests.scale import examples

SAID = Said("Helpers", "Clustered errors.", source="https://example.org/p", licence="MIT")
FAIL = {"status": "fail", "findings": [{"rule": "hidden_content", "status": "fail", "message": "It hides something."}]}
ROWS = {"status": "fail", "findings": [{"rule": "unit_record", "status": "fail", "message": "Rows of persons."}]}
NAMES = st.sampled_from(["a.ado", "a.ado", "b.ado", "bad.ado", "rows.csv"])
BYTES = st.integers(1, 4).map(lambda number: b"* version %d\n" % number)
OUTSIDE = {"chris": Role.OUTPUT_CHECKER, "steward": Role.DATA_STEWARD, "admin": Role.ADMINISTRATOR}
WHO = st.sampled_from(["rosa", "insider", "chris", "chris", "steward", "steward", "admin"])
REASON = "Read at its source, and right."


class ImportLifecycle(RuleBasedStateMachine):
    """One name in one project; everybody may try everything at any time. The model keeps what outsiders approved."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        root, self.clock = Path(self.folder.name), FixedClock(datetime(2026, 8, 3, 9, tzinfo=UTC))
        database = Database(f"sqlite:///{root / 'app.db'}")
        database.create_all()
        key = SigningKey.create(root / "worker.key", "worker")
        hub = HubClient("http://127.0.0.1:9", "none")
        self.ctx = Context(Settings(data_dir=root), database, key, Keyring({}), hub, self.clock)
        with database.write() as session:
            cast = make_cast(session, self.clock)
            approved_project(session, cast, self.clock)
            self.people = {name: make_actor(session, self.clock, name, role) for name, role in OUTSIDE.items()}
            both = (Role.DATA_STEWARD, Role.OUTPUT_CHECKER)
            self.people |= {"rosa": cast["rosa"], "insider": make_actor(session, self.clock, "insider", *both)}
            add_member(session, OPERATOR, "promise", "insider", self.clock)
        self.checker = FixedChecker({"bad.ado": FAIL, "rows.csv": ROWS})
        self.approved: dict[str, dict[str, str]] = {}
        self.read: dict[str, str] = {}
        self.live = True
        self.begin()

    def teardown(self) -> None:
        with self.ctx.database.read() as session:
            assert audit.verify(session).holds
            assert list(differences(session, partial(blobs_of, self.ctx))) == []
        places = destroy(self.ctx, worker.WORKER, "promise")
        assert all(place["outcome"] == "destroyed" for place in places)
        assert not (self.ctx.settings.paths.imports / "promise").exists()
        self.ctx.database.dispose()
        self.folder.cleanup()

    def attempt(self, use_case: Any, who: str, *values: Any) -> bool:
        try:
            with self.ctx.database.write() as session:
                use_case(session, self.people[who], self.clock, self.identity, *values)
        except EnclaveError as problem:
            assert problem.message and problem.advice
            return False
        return True

    def row(self) -> Any:
        with self.ctx.database.read() as session:
            row = store.get(session, self.identity)
            session.expunge_all()
            return row

    def begin(self) -> None:
        kind = ImportKind.PACKAGE_FILES
        with self.ctx.database.write() as session:
            self.identity = service.create(
                session, self.people["rosa"], self.clock, "promise", kind=kind, name="helpers", said=SAID
            ).id  # fmt: skip

    @initialize()
    def hand_in_a_first_file(self) -> None:
        self.put("rosa", "a.ado", b"* version 1\n")
        self.check()
        self.submit("rosa")
        self.work()

    @rule(who=st.sampled_from(["rosa", "rosa", "insider", "chris"]), name=NAMES, data=BYTES)
    def put(self, who: str, name: str, data: bytes) -> None:
        editable = self.row().editable
        try:
            add_file(self.ctx, self.people[who], self.identity, name, io.BytesIO(data))
        except EnclaveError:
            return
        assert who == "rosa" and editable

    @rule(name=NAMES)
    def remove(self, name: str) -> None:
        self.attempt(service.remove_file, "rosa", name)

    @rule()
    def check(self) -> None:
        checks.run_checks(
            blobs_of(self.ctx, "promise"), ReviewPolicy(), self.ctx.database, self.checker, worker.WORKER, self.clock,
            self.identity,
        )  # fmt: skip

    @rule(who=st.sampled_from(["rosa", "rosa", "insider"]))
    def submit(self, who: str) -> None:
        if self.attempt(service.submit, who):
            assert who == "rosa" and self.live

    @rule(who=WHO)
    def open_the_page(self, who: str) -> None:
        self.read[who] = self.row().content

    @rule(who=WHO, reason=st.sampled_from(["", REASON]))
    def approve(self, who: str, reason: str) -> None:
        before = self.row()
        if self.attempt(service.approve, who, self.read.get(who, before.content), reason):
            names = {file.name for file in before.files}
            assert who == ("steward" if "rows.csv" in names else "chris")
            assert "bad.ado" not in names and all(file.checked for file in before.files)
            assert before.state == ImportState.CHECKED and self.live
            assert reason or "rows.csv" not in names
            assert self.read.get(who, before.content) == before.content
            self.approved[self.identity] = {file.name: file.sha256 for file in before.files}

    @rule(who=WHO, use_case=st.sampled_from([service.give_back, service.give_back, service.refuse]))
    def decide_otherwise(self, who: str, use_case: Any) -> None:
        if self.attempt(use_case, who, REASON):
            assert who in ("chris", "steward")

    @rule(who=WHO)
    def withdraw(self, who: str) -> None:
        accepted = self.row().state in (ImportState.APPROVED, ImportState.DELIVERED)
        if self.attempt(service.withdraw, who, REASON):
            assert who == "rosa" or (who == "steward" and accepted)

    @rule()
    def begin_anew(self) -> None:
        if self.row().state in (ImportState.REFUSED, ImportState.WITHDRAWN) and self.live:
            self.begin()

    @rule()
    def suspend_or_resume(self) -> None:
        with self.ctx.database.write() as session:
            if self.live:
                suspend_project(session, OPERATOR, "promise", "An agreement is looked at.", self.clock)
            else:
                resume_project(session, OPERATOR, "promise", self.clock)
        self.live = not self.live

    @rule()
    def work(self) -> None:
        """The worker comes by; afterwards the folder holds what it should, and nothing else."""
        self.check()
        if self.row().state == ImportState.SUBMITTED:
            with self.ctx.database.write() as session:
                service.finish_checking(session, worker.WORKER, self.clock, self.identity)
        for item in worker.out_of_place(self.ctx):
            worker.put_in_place(self.ctx, item)
        row = self.row()
        assert row.state != ImportState.APPROVED or not self.live
        assert bool(self.lies()) is (self.live and row.state == ImportState.DELIVERED)

    def lies(self) -> dict[str, dict[str, str]]:
        """Import → name → SHA-256 of what lies in the project's folder."""
        root = self.ctx.settings.paths.imports
        return {
            identity: {
                str(file.relative_to(root / project / name)): sha256_hex(file.read_bytes())
                for file in (root / project / name).rglob("*")
                if file.is_file() and file.name != "IMPORT.json"
            }
            for (project, name), identity in worker.shelf_of(self.ctx).standing().items()
        }

    @invariant()
    def nothing_lies_there_but_what_an_outsider_approved(self) -> None:
        for identity, files in self.lies().items():
            assert files == self.approved[identity]


@pytest.fixture
def machine() -> Iterator[ImportLifecycle]:
    """A machine whose first file waits for a decision."""
    made = ImportLifecycle()
    made.hand_in_a_first_file()
    yield made
    made.teardown()


@pytest.mark.timeout(600)
def test_nothing_lies_in_the_labs_but_what_an_outsider_approved() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        ImportLifecycle,
        settings=settings(
            max_examples=examples(12, 300), stateful_step_count=25, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def test_the_property_would_notice_other_bytes_in_the_labs(machine: ImportLifecycle) -> None:
    machine.approve("chris", "")
    machine.work()
    machine.nothing_lies_there_but_what_an_outsider_approved()
    place = machine.ctx.settings.paths.imports / "promise" / "helpers" / "a.ado"
    place.chmod(0o644)
    place.write_bytes(b"* other\n")
    with pytest.raises(AssertionError):
        machine.nothing_lies_there_but_what_an_outsider_approved()


def test_the_property_would_notice_a_member_who_decides(
    machine: ImportLifecycle, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.approve("insider", REASON)
    assert machine.row().state == ImportState.CHECKED
    monkeypatch.setattr(permissions, "check_can_decide", lambda *_: None)
    with pytest.raises(AssertionError):
        machine.approve("insider", REASON)
