"""Queries about report runs."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.core.errors import NotFound
from enclave.reports.model import ReportRun
from enclave.reports.states import OPEN


def get_run(session: Session, run_id: str) -> ReportRun:
    """The run of that id, or NotFound."""
    found = session.get(ReportRun, run_id)
    if found is None:
        raise NotFound("There is no such report run.", "See the list of runs.")
    return found


def list_runs(session: Session, limit: int | None = 200) -> list[ReportRun]:
    """Runs, the newest first."""
    return list(session.scalars(select(ReportRun).order_by(ReportRun.id.desc()).limit(limit)))


def open_ids(session: Session) -> list[str]:
    """Runs that wait or that a killed worker left, the oldest first."""
    query = select(ReportRun.id).where(ReportRun.state.in_([state.value for state in OPEN]))
    return list(session.scalars(query.order_by(ReportRun.id)))
