"""How often two checkers who read blind agree: by kind of file, by rule, by quarter; and where they did not.

Senior checkers see who said what and why, except of projects that they belong to. Auditors see where and how, without
names and comments; the managing entity sees counts.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy.orm import Session
from starlette.responses import Response

from enclave.core.actors import Actor
from enclave.people.permissions import Permission
from enclave.people.roles import Role
from enclave.projects import store as projects
from output_review import calibration, store
from output_review.calibration import FEWEST, Agreement, Pair
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.release_views import can_review

router = GuardedRouter(prefix="/calibration", tags=["calibration"])
Day = Annotated[date | None, Query(description="YYYY-MM-DD")]


class CsvFile(Response):
    """Rows of text with commas."""

    media_type = "text/csv"


class AgreementView(BaseModel):
    """A group's counts; kappa and its interval are null where there are too few to say."""

    group: str
    pairs: int
    agree: int
    kappa: float | None
    low: float | None
    high: float | None

    @classmethod
    def of(cls, said: Agreement) -> AgreementView:
        return cls(**asdict(said))


class Side(BaseModel):
    """One of the two: the name and the reasons are for senior checkers."""

    checker: str
    choice: str
    reasons: list[str]


class Disagreement(BaseModel):
    """A file of which two checkers thought otherwise."""

    release: str
    project: str
    file: str
    name: str
    kind: str
    turn: int
    rules: list[str]
    at: datetime
    sides: list[Side]


class Calibration(BaseModel):
    """Agreement between independent readers in a period."""

    fewest: int
    whole: AgreementView
    by_kind: list[AgreementView]
    by_rule: list[AgreementView]
    by_period: list[AgreementView]
    disagreements: list[Disagreement]


@router.get("", permission=Permission.CALIBRATION_READ)
def show(ctx: Ctx, actor: CurrentActor, since: Day = None, until: Day = None) -> Calibration:
    """The whole, its parts, and the disagreements that the caller may see; `until` is the last day."""
    with ctx.database.read() as session:
        found = calibration.pairs(session, _start(since), _start(until, 1))
        return Calibration(
            fewest=FEWEST, whole=AgreementView.of(calibration.agreement("all", found)),
            by_kind=_by(found, "kind"), by_rule=_by(found, "rule"), by_period=_by(found, "period"),
            disagreements=[seen for pair in found if not pair.agree and (seen := _seen(session, actor, pair))],
        )  # fmt: skip


@router.get("/agreement.csv", permission=Permission.CALIBRATION_READ, response_class=CsvFile)
def export(ctx: Ctx, actor: CurrentActor, since: Day = None, until: Day = None) -> CsvFile:
    """The counts as a table; no names of people."""
    found = show(ctx, actor, since, until)
    parts = {"all": [found.whole], "kind": found.by_kind, "rule": found.by_rule, "quarter": found.by_period}
    headers = {"content-disposition": f'attachment; filename="calibration-{ctx.clock.now():%Y-%m-%d}.csv"'}
    return CsvFile(_as_csv(parts.items()), headers=headers)


def _as_csv(parts: Iterable[tuple[str, list[AgreementView]]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["by", *AgreementView.model_fields])
    for by, rows in parts:
        writer.writerows([by, *row.model_dump().values()] for row in rows)
    return text.getvalue()


def _by(found: list[Pair], what: str) -> list[AgreementView]:
    return [AgreementView.of(each) for each in calibration.by(found, what)]


def _start(day: date | None, more: int = 0) -> datetime | None:
    if day is None:
        return None
    last = min(day, date.max - timedelta(days=1)) + timedelta(days=more)
    return datetime(last.year, last.month, last.day, tzinfo=UTC)


def _seen(session: Session, actor: Actor, pair: Pair) -> Disagreement | None:
    request = store.get(session, pair.release)
    named = actor.has(Role.SENIOR_CHECKER) and can_review(actor, request, projects.members(session, pair.project))
    if not named and not (actor.has(Role.AUDITOR) or actor.kind == "operator"):
        return None
    words = [each for each in request.comments if each.turn == pair.turn and each.file_id in (None, pair.file)]
    sides = [
        Side(
            checker=vote.checker if named else f"checker {number}", choice=vote.choice,
            reasons=[each.body for each in words if named and each.author == vote.checker],
        )
        for number, vote in enumerate(pair.votes, 1)
    ]  # fmt: skip
    return Disagreement(
        release=pair.release, project=pair.project, file=pair.file, name=pair.name, kind=pair.kind, turn=pair.turn,
        rules=list(pair.rules), at=pair.at, sides=sides,
    )  # fmt: skip
