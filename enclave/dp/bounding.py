"""The report of the rows that contribution bounds cut: charged to the edition, told once, shown in public.

What is told and with which noise stands in `cut_rows`, which runs in the research store; here is the ledger's side. The
edition is charged in the name of nobody's project (`WHOSE`).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.clock import Clock
from enclave.core.digests import canonical_json, sha256_hex
from enclave.core.errors import EnclaveError
from enclave.dp import access, ledger, store
from enclave.dp.cut_rows import COST
from enclave.dp.ledger import Question
from enclave.dp.model import LedgerEntry
from enclave.dp.policy import TablePolicy, load_policies
from enclave.dp.specification import Measure, Specification
from enclave.dp.states import EntryState
from enclave.editions import store as editions

WHOSE, PURSE = "~bounding", "bounding"


def reserve(session: Session, actor: Actor, clock: Clock, edition: str, table: str) -> LedgerEntry:
    """Charge the edition for the report of one table; commit before the research store is asked."""
    policy = load_policies()[table]
    question = Question(
        project=WHOSE, edition=edition, purse=PURSE, digest=_digest(edition, policy), policy_digest=policy.digest,
        specification={"dataset": table, "where": [], "by": [], "measures": [{"kind": "rows_cut", "column": None}]},
        shares=(COST.nano_rho,),
    )  # fmt: skip
    return ledger.reserve(session, actor, clock, question)[0]


def unreported(session: Session, clock: Clock) -> list[tuple[str, str]]:
    """The tables of the open edition that have no report yet and that may be asked about now."""
    newest = editions.latest_published(session)
    if newest is None:
        return []
    found = []
    for table, policy in sorted(load_policies().items()):
        entry = store.live_entry(session, WHOSE, newest.id, _digest(newest.id, policy))
        if entry is None or entry.state == EntryState.RESERVED:
            try:
                asked = Specification(dataset=table, measures=(Measure(kind="count_rows"),))
                access.check_open(session, newest, asked, clock.now())
            except EnclaveError:
                continue  # not in this edition, or its provider's agreement is not in force
            found.append((newest.id, table))
    return found


def reports(session: Session, edition: str) -> dict[str, dict[str, Any]]:
    """Table → its share of rows cut, as it was told."""
    entries = sorted(store.entries_of(session, WHOSE), key=lambda entry: entry.id)
    return {
        entry.specification["dataset"]: entry.answer["rows"][0]
        for entry in entries
        if entry.edition == edition and entry.answer is not None
    }


def _digest(edition: str, policy: TablePolicy) -> str:
    content = {"rows_cut": edition, "table": policy.table, "policy": policy.digest, "nano_rho": COST.nano_rho}
    return sha256_hex(canonical_json(content))
