"""How commands speak: JSON to standard output alone, prose and tables to standard error."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")]
AsOption = Annotated[str | None, typer.Option("--as", help="Act as this user (demo only).")]

_STDERR = Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """A sentence for the person at the terminal."""
    _STDERR.print(text, soft_wrap=True)


def print_json(value: Any) -> None:
    """The one JSON document of a command."""
    print(json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False))


def show(value: Any, as_json: bool, columns: Sequence[str] = (), empty: str = "Nothing yet.") -> None:
    """Print `value` as JSON, or as a table of these columns (a list of objects) or a list of facts (one object)."""
    if as_json:
        print_json(value)
    elif isinstance(value, dict):
        print_table(("", ""), ((name, value[name]) for name in (columns or value)))
    elif not value:
        say(empty)
    else:
        print_table(columns, ([row.get(name) for name in columns] for row in value))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table on standard error."""
    table = Table(*columns, show_header=any(columns), box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(_text(cell) for cell in row))
    _STDERR.print(table)


def _text(cell: Any) -> str:
    if isinstance(cell, list):
        return ", ".join(str(each) for each in cell)
    return "—" if cell is None else str(cell)
