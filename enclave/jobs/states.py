"""The life of a job."""

from __future__ import annotations

from enum import StrEnum

from enclave.core.lifecycle import Lifecycle, Move


class JobState(StrEnum):
    """QUEUED → RUNNING → FINISHED or FAILED; CANCELLED by a person, STOPPED by the enclave, which says why."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    STOPPED = "STOPPED"


_CANCEL = Move("its researcher, or who manages sessions", "job.cancelled")
_STOP = Move("worker: access, the project or the time is over", "job.stopped")
JOB = Lifecycle(
    "job",
    JobState,
    {
        JobState.QUEUED: {
            JobState.RUNNING: Move("worker, when there is room", "job.started"),
            JobState.CANCELLED: _CANCEL,
            JobState.STOPPED: _STOP,
        },
        JobState.RUNNING: {
            JobState.FINISHED: Move("worker", "job.finished"),
            JobState.FAILED: Move("worker", "job.failed"),
            JobState.CANCELLED: _CANCEL,
            JobState.STOPPED: _STOP,
        },
        JobState.FINISHED: {},
        JobState.FAILED: {},
        JobState.CANCELLED: {},
        JobState.STOPPED: {},
    },
)
OPEN = (JobState.QUEUED, JobState.RUNNING)
"""It waits or runs, and can be cancelled."""
