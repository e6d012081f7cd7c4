"""Jobs about private answers: run a priced question, tell where entries stand, build bounded tables.

Until the `started` mark a question can be refused, and the ledger gives its charge back. From the mark on, every
failure is the one constant reply `failed`, and replies leave in steps of a fixed time, not before a walk through the
whole table would be over.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from enclave.core.errors import BadInput, EnclaveError, Unavailable
from enclave.core.logging import get_logger
from enclave.core.signing import seal
from enclave.dp.answers import Answers, EntryState
from enclave.dp.bounded import BoundedTable, ensure_attributes, ensure_bounded
from enclave.dp.engine import GaussianNoise, Noise, answer
from enclave.dp.joins import policy_of
from enclave.dp.pace import slowdown
from enclave.dp.policy import TablePolicy, load_policies, policy_for
from enclave.dp.price import Plan, price_at
from enclave.dp.receipts import Charge, receipt_payload
from enclave.dp.shape import shape
from enclave.dp.specification import parse_specification
from services.data import shared
from services.data.context import DataContext, Handler, Payload

REPLY_STEP = 0.1
"""Seconds: replies after data access leave at whole multiples."""
ANSWERS = "answers"
_CHARGE = ("entry", "entry_hash", "project", "user", "edition", "purse")


def query(context: DataContext, job: Payload) -> Payload:
    """Run a question once for its ledger entry. Result: `state` answered | failed | refused, and what goes with it."""
    charge = charge_of(job)
    answers = answers_of(context)
    with answers.holding(charge.entry):
        state = answers.state(charge.entry)
        if state is EntryState.UNKNOWN:
            return _first_time(context, job, charge, answers)
        return reply(state, answers, charge.entry)


def settle(context: DataContext, job: Payload) -> Payload:
    """Where entries stand that the ledger holds as reserved; those never seen are closed for good."""
    answers, replies = answers_of(context), {}
    for entry in _texts(job.get("entries")):
        with answers.holding(entry):
            state = answers.state(entry)
            if state is EntryState.UNKNOWN:
                answers.close(entry)
                state = EntryState.CLOSED
            replies[entry] = reply(state, answers, entry)
    return {"entries": replies}


def prepare(context: DataContext, job: Payload) -> Payload:
    """Build the bounded tables of an edition now, so that the first questions do not wait. Counts no rows."""
    edition, built = _edition(job), []
    for policy in load_policies().values():
        try:
            _table(context, edition, policy)
            if policy.person is not None:
                ensure_attributes(context.paths.editions, context.paths.bounded, edition, policy)
        except EnclaveError:
            continue
        built.append(policy.table)
    return {"edition": edition, "tables": built}


HANDLERS: dict[str, Handler] = {"dp.query": query, "dp.settle": settle, "dp.prepare": prepare}


def _first_time(context: DataContext, job: Payload, charge: Charge, answers: Answers) -> Payload:
    try:
        policy, plan = _plan(job)
        if job.get("source") is not None:
            answers.keep(charge.entry, shared.answer(context, answers, job, charge, plan))
            return reply(EntryState.ANSWERED, answers, charge.entry)
        source = _table(context, charge.edition, policy)
        answers.start(charge.entry)
    except EnclaveError as problem:
        answers.close(charge.entry)
        return {"state": "refused", **problem.as_json()}
    return after_start(
        answers,
        charge.entry,
        lambda: _run(context, charge, plan, policy, source, GaussianNoise()),
        lambda: source.pace.floor(plan, policy, slowdown()),
    )


def after_start(
    answers: Answers, entry: str, work: Callable[[], Payload], floor: Callable[[], float] = lambda: 0.0
) -> Payload:
    """Do what reads data and keep its answer; whatever fails, the reply is constant and leaves in steps of time.

    `floor`: seconds that a reply takes at least, told by public policy.
    """
    began = time.monotonic()
    try:
        answers.keep(entry, work())
    except Exception as problem:
        get_logger().error("dp_failed", entry=entry, kind=type(problem).__name__)
        answers.fail(entry)
    _wait_for_step(began, floor())
    return reply(answers.state(entry), answers, entry)


def _run(
    context: DataContext, charge: Charge, plan: Plan, policy: TablePolicy, source: BoundedTable, noise: Noise
) -> Payload:
    table = shape(answer(plan, policy, source.file, noise, source.joined), plan, policy)
    now = context.clock.now().isoformat()
    payload = receipt_payload(charge, plan, policy, source, table, now)
    receipt = seal("dp.receipt", payload, context.key, context.clock)
    return {"columns": list(table.columns), "rows": list(table.rows), "receipt": receipt}


def reply(state: EntryState, answers: Answers, entry: str) -> Payload:
    """What is said of an entry in this state."""
    if state is EntryState.ANSWERED:
        return {"state": "answered", "answer": answers.answer(entry)}
    if state is EntryState.CLOSED:
        error = Unavailable("The question did not reach the data.", "Ask it again.")
        return {"state": "refused", **error.as_json()}
    return {"state": "failed"}


def _wait_for_step(began: float, floor: float) -> None:
    """Wait for the next step, not before the floor: see `enclave.dp.pace`."""
    passed = time.monotonic() - began
    steps = max(1, math.ceil(max(passed, floor) / REPLY_STEP))
    time.sleep(steps * REPLY_STEP - passed)


def _plan(job: Payload) -> tuple[TablePolicy, Plan]:
    specification = parse_specification(job.get("specification"))
    policy = policy_of(specification)
    if job.get("policy_digest") != policy.digest:
        raise Unavailable("The policy has just changed.", "Ask for the price again.")
    shares = job.get("shares")
    if not isinstance(shares, list) or not all(type(share) is int and share > 0 for share in shares):
        raise BadInput("The price is not well formed.", "Send the shares of the plan.")
    return policy, price_at(specification, policy, tuple(shares))


def _table(context: DataContext, edition: str, policy: TablePolicy) -> BoundedTable:
    try:
        places = context.paths.editions, context.paths.bounded, edition
        made = ensure_bounded(*places, policy_for(policy.table))
        joined = {name: ensure_attributes(*places, policy_for(name)) for name in policy.joins}
        return replace(made, attributes=joined)
    except EnclaveError:
        raise
    except Exception as problem:
        get_logger().error("dp_build_failed", edition=edition, table=policy.table, kind=type(problem).__name__)
        raise Unavailable("This dataset cannot be prepared.", "Tell the data steward.") from None


def charge_of(job: Payload) -> Charge:
    """What the ledger says of a job\'s entry; BadInput: it is not well formed."""
    texts = {name: job.get(name) for name in _CHARGE}
    total, delta = job.get("cumulative_nano_rho"), job.get("cumulative_femto_delta", 0)
    if not all(isinstance(value, str) for value in texts.values()) or type(total) is not int or type(delta) is not int:
        raise BadInput("The charge is not well formed.", "Send the ledger entry as it was reserved.")
    _edition(job)
    return Charge(cumulative_nano_rho=total, cumulative_femto_delta=delta, **texts)  # type: ignore[arg-type]


def _edition(job: Payload) -> str:
    edition = str(job.get("edition", ""))
    year, _, revision = edition.partition("r")
    if not (year.isdecimal() and len(year) == 4 and revision.isdecimal() and len(revision) <= 3):
        raise BadInput("This is not an edition.", "Editions are written like 2025r1.")
    return edition


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) > 1000 or not all(isinstance(item, str) for item in value):
        raise BadInput("A list of ledger entries is needed.", "Send at most 1000 ids.")
    return value


@lru_cache(maxsize=8)
def _answers_in(folder: Any) -> Answers:
    return Answers(folder)


def answers_of(context: DataContext) -> Answers:
    """The memory of entries in the research store."""
    return _answers_in(context.paths.bounded / ANSWERS)
