"""`c2c reference`: the read-only shelf of public tables in every sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from enclave.core.clock import SystemClock
from enclave.core.settings import get_settings
from services.cli import shelf
from services.cli.output import JsonOption, say, show

app = typer.Typer(no_args_is_help=True, help="The reference shelf: list, build, load.")
_COLUMNS = ("name", "rows", "title", "source")


@app.command("list")
def list_tables(json: JsonOption = False) -> None:
    """The tables on the shelf with their sources; exit code 1 when one is not as it was put there."""
    found = [{"name": name, **entry} for name, entry in shelf.entries(_shelf()).items()]
    show(found, json, _COLUMNS, "The shelf is empty: run `c2c reference build`.")
    wrong = shelf.problems(_shelf())
    for sentence in wrong:
        say(sentence)
    if wrong:
        raise typer.Exit(1)


@app.command()
def build(json: JsonOption = False) -> None:
    """Put the tables of this release on the shelf; what the site loaded itself stays."""
    show(shelf.build(_shelf()), json, _COLUMNS)


@app.command()
def load(
    name: str,
    file: Annotated[Path, typer.Argument(help="A CSV file in UTF-8 with a header.")],
    source: Annotated[str, typer.Option(help="Where it comes from: publisher, name, date.")],
    title: Annotated[str, typer.Option(help="What it is, for the list.")] = "",
    licence: Annotated[str, typer.Option(help="Under which terms it may be shown here.")] = "As its source says",
    json: JsonOption = False,
) -> None:
    """Put a table of the site's own on the shelf, or replace one (a real district directory)."""
    today = SystemClock().now().date()
    show(shelf.load(_shelf(), name, file, title, source, licence, today), json, _COLUMNS)


def _shelf() -> Path:
    return get_settings().paths.root / "reference"
