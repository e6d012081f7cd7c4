"""`c2c budget`: privacy budgets of projects."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from services.cli.client import OperatorClient
from services.cli.output import AsOption, JsonOption, say, show

app = typer.Typer(no_args_is_help=True, help="Privacy budgets: show and grant.")
_COLUMNS = ("purse", "total ε", "charged ε", "left ε", "left ρ")


@app.command("show")
def show_budget(
    project: str,
    edition: Annotated[str | None, typer.Option(help="An edition; the open one when left out.")] = None,
    ledger: Annotated[bool, typer.Option("--ledger", help="Show every charge instead.")] = False,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """What a project may still ask, by purse, and what its edition has left over all projects."""
    client = OperatorClient(as_user)
    if ledger:
        entries = client.get(f"/projects/{project}/dp/ledger")
        show(entries, json, ("id", "state", "edition", "purse", "user", "dataset", "cause"), "Nothing was asked yet.")
        return
    found = client.get(f"/projects/{project}/dp/budget", edition=edition)
    show(found if json else _rows(found), json, _COLUMNS)
    if not json:
        say(f"Edition {found['edition']}; ε at δ = {found['delta']:g}.")


@app.command()
def grant(
    project: str,
    epsilon: Annotated[float, typer.Option(help="The purse's new total, as ε at δ = 1e-6.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the audit.")],
    purse: Annotated[str, typer.Option(help="explore or release.")] = "explore",
    edition: Annotated[str | None, typer.Option(help="An edition; the open one when left out.")] = None,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Raise a purse of a project to a total."""
    client = OperatorClient(as_user)
    name = edition or client.get(f"/projects/{project}/dp/budget")["edition"]
    body = {"purse": purse, "edition": name, "epsilon": epsilon, "reason": reason}
    found = client.post(f"/projects/{project}/dp/grants", body)
    show(found if json else _rows(found), json, _COLUMNS)


def _rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [*found["purses"], {"purse": "edition, all projects", **found["edition_cap"]}]
    return [
        {
            "purse": row["purse"],
            "total ε": f"{row['total']['epsilon']:.3f}",
            "charged ε": f"{row['charged']['epsilon']:.3f}",
            "left ε": f"{row['remaining']['epsilon']:.3f}",
            "left ρ": f"{row['remaining']['rho']:.6f}",
        }
        for row in rows
    ]
