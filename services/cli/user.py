"""`c2c user`: people and their training."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from services.cli.client import OperatorClient
from services.cli.output import AsOption, JsonOption, say, show

app = typer.Typer(no_args_is_help=True, help="People: add, show, suspend, reinstate, training.")
_COLUMNS = ("name", "full_name", "roles", "state", "provider")


@app.command()
def add(
    name: str,
    full_name: Annotated[str, typer.Option(help="Full name.")],
    email: Annotated[str, typer.Option(help="E-mail address.")],
    role: Annotated[list[str], typer.Option(help="A role; repeat for several.")],
    provider: Annotated[str | None, typer.Option(help="Provider code of a provider reviewer.")] = None,
    password: Annotated[str | None, typer.Option(help="First password; better: `c2c user link`.")] = None,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Add a person."""
    body = {
        "name": name,
        "full_name": full_name,
        "email": email,
        "roles": role,
        "provider": provider,
        "password": password,
    }
    user = OperatorClient(as_user).post("/users", body)
    show(user, json, _COLUMNS)


@app.command("show")
def show_users(
    name: Annotated[str | None, typer.Argument()] = None, as_user: AsOption = None, json: JsonOption = False
) -> None:
    """Show one person, or everybody."""
    client = OperatorClient(as_user)
    show(client.get(f"/users/{name}" if name else "/users"), json, _COLUMNS, "Nobody yet; see `c2c user add --help`.")


@app.command()
def suspend(
    name: str,
    reason: Annotated[str, typer.Option(help="Why; it stands in the audit.")],
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Suspend an account; open sessions end within seconds."""
    show(OperatorClient(as_user).post(f"/users/{name}/suspend", {"reason": reason}), json, _COLUMNS)
    say(f"{name} is suspended.")


@app.command()
def reinstate(name: str, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Lift a suspension."""
    show(OperatorClient(as_user).post(f"/users/{name}/reinstate"), json, _COLUMNS)


@app.command()
def training(
    name: str,
    course: Annotated[str, typer.Option(help="Which course.")],
    completed: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="When it was completed.")],
    expires: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Until when it counts.")],
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Record a training certificate."""
    body = {
        "course": course,
        "completed_at": f"{completed:%Y-%m-%d}T00:00:00Z",
        "expires_at": f"{expires:%Y-%m-%d}T00:00:00Z",
    }
    show(OperatorClient(as_user).post(f"/users/{name}/training", body), json, _COLUMNS)


@app.command()
def link(name: str, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Print a link by which a person sets a first or a new password; it works once."""
    show(OperatorClient(as_user).post(f"/users/{name}/setup-link"), json, ("url", "expires_at"))


@app.command("remove-second-factor")
def remove_second_factor(
    name: str,
    reason: Annotated[str, typer.Option(help="How you know who asks; it stands in the audit.")],
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Take a lost second factor away; the person enrols a new one at the next login."""
    show(OperatorClient(as_user).post(f"/users/{name}/second-factor/remove", {"reason": reason}), json, _COLUMNS)
