"""The life of a snapshot."""

from __future__ import annotations

from enum import StrEnum

from enclave.core.lifecycle import Lifecycle, Move


class SnapshotState(StrEnum):
    """WANTED → KEPT → GONE; KEPT ⇄ RESTORING (into a folder beside today's files). FAILED says why."""

    WANTED = "WANTED"
    KEPT = "KEPT"
    RESTORING = "RESTORING"
    FAILED = "FAILED"
    GONE = "GONE"


SNAPSHOT = Lifecycle(
    "snapshot",
    SnapshotState,
    {
        SnapshotState.WANTED: {
            SnapshotState.KEPT: Move("worker", "snapshot.kept"),
            SnapshotState.FAILED: Move("worker", "snapshot.failed"),
        },
        SnapshotState.KEPT: {
            SnapshotState.RESTORING: Move("its researcher", "snapshot.restore_wanted"),
            SnapshotState.GONE: Move("worker, for a newer one or with the project", "snapshot.gone"),
        },
        SnapshotState.RESTORING: {SnapshotState.KEPT: Move("worker", "snapshot.restored")},
        SnapshotState.FAILED: {},
        SnapshotState.GONE: {},
    },
)
WAITING = (SnapshotState.WANTED, SnapshotState.RESTORING)
"""The worker has something to do."""
