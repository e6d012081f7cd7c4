"""`c2c agreement`: participation agreements with data providers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from enclave.agreements import terms
from services.cli.client import OperatorClient
from services.cli.output import AsOption, JsonOption, show
from services.cli.request import read_form

app = typer.Typer(no_args_is_help=True, help="Participation agreements with data providers.")
_COLUMNS = ("id", "provider", "name", "state", "version", "elements", "expires_at")
_ENDED = ("agreement", "state", "revoked", "rebuilt", "waiting_projects")
_USES = ("since", "kind", "project", "parties", "outcome", "until")
_Reason = Annotated[str, typer.Option("--reason", "-r", help="Why; it stands in the audit.")]
_Expires = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Until when; else three years.")]


@app.command()
def new(
    provider: Annotated[str, typer.Argument(help="A provider's code, or `all` for everyone without an agreement.")],
    file: Annotated[Path | None, typer.Option("--terms", help="Terms as YAML, instead of the usual ones.")] = None,
    expires: _Expires = None,
    activate_it: Annotated[bool, typer.Option("--activate", help="Bring it into force at once.")] = False,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Draw up an agreement from a provider's usual terms or from a file."""
    client = OperatorClient(as_user)
    standing = {row["provider"] for row in client.get("/agreements") if row["state"] in ("ACTIVE", "SUSPENDED")}
    codes = [code for code in terms.known() if code not in standing] if provider == "all" else [provider]
    show([_make(client, code, file, expires, activate_it) for code in codes], json, _COLUMNS, "All have one already.")


@app.command("show")
def show_agreements(
    agreement: Annotated[str | None, typer.Argument()] = None, as_user: AsOption = None, json: JsonOption = False
) -> None:
    """Show one agreement, or all."""
    client = OperatorClient(as_user)
    if agreement:
        show(client.get(f"/agreements/{agreement}"), json, (*_COLUMNS, "signatory", "years", "duties", "reason"))
    else:
        show(client.get("/agreements"), json, _COLUMNS, "No agreements yet: c2c agreement new all --activate.")


@app.command()
def activate(agreement: str, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Bring an agreement into force, or back into force."""
    show(OperatorClient(as_user).post(f"/agreements/{agreement}/activate"), json, _COLUMNS)


@app.command()
def suspend(agreement: str, reason: _Reason, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Suspend an agreement; extracts with the provider's data are revoked at once."""
    show(OperatorClient(as_user).post(f"/agreements/{agreement}/suspend", {"reason": reason}), json, _ENDED)


@app.command()
def terminate(agreement: str, reason: _Reason, as_user: AsOption = None, json: JsonOption = False) -> None:
    """End an agreement for good; extracts with the provider's data are revoked at once."""
    show(OperatorClient(as_user).post(f"/agreements/{agreement}/terminate", {"reason": reason}), json, _ENDED)


@app.command()
def uses(
    provider: Annotated[str, typer.Argument(help="A provider's code.")],
    kind: Annotated[str | None, typer.Option(help="request, extract, query, report or release.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 50,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """List what was done with a provider's data, newest first."""
    found = OperatorClient(as_user).listing(f"/providers/{provider}/uses", "uses", limit, kind=kind)
    show(found if json else found["uses"], json, _USES, "These data were not used yet.")


def _make(
    client: OperatorClient, code: str, file: Path | None, expires: datetime | None, activate_it: bool
) -> dict[str, Any]:
    body: dict[str, Any] = {"terms": read_form(file)} if file else {"usual": code}
    if expires is not None:
        body["expires_at"] = f"{expires:%Y-%m-%d}T00:00:00Z"
    view: dict[str, Any] = client.post("/agreements", body)
    return client.post(f"/agreements/{view['id']}/activate") if activate_it else view
