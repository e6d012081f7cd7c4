"""The worker: does what waits in the database, each job at most once at a time, again when it was interrupted.

A **job** is a row in a state that asks for work (an extract that is QUEUED, a release that is APPROVED). The
database is the queue: nothing is lost between a commit and an enqueue, and a killed worker finds its work again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from enclave.core.errors import EnclaveError
from enclave.core.logging import get_logger
from services.api.context import Context

log = get_logger()


@dataclass(frozen=True)
class Job:
    """One kind of work: `pending` names what waits, `run` does one; both may be called again at any time.

    `every` is the least time between two looks, for work whose looking costs something.
    """

    name: str
    pending: Callable[[Context], list[str]]
    run: Callable[[Context, str], None]
    retry_after: timedelta = timedelta(seconds=20)
    every: timedelta = timedelta(0)


@dataclass
class Worker:
    """Runs jobs one after another; an item that failed waits before it is tried again."""

    context: Context
    jobs: tuple[Job, ...]
    _resting: dict[tuple[str, str], float] = field(default_factory=dict)
    _next_look: dict[str, float] = field(default_factory=dict)

    def tick(self) -> int:
        """Do everything that waits now; returns how many items were done."""
        return sum(self._try(job, item) for job in self.jobs for item in self._pending(job))

    def _pending(self, job: Job) -> list[str]:
        now = time.monotonic()
        if now < self._next_look.get(job.name, 0):
            return []
        self._next_look[job.name] = now + job.every.total_seconds()
        try:
            return [item for item in job.pending(self.context) if self._resting.get((job.name, item), 0) <= now]
        except Exception as problem:
            log.error("job_list_failed", job=job.name, kind=type(problem).__name__, exc_info=problem)
            return []

    def _try(self, job: Job, item: str) -> bool:
        started = time.monotonic()
        try:
            job.run(self.context, item)
        except Exception as problem:
            self._resting[job.name, item] = time.monotonic() + job.retry_after.total_seconds()
            expected = isinstance(problem, EnclaveError)
            log.error(
                "job_failed",
                job=job.name,
                item=item,
                kind=type(problem).__name__,
                reason=problem.message if isinstance(problem, EnclaveError) else None,
                exc_info=None if expected else problem,
            )
            return False
        log.info("job_done", job=job.name, item=item, seconds=round(time.monotonic() - started, 2))
        return True
