"""Whatever the order of reservations, answers, losses and retries: never above a cap, never charged twice.

A question that another project was charged for, and that is answered or awaits its answer, is shared for nothing.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import tests.models  # noqa: F401  (registers every mapped class)
from enclave.core.actors import Actor
from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.core.errors import Conflict
from enclave.dp import ledger, store
from enclave.dp.ledger import Question
from enclave.dp.loss import Loss
from enclave.dp.policy import load_budgets
from enclave.dp.reconciliation import differences
from tests.scale import examples

ALICE = Actor("alice")
EDITION = "2025r1"
OPENING = load_budgets().opens_with("explore").nano_rho
CAP = load_budgets().edition_total.nano_rho
PROJECTS = st.sampled_from(["one", "two", "three"])
COSTS = st.sampled_from([OPENING // 9, OPENING // 2, OPENING])
PURSES = st.sampled_from(["explore", "release", "revision"])
KEPT = load_budgets().kept_for_revisions.nano_rho


def opening(purse: str) -> int:
    """What a purse holds before any grant."""
    return load_budgets().opens_with(purse).nano_rho


class LedgerMachine(RuleBasedStateMachine):
    """A model in plain dicts beside the real ledger on SQLite."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.database = Database(f"sqlite:///{Path(self.folder.name) / 'app.db'}")
        self.database.create_all()
        self.clock = FixedClock(datetime(2026, 8, 3, tzinfo=UTC))
        self.charged: dict[tuple[str, str], int] = {}
        self.granted: dict[tuple[str, str], int] = {}
        self.open: dict[str, tuple[str, str, int]] = {}
        self.known: dict[tuple[str, str], str] = {}
        self.shareable: dict[str, set[str]] = {}

    @rule(
        project=PROJECTS,
        purse=PURSES,
        number=st.integers(0, 5),
        cost=st.sampled_from([OPENING // 9, OPENING // 2, OPENING]),
    )
    def reserve(self, project: str, purse: str, number: int, cost: int) -> None:
        asked = Question(project, EDITION, purse, f"{number}-{cost}", "0", {"dataset": "t"}, (cost,))
        room = opening(purse) + self.granted.get((project, purse), 0) - self.charged.get((project, purse), 0)
        room = min(room, self.left_of_edition(purse == "revision"))
        known = self.known.get((project, asked.digest))
        shared = bool(self.shareable.get(asked.digest))
        try:
            with self.database.write() as session:
                entry, new = ledger.reserve(session, ALICE, self.clock, asked)
        except Conflict:
            assert known is None
            assert not shared
            assert cost > room
            return
        assert new == (known is None)
        if known is not None:
            assert entry.id == known
            return
        self.known[project, asked.digest] = entry.id
        if shared:
            assert (entry.cost, entry.source in self.shareable[asked.digest]) == (0, True)
            self.open[entry.id] = (project, purse, 0)
            return
        assert cost <= room
        self.shareable.setdefault(asked.digest, set()).add(entry.id)
        self.charged[project, purse] = self.charged.get((project, purse), 0) + cost
        self.open[entry.id] = (project, purse, cost)

    @precondition(lambda self: self.open)
    @rule(data=st.data(), answered=st.booleans())
    def spend(self, data: st.DataObject, answered: bool) -> None:
        entry_id = data.draw(st.sampled_from(sorted(self.open)))
        with self.database.write() as session:
            answer = {"rows": []} if answered else None
            ledger.spend(session, ALICE, self.clock, store.entry(session, entry_id), answer, "" if answered else "lost")
        del self.open[entry_id]
        if not answered:
            self._share_no_more(entry_id)

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        entry_id = data.draw(st.sampled_from(sorted(self.open)))
        with self.database.write() as session:
            ledger.void(session, ALICE, self.clock, store.entry(session, entry_id), "refused")
        project, purse, cost = self.open.pop(entry_id)
        if cost:
            self.charged[project, purse] -= cost
        self.known = {key: value for key, value in self.known.items() if value != entry_id}
        self._share_no_more(entry_id)

    def left_of_edition(self, revisions: bool) -> int:
        used = sum(value for (_, purse), value in self.charged.items() if (purse == "revision") == revisions)
        return (KEPT if revisions else CAP) - used

    def _share_no_more(self, entry_id: str) -> None:
        for entries in self.shareable.values():
            entries.discard(entry_id)

    @rule(project=PROJECTS, purse=PURSES, amount=st.integers(1, OPENING))
    def grant(self, project: str, purse: str, amount: int) -> None:
        with self.database.write() as session:
            ledger.grant(session, ALICE, self.clock, project, EDITION, purse, Loss(amount), "a reason")
        self.granted[project, purse] = self.granted.get((project, purse), 0) + amount

    @invariant()
    def books_agree_and_no_cap_is_passed(self) -> None:
        with self.database.read() as session:
            cap = store.cap(session, EDITION)
            held = (cap.charged, cap.revision_charged) if cap else (0, 0)
            assert held == (CAP - self.left_of_edition(False), KEPT - self.left_of_edition(True))
            assert held[0] <= CAP
            assert held[1] <= KEPT
            for project in ("one", "two", "three"):
                for row in store.budgets_of(session, project, EDITION):
                    assert row.charged == self.charged.get((project, row.purse), 0) <= row.total

    def teardown(self) -> None:
        with self.database.read() as session:
            assert list(differences(session)) == []
        self.database.dispose()
        self.folder.cleanup()


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(max_examples=examples(15, 500), stateful_step_count=25, deadline=None)
