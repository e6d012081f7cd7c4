"""However people act, nothing is released without what policy demands on the very bytes that leave."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from enclave.core import audit
from enclave.core.actors import Actor
from enclave.core.digests import sha256_hex
from enclave.core.errors import EnclaveError
from enclave.people.roles import Role
from output_review import handing, policies, release, service
from output_review.model import OutputFile, Veto
from output_review.reconciliation import reconcile
from output_review.record import verify
from output_review.states import FileKind, ReleaseState, ReviewMode, VoteChoice
from output_review.vetoes import rules
from output_review.vetoes import service as vetoes
from tests.factories import make_actor
from tests.scale import examples
from tests.unit.airlock.house import ALICE, AMIR, CHRIS, DANA, ERIN, FAIL, NOOR, SAM, WORKER, House

NAMES = st.sampled_from(["t1.csv", "bad.csv", "notes.txt"])
BYTES = st.integers(20, 60).map(lambda count: f"a,n\nx,{count}\n".encode())
PEOPLE = st.sampled_from([ALICE, AMIR, CHRIS, DANA, ERIN, SAM, NOOR])
REVIEWERS = {name: Actor(f"{name}-reviewer", frozenset({"provider_reviewer"})) for name in ("cde", "ccc")}
PROVIDERS = st.sampled_from(sorted(REVIEWERS))
OFFICE = Actor("office", frozenset({"managing_entity"}))
Files = frozenset[tuple[str, str]]
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
        self.days: dict[str, int] = {}
        self.asked: frozenset[str] = frozenset()
        self.read: dict[str, Files] = {}
        self.passed: set[tuple[str, Files]] = set()
        self.refused: set[tuple[str, Files]] = set()
        with self.house.database.write() as session:
            for name in REVIEWERS:
                make_actor(session, self.house.clock, f"{name}-reviewer", Role.PROVIDER_REVIEWER, provider=name)
            for name in ("chris", "dana", "sam"):
                make_actor(session, self.house.clock, name, Role.OUTPUT_CHECKER)

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

    @initialize(data=BYTES, name=st.sampled_from(["t1.csv", "bad.csv"]))
    def begin(self, data: bytes, name: str) -> None:
        self.put(name, data, ALICE)
        self.hand_in()

    @rule(name=NAMES, data=BYTES, actor=st.sampled_from([ALICE, AMIR, CHRIS]))
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
    def hand_in(self) -> None:
        """The author checks, justifies what fails, and submits."""
        self.house.check(self.request)
        if self.attempt(service.justify, ALICE, "bad.csv", rule="min_cell", justification="Public."):
            # Asking again takes an earlier answer back.
            self.granted[("bad.csv", self.content["bad.csv"])] = False
        self.attempt(service.submit, AMIR)
        if not self.attempt(service.submit, ALICE):
            return
        for name, sha256 in self.content.items():
            for checker, choice in self.votes.get((name, sha256), {}).items():
                if choice is VoteChoice.CHANGES_REQUESTED:
                    self.votes[(name, sha256)][checker] = VoteChoice.UNDECIDED

    @rule(actor=CHECKERS, name=NAMES, data=BYTES)
    def slip_other_bytes_under_the_votes(self, actor: Any, name: str, data: bytes) -> None:
        if self.attempt(service.return_to_author, actor, "Please mend."):
            self.put(name, data, ALICE)
            self.hand_in()

    @rule(actor=PEOPLE, name=NAMES, choice=st.sampled_from(VoteChoice))
    def vote(self, actor: Any, name: str, choice: VoteChoice) -> None:
        if self.attempt(service.vote, actor, name, choice):
            assert actor in (CHRIS, DANA, ERIN, SAM) and actor.name not in self.house.members
            self.votes.setdefault((name, self.content[name]), {})[actor.name] = choice

    @rule(actor=CHECKERS)
    def approve_every_file(self, actor: Any) -> None:
        for name in list(self.content):
            self.vote(actor, name, VoteChoice.APPROVED)

    @rule(actor=st.sampled_from([SAM, SAM, DANA, ALICE]), grant=st.booleans())
    def answer(self, actor: Any, grant: bool) -> None:
        if self.attempt(service.decide_exception, actor, "bad.csv", rule="min_cell", grant=grant, reason="Seen."):
            assert actor is SAM
            self.granted[("bad.csv", self.content["bad.csv"])] = grant

    @rule(actor=PEOPLE)
    def hand_over(self, actor: Any) -> None:
        self.attempt(service.hand_over, actor)

    @rule(actor=PEOPLE, colleague=PEOPLE)
    def hand_to(self, actor: Any, colleague: Any) -> None:
        if self.attempt(handing.hand_to, actor, colleague.name, "Half read."):
            assert colleague in (CHRIS, DANA, SAM) and colleague.name not in self.house.members
            assert colleague.name in self.house.get(self.request).checkers

    @rule(actor=CHECKERS)
    def take_back(self, actor: Any) -> None:
        self.attempt(handing.take_back, actor)

    @rule(actor=CHECKERS)
    def join_or_leave_the_project(self, actor: Any) -> None:
        self.house.members ^= {actor.name}

    @rule(actor=PEOPLE)
    def approve(self, actor: Any) -> None:
        if self.attempt(service.approve, actor):
            self.demand_votes()
            self.asked = frozenset(provider for provider, days in self.days.items() if days)
            for veto in self.house.get(self.request).vetoes:
                self.read.setdefault(veto.id, self.leaving())

    @rule(provider=PROVIDERS, days=st.sampled_from([0, 1, 5]))
    def switch_a_veto(self, provider: str, days: int) -> None:
        with self.house.database.write() as session:
            if rules.in_force(session).get(provider, 0) != days:
                rules.set_days(session, OFFICE, self.house.clock, provider, days=days, reason="The agreement.")
        self.days[provider] = days

    @rule(provider=PROVIDERS, actor=st.sampled_from([None, None, CHRIS, ALICE]), refuse=st.booleans())
    def speak(self, provider: str, actor: Any, refuse: bool) -> None:
        """A provider's reviewer, or somebody who is none, says something about the newest veto."""
        who, veto = actor or REVIEWERS[provider], self.newest_veto(provider)
        if veto is None:
            return
        use_case, values = (vetoes.refuse, ["No."]) if refuse else (vetoes.waive, [])
        try:
            self.house.do(use_case, who, veto.id, *values)
        except EnclaveError:
            return
        assert who is REVIEWERS[provider]
        if refuse:
            self.refused.add((provider, self.read[veto.id]))
        else:
            self.refused.discard((provider, self.read[veto.id]))
            self.passed.add((provider, self.read[veto.id]))

    @rule(days=st.integers(0, 9))
    def wait(self, days: int) -> None:
        """Time goes by, and the worker lets what is over lapse."""
        self.house.clock.advance(timedelta(days=days))
        with self.house.database.read() as session:
            over = [
                (veto.id, veto.provider)
                for veto, _ in (vetoes.get(session, each) for each in vetoes.due_ids(session, self.house.clock.now()))
            ]
            idle = [each.split("/") for each in handing.idle(session, self.house.clock.now())]
        for request, checker in idle:
            self.house.do(handing.expire, WORKER, request, checker)
        for identity, provider in over:
            self.house.do(vetoes.lapse, WORKER, identity)
            self.passed.add((provider, self.read[identity]))

    @rule(provider=PROVIDERS, overrule=st.booleans())
    def contest(self, provider: str, overrule: bool) -> None:
        veto = self.newest_veto(provider)
        if veto is None:
            return
        try:
            self.house.do(vetoes.contest, ALICE, veto.id, "It is a total.")
            self.house.do(vetoes.decide, OFFICE, veto.id, overrule=overrule, reason="Seen.")
        except EnclaveError:
            return
        if overrule:
            self.refused.discard((provider, self.read[veto.id]))
            self.passed.add((provider, self.read[veto.id]))

    @rule()
    def release_what_is_approved(self) -> None:
        if self.house.state(self.request) is ReleaseState.APPROVED:
            self.release()

    @rule(first=CHECKERS, second=CHECKERS, slip=st.booleans(), grant=st.booleans(), data=BYTES)
    def review(self, first: Any, second: Any, slip: bool, grant: bool, data: bytes) -> None:
        """A whole review as people would try it, honest or not, through to the release."""
        self.approve_every_file(first)
        if slip and self.content:
            self.slip_other_bytes_under_the_votes(first, min(self.content), data)
        self.approve_every_file(second)
        self.answer(SAM, grant)
        for actor in (first, second):
            self.approve(actor)
        if self.house.state(self.request) is ReleaseState.APPROVED:
            self.release()

    def release(self) -> None:
        try:
            bundle = self.house.release(self.request)
        except EnclaveError:
            # A checker joined the project after the approval: the release asks again, and waits.
            assert self.house.members & {"chris", "dana", "sam"} or self.objections()
            return
        self.demand_votes()
        assert not self.objections()
        assert verify(bundle, self.house.keyring, self.house.clock).holds
        with zipfile.ZipFile(bundle) as archive:
            inside = {
                name.removeprefix("files/"): sha256_hex(archive.read(name))
                for name in archive.namelist()
                if name.startswith("files/")
            }
            assert json.loads(archive.read("record.json"))["payload"]["release"] == self.request
        assert inside == {name: digest for name, digest in self.content.items() if name != "notes.txt"}
        self.start()

    def start(self) -> None:
        """The next request of the same people."""
        self.request = self.house.draft()
        self.votes, self.granted, self.content = {}, {}, {}
        self.asked, self.read, self.passed, self.refused = frozenset(), {}, set(), set()

    def leaving(self) -> Files:
        return frozenset((name, digest) for name, digest in self.content.items() if name != "notes.txt")

    def newest_veto(self, provider: str) -> Veto | None:
        found = [veto for veto in self.house.get(self.request).vetoes if veto.provider == provider]
        return found[-1] if found else None

    def objections(self) -> set[str]:
        """Providers that were asked and have not let these very files pass, or that refused them."""
        files = self.leaving()
        silent = {provider for provider in self.asked if (provider, files) not in self.passed}
        return silent | {provider for provider, about in self.refused if about == files}

    def demand_votes(self) -> None:
        leaving = {name: digest for name, digest in self.content.items() if name != "notes.txt"}
        assert leaving
        for name, digest in leaving.items():
            found = self.votes.get((name, digest), {})
            choices = {checker: each for checker, each in found.items() if checker not in self.barred()}
            assert list(choices.values()).count(VoteChoice.APPROVED) >= 2
            assert VoteChoice.CHANGES_REQUESTED not in choices.values()
            if name == "bad.csv":
                assert self.granted[(name, digest)]

    def barred(self) -> set[str]:
        return {*self.house.members, *self.house.get(self.request).members}

    @invariant()
    def nothing_is_out_before_its_time(self) -> None:
        out = (self.house.root / "bundles" / self.request).exists()
        assert out == (self.house.state(self.request) in (ReleaseState.RELEASED, ReleaseState.REVOKED))

    @invariant()
    def the_chain_holds(self) -> None:
        with self.house.database.read() as session:
            assert audit.verify(session).holds

    @invariant()
    def rows_and_bytes_are_what_the_trail_tells(self) -> None:
        house = self.house
        with house.database.read() as session:
            assert reconcile(house.airlock, session, house.keyring, house.clock).differences == []


