"""Private answers for projects: price, ask, budget, ledger, grants."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import BaseModel
from starlette.responses import Response

from enclave.core.errors import BadInput, NotFound, TooMany
from enclave.dp import access, purses, service
from enclave.dp.planning import PLANNING
from enclave.dp.policy import load_policies
from enclave.dp.specification import parse_request
from enclave.people.permissions import Permission
from services.api.deps import Context, Ctx, CurrentActor, GuardedRouter
from services.api.paging import AS_IT_STANDS, newest
from services.data_client import DataClient
from services.ledger_files import Form, ledger_file
from services.private_answers import answer_question

router = GuardedRouter(prefix="/projects/{project}/dp", tags=["private answers"])
MAX_BODY = 256 * 1024


async def _question(request: Request) -> Any:
    """The body as JSON, read up to a limit before anything looks at it."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY:
            raise TooMany("The question is too long.", "Name fewer keys and values.")
    try:
        return json.loads(bytes(body), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise BadInput("The body is not JSON.", "Send the question as a JSON object.") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names differ: of two losses, which one was meant?"""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadInput("A name stands twice in one object of the question.", "Write each name once.")
    return found


def _no_number(_text: str) -> float:
    """NaN and infinities are not JSON."""
    raise BadInput("The question holds a number that is not finite.", "Leave out NaN and infinities.")


async def _of_a_project(project: str) -> str:
    """The purse of feasibility counts has a door of its own, with a limit a day."""
    if project == PLANNING:
        raise NotFound("There is no such project.", "Ask feasibility counts at /feasibility.")
    return project


Question = Annotated[Any, Depends(_question)]
ProjectName = Annotated[str, Depends(_of_a_project)]


class NewGrant(BaseModel):
    """The new total of a purse, as epsilon at delta 1e-6; `correction` takes a grant back to a lower one."""

    purse: str = "explore"
    edition: str
    epsilon: float
    reason: str
    correction: bool = False


@router.get("/datasets", permission=Permission.SIGNED_IN, order=AS_IT_STANDS)
def datasets(actor: CurrentActor, project: str) -> list[dict[str, Any]]:
    """What can be asked about: tables, columns, public keys and bounds, rows of a person that count."""
    return [policy.model_dump(mode="json") for policy in load_policies().values()]


@router.post("/cost", permission=Permission.SIGNED_IN)
def cost(ctx: Ctx, actor: CurrentActor, project: ProjectName, body: Question) -> dict[str, Any]:
    """The price of a question and how exact its answer would be. Charges nothing, touches no data."""
    with ctx.database.read() as session:
        return service.quote(session, actor, ctx.clock, project, parse_request(body)).as_json()


@router.post("/dummy", permission=Permission.SIGNED_IN)
def dummy(ctx: Ctx, actor: CurrentActor, project: ProjectName, body: Question) -> dict[str, Any]:
    """An invented answer in the shape of the real one, every row marked DUMMY. Charges nothing, touches no data."""
    with ctx.database.read() as session:
        return service.rehearse(session, actor, ctx.clock, project, parse_request(body))


@router.post("/queries", permission=Permission.SIGNED_IN)
def query(ctx: Ctx, actor: CurrentActor, project: ProjectName, body: Question) -> dict[str, Any]:
    """Ask a question. The same question again has the same answer and costs nothing."""
    return answer_question(ctx.database, data_client(ctx), actor, project, parse_request(body))


@router.get("/budget", permission=Permission.SIGNED_IN)
def budget(ctx: Ctx, actor: CurrentActor, project: str, edition: str | None = None) -> dict[str, Any]:
    """The project's purses on an edition, and the edition's cap."""
    with ctx.database.read() as session:
        return purses.budget_json(session, actor, project, edition)


@router.get("/ledger", permission=Permission.SIGNED_IN, order=newest("id"))
def ledger(ctx: Ctx, actor: CurrentActor, project: str) -> list[dict[str, Any]]:
    """Every charge of the project, the newest first."""
    with ctx.database.read() as session:
        return service.ledger_json(session, actor, project)


@router.get("/ledger/export", permission=Permission.SIGNED_IN)
def export(ctx: Ctx, actor: CurrentActor, project: str, edition: str | None = None, form: Form = "json") -> Response:
    """The edition's journal for the project, signed (JSON) or as CSV; `c2c budget verify` checks the JSON offline."""
    with ctx.database.read() as session:
        name = edition or access.open_edition(session).id
        return ledger_file(ctx, session, actor, name, project, form)


@router.post("/grants", permission=Permission.BUDGETS_GRANT, status_code=201, fresh=True)
def grant(ctx: Ctx, actor: CurrentActor, project: str, body: NewGrant) -> dict[str, Any]:
    """Raise a purse to a total, or correct it to a lower one, with a reason."""
    with ctx.database.write() as session:
        return purses.grant(session, actor, ctx.clock, project=project, **body.model_dump())


def data_client(ctx: Context) -> DataClient:
    """The data service, spoken to with the portal's key."""
    return DataClient(ctx.settings.paths.socket("data"), ctx.key, ctx.keyring, ctx.clock)
