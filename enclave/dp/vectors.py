"""Noisy numbers on their way to a table: one vector a statistic, over the cells of the public keys."""

from __future__ import annotations

from dataclasses import dataclass

from enclave.dp.policy.tables import Key

Cell = tuple[Key, ...]
Noisy = dict[tuple[str, str | None], list[int]]
"""Statistic (kind, column) → its noisy vector over cells, or cells × bins."""


@dataclass(frozen=True)
class Answer:
    """Noisy vectors over the cells, in the order of `cells`."""

    cells: tuple[Cell, ...]
    noisy: Noisy
