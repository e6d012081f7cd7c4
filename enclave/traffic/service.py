"""Use cases about sessions' traffic: add a report, raise the alarm, name the stop, close the book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.traffic import store
from enclave.traffic.limits import MB, Kind, Limits
from enclave.traffic.model import LabTraffic

PATHS = 200
GATEWAY = Actor.service("gateway")


@dataclass(frozen=True)
class Report:
    """What moved in a session since the gateway's report before; `id` is the report's own name."""

    id: str
    run: str
    user: str
    project: str
    down: Mapping[Kind, int]
    up: int = 0
    reads: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    ended: bool = False


def add_report(session: Session, report: Report, limits: Limits, clock: Clock) -> LabTraffic:
    """Add a report to its session; the same report again changes nothing.

    Passing the first limit is audited as `lab.traffic_alert`, passing the second as `lab.traffic_stopped`, each once a
    session; the end as `lab.traffic`. Caution: who calls this stops the lab when `stopped_at` is set.
    """
    row = session.get(LabTraffic, report.run) or _opened(session, report, clock)
    if row.report == report.id:
        return row
    row.report, row.last_at = report.id, clock.now()
    for kind, size in report.down.items():
        setattr(row, kind.value, getattr(row, kind.value) + size)
    row.up += report.up
    row.reads = _joined(row.reads, report.reads)
    _judge(session, row, limits, clock)
    if report.ended and row.ended_at is None:
        row.ended_at = clock.now()
        _note(session, row, "lab.traffic", clock, files=len(row.reads), up=row.up)
    session.flush()
    return row


def down_of(row: LabTraffic) -> dict[Kind, int]:
    """A session's bytes to the browser by kind."""
    return {kind: int(getattr(row, kind.value)) for kind in Kind}


def sentence_of(row: LabTraffic | None, limits: Limits) -> str:
    """What the person in the lab reads about it; empty when there is nothing to say."""
    if row is None or (row.alerted_at is None and row.stopped_at is None):
        return ""
    sent = f"{limits.counted(down_of(row)) // MB} MB"
    if row.stopped_at is not None:
        return (
            f"The lab was stopped because {sent} went to your browser in one session; the limit is {limits.stop_mb} "
            "MB. Files in the workspace are kept. The enclave's administrators know: print less, aggregate first."
        )
    return f"{sent} went to your browser in this session. At {limits.stop_mb} MB the lab is stopped."


def _opened(session: Session, report: Report, clock: Clock) -> LabTraffic:
    now = clock.now()
    for old in store.open_before(session, report.user, report.project, report.run):
        old.ended_at = old.last_at
        _note(session, old, "lab.traffic", clock, files=len(old.reads), up=old.up)
    sizes = dict.fromkeys([*(kind.value for kind in Kind), "up"], 0)
    row = LabTraffic(
        id=report.run, user=report.user, project=report.project, first_at=now, last_at=now, reads={}, **sizes
    )
    session.add(row)
    return row


def _judge(session: Session, row: LabTraffic, limits: Limits, clock: Clock) -> None:
    down = down_of(row)
    if row.alerted_at is None and limits.alerts(down):
        row.alerted_at = clock.now()
        _note(session, row, "lab.traffic_alert", clock, limit_mb=limits.alert_mb)
    if row.stopped_at is None and limits.stops(down):
        row.stopped_at = clock.now()
        _note(session, row, "lab.traffic_stopped", clock, limit_mb=limits.stop_mb)


def _note(session: Session, row: LabTraffic, action: str, clock: Clock, **more: int) -> None:
    sizes = {kind.value: size for kind, size in down_of(row).items()}
    record(session, GATEWAY, action, "project", row.project, clock, user=row.user, run=row.id, **sizes, **more)


def _joined(old: Mapping[str, list[int]], new: Mapping[str, tuple[int, int]]) -> dict[str, list[int]]:
    """Both lists as one; paths beyond `PATHS` are counted together."""
    joined = {path: list(pair) for path, pair in old.items()}
    for path, (count, size) in new.items():
        name = path if path in joined or len(joined) < PATHS else ""
        pair = joined.setdefault(name, [0, 0])
        pair[0] += count
        pair[1] += size
    return joined
