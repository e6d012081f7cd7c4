"""Use cases of private answers on the control side: price, reserve, settle, show.

The order is fixed: `ask` reserves and its transaction commits; only then does the caller send `job_of` to the data
service; `settle` takes what came back. A reply that does not come leaves the entry RESERVED until `settle` learns
from the data service what became of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.clock import Clock
from enclave.core.errors import EnclaveError, Unavailable
from enclave.dp import access, bounding, caps, ledger, planning, store
from enclave.dp.dummies import dummy
from enclave.dp.joins import policy_of
from enclave.dp.ledger import Question
from enclave.dp.loss import Loss
from enclave.dp.model import LedgerEntry
from enclave.dp.planning import PLANNING
from enclave.dp.policy import TablePolicy, load_budgets
from enclave.dp.price import Plan, price
from enclave.dp.specification import Request, label, question_digest, specification_json
from enclave.dp.states import EntryState
from enclave.projects import store as projects
from enclave.projects.permissions import check_can_see_project


@dataclass(frozen=True)
class Quote:
    """The price of a question, and what the project could pay."""

    edition: str
    plan: Plan
    policy: TablePolicy
    purse: str
    remaining: Loss
    asked_before: bool

    def as_json(self) -> dict[str, Any]:
        """What `cost` answers; nothing of it depends on data."""
        cost = self.plan.loss
        return {
            "edition": self.edition,
            "loss": cost.as_json(),
            "rows_per_person": self.plan.rows_per_person,
            "measures": _exactness(self.plan, self.policy),
            "purse": self.purse,
            "remaining": self.remaining.as_json(),
            "affordable": self.asked_before or cost.within(self.remaining),
            "provider_rules": list(self.policy.shown.names),
            **({"threshold": self.plan.threshold} if self.plan.learns_keys else {}),
            "questions_like_this": _times(self.remaining, cost),
            "asked_before": self.asked_before,
        }


def quote(session: Session, actor: Actor, clock: Clock, project: str, request: Request) -> Quote:
    """Price a question for a project or for PLANNING. Touches no data and charges nothing."""
    request = _admitted(session, actor, clock, project, request)
    edition = access.open_edition(session)
    policy = policy_of(request.specification)
    plan = _priced(project, request, policy)
    access.check_open(session, edition, request.specification, clock.now())
    question = _question(project, edition.id, request, policy, plan)
    known = store.live_entry(session, project, edition.id, question.digest)
    known = known or store.charged_entry(session, edition.id, question.digest)
    left = remaining(session, project, edition.id, request.purse)
    return Quote(edition.id, plan, policy, request.purse, left, known is not None)


def rehearse(session: Session, actor: Actor, clock: Clock, project: str, request: Request) -> dict[str, Any]:
    """An invented answer in the shape of the real one; checked like it, charged nothing, made without data."""
    priced = quote(session, actor, clock, project, request)
    table = dummy(priced.plan, priced.policy)
    return {"columns": table.columns, "rows": table.rows, "edition": priced.edition, "loss": priced.plan.loss.as_json()}


def ask(session: Session, actor: Actor, clock: Clock, project: str, request: Request) -> tuple[LedgerEntry, bool]:
    """Reserve a question's charge; the entry, and whether it is new. Commit before sending its job."""
    request = _admitted(session, actor, clock, project, request)
    edition = access.open_edition(session)
    policy = policy_of(request.specification)
    plan = _priced(project, request, policy)
    access.check_open(session, edition, request.specification, clock.now())
    question = _question(project, edition.id, request, policy, plan)
    if store.charged_entry(session, edition.id, question.digest) is None:
        if project == PLANNING:
            planning.check_pace(session, actor, clock)
        else:
            access.check_pace(session, actor, project, clock.now())
    return ledger.reserve(session, actor, clock, question)


def job_of(entry: LedgerEntry) -> dict[str, Any]:
    """The payload of the `dp.query` job of an entry."""
    return {
        "entry": entry.id,
        "entry_hash": entry.hash,
        "project": entry.project,
        "user": entry.user,
        "edition": entry.edition,
        "purse": entry.purse,
        "cumulative_nano_rho": entry.cumulative,
        "cumulative_femto_delta": entry.cumulative_delta,
        "specification": entry.specification,
        "shares": entry.shares,
        "policy_digest": entry.policy_digest,
        "source": entry.source,
    }


def settle(session: Session, actor: Actor, clock: Clock, entry_id: str, reply: dict[str, Any]) -> LedgerEntry:
    """Write down what the data service says of an entry. Settled entries stay as they are."""
    entry = store.entry(session, entry_id)
    if reply["state"] == "started":
        return entry
    caps.open_cap(session, actor, clock, entry.edition)  # of two replies to one entry, the second waits here
    session.refresh(entry)
    if entry.state != EntryState.RESERVED:
        return entry
    if reply["state"] == "answered":
        ledger.spend(session, actor, clock, entry, reply["answer"])
    elif reply["state"] == "refused":
        ledger.void(session, actor, clock, entry, str(reply["error"]["code"]))
    else:
        ledger.spend(session, actor, clock, entry, None, "failed or lost after data access")
    return entry


