"""`python -m services.cli.vault`: the commands that run inside the vault's container; `c2c vault` starts it.

The match and the publication import heavy libraries, so their modules are imported when they are asked for.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from typer.core import TyperGroup

from enclave.contributions.delivery import read_folder
from enclave.contributions.events import EventFolder
from enclave.contributions.service import IntakeResult, VaultContext, take_in
from enclave.contributions.states import ContributionState
from enclave.core.clock import SystemClock
from enclave.core.settings import get_settings
from enclave.core.signing import Keyring, SigningKey
from services.cli.output import JsonOption, print_json, say
from services.cli.running import run

GROUPS = {"match": "services.cli.vault_match", "editions": "services.cli.vault_editions"}
SHOWN_FAULTS = 10


class VaultGroup(TyperGroup):
    """The vault's own commands and the groups of its other modules."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *GROUPS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in GROUPS:
            return super().get_command(ctx, cmd_name)
        command = typer.main.get_command(importlib.import_module(GROUPS[cmd_name]).app)
        command.name = cmd_name
        return command


app = typer.Typer(cls=VaultGroup, no_args_is_help=True, add_completion=False, help="The vault's jobs.")


@app.callback()
def _root() -> None:
    """The vault's jobs."""


def vault_context() -> VaultContext:
    """The vault of this process's settings."""
    paths = get_settings().paths
    clock = SystemClock()
    key = SigningKey.load(paths.private_key("vault"))
    return VaultContext(
        vault=paths.vault,
        snapshot=paths.vault_inbox / "snapshot.json",
        events=EventFolder(paths.events, key, clock),
        keyring=Keyring.load(paths.public_keys),
        key=key,
        clock=clock,
    )


@app.command()
def intake(
    provider: Annotated[str, typer.Argument(help="Code of the data provider, such as cde.")],
    path: Annotated[Path, typer.Argument(help="Folder with one <table>.csv a table.")],
    year: Annotated[int, typer.Option(help="Year that the delivery is for.")],
    as_json: JsonOption = False,
) -> None:
    """Take a provider's yearly files in: accepted, or rejected with a report (exit 1)."""
    result = take_in(vault_context(), read_folder(provider, year, path))
    if as_json:
        print_json(summary(result))
    else:
        _explain(result)
    if result.contribution.state is ContributionState.REJECTED:
        raise typer.Exit(1)


def summary(result: IntakeResult) -> dict[str, Any]:
    """The intake's answer: state, whether anything changed, and the validation report."""
    contribution = result.contribution
    return {
        "contribution": contribution.id,
        "provider": contribution.provider,
        "year": contribution.year,
        "state": contribution.state.value,
        "changed": result.changed,
        "report": contribution.report,
    }


def _explain(result: IntakeResult) -> None:
    contribution, report = result.contribution, result.contribution.report
    known = "" if result.changed else " These files were taken in before; nothing changed."
    say(f"{contribution.provider} {contribution.year}: {contribution.state.lower()}.{known}")
    for table in report["tables"]:
        say(f"  {table['file']}: {table['accepted']:,} rows accepted, {table['set_aside']:,} set aside.")
        for fault in table["listed"][:SHOWN_FAULTS]:
            say(f"    line {fault['line']}: {fault['column'] or 'the whole row'}: {fault['rule']}")
        if table["set_aside"] > SHOWN_FAULTS:
            say("    … the others are in the report (--json).")
    for problem in report["problems"]:
        say(f"  {escape(problem)}")
    if report["problems"]:
        say("Have the provider correct the files and send the whole delivery again.")


def main(arguments: list[str] | None = None) -> int:
    """Run a vault command; an error of ours becomes a sentence on standard error and its exit code."""
    return run(app, arguments)


if __name__ == "__main__":
    sys.exit(main())
