"""`c2c suppress`: hide small counts, and as many others as it takes that nobody can work them out, with proof."""

from __future__ import annotations

from pathlib import Path

import typer

from enclave.core.errors import BadInput, NotFound
from services.cli.output import JsonOption, print_json, say

app = typer.Typer(no_args_is_help=True)


@app.command()
def suppress(
    table: Path = typer.Argument(..., help="The table with all its counts: CSV, TSV or XLSX."),
    out: Path = typer.Option(..., help="Where the masked table is written, as CSV."),
    context: Path | None = typer.Option(None, help="The table's sidecar; by default the one beside it."),
    policy: str = typer.Option("enclave-default", help="Policy pack; `c2c policy list` shows them."),
    cost: str = typer.Option("count", help="What a hidden cell costs: count, cells, value, or a column's name."),
    protect: list[str] = typer.Option([], help="Cell to keep shown, as ROW,COLUMN counted from 0; repeatable."),
    force: list[str] = typer.Option([], help="Cell to hide in any case, as ROW,COLUMN counted from 0; repeatable."),
    released: Path | None = typer.Option(None, help="The same table as released before: its pattern is kept."),
    hierarchy: list[str] = typer.Option([], help="KEY=FILE.hrc: how a key's labels add up; repeatable."),
    threshold: int | None = typer.Option(None, help="Least count that may be shown, instead of the pack's."),
    zeros_hidden: bool = typer.Option(False, help="Readers cannot tell that hidden counts are not zero."),
    seconds: float = typer.Option(20.0, help="About how long to search; the answer is safe at any time."),
    as_json: JsonOption = False,
) -> None:
    """Primary and secondary suppression with proof. Exit code 1 when a hidden count stays exposed, 0 otherwise."""
    from c2c_research.disclosure.policy import BadPolicy
    from c2c_research.disclosure.protection.files import Order, run
    from c2c_research.disclosure.protection.request import BadRequest
    from c2c_research.disclosure.protection.request import as_json as answer

    order = Order(table, out, context, policy, cost, tuple(protect), tuple(force), released, tuple(hierarchy),
                  threshold, zeros_hidden, seconds)  # fmt: skip
    try:
        done = run(order)
    except FileNotFoundError as problem:
        raise NotFound(str(problem), "Give the path of a file that exists.") from problem
    except (BadRequest, BadPolicy) as problem:
        raise BadInput(str(problem)) from problem
    if as_json:
        print_json(answer(done))
    else:
        say(f"{out} written. {done.sentence}")
    raise typer.Exit(1 if done.exposed else 0)
