"""`c2c check`: disclosure checks on finished files, by the engine that researchers run in their sandbox."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.markup import escape

from enclave.core.errors import BadInput, NotFound
from services.cli.output import JsonOption, print_json, say

app = typer.Typer(no_args_is_help=True)


@app.command()
def check(
    paths: list[Path] = typer.Argument(..., help="Files or folders; a folder is one request."),
    released: Path | None = typer.Option(None, help="Folder of earlier releases to compare with."),
    policy: str = typer.Option("enclave-default", help="Policy pack; `c2c policy list` shows them."),
    repair: Path | None = typer.Option(
        None, help="Folder for repaired files: rounded, banded, merged, suppressed, stripped."
    ),
    as_json: JsonOption = False,
) -> None:
    """Check files for disclosure. Exit code 1 when a file fails, 0 otherwise. Only `--repair` writes."""
    from c2c_research.disclosure import Status, check_paths
    from c2c_research.disclosure.engine import given_files
    from c2c_research.disclosure.policy import BadPolicy
    from c2c_research.disclosure.summary import lines, repair_lines

    try:
        report = check_paths(paths, policy, released)
    except FileNotFoundError as problem:
        raise NotFound(str(problem), "Give paths of files or folders that exist.") from problem
    except BadPolicy as problem:
        raise BadInput(str(problem)) from problem
    if as_json:
        print_json(report.to_json())
    else:
        for line in lines(report):
            say(escape(line))
    if repair is not None:
        from c2c_research.disclosure.repairs import write_repairs

        for line in repair_lines(write_repairs(given_files(paths), repair, policy)):
            typer.echo(line, err=True)
    raise typer.Exit(1 if report.status is Status.FAIL else 0)
