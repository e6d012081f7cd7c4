"""Every use of a provider's data, for the provider: what was asked, read, queried, reported and released, by whom.

A **use** is one line of the provider's log. Requests and extracts are the **disclosure log**: who asked for access to
personal information of education records, who got it, and the legitimate interest of each (34 CFR 99.32(a)). Extracts
are pseudonymised and still count. Private answers and released outputs hold no personal information; they are listed
because a partner sees every use.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.agreements import store as agreements
from enclave.core.audit.model import AuditEvent
from enclave.dp.joins import tables_named
from enclave.dp.model import LedgerEntry
from enclave.dp.planning import PLANNING
from enclave.dp.states import EntryState
from enclave.editions.model import EditionTable
from enclave.extracts.model import Extract
from enclave.projects import store as projects
from enclave.projects.model import DataRequest, Project, RequestVersion
from enclave.reports.model import ReportRun
from enclave.reports.states import RunState
from output_review.model import ReleaseRequest
from output_review.states import ReleaseState


class Kind(StrEnum):
    """What sort of use it was."""

    REQUEST = "request"
    EXTRACT = "extract"
    QUERY = "query"
    REPORT = "report"
    RELEASE = "release"


WORDS: dict[Kind, str] = {
    Kind.REQUEST: "asked for",
    Kind.EXTRACT: "extract made",
    Kind.QUERY: "private queries",
    Kind.REPORT: "report run",
    Kind.RELEASE: "output released",
}
DISCLOSURES = frozenset({Kind.REQUEST, Kind.EXTRACT})
_GONE = ("extract.superseded", "extract.revoked", "extract.destroyed")


@dataclass(frozen=True)
class Use:
    """One line of the log. `since` orders it; `until` is when it ended, None while it goes on."""

    kind: Kind
    since: datetime
    id: str
    project: str
    title: str
    parties: tuple[str, ...]
    institution: str
    interest: str
    basis: str
    elements: tuple[str, ...]
    years: str
    outcome: str
    until: datetime | None
    path: str

    def row(self) -> dict[str, Any]:
        """The line as a flat row of a file."""
        flat = {name: "; ".join(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        return {**flat, "since": self.since.isoformat(), "until": self.until.isoformat() if self.until else ""}


def uses_of(session: Session, provider: str, kinds: frozenset[Kind] = frozenset(Kind)) -> list[Use]:
    """The provider's log, newest first."""
    agreements.get_provider(session, provider)
    makers = {
        Kind.REQUEST: _requests, Kind.EXTRACT: _extracts, Kind.QUERY: _queries, Kind.REPORT: _reports,
        Kind.RELEASE: _releases,
    }  # fmt: skip
    found = [use for kind in Kind if kind in kinds for use in makers[kind](session, provider)]
    return sorted(found, key=lambda use: (use.since, list(Kind).index(use.kind), use.id), reverse=True)


def readers_now(uses: list[Use]) -> list[Use]:
    """The extracts that can be read at this moment."""
    return [use for use in uses if use.kind is Kind.EXTRACT and use.outcome == "READY"]


def _requests(session: Session, provider: str) -> Iterator[Use]:
    for request in projects.list_requests(session):
        for version in request.versions:
            said = [each for each in request.decisions if each.version == version.number and each.provider == provider]
            if not said:
                continue
            outcome = f"{said[0].state} by {said[0].decided_by}" if said[0].decided_by else str(said[0].state)
            use = _of_form(Kind.REQUEST, version.submitted_at, version.form, provider)
            yield replace(
                use, id=request.id, outcome=outcome, until=said[0].decided_at, path=f"/requests/{request.id}",
            )  # fmt: skip


def _extracts(session: Session, provider: str) -> Iterator[Use]:
    rows = [row for row in session.scalars(select(Extract).order_by(Extract.id)) if provider in row.providers]
    times = _times(session, [row.id for row in rows])
    for row in rows:
        made = times.get((row.id, "extract.ready"))
        if made is None:
            continue  # nobody could read it
        ended = min((times[row.id, end] for end in _GONE if (row.id, end) in times), default=None)
        form = _approved_form(session, row.project, made)
        use = _of_form(Kind.EXTRACT, made, form, provider)
        added = _added(session, row.project, ended)
        yield replace(
            use, id=f"{row.project} version {row.version}", outcome=str(row.state), until=ended,
            path=f"/projects/{row.project}", project=row.project, parties=tuple(sorted({*use.parties, *added})),
        )  # fmt: skip


