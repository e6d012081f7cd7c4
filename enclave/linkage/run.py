"""The yearly match run: run, look at its report, accept.

Running changes nothing that stands: a run writes its findings beside, and only the acceptance by a second steward
enters them into the person ledger and replaces the crosswalk. A signed event tells the application of every step.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from enclave.core.clock import Clock
from enclave.core.errors import Conflict, NotAllowed
from enclave.core.files import write_atomic
from enclave.core.ids import new_id
from enclave.linkage import clerical, matching, model, quality, record
from enclave.linkage.folder import MatchFolder
from enclave.linkage.journal import Journal
from enclave.linkage.ledger import PersonLedger
from enclave.linkage.matching import Progress
from enclave.linkage.record import MatchRun
from enclave.linkage.standardise import IdentityFile
from enclave.linkage.states import MatchRunState

FOUND, QUALITY, CLERICAL = "found.parquet", "quality.json", "clerical.parquet"


@dataclass(frozen=True)
class Matcher:
    """What a match job works with."""

    folder: MatchFolder
    journal: Journal
    clock: Clock
    stewards: Collection[str]
    say: Progress = lambda _: None

    def run(
        self, year: int, files: Sequence[IdentityFile], contributions: Sequence[str], runner: str, full: bool = False
    ) -> MatchRun:
        """Match the records of the accepted contributions up to a year; the run is then UNDER_REVIEW.

        The first run, and ``full``, match everything against everything; later runs only what is new. A run that was
        killed is marked FAILED and replaced. Raises Conflict while an earlier run of the year waits for review.
        """
        self._check_steward(runner)
        with self.folder.lock():
            self._clear_the_way(year, full)
            run = self._start(year, contributions, runner, full)
            try:
                counts = self._match(run, files)
            except BaseException as problem:
                self._advance(run.moved(MatchRunState.FAILED), error=type(problem).__name__)
                raise
            return self._advance(run.moved(MatchRunState.UNDER_REVIEW, counts=counts), quality=self.report(year))

    def report(self, year: int) -> dict[str, Any]:
        """The linkage quality report of the latest run of a year."""
        run = record.get(self.folder, year)
        path = self.folder.results(year, run.id) / QUALITY
        if not path.is_file():
            raise Conflict("The match run has no report yet.", f"Run it: c2c vault match run --year {year}")
        report: dict[str, Any] = json.loads(path.read_text())
        return report

    def accept(self, year: int, steward: str) -> MatchRun:
        """Enter the run into the person ledger and write the crosswalk. Another steward than the runner decides.

        Accepting again after a crash goes on where it stopped.
        """
        self._check_steward(steward)
        with self.folder.lock():
            run = record.get(self.folder, year)
            if run.state is MatchRunState.ACCEPTED:
                return run
            accepted = run.moved(MatchRunState.ACCEPTED, accepted_by=steward, accepted_at=self.clock.now().isoformat())
            if steward == run.runner:
                raise NotAllowed(
                    "Who ran the match cannot accept it.", "Ask another data steward to look at the report."
                )
            with PersonLedger.open(self.folder.ledger) as ledger:
                found = self.folder.results(year, run.id) / FOUND
                events = ledger.enter(run.id, year, run.model, found, self.clock)
                ledger.write_crosswalk(self.folder.crosswalk)
                persons = ledger.counts()["persons"]
            keys = {f"keys_{kind}": number for kind, number in events.items()} | {"standing_persons": persons}
            return self._advance(replace(accepted, counts=run.counts | keys))

    def abandon(self, year: int, steward: str) -> MatchRun:
        """Drop a run whose report does not convince; nothing of it was entered."""
        self._check_steward(steward)
        with self.folder.lock():
            run = self._advance(record.get(self.folder, year).moved(MatchRunState.ABANDONED))
            shutil.rmtree(self.folder.results(year, run.id), ignore_errors=True)
            return run

    def _check_steward(self, name: str) -> None:
        if name not in self.stewards:
            raise NotAllowed(
                "Only a data steward of the enclave may do this.",
                "Name one of the stewards of the snapshot, or ask an administrator to add the role.",
            )

    def _clear_the_way(self, year: int, full: bool) -> None:
        """A run left RUNNING has lost its lock, so it was killed; one under review must be decided first."""
        earlier = record.find(self.folder, year)
        if earlier is None:
            return
        if earlier.state in {MatchRunState.RUNNING, MatchRunState.PLANNED}:
            dead = replace(earlier, state=MatchRunState.FAILED)
            self._advance(dead, error="killed")
            shutil.rmtree(self.folder.results(year, earlier.id), ignore_errors=True)
        if earlier.state is MatchRunState.UNDER_REVIEW:
            raise Conflict(
                "A match run of this year waits for review.", "Accept it or abandon it before you start another."
            )
        if earlier.state in {MatchRunState.ACCEPTED} and not full:
            raise Conflict(
                "The match of this year is accepted and not yet published.",
                f"Publish it: c2c editions publish --year {year}",
            )

    def _start(self, year: int, contributions: Sequence[str], runner: str, full: bool) -> MatchRun:
        run = MatchRun(
            id=new_id("mrun"), year=year, state=MatchRunState.PLANNED, runner=runner, full=full,
            started_at=self.clock.now().isoformat(), model_version=model.MODEL_VERSION,
            contributions=sorted(contributions),
        )  # fmt: skip
        standing = None if full else self._standing_model()
        run = replace(run, full=standing is None, model=standing or run.id)
        return self._advance(run.moved(MatchRunState.RUNNING))

    def _standing_model(self) -> str | None:
        if not self.folder.ledger.is_file():
            return None
        with PersonLedger.open(self.folder.ledger) as ledger:
            return ledger.standing_model()

    def _match(self, run: MatchRun, files: Sequence[IdentityFile]) -> dict[str, int]:
        results = self.folder.results(run.year, run.id)
        results.mkdir(parents=True, exist_ok=True)
        with self.folder.database() as connection:
            if run.full:
                matched = matching.match_all(connection, files, self.folder.model(run.id), say=self.say)
            else:
                matched = matching.match_new(
                    connection, files, self.folder.model(run.model), self.folder.ledger, say=self.say
                )
            self.say("Writing the quality report")
            piles = self._write_results(connection, results, "all records" if run.full else "new records")
        return asdict(matched) | {f"clerical_{pile}": number for pile, number in piles.items()}

    def _write_results(self, connection: duckdb.DuckDBPyConnection, results: Path, scored: str) -> dict[str, int]:
        piles = clerical.queue(connection, model.LINKED_FROM_WEIGHT)
        clerical.write(connection, results / CLERICAL)
        report = quality.report(connection, model.LINKED_FROM_WEIGHT) | {"clerical": piles, "pairs_of": scored}
        matching.write_found(connection, results / FOUND)
        write_atomic(results / QUALITY, json.dumps(report, indent=1, sort_keys=True).encode())
        return piles

    def _advance(self, run: MatchRun, **more: Any) -> MatchRun:
        """Tell the application, then write the state down: killed in between, the step is told again, never lost."""
        self.journal.tell(
            f"match_run.{run.state.lower()}", run.id, year=run.year, runner=run.runner, accepted_by=run.accepted_by,
            counts=run.counts, **more,
        )  # fmt: skip
        run.save(self.folder)
        return run


def mark_published(folder: MatchFolder, journal: Journal, year: int, edition: str) -> MatchRun:
    """The run's crosswalk went into an edition."""
    run = record.get(folder, year)
    if run.state is MatchRunState.PUBLISHED:
        published = replace(run, edition=edition)
    else:
        published = run.moved(MatchRunState.PUBLISHED, edition=edition)
    journal.tell(
        "match_run.published", run.id, year=year, runner=run.runner, accepted_by=run.accepted_by, counts=run.counts
    )
    published.save(folder)
    return published
