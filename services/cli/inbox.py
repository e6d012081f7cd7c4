"""`c2c inbox`: what a person was told, when mail is sent, and being away. In the demo only: `--as` says whose."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import typer

from services.cli.client import OperatorClient
from services.cli.output import AsOption, JsonOption, show

app = typer.Typer(no_args_is_help=True, help="A person's inbox, mail and absences (demo; elsewhere the portal).")
_COLUMNS = ("id", "at", "text", "read", "path")
_WISHES = ("mail", "absence", "stands_in_for")


@app.command("list")
def list_notices(
    unread: Annotated[bool, typer.Option("--unread", help="Only what was not read.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 50,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """What the person was told, newest first."""
    found = OperatorClient(as_user).listing("/inbox", "notices", limit, unread=unread)
    show(found if json else found["notices"], json, _COLUMNS, "Nothing to read.")


@app.command()
def read(
    notice: Annotated[str | None, typer.Argument(help="Id of a notice; all when left out.")] = None,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Mark one notice, or all, as read."""
    client = OperatorClient(as_user)
    if notice is not None:
        show(client.post(f"/inbox/notices/{notice}/read"), json, _COLUMNS)
        return
    show(client.post("/inbox/read"), json, ("unread",))


@app.command()
def mail(
    wish: Annotated[str, typer.Argument(help="AT_ONCE, DAILY or another wish that the portal offers.")],
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Say when the inbox is also sent as mail."""
    show(OperatorClient(as_user).put("/inbox/wishes", {"mail": wish}), json, _WISHES)


@app.command()
def away(
    since: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="First day.")],
    until: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="Last day.")],
    stand_in: Annotated[str | None, typer.Option(help="Who is told in the meantime.")] = None,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Be away from the first day to the last, both included."""
    end = until + timedelta(days=1)
    body = {"since": f"{since:%Y-%m-%d}T00:00:00Z", "until": f"{end:%Y-%m-%d}T00:00:00Z", "stand_in": stand_in}
    show(OperatorClient(as_user).put("/inbox/absence", body), json, _WISHES)


@app.command()
def back(as_user: AsOption = None, json: JsonOption = False) -> None:
    """Be back."""
    show(OperatorClient(as_user).delete("/inbox/absence"), json, _WISHES)
