"""How many rows the contribution bounds cut: told in public, once an edition and table, with noise and a charge.

The exact number depends on the data, so it is an answer like any other: a vector of two integers (rows that count, rows
that were cut) gets integer Gaussian noise, at the price of `COST`. Of one person at most `per_person` cut rows are
told, so that a person with very many rows changes the report no more than others: then the share is a little too small.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from enclave.dp.loss import Loss
from enclave.dp.noise import Noise
from enclave.dp.policy import TablePolicy
from enclave.dp.price import Priced, Statistic

COST = Loss(5_000_000)
"""Rho 0.005 a table: at 20 rows a person the number of cut rows is told within about 550."""


def priced(policy: TablePolicy, loss: Loss = COST) -> Priced:
    """Two counts of rows, each changed by at most `per_person` by one person."""
    return Priced(Statistic("rows", None, 2 * policy.rows.per_person**2), loss)


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
    from enclave.dp.bounded import connect, counted_rows  # the research store alone has DuckDB

    with connect() as database:
        return counted_rows(database, edition_folder, policy)
