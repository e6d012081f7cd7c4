"""`c2c budget`: privacy budgets of projects, their export and its verification."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from enclave.core.errors import BadInput
from services.cli.client import OperatorClient
from services.cli.output import AsOption, JsonOption, say, show

app = typer.Typer(no_args_is_help=True, help="Privacy budgets: show, grant, export, verify.")
_CAPS = {
    "edition_cap": "edition, all projects",
    "kept_for_revisions": "kept for revisions",
    "person_cap": "all editions together",
}
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
    purse: Annotated[str, typer.Option(help="explore, release or revision.")] = "explore",
    edition: Annotated[str | None, typer.Option(help="An edition; the open one when left out.")] = None,
    correct: Annotated[bool, typer.Option("--correct", help="Take a grant back to a lower total.")] = False,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Raise a purse of a project to a total, or correct it to a lower one."""
    client = OperatorClient(as_user)
    name = edition or client.get(f"/projects/{project}/dp/budget")["edition"]
    body = {"purse": purse, "edition": name, "epsilon": epsilon, "reason": reason, "correction": correct}
    found = client.post(f"/projects/{project}/dp/grants", body)
    show(found if json else _rows(found), json, _COLUMNS)


@app.command()
def export(
    target: Annotated[Path, typer.Argument(help="A new file; .csv makes a table, else signed JSON.")],
    project: Annotated[str | None, typer.Option(help="A project's part; the whole edition when left out.")] = None,
    edition: Annotated[str | None, typer.Option(help="An edition; the open one when left out.")] = None,
    as_user: AsOption = None,
) -> None:
    """Write the journal of privacy budgets into a file that `c2c budget verify` checks offline."""
    client = OperatorClient(as_user)
    known = [each["edition"] for each in client.get("/public/privacy")] if edition is None else [edition]
    if not known:
        raise BadInput("No edition is published yet.", "Export the ledger when the first one is.")
    form = "csv" if target.suffix == ".csv" else "json"
    name = known[0]
    path = f"/projects/{project}/dp/ledger/export?edition={name}&" if project else f"/privacy/{name}/ledger?"
    client.download(f"{path}form={form}", target)
    say(f"Wrote {target}." + (f" Confirm it with: c2c budget verify {target}" if form == "json" else ""))


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The JSON that was exported.")],
    keys: Annotated[Path | None, typer.Option(help="Folder of the enclave's public keys.")] = None,
    json: JsonOption = False,
) -> None:
    """Verify an export offline: signature, chain, sums, caps, one end for each question. Exit code 1: it fails."""
    from enclave.core.clock import SystemClock
    from enclave.core.settings import get_settings
    from enclave.core.signing import Keyring
    from enclave.dp.verification import verify_file

    folder = keys or get_settings().paths.public_keys
    keyring = Keyring.load(folder)
    if not keyring.as_dict():
        raise BadInput(f"There are no public keys in {folder}.", "Give their folder with --keys.")
    found = verify_file(file, keyring, SystemClock())
    show(found.as_json(), json, () if json else ("edition", "lines", "read", "head"))
    if not json:
        for problem in found.problems:
            say(f"  {problem}")
        say("The ledger holds." if found.holds else "The ledger DOES NOT HOLD.")
    if not found.holds:
        raise typer.Exit(1)


def _rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [*found["purses"], *({"purse": name, **found[key]} for key, name in _CAPS.items())]
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
