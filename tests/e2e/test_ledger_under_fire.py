"""The ledger under fire: real processes are killed at random while eight others ask all sorts of things.

Never above a cap; what is charged is a signed receipt, or a question that ended without answer, with its cause.
"""

from __future__ import annotations

import gc
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from sqlalchemy import select

from enclave.core.audit import verify
from enclave.core.signing import open_envelope
from enclave.dp import caps, ledger, store
from enclave.dp.loss import NANO, Loss
from enclave.dp.model import EditionCap, LedgerEntry, PrivacyBudget
from enclave.dp.policy import load_budgets
from enclave.dp.reconciliation import differences
from enclave.dp.states import EntryState
from services.private_answers import settle_entry
from services.worker import dp as worker
from tests.fire import EDITION, OPERATOR, PEOPLE, Fire, ask_once, burning, question, researchers, seen
from tests.scale import examples
from tests.unit.dp.world import wait_until

pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
"""A client whose service is killed under it leaves its socket to the garbage collector, which is called at the end."""
REQUESTS = examples(96, 10_000)
PROCESSES = 8
PAUSE = (0.5, 2.0) if REQUESTS < 1_000 else (2.0, 8.0)
"""Seconds between a service's return and the next kill."""
AGAIN = ("The same question is being answered for somebody else.", "The question did not reach the data.")
"""Refusals before data access, charged nothing, that ask to ask again."""
CAP = load_budgets().edition_total.nano_rho


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def fire(request: pytest.FixtureRequest) -> Iterator[Fire]:
    """The two services over SQLite and over PostgreSQL; a short folder, because sockets have short names."""
    with TemporaryDirectory(prefix="c2c-fire-", dir="/tmp") as place:
        if request.param == "sqlite":
            (Path(place) / "app").mkdir()
            address = f"sqlite:///{place}/app/app.db"
        else:
            from tests.postgresql import create_database

            address = create_database(request.getfixturevalue("postgresql"), f"t{uuid4().hex}")
        with burning(Path(place), address) as burning_fire:
            yield burning_fire


def test_the_ledger_holds_under_fire(fire: Fire, tmp_path: Path) -> None:
    one_budget_has_one_answer_of_fifty(fire)
    with fire.context.database.write() as session:
        for project in PEOPLE:  # together more than the edition has
            for purse in ("explore", "revision"):
                ledger.grant(
                    session, OPERATOR, fire.context.clock, project, EDITION, purse, Loss(NANO), "a test of caps"
                )
    price = 2.5 * CAP / NANO / (REQUESTS * 0.3)
    at_work = researchers(fire, PROCESSES, REQUESTS, price, tmp_path)
    chance = random.Random(7)
    victims = chain(("portal", "data"), iter(lambda: chance.choice(("data", "portal")), None))
    while any(process.is_alive() for process in at_work) or not all(fire.kills.values()):
        time.sleep(chance.uniform(0.2, 1.5))
        service = next(victims)
        fire.kill(service)
        never_above_a_cap(fire)
        fire.start(service)
        wait_until(lambda service=service: fire.answers(service), 60)  # type: ignore[misc]
        time.sleep(chance.uniform(*PAUSE))
        for entry in worker.pending(fire.context):
            worker.run(fire.context, entry)
    settle_what_is_open(fire)
    the_books_hold(fire)
    told(fire, tmp_path)
    what_people_saw_holds(tmp_path)
    gc.collect()


def told(fire: Fire, folder: Path) -> None:
    """The figures that stand in docs/benchmarks.md, for whoever reads along."""
    ends: Counter[str] = Counter()
    with fire.context.database.read() as session:
        for entry in session.scalars(select(LedgerEntry)):
            answered = "answered" if entry.answer else entry.cause
            ends[f"{entry.state} {answered}{' (shared)' if entry.source else ''}"] += 1
        cap = store.cap(session, EDITION)
        spent = cap and (cap.charged, cap.total, cap.revision_charged)
    replies = Counter(f"{each['kind']} {each['status']}" for each in seen(folder))
    cut = sum(each["cut"] for each in seen(folder))
    print(json.dumps({"kills": fire.kills, "replies": replies, "ends": ends, "cap": spent, "sent again": cut}))


