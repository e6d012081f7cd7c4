"""`c2c dp`: the mechanism behind private answers, seen by the office."""

from __future__ import annotations

from typing import Annotated

import typer

from enclave.dp.audits import FEWEST, MOST
from services.cli.client import OperatorClient
from services.cli.output import AsOption, JsonOption, say, show

app = typer.Typer(no_args_is_help=True, help="Private answers: audit the mechanism, see what is spent.")


@app.command()
def audit(
    edition: Annotated[str | None, typer.Option(help="An edition; the open one when left out.")] = None,
    table: Annotated[list[str] | None, typer.Option(help="A dataset; all when left out.")] = None,
    draws: Annotated[int, typer.Option(min=FEWEST, max=MOST, help="Answers drawn of each neighbour.")] = 200,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Ask planted neighbours through the live path and bound the loss from below. Exit 1: the claim is refuted."""
    found = OperatorClient(as_user).post(
        "/privacy/audits", {"edition": edition, "draws": draws, "tables": table or []}, timeout=1_900
    )
    columns = ("table", "statistic", "claimed_rho", "at_least_rho", "holds")
    show(found if json else found["findings"], json, columns)
    if not json:
        say(f"Edition {found['edition']}: the claim {'holds' if found['holds'] else 'is REFUTED'}; {draws} draws each.")
    raise typer.Exit(0 if found["holds"] else 1)


@app.command()
def spent(as_user: AsOption = None, json: JsonOption = False) -> None:
    """What was spent of each edition and by whom."""
    found = OperatorClient(as_user).get("/public/privacy")
    rows = [
        {
            "edition": each["edition"],
            "who": by["title"],
            "answers": by["answers"],
            "ε": by["charged"]["epsilon"],
        }
        for each in found
        for by in each["by"]
    ]
    show(found if json else rows, json, ("edition", "who", "answers", "ε"), "Nothing was asked yet.")
