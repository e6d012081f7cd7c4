"""Where the linkage keeps its files in the vault."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from enclave.core.errors import Conflict


class MatchFolder:
    """Paths below ``vault/``; nothing else builds them.

    ``match/persons.duckdb`` the person ledger · ``match/<year>/run.json`` the latest run of a year ·
    ``match/<year>/<run>/`` what a run found · ``match/models/<run>/`` a frozen model · ``crosswalk/crosswalk.parquet``.
    """

    def __init__(self, vault: Path) -> None:
        self.vault = vault
        self.match = vault / "match"
        self.ledger = self.match / "persons.duckdb"
        self.crosswalk = vault / "crosswalk" / "crosswalk.parquet"
        self.match.mkdir(parents=True, exist_ok=True)
        self.crosswalk.parent.mkdir(parents=True, exist_ok=True)

    def run_file(self, year: int) -> Path:
        return self.match / str(year) / "run.json"

    def results(self, year: int, run_id: str) -> Path:
        return self.match / str(year) / run_id

    def model(self, run_id: str) -> Path:
        return self.match / "models" / run_id

    def database(self) -> duckdb.DuckDBPyConnection:
        """A database in memory for one job; what does not fit spills into the vault, never elsewhere."""
        return duckdb.connect(config={"temp_directory": str(self.match / "spill")})

    @contextmanager
    def lock(self) -> Iterator[None]:
        """One match job at a time; the lock goes with the process that holds it."""
        with (self.match / "lock").open("w") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Conflict("Another match job is at work in the vault.", "Wait until it ends.") from None
            yield
