"""However people act, nothing is released without what policy demands on the very bytes that leave."""

from __future__ import annotations

import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from enclave.core import audit
from enclave.core.digests import sha256_hex
from enclave.core.errors import EnclaveError
from output_review import service
from output_review.record import verify
from output_review.states import FileKind, ReleaseState, VoteChoice
from tests.unit.airlock.house import ALICE, AMIR, CHRIS, DANA, ERIN, FAIL, NOOR, SAM, House

NAMES = st.sampled_from(["t1.csv", "t2.csv", "bad.csv", "notes.txt"])
BYTES = st.sampled_from([b"a,n\nx,25\n", b"a,n\nx,30\n", b"a,n\nx,3\n"])
PEOPLE = st.sampled_from([ALICE, AMIR, CHRIS, DANA, ERIN, SAM, NOOR])
CHECKERS = st.sampled_from([CHRIS, DANA, SAM])


class ReleaseLifecycle(RuleBasedStateMachine):
    """One request; everybody may try everything at any time. The model keeps its own account of votes, by bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.house = House(Path(self.folder.name))
        self.house.checker.answers["bad.csv"] = FAIL
        self.request = self.house.draft()
        self.votes: dict[tuple[str, str], dict[str, VoteChoice]] = {}
        self.granted: dict[tuple[str, str], bool] = {}
        self.content: dict[str, str] = {}

    def teardown(self) -> None:
        self.house.database.dispose()
        self.folder.cleanup()

    def attempt(self, use_case: Any, actor: Any, *values: Any, **named: Any) -> bool:
        try:
            self.house.do(use_case, actor, self.request, *values, **named)
        except EnclaveError as problem:
            assert problem.message and problem.advice
            return False
        return True

    @rule(name=NAMES, data=BYTES, actor=st.sampled_from([ALICE, ALICE, AMIR, CHRIS]))
    def put(self, name: str, data: bytes, actor: Any) -> None:
        kind = FileKind.SUPPORTING if name == "notes.txt" else FileKind.OUTPUT
        try:
            self.house.put(self.request, name, data, kind, actor=actor)
        except EnclaveError:
            return
        assert actor is ALICE
        self.content[name] = sha256_hex(data)

    @rule(name=NAMES)
    def withdraw_file(self, name: str) -> None:
        if self.attempt(service.withdraw_file, ALICE, name):
            del self.content[name]

    @rule()
    def check(self) -> None:
        self.house.check(self.request)

    @rule()
    def justify(self) -> None:
        if self.attempt(service.justify, ALICE, "bad.csv", rule="min_cell", justification="Public."):
            # Asking again takes an earlier answer back.
            self.granted[("bad.csv", self.content["bad.csv"])] = False

    @rule(actor=st.sampled_from([ALICE, ALICE, AMIR]))
    def submit(self, actor: Any) -> None:
        if not self.attempt(service.submit, actor):
            return
        for name, sha256 in self.content.items():
            for checker, choice in self.votes.get((name, sha256), {}).items():
                if choice is VoteChoice.CHANGES_REQUESTED:
                    self.votes[(name, sha256)][checker] = VoteChoice.UNDECIDED

    @rule(actor=PEOPLE, name=NAMES, choice=st.sampled_from(VoteChoice))
    def vote(self, actor: Any, name: str, choice: VoteChoice) -> None:
        self._vote(actor, name, choice)

    @rule(actor=CHECKERS)
    def approve_every_file(self, actor: Any) -> None:
        for name in list(self.content):
            self._vote(actor, name, VoteChoice.APPROVED)

    def _vote(self, actor: Any, name: str, choice: VoteChoice) -> None:
        if self.attempt(service.vote, actor, name, choice):
            assert actor in (CHRIS, DANA, ERIN, SAM)
            self.votes.setdefault((name, self.content[name]), {})[actor.name] = choice

    @rule(actor=PEOPLE, grant=st.booleans())
    def answer(self, actor: Any, grant: bool) -> None:
        if self.attempt(service.decide_exception, actor, "bad.csv", rule="min_cell", grant=grant, reason="Seen."):
            assert actor is SAM
            self.granted[("bad.csv", self.content["bad.csv"])] = grant

    @rule(actor=PEOPLE)
    def give_back(self, actor: Any) -> None:
        self.attempt(service.return_to_author, actor, "Please mend.")

    @rule(actor=PEOPLE)
    def hand_over(self, actor: Any) -> None:
        self.attempt(service.hand_over, actor)

    @rule(actor=PEOPLE)
    def approve(self, actor: Any) -> None:
        if self.attempt(service.approve, actor):
            self.demand_votes()

    @precondition(lambda self: self.house.state(self.request) is ReleaseState.APPROVED)
    @rule()
    def release(self) -> None:
        bundle = self.house.release(self.request)
        self.demand_votes()
        assert verify(bundle, self.house.keyring, self.house.clock).holds
        with zipfile.ZipFile(bundle) as archive:
            inside = {
                name.removeprefix("files/"): sha256_hex(archive.read(name))
                for name in archive.namelist()
                if name.startswith("files/")
            }
            assert json.loads(archive.read("record.json"))["payload"]["release"] == self.request
        assert inside == {name: digest for name, digest in self.content.items() if name != "notes.txt"}

    def demand_votes(self) -> None:
        leaving = {name: digest for name, digest in self.content.items() if name != "notes.txt"}
        assert leaving
        for name, digest in leaving.items():
            choices = self.votes.get((name, digest), {})
            assert list(choices.values()).count(VoteChoice.APPROVED) >= 2
            assert VoteChoice.CHANGES_REQUESTED not in choices.values()
            if name == "bad.csv":
                assert self.granted[(name, digest)]

    @invariant()
    def nothing_is_out_before_its_time(self) -> None:
        out = (self.house.root / "bundles" / self.request).exists()
        assert out == (self.house.state(self.request) in (ReleaseState.RELEASED, ReleaseState.REVOKED))

    @invariant()
    def the_chain_holds(self) -> None:
        with self.house.database.read() as session:
            assert audit.verify(session).holds


ReleaseLifecycle.TestCase.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
test_no_path_to_a_release_without_the_votes = ReleaseLifecycle.TestCase
