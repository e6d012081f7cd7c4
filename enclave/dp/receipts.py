"""Receipts: what was asked, what was charged, how the noise was drawn, and the digest of the answer.

A receipt is the payload of an envelope `dp.receipt`, signed by the data service. Anyone with its public key can
verify offline that a table is the answer that was paid for, without seeing data or ledger.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from enclave.core.digests import canonical_json, sha256_hex
from enclave.dp.bounded import BoundedTable
from enclave.dp.loss import DELTA, NANO, Loss
from enclave.dp.policy import TablePolicy
from enclave.dp.price import Plan, Priced
from enclave.dp.shape import Table
from enclave.dp.specification import specification_json

MECHANISM = "integer Gaussian (OpenDP make_gaussian over vector_domain(i64)), zCDP"
SECOND = "; the statement taken apart and small groups dropped by smartnoise-sql"
LIBRARIES = ("opendp", "duckdb")


@dataclass(frozen=True)
class Charge:
    """What the ledger says of a question when it sends it to the research store."""

    entry: str
    entry_hash: str
    project: str
    user: str
    edition: str
    purse: str
    cumulative_nano_rho: int
    cumulative_femto_delta: int = 0

    @property
    def cumulative(self) -> Loss:
        return Loss(self.cumulative_nano_rho, self.cumulative_femto_delta)


def receipt_payload(
    charge: Charge, plan: Plan, policy: TablePolicy, source: BoundedTable, table: Table, time: str
) -> dict[str, Any]:
    """Everything that a reader needs to judge the answer; no value of it."""
    specification = specification_json(plan.specification)
    return {
        "entry": charge.entry,
        "entry_hash": charge.entry_hash,
        "project": charge.project,
        "user": charge.user,
        "purse": charge.purse,
        "edition": charge.edition,
        "dataset": policy.table,
        "dataset_digest": source.digest,
        "edition_digest": source.edition_digest,
        "policy_digest": policy.digest,
        "specification": specification,
        "specification_digest": sha256_hex(canonical_json(specification)),
        "unit_of_privacy": "person",
        "rows_per_person": plan.rows_per_person,
        "mechanism": MECHANISM + SECOND * plan.second_engine,
        **_learned(plan),
        **_joined(policy, source),
        **({"provider_rules": policy.shown.as_json()} if policy.shown.names else {}),
        "statistics": [_statistic(item, policy) for item in plan.statistics],
        "loss": loss_said(plan.loss),
        "cumulative_loss": loss_said(charge.cumulative),
        "result_sha256": sha256_hex(canonical_csv(table)),
        "libraries": {name: version(name) for name in (*LIBRARIES, *("smartnoise-sql",) * plan.second_engine)},
        "time": time,
    }


def _learned(plan: Plan) -> dict[str, Any]:
    """How groups were learned from data, where they were."""
    said = {"threshold": plan.threshold, "femto_delta": plan.loss.femto_delta}
    return {"learned_keys": said} if plan.learns_keys else {}


def _joined(policy: TablePolicy, source: BoundedTable) -> dict[str, Any]:
    """Which tables were joined, by which row of a person, where some were."""
    said = [
        {"table": name, "row": join.choose, "columns": list(join.columns), "digest": source.attributes[name].digest}
        for name, join in policy.joins.items()
    ]
    return {"joins": said} if said else {}


def canonical_csv(table: Table) -> bytes:
    """The answer as CSV: header, rows in order, `<11` for a withheld count, else empty for null, `\\n`, UTF-8."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([[_text(row, name) for name in table.columns] for row in table.rows])
    return stream.getvalue().encode()


def _text(row: dict[str, Any], name: str) -> Any:
    if row[name] is not None:
        return row[name]
    return row["status"] if name == "value" and row["status"].startswith("<") else ""


def _statistic(item: Priced, policy: TablePolicy) -> dict[str, Any]:
    column = policy.columns.get(item.statistic.column or "")
    return {
        "kind": item.statistic.kind,
        "column": item.statistic.column,
        "bounds": list(column.bounds) if column and column.bounds else None,
        "sensitivity_squared": item.statistic.squared_sensitivity,
        "units": item.statistic.unit,
        "sigma": item.sigma,
        "half_width": item.half_width,
        "nano_rho": item.loss.nano_rho,
    }


def loss_said(loss: Loss) -> dict[str, Any]:
    """A loss as receipts state it."""
    said = {"nano_rho": loss.nano_rho, "rho": loss.nano_rho / NANO, "epsilon": loss.epsilon(), "delta": DELTA}
    return said | ({"femto_delta": loss.femto_delta} if loss.femto_delta else {})
