"""The pages of the data catalogue."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query as QueryParameter
from fastapi import Request
from starlette.responses import Response

from enclave.core.errors import NotFound
from enclave.editions import store
from enclave.editions.elements import Element
from enclave.people.permissions import Permission
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.editions import ContributionView, EditionSummary, EditionView, MatchRunView
from services.web.pages import page

Query = Annotated[str, QueryParameter(max_length=60)]
ROUTES = {
    "extract": "extract, aggregate or private answer",
    "aggregate": "aggregate or private answer",
    "dp": "private answers only",
}
"""The furthest that a column may go → in words."""
router = GuardedRouter(prefix="/editions", include_in_schema=False)


@router.get("", permission=Permission.CATALOGUE_READ)
def list_page(request: Request, ctx: Ctx, actor: CurrentActor) -> Response:
    """All editions."""
    with ctx.database.read() as session:
        editions = [EditionSummary.of(row) for row in store.list_editions(session)]
        offered = store.latest_published(session)
        latest = offered.id if offered else None
    return page(
        request, "editions/list.html", title="Data", actor=actor, editions=editions, latest=latest,
    )  # fmt: skip


@router.get("/contributions", permission=Permission.CATALOGUE_READ)
def contributions_page(request: Request, ctx: Ctx, actor: CurrentActor) -> Response:
    """What providers sent, and what became of it; the matches made from it."""
    with ctx.database.read() as session:
        contributions = [ContributionView.of(row) for row in store.contributions(session)]
        matches = [MatchRunView.of(row) for row in store.match_runs(session)]
    return page(
        request, "editions/contributions.html", title="Contributions and matches", actor=actor,
        contributions=contributions, matches=matches,
    )  # fmt: skip


@router.get("/{edition_id}", permission=Permission.CATALOGUE_READ)
def show_page(request: Request, ctx: Ctx, actor: CurrentActor, edition_id: str, q: Query = "") -> Response:
    """One edition: its tables, how well it is linked, and the columns that have the words looked for."""
    with ctx.database.read() as session:
        edition = EditionView.of(store.edition(session, edition_id))
        hits = [each for each in store.elements(session, edition_id) if _has(each, q)] if q.strip() else []
    return page(
        request, "editions/show.html", title=f"Edition {edition.id}", actor=actor, edition=edition,
        q=q.strip(), hits=hits, routes=ROUTES,
    )  # fmt: skip


def _has(element: Element, words: str) -> bool:
    """Whether every word is somewhere in the column's name, description or code list."""
    text = " ".join((element.key, element.description, *element.codes, *element.codes.values())).lower()
    return all(word in text for word in words.lower().split())


@router.get("/{edition_id}/{provider}/{table}", permission=Permission.CATALOGUE_READ)
def table_page(request: Request, ctx: Ctx, actor: CurrentActor, edition_id: str, provider: str, table: str) -> Response:
    """The codebook of one table."""
    with ctx.database.read() as session:
        edition = EditionView.of(store.edition(session, edition_id))
    for found in edition.tables:
        if (found.provider, found.name) == (provider, table):
            return page(
                request, "editions/table.html", title=f"{table} ({provider})", actor=actor, edition=edition,
                table=found, routes=ROUTES, quality=_quality_of(edition, provider),
            )  # fmt: skip
    raise NotFound("This edition has no such table.", "Choose one on the edition's page.")


def _quality_of(edition: EditionView, provider: str) -> dict[str, Any] | None:
    """How well the records of one provider are linked, as the signed manifest says."""
    rows = edition.quality.get("providers", [])
    return next((row for row in rows if row["provider"] == provider), None)
