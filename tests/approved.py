"""Agreements, an edition's catalogue, requests and projects at any status, through the real services."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from enclave.agreements import service as agreements
from enclave.agreements import terms
from enclave.agreements.model import ParticipationAgreement
from enclave.core.actors import Actor
from enclave.core.clock import Clock
from enclave.editions.model import Edition, EditionTable
from enclave.editions.states import EditionState
from enclave.extracts import approval, service
from enclave.extracts.model import Extract
from enclave.people import service as people
from enclave.people.model import User
from enclave.people.roles import Role
from enclave.projects import service as projects
from enclave.projects import store
from enclave.projects.model import DataRequest, Project
from enclave.projects.states import Verdict
from tests.factories import OPERATOR, make_actor

WORKER = Actor.service("worker")
YEAR = timedelta(days=365)


def form(project: str = "promise", team: tuple[str, ...] = ("rosa",), **changes: Any) -> dict[str, Any]:
    """A complete request form over the tables of ``tests.small_edition``."""
    document: dict[str, Any] = {
        "title": "College promise and first wages",
        "project": project,
        "abstract": "Whether a promise of two free years of college changes enrolment and early wages.",
        "institution": "Example State University",
        "signatory": "Vice President for Research",
        "purpose": "Estimate the effect of the promise on enrolment and on wages five years later.",
        "benefit": "The state learns whether the promise reaches the students it was made for.",
        "legal_basis": "34 CFR 99.31(a)(6), studies on behalf of the institution",
        "settings": "All work is done inside the enclave; nothing is copied out by hand.",
        "outputs": "Tables of counts and means by district and year, two regressions.",
        "team": list(team),
        "years": [2018, 2021],
        "duration_months": 24,
        "selections": [
            {
                "table": "cde.k12_enrollment",
                "columns": ["county_code", "gender", "entry_date"],
                "justification": "Who was enrolled where, the treatment and its controls.",
            },
            {
                "table": "edd.ui_wage",
                "columns": ["employer_key", "earnings"],
                "justification": "The outcome that the study is about.",
            },
        ],
        "cohort": [],
    }
    return document | changes


def make_agreement(session: Session, clock: Clock, code: str) -> ParticipationAgreement:
    """The provider's usual agreement, in force for five years."""
    row = agreements.draw_up(session, OPERATOR, terms.usual(code), clock, expires_at=clock.now() + 5 * YEAR)
    session.flush()
    return agreements.activate(session, OPERATOR, row.id, clock)


def make_edition(session: Session, clock: Clock, edition_id: str = "2025r1") -> Edition:
    """A published edition's catalogue with the tables of ``tests.small_edition``."""
    columns = {
        ("cde", "k12_enrollment"): "academic_year county_code school_code grade_level birth_year gender entry_date",
        ("edd", "ui_wage"): "year quarter employer_key naics county_code earnings",
        ("ccc", "ps_enrollment"): "academic_year term institution_code units_attempted",
        ("csu", "ps_enrollment"): "academic_year term institution_code units_attempted",
    }
    edition = Edition(
        id=edition_id, year=int(edition_id[:4]), revision=int(edition_id[5:]), state=EditionState.PUBLISHED.value,
        published_at=clock.now(), manifest_digest="0" * 64, persons=40, quality={}, lineage={},
        tables=[
            EditionTable(
                id=f"{edition_id}/{provider}/{table}", provider=provider, name=table, description=table, rows=1,
                persons=1, digest="0" * 64,
                columns=[
                    {"name": name, "type": "text", "description": name, "kind": "attribute"}
                    for name in names.split()
                ],
            )
            for (provider, table), names in columns.items()
        ],
    )  # fmt: skip
    session.add(edition)
    session.flush()
    return edition


def make_cast(session: Session, clock: Clock) -> dict[str, Actor]:
    """Agreements of four providers, an edition, and one person of each kind."""
    for code in ("cde", "edd", "ccc", "csu"):
        make_agreement(session, clock, code)
    make_edition(session, clock)
    cast = {
        "rosa": make_actor(session, clock, "rosa", Role.RESEARCHER, Role.PROJECT_LEAD),
        "office": make_actor(session, clock, "office", Role.MANAGING_ENTITY),
        "auditor": make_actor(session, clock, "auditor", Role.AUDITOR),
        "stranger": make_actor(session, clock, "stranger", Role.RESEARCHER),
    }
    for code in ("cde", "edd", "ccc"):
        cast[code] = make_actor(session, clock, f"reviewer-{code}", Role.PROVIDER_REVIEWER, provider=code)
    people.add_training(
        session, OPERATOR, clock, "rosa", course="Data security",
        completed_at=clock.now() - timedelta(days=1), expires_at=clock.now() + YEAR,
    )  # fmt: skip
    session.flush()
    session.refresh(session.get_one(User, "rosa"))
    return cast


def submitted(session: Session, cast: dict[str, Actor], clock: Clock, **changes: Any) -> DataRequest:
    """A request that the office has before it."""
    request = projects.create(session, cast["rosa"], form(**changes), clock)
    session.flush()
    return projects.submit(session, cast["rosa"], request.id, clock)


def forwarded(session: Session, cast: dict[str, Actor], clock: Clock, **changes: Any) -> DataRequest:
    """A request that the providers have before them."""
    request = submitted(session, cast, clock, **changes)
    return projects.forward(
        session, cast["office"], request.id, "A study of the promise; asks for K-12 and wage records.", clock
    )


def decide(
    session: Session, actor: Actor, request: DataRequest, clock: Clock, verdict: Verdict = Verdict.APPROVED
) -> DataRequest:
    """One provider's decision on what stands."""
    digest = store.current_version(request).digest
    reason = "" if verdict is Verdict.APPROVED else "The wages are finer than the purpose needs."
    return approval.decide(session, actor, request.id, verdict, reason, digest, clock)


def approved_project(session: Session, cast: dict[str, Actor], clock: Clock, **changes: Any) -> Project:
    """A project that every provider approved; its extract is QUEUED."""
    request = forwarded(session, cast, clock, **changes)
    for decision in store.current_decisions(request):
        decide(session, cast[decision.provider], request, clock)
    return store.get_project(session, request.project)


def ready_extract(session: Session, project: str, clock: Clock) -> Extract:
    """The project's queued extract, READY as if the builder had answered."""
    from enclave.extracts.store import version_of

    extract = version_of(session, project, None)
    service.start_building(session, WORKER, extract.id, clock)
    answer = {"state": "READY", "problems": [], "risk": {}, "tables": {}, "files": {}, "manifest_digest": "1" * 64}
    return service.finish_building(session, WORKER, extract.id, answer, clock)
