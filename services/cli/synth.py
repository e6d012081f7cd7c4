"""`c2c synth`: synthetic provider files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from enclave.core.errors import BadInput
from services.cli.output import JsonOption, print_json, say
from synthetic import generate

app = typer.Typer(no_args_is_help=True, help="Synthetic provider files.")


@app.callback()
def _group() -> None:
    """Synthetic provider files."""


@app.command("generate")
def generate_command(
    folder: Annotated[Path, typer.Argument(help="Folder that gets drop/ (provider files) and truth/.")],
    persons: Annotated[int, typer.Option(help="People, 1,000 to 5,000,000.")] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 1,
    years: Annotated[str, typer.Option(help="Contribution years, comma-separated and rising.")] = "2024,2025",
    as_json: JsonOption = False,
) -> None:
    """Write the yearly files of all providers for an invented population, and the truth about it beside them."""
    try:
        wanted = [int(year) for year in years.split(",")]
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("Inventing lives", total=persons)
            made = generate(folder, persons, seed, wanted, lambda done, _total: bar.update(task, completed=done))
    except ValueError as problem:
        raise BadInput("The population cannot be made.", str(problem)) from None
    if as_json:
        rows = {"/".join(map(str, key)): count for key, count in made.rows.items()}
        print_json({"drop": str(made.drop), "truth": str(made.plan), "identity_rows": made.identity_rows, "rows": rows})
    else:
        say(f"{made.identity_rows:,} person records and {sum(made.rows.values()):,} rows are in {made.drop}.")
