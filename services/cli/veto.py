"""`c2c veto`: providers' vetoes of releases. What a person decides needs one: `--as USER` exists in the demo only."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from services.cli.client import OperatorClient
from services.cli.output import AsOption, JsonOption, show

app = typer.Typer(no_args_is_help=True, help="Providers' vetoes of releases, and what they cost.")

_ROW = ("id", "provider", "label", "release", "project", "due_at", "waits_for")
_FACTS = ("id", "provider", "label", "release", "project", "author", "title", "opened_at", "due_at", "said_by",
          "reason", "contest", "answer", "allowed_actions")  # fmt: skip
_RULE = ("provider", "days", "reason", "decided_by", "decided_at")
_COST = ("provider", "now", "days", "held", "releases", "median", "p90", "longest")
VetoArgument = Annotated[str, typer.Argument(help="Id of the veto.", metavar="VETO")]
ReasonOption = Annotated[str, typer.Option(help="Why, in a sentence or two.")]


@app.command("list")
def list_vetoes(as_user: AsOption = None, json: JsonOption = False) -> None:
    """Vetoes that concern a person, the newest first; the operator sees all."""
    show(OperatorClient(as_user).get("/vetoes"), json, _ROW, "No release was held for a provider.")


@app.command("show")
def show_veto(veto: VetoArgument, as_user: AsOption = None, json: JsonOption = False) -> None:
    """One veto."""
    show(OperatorClient(as_user).get(f"/vetoes/{veto}"), json, _FACTS)


@app.command()
def waive(veto: VetoArgument, as_user: AsOption = None, json: JsonOption = False) -> None:
    """No objection, as a reviewer of the provider; it also takes a refusal back."""
    show(OperatorClient(as_user).post(f"/vetoes/{veto}/waive"), json, _FACTS)


@app.command()
def refuse(veto: VetoArgument, reason: ReasonOption, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Refuse the release, as a reviewer of the provider; the request goes back to its author."""
    show(OperatorClient(as_user).post(f"/vetoes/{veto}/refuse", {"reason": reason}), json, _FACTS)


@app.command()
def contest(veto: VetoArgument, reason: ReasonOption, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Ask the office to overrule a refusal, once, as the author."""
    show(OperatorClient(as_user).post(f"/vetoes/{veto}/contest", {"reason": reason}), json, _FACTS)


@app.command()
def decide(
    veto: VetoArgument,
    reason: ReasonOption,
    overrule: Annotated[bool, typer.Option("--overrule/--uphold", help="What becomes of the refusal.")] = False,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Decide on a contested refusal, as the office."""
    body = {"overrule": overrule, "reason": reason}
    show(OperatorClient(as_user).post(f"/vetoes/{veto}/decision", body), json, _FACTS)


@app.command()
def rules(as_user: AsOption = None, json: JsonOption = False) -> None:
    """What the office decided about providers' vetoes, the newest first."""
    show(OperatorClient(as_user).get("/vetoes/rules"), json, _RULE, "No veto was ever switched on.")


@app.command()
def switch(
    provider: str,
    days: Annotated[int, typer.Option(help="Working days; 0 switches it off.")],
    reason: ReasonOption,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Switch a provider's veto on or off, as the office; see `c2c veto cost` first."""
    body = {"provider": provider, "days": days, "reason": reason}
    show(OperatorClient(as_user).post("/vetoes/rules", body), json, _RULE)


@app.command()
def cost(
    days: Annotated[list[int] | None, typer.Option(help="Working days; repeat.")] = None,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """What a veto would have added, in calendar days, to the releases that happened."""
    query = "&".join(f"days={each}" for each in days or [])
    found = OperatorClient(as_user).get(f"/vetoes/cost{'?' + query if query else ''}")
    rows: list[dict[str, Any]] = [
        {**each, "provider": row["provider"], "now": row["days"]} for row in found for each in row["costs"]
    ]
    show(found if json else rows, json, _COST, "No provider has an agreement.")
