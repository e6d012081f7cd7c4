"""`c2c doctor`: what is wrong with this enclave, and the mend.

A **check** looks at one thing and answers with one finding; a check that cannot look (not root, not started) warns
instead of passing. Exit code 1 when something fails. It reads names, modes, versions and counts, never data.
"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from services.cli.diagnosis import Finding, Level, diagnose
from services.cli.output import JsonOption, print_json, print_table

app = typer.Typer(help="What is wrong with this enclave, and the mend.")
_MARKS = {Level.OK: "[green]ok[/]", Level.WARN: "[yellow]warn[/]", Level.FAIL: "[bold red]FAIL[/]"}


@app.callback(invoke_without_command=True)
def doctor(
    as_json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show only what is wrong.")] = False,
) -> None:
    """Look at engine, images, services, networks, stores, keys, clocks, migrations and policy packs."""
    findings = diagnose()
    worst = max(finding.level for finding in findings)
    if as_json:
        print_json({"status": worst.word, "checks": [finding.as_json() for finding in findings]})
    else:
        _print([finding for finding in findings if not quiet or finding.level > Level.OK])
    raise typer.Exit(1 if worst is Level.FAIL else 0)


def _print(findings: list[Finding]) -> None:
    rows = [(_MARKS[each.level], each.check, escape(each.message), escape(each.mend)) for each in findings]
    print_table(("", "check", "what", "mend"), rows)