def answer_json(session: Session, entry: LedgerEntry, cached: bool) -> dict[str, Any]:
    """What `queries` answers for a settled entry; the one constant error when it has no answer."""
    if entry.answer is None:
        raise no_answer(entry.id)
    return {
        **entry.answer,
        "edition": entry.edition,
        "entry": entry.id,
        "rows_cut": _rows_cut(session, entry),
        "loss": _loss_of(entry.answer).as_json(),
        "charged": Loss(entry.cost, entry.delta).as_json(),
        "remaining": remaining(session, entry.project, entry.edition, entry.purse).as_json(),
        "cached": cached or entry.source is not None,
    }


def _rows_cut(session: Session, entry: LedgerEntry) -> list[dict[str, Any]]:
    """How many rows the bounds cut in the tables of a question, as was told once for the edition."""
    told, receipt = bounding.reports(session, entry.edition), (entry.answer or {})["receipt"]["payload"]
    tables = [entry.specification["dataset"], *(join["table"] for join in receipt.get("joins", ()))]
    return [told[table] for table in tables if table in told]


def _loss_of(answer: dict[str, Any]) -> Loss:
    """What an answer loses, as its receipt says: of a shared one too, which charged nothing."""
    said = answer["receipt"]["payload"]["loss"]
    return Loss(said["nano_rho"], said.get("femto_delta", 0))


def no_answer(entry_id: str) -> EnclaveError:
    """The same words and the entry's id, whatever went wrong after data access."""
    return Unavailable(
        "The question could not be answered.",
        f"Its charge stands while it is being settled. Give the id {entry_id} to the office if this stays.",
    )


def remaining(session: Session, project: str, edition: str, purse: str) -> Loss:
    """What a purse still holds, within what the edition's cap leaves."""
    row, cap, policy = store.budget(session, project, edition, purse), store.cap(session, edition), load_budgets()
    in_purse, in_cap = (
        Loss(held.total, held.delta_total) - Loss(held.charged, held.delta_charged) if held else whole
        for held, whole in ((row, policy.opens_with(purse)), (cap, policy.edition_total))
    )
    return Loss(min(in_purse.nano_rho, in_cap.nano_rho), min(in_purse.femto_delta, in_cap.femto_delta))


def ledger_json(session: Session, actor: Actor, project: str) -> list[dict[str, Any]]:
    """A project's entries, the newest first, without answers."""
    check_can_see_project(session, actor, projects.get_project(session, project))
    return [
        {
            "id": entry.id,
            "state": entry.state,
            "edition": entry.edition,
            "purse": entry.purse,
            "user": entry.user,
            "dataset": entry.specification["dataset"],
            "specification": entry.specification,
            "loss": Loss(entry.cost, entry.delta).as_json(),
            "shared": entry.source is not None,
            "reserved_at": entry.reserved_at.isoformat(),
            "settled_at": entry.settled_at.isoformat() if entry.settled_at else None,
            "answered": entry.answer is not None,
            "cause": entry.cause,
            "hash": entry.hash,
        }
        for entry in store.entries_of(session, project)
    ]


def _admitted(session: Session, actor: Actor, clock: Clock, project: str, request: Request) -> Request:
    """The request with its purse, when the actor may ask in this name."""
    if project == PLANNING:
        planning.check_can_plan(actor)
        return planning.for_planning(request)
    access.check_can_ask(session, actor, project, clock.now())
    return request


def _priced(project: str, request: Request, policy: TablePolicy) -> Plan:
    plan = price(request.specification, policy, request.loss.stated())
    if project == PLANNING:
        planning.check_keys(plan)
    return plan


def _question(project: str, edition: str, request: Request, policy: TablePolicy, plan: Plan) -> Question:
    return Question(
        project=project,
        edition=edition,
        purse=request.purse,
        digest=question_digest(edition, request.specification, plan.loss, policy.digest),
        policy_digest=policy.digest,
        specification=specification_json(request.specification),
        shares=tuple(item.loss.nano_rho for item in plan.statistics),
        delta=plan.loss.femto_delta,
    )


def _exactness(plan: Plan, policy: TablePolicy) -> list[dict[str, Any]]:
    """The 95 % half-width of each measure; of a mean or quantile it depends on the group's size, so of its counts."""
    kinds = {"count_persons": "persons", "count_rows": "rows", "sum": "sum"}
    kinds |= dict.fromkeys(("mean", "variance", "stddev"), "filled")
    found = []
    for measure in plan.specification.measures:
        kind = kinds.get(measure.kind, "bins")
        priced = next(
            item for item in plan.statistics if item.statistic.kind == kind and item.statistic.column == measure.column
        )
        scale = policy.column(measure.column).scale if measure.kind == "sum" and measure.column else 1
        of = "value" if measure.kind in ("count_persons", "count_rows", "sum", "histogram") else "count"
        found.append({"measure": label(measure), "half_width": priced.half_width / scale, "of": of})
    return found


def _times(held: Loss, cost: Loss) -> int:
    """How often a cost can be paid."""
    times = held.nano_rho // cost.nano_rho
    return min(times, held.femto_delta // cost.femto_delta) if cost.femto_delta else times