ReleaseLifecycle.TestCase.settings = settings(
    max_examples=examples(20, 500), stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
test_no_path_to_a_release_without_the_votes = ReleaseLifecycle.TestCase


def _walk(machine: ReleaseLifecycle) -> None:
    """A path on which one checker voted for these bytes and another for those before them."""
    machine.begin(b"a,n\nx,25\n", "bad.csv")
    machine.answer(SAM, True)
    machine.approve_every_file(CHRIS)
    machine.slip_other_bytes_under_the_votes(CHRIS, "bad.csv", b"a,n\nx,3\n")
    machine.approve_every_file(DANA)
    for actor in (CHRIS, DANA, SAM):
        machine.approve(actor)


@pytest.fixture
def machine() -> Iterator[ReleaseLifecycle]:
    made = ReleaseLifecycle()
    yield made
    made.teardown()


def test_the_walk_ends_before_the_release(machine: ReleaseLifecycle) -> None:
    _walk(machine)
    assert machine.house.state(machine.request) is ReleaseState.PARTIALLY_REVIEWED


def test_the_property_would_notice_too_few_votes(machine: ReleaseLifecycle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(policies._VOTES, ReviewMode.SEQUENTIAL, 1)
    machine.begin(b"a,n\nx,25\n", "t1.csv")
    machine.approve_every_file(CHRIS)
    with pytest.raises(AssertionError):
        machine.approve(CHRIS)


def test_the_property_would_notice_a_veto_that_is_passed_over(
    machine: ReleaseLifecycle, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.begin(b"a,n\nx,25\n", "t1.csv")
    machine.switch_a_veto("cde", 5)
    machine.approve_every_file(CHRIS)
    machine.approve_every_file(DANA)
    machine.approve(DANA)
    machine.release_what_is_approved()
    assert machine.house.state(machine.request) is ReleaseState.APPROVED
    monkeypatch.setattr(release, "check_not_held", lambda _request: None)
    with pytest.raises(AssertionError):
        machine.release_what_is_approved()


def test_the_property_would_notice_a_refusal_that_silence_ends(
    machine: ReleaseLifecycle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "refusal_sentences", lambda _request: [])
    machine.begin(b"a,n\nx,25\n", "t1.csv")
    machine.switch_a_veto("cde", 1)
    machine.approve_every_file(CHRIS)
    machine.approve_every_file(DANA)
    machine.approve(DANA)
    machine.speak("cde", None, True)
    machine.hand_in()
    machine.approve(DANA)
    machine.wait(9)
    with pytest.raises(AssertionError):
        machine.release_what_is_approved()


def test_the_property_would_notice_votes_on_other_bytes(
    machine: ReleaseLifecycle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OutputFile, "current_votes", property(lambda file: list(file.votes)))
    monkeypatch.setattr(policies, "ungranted_rules", lambda _file: [])
    with pytest.raises(AssertionError):
        _walk(machine)


def test_the_property_would_notice_a_missing_exception(
    machine: ReleaseLifecycle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "ungranted_rules", lambda _file: [])
    machine.begin(b"a,n\nx,25\n", "bad.csv")
    machine.approve_every_file(CHRIS)
    machine.approve_every_file(DANA)
    with pytest.raises(AssertionError):
        machine.approve(CHRIS)