def _queries(session: Session, provider: str) -> Iterator[Use]:
    """Private queries, a line for each project and day."""
    tables = set(session.scalars(select(EditionTable.name).where(EditionTable.provider == provider)))
    spent = select(LedgerEntry).where(LedgerEntry.state == EntryState.SPENT.value).order_by(LedgerEntry.id)
    days: dict[tuple[str, str], list[LedgerEntry]] = {}
    for entry in session.scalars(spent):
        if tables_named(entry.specification) & tables:
            days.setdefault((entry.project, f"{entry.reserved_at:%Y-%m-%d}"), []).append(entry)
    for (project, day), entries in days.items():
        named = {table for entry in entries for table in tables_named(entry.specification) & tables}
        elements = tuple(sorted(f"{provider}.{table}" for table in named))
        use = replace(
            _of_project(session, Kind.QUERY, entries[-1].reserved_at, project), id=f"{project} {day}",
            parties=tuple(sorted({entry.user for entry in entries})), elements=elements,
            outcome=f"{len(entries)} answered with noise", path=f"/projects/{project}/budget",
        )  # fmt: skip
        yield use if project != PLANNING else replace(use, title="Feasibility counts", project="", path="/feasibility")


def _reports(session: Session, provider: str) -> Iterator[Use]:
    done = select(ReportRun).where(ReportRun.state == RunState.SUCCEEDED.value).order_by(ReportRun.id)
    for run in session.scalars(done):
        project = session.get(Project, run.project)
        if project is not None and provider in project.providers:
            yield replace(
                _of_project(session, Kind.REPORT, run.ended_at or run.created_at, run.project), id=run.id,
                parties=(run.author,), outcome=run.template, path=f"/reports/runs/{run.id}",
            )  # fmt: skip


def _releases(session: Session, provider: str) -> Iterator[Use]:
    left = (ReleaseState.RELEASED.value, ReleaseState.REVOKED.value)
    rows = session.scalars(select(ReleaseRequest).where(ReleaseRequest.state.in_(left)).order_by(ReleaseRequest.id))
    for row in rows:
        if provider in row.providers:
            yield replace(
                _of_project(session, Kind.RELEASE, row.decided_at or row.created_at, row.project_id), id=row.id,
                title=row.title, parties=(row.author,), outcome=str(row.state),
                path=f"/public/{row.id}" if row.public and row.state == ReleaseState.RELEASED else "",
            )  # fmt: skip


def _of_form(kind: Kind, since: datetime, form: dict[str, Any], provider: str) -> Use:
    years = form.get("years") or ("", "")
    elements = {
        f"{selection['table']}.{column}"
        for selection in form.get("selections") or ()
        if str(selection["table"]).startswith(f"{provider}.")
        for column in selection["columns"]
    } | {
        str(condition["element"])
        for condition in form.get("cohort") or ()
        if str(condition["element"]).startswith(f"{provider}.")
    }
    return Use(
        kind=kind, since=since, id="", project=str(form.get("project") or ""), title=str(form.get("title") or ""),
        parties=tuple(str(name) for name in form.get("team") or ()), institution=str(form.get("institution") or ""),
        interest=str(form.get("purpose") or ""), basis=str(form.get("legal_basis") or ""),
        elements=tuple(sorted(elements)), years="–".join(str(year) for year in years), outcome="", until=None, path="",
    )  # fmt: skip


def _of_project(session: Session, kind: Kind, since: datetime, project: str) -> Use:
    form = _approved_form(session, project, since)
    return replace(_of_form(kind, since, form, ""), project=project)


def _approved_form(session: Session, project: str, at: datetime) -> dict[str, Any]:
    """The form by which the project worked at a moment: the newest that was submitted before it and approved."""
    row = session.get(Project, project)
    if row is None:
        return {}
    requests = select(DataRequest.id).where(DataRequest.id == row.request_id)
    query = select(RequestVersion).where(RequestVersion.request_id.in_(requests), RequestVersion.submitted_at <= at)
    newest = session.scalars(query.order_by(RequestVersion.submitted_at.desc()).limit(1)).first()
    return dict(newest.form if newest is not None else row.form)


def _times(session: Session, extracts: list[str]) -> dict[tuple[str, str], datetime]:
    query = select(AuditEvent.subject_id, AuditEvent.action, AuditEvent.at).where(
        AuditEvent.subject_type == "extract", AuditEvent.action.in_(["extract.ready", *_GONE])
    )
    wanted = set(extracts)
    return {(subject, action): at for subject, action, at in session.execute(query) if subject in wanted}


def _added(session: Session, project: str, until: datetime | None) -> set[str]:
    """Who became a member before the extract ended."""
    query = select(AuditEvent.details).where(
        AuditEvent.subject_id == project, AuditEvent.action == "project.member_added"
    )
    return {
        str(details["user"])
        for details in session.scalars(query if until is None else query.where(AuditEvent.at < until))
    }
