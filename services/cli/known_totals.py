"""`c2c known-totals`: what agencies have published, so that hidden counts survive it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from enclave.core.errors import BadInput
from services.cli.client import OperatorClient
from services.cli.output import AsOption, JsonOption, show

app = typer.Typer(no_args_is_help=True, help="Totals that agencies have published.")
_COLUMNS = ("id", "source", "project", "counts", "added_by", "added_at")


@app.command()
def add(
    table: Annotated[Path, typer.Argument(help="The published table, with its sidecar beside it.")],
    source: Annotated[str, typer.Option(help="Where it is published.")],
    project: Annotated[str | None, typer.Option(help="One project's persons; else those of all.")] = None,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Load the counts of a published table; from now on they count as shown in every comparison."""
    from c2c_research.disclosure.engine import statements_of_file

    if not table.is_file():
        raise BadInput(f"There is no file {table}.", "Give the published table as CSV or XLSX.")
    statements = [statement.to_json() for statement in statements_of_file(table)]
    body = {"source": source, "statements": statements, "project": project}
    show(OperatorClient(as_user).post("/known-totals", body), json, _COLUMNS)


@app.command("list")
def list_totals(as_user: AsOption = None, json: JsonOption = False) -> None:
    """List known totals."""
    show(OperatorClient(as_user).get("/known-totals"), json, _COLUMNS, "None yet: c2c known-totals add TABLE.")


@app.command()
def remove(total: str, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Take a known total out of later comparisons."""
    show(OperatorClient(as_user).delete(f"/known-totals/{total}"), json, ("id", "state"))
