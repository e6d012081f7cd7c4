"""Privacy budget of a project: purses, what was asked, and for the office the form to grant more."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form, Request
from starlette.responses import Response

from enclave.dp import service
from enclave.dp.service import PURSES
from enclave.editions import store as editions
from enclave.people.permissions import Permission
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.web.pages import page, redirect

router = GuardedRouter(prefix="/projects/{project}/budget", include_in_schema=False)


@router.get("", permission=Permission.SIGNED_IN)
def show(request: Request, ctx: Ctx, actor: CurrentActor, project: str, edition: str | None = None) -> Response:
    """The purses with what is left, and the ledger."""
    with ctx.database.read() as session:
        budget = service.budget_json(session, actor, project, edition)
        entries = service.ledger_json(session, actor, project)
        names = [row.id for row in editions.list_editions(session)]
    return page(
        request, "budget/show.html", title=f"Privacy budget of {project}", actor=actor, project=project,
        bars=[_bar(row) for row in budget["purses"]], cap=_bar({"purse": "edition", **budget["edition_cap"]}),
        edition=budget["edition"], editions=names, entries=[_line(entry) for entry in entries], purses=PURSES,
    )  # fmt: skip


@router.post("", permission=Permission.BUDGETS_GRANT, fresh=True)
def grant(
    ctx: Ctx,
    actor: CurrentActor,
    project: str,
    edition: Annotated[str, Form()],
    purse: Annotated[str, Form()],
    epsilon: Annotated[float, Form()],
    reason: Annotated[str, Form()],
) -> Response:
    """Raise a purse to a total."""
    with ctx.database.write() as session:
        service.grant(
            session, actor, ctx.clock, project=project, edition=edition, purse=purse, epsilon=epsilon, reason=reason
        )
    return redirect(f"/projects/{project}/budget", f"The purse {purse} was raised.")


def _bar(row: dict[str, Any]) -> dict[str, Any]:
    total, charged = row["total"], row["charged"]
    return {
        "purse": row["purse"],
        "percent": round(100 * charged["rho"] / total["rho"]) if total["rho"] else 100,
        "total": f"{total['epsilon']:.2f}",
        "charged": f"{charged['epsilon']:.2f}",
        "remaining": f"{row['remaining']['epsilon']:.2f}",
        "remaining_rho": f"{row['remaining']['rho']:.4f}",
    }


def _line(entry: dict[str, Any]) -> dict[str, Any]:
    specification = entry["specification"]
    return {
        "at": entry["reserved_at"][:16].replace("T", " "),
        "user": entry["user"],
        "question": ", ".join(item["kind"].replace("_", " ") for item in specification["measures"]),
        "dataset": entry["dataset"],
        "by": ", ".join(item["column"] for item in specification["by"]) or "—",
        "purse": entry["purse"],
        "epsilon": f"{entry['loss']['epsilon']:.3f}",
        "rho": f"{entry['loss']['rho']:.6f}",
        "state": entry["state"],
        "cause": entry["cause"],
    }
