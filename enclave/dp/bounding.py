"""How many rows the contribution bounds cut: told in public, once an edition and table, with noise and a charge.

The exact number depends on the data, so it is an answer like any other: a vector of two integers (rows that count, rows
that were cut) gets integer Gaussian noise, and the edition is charged for it in the name of nobody's project
(`WHOSE`). Of one person at most `per_person` cut rows are told, so that a person with very many rows changes the report
no more than others: then the share is a little too small.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.clock import Clock
from enclave.core.digests import canonical_json, sha256_hex
from enclave.core.errors import EnclaveError
from enclave.dp import access, ledger, store
from enclave.dp.bounded import connect, counted_rows
from enclave.dp.ledger import Question
from enclave.dp.loss import Loss
from enclave.dp.model import LedgerEntry
from enclave.dp.noise import Noise
from enclave.dp.policy import TablePolicy, load_policies
from enclave.dp.price import Priced, Statistic
from enclave.dp.specification import Measure, Specification
from enclave.dp.states import EntryState
from enclave.editions import store as editions

WHOSE, PURSE = "~bounding", "bounding"
COST = Loss(5_000_000)
"""Rho 0.005 a table: at 20 rows a person the number of cut rows is told within about 550."""


def priced(policy: TablePolicy, loss: Loss = COST) -> Priced:
    """Two counts of rows, each changed by at most `per_person` by one person."""
    return Priced(Statistic("rows", None, 2 * policy.rows.per_person**2), loss)


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


def told(edition_folder: Path, policy: TablePolicy, item: Priced, noise: Noise) -> dict[str, Any]:
    """The noisy report of one table, from the edition's own rows. Runs in the research store."""
    kept, cut = noise.add(list(_exact(edition_folder, policy)), item)
    total = max(1, max(0, kept) + max(0, cut))
    share = max(0, cut) / total
    half_width = min(1.0, item.half_width * (1 + 2 * share) / total)
    return {
        "table": policy.table, "rows_kept": max(0, kept), "rows_cut": max(0, cut), "half_width_rows": item.half_width,
        "share_cut": round(share, 4), "half_width": round(half_width, 4), "per_person": policy.rows.per_person,
        "status": "ok" if half_width <= 0.1 else "imprecise",
    }  # fmt: skip


def _exact(edition_folder: Path, policy: TablePolicy) -> tuple[int, int]:
    with connect() as database:
        return counted_rows(database, edition_folder, policy)


def _digest(edition: str, policy: TablePolicy) -> str:
    content = {"rows_cut": edition, "table": policy.table, "policy": policy.digest, "nano_rho": COST.nano_rho}
    return sha256_hex(canonical_json(content))