def one_budget_has_one_answer_of_fifty(fire: Fire) -> None:
    """Fifty questions at once, each of which costs all that the purse holds."""
    chance = random.Random(50)
    whole = load_budgets().opens_with("release").nano_rho / NANO
    bodies = [
        question(chance, 1) | {"loss": {"rho": whole - number * 1e-6}, "purse": "release"} for number in range(50)
    ]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda body: ask_once(fire, "one", body)["status"], bodies))
    assert Counter(answers) == {200: 1, 409: 49}


def never_above_a_cap(fire: Fire) -> None:
    with fire.context.database.read() as session:
        for purse in session.scalars(select(PrivacyBudget)):
            assert 0 <= purse.charged <= purse.total
        for cap in session.scalars(select(EditionCap)):
            assert 0 <= cap.charged <= cap.total
            assert 0 <= cap.revision_charged <= cap.revision_total


def settle_what_is_open(fire: Fire) -> None:
    """As the worker does when nobody waits any more; here nobody does."""
    client = worker._client(fire.context)
    with fire.context.database.read() as session:
        reserved = select(LedgerEntry.id).filter_by(state=EntryState.RESERVED.value)
        left = list(session.scalars(reserved))
    for entry in left:
        settle_entry(fire.context.database, client, OPERATOR, entry)
    with fire.context.database.read() as session:
        assert list(session.scalars(reserved)) == []


def the_books_hold(fire: Fire) -> None:
    """Charged = receipts + questions without answer, each with its cause; journal, trail and rows agree."""
    never_above_a_cap(fire)
    with fire.context.database.read() as session:
        spent: dict[tuple[str, str], int] = defaultdict(int)
        unanswered = 0
        for entry in session.scalars(select(LedgerEntry)):
            if entry.state == EntryState.VOIDED:
                assert entry.cause
                continue
            spent[entry.project, entry.purse] += entry.cost
            if entry.answer is None:
                assert entry.cause
                unanswered += entry.cost
                continue
            receipt = open_envelope(
                entry.answer["receipt"], fire.context.keyring, "dp.receipt", fire.context.clock, {"data"}
            )
            assert receipt["entry"] == entry.id
            assert receipt["entry_hash"] == entry.hash
            assert entry.source is not None or receipt["loss"]["nano_rho"] == entry.cost
        purses = {(row.project, row.purse): row.charged for row in session.scalars(select(PrivacyBudget))}
        assert {key: value for key, value in purses.items() if value} == {k: v for k, v in spent.items() if v}
        cap, every = store.cap(session, EDITION), store.cap(session, caps.EVERY)
        assert cap is not None
        assert every is not None
        assert cap.charged + cap.revision_charged == sum(spent.values()) == every.charged
        assert verify(session).holds
        assert list(differences(session)) == []


def what_people_saw_holds(folder: Path) -> None:
    """Everybody's request ended in words that are meant for it, and one question had one answer."""
    found = seen(folder)
    assert len(found) == REQUESTS // PROCESSES * PROCESSES
    allowed = {
        "preview": {200, 409}, "foreign": {403, 404}, "malformed": {400, 403, 404, 413, 422, 429},
        "new": {200, 409, 429, 503}, "again": {200, 409, 429, 503}, "popular": {200, 409, 429, 503},
    }  # fmt: skip
    wrong = [each for each in found if each["status"] not in allowed[each["kind"]] and each.get("message") not in AGAIN]
    assert wrong == []
    rows: dict[str, set[str]] = defaultdict(set)
    for each in found:
        if "rows" in each:
            rows[each["question"]].add(each["rows"])
    assert [question for question, answers in rows.items() if len(answers) > 1] == []
    assert {each["message"] for each in found if each["status"] == 503} <= {
        "The question could not be answered.", "The data service is away."
    }  # fmt: skip
