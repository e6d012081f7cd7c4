"""Privacy budget of a project: purses, burn-down, what was asked, the form to grant more."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form, Request
from starlette.responses import Response

from enclave.dp import exports, purses, service
from enclave.dp.purses import PURSES
from enclave.editions import store as editions
from enclave.people.permissions import Permission
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.web.burndown import burndown
from services.web.pages import page, redirect

router = GuardedRouter(prefix="/projects/{project}/budget", include_in_schema=False)
CAPS = {
    "edition_cap": "Edition, all projects",
    "kept_for_revisions": "Kept for revisions",
    "person_cap": "All editions together",
}


@router.get("", permission=Permission.SIGNED_IN)
def show(request: Request, ctx: Ctx, actor: CurrentActor, project: str, edition: str | None = None) -> Response:
    """The purses with what is left, and the ledger."""
    with ctx.database.read() as session:
        budget = purses.budget_json(session, actor, project, edition)
        entries = service.ledger_json(session, actor, project)
        lines = exports.readable(session, actor, budget["edition"], project)
        plot = burndown(exports.steps(lines, project), ctx.clock.now())
        names = [row.id for row in editions.list_editions(session)]
    return page(
        request, "budget/show.html", title=f"Privacy budget of {project}", actor=actor, project=project,
        bars=[*(_bar(row) for row in budget["purses"]), *cap_bars(budget)], plot=plot,
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
    correction: Annotated[bool, Form()] = False,
) -> Response:
    """Raise a purse to a total, or correct it to a lower one."""
    with ctx.database.write() as session:
        purses.grant(
            session, actor, ctx.clock, project=project, edition=edition, purse=purse, epsilon=epsilon, reason=reason,
            correction=correction,
        )  # fmt: skip
    return redirect(f"/projects/{project}/budget", f"The purse {purse} was {'corrected' if correction else 'raised'}.")


def cap_bars(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The caps as lines of the table."""
    return [_bar({"purse": name, **found[key]}) for key, name in CAPS.items()]


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
