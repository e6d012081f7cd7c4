"""The life of a report run."""

from __future__ import annotations

from enum import StrEnum

from enclave.core.lifecycle import Lifecycle, Move


class RunState(StrEnum):
    """QUEUED → RUNNING → SUCCEEDED, FAILED or CANCELLED. Only a SUCCEEDED run has a draft release request."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


RUN = Lifecycle(
    "report run",
    RunState,
    {
        RunState.QUEUED: {
            RunState.RUNNING: Move("worker", "report.started"),
            RunState.FAILED: Move("worker", "report.failed"),
            RunState.CANCELLED: Move("requester", "report.cancelled"),
        },
        RunState.RUNNING: {
            RunState.SUCCEEDED: Move("worker", "report.succeeded"),
            RunState.FAILED: Move("worker", "report.failed"),
            RunState.CANCELLED: Move("requester", "report.cancelled"),
        },
        RunState.SUCCEEDED: {},
        RunState.FAILED: {},
        RunState.CANCELLED: {},
    },
)
OPEN = (RunState.QUEUED, RunState.RUNNING)
"""The worker has something to do."""
