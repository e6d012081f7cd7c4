"""`c2c vault match`: the yearly match, its report, its acceptance; and the same engine judged on a folder of files."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from enclave.core.errors import NotAllowed, NotFound, Unavailable
from enclave.linkage import contributed, record
from enclave.linkage.evaluate import evaluate as evaluate_files
from enclave.linkage.evaluate import identity_files
from enclave.linkage.folder import MatchFolder
from enclave.linkage.journal import Journal
from enclave.linkage.record import MatchRun
from enclave.linkage.run import Matcher
from services.cli.output import JsonOption, print_json, say, show

app = typer.Typer(no_args_is_help=True, help="The yearly match: run, report, accept, abandon, evaluate.")


class Backend(StrEnum):
    """The engine under Splink."""

    DUCKDB = "duckdb"
    SPARK = "spark"


YearOption = Annotated[int, typer.Option(help="Year of the match.")]
BackendOption = Annotated[Backend, typer.Option(help="Engine: duckdb for what fits one machine.")]
StewardOption = Annotated[
    str | None, typer.Option(help="Login name of the data steward who does this; one of the snapshot's stewards.")
]


@app.command()
def run(
    year: YearOption,
    backend: BackendOption = Backend.DUCKDB,
    full: Annotated[bool, typer.Option("--full", help="Train a new model and match everything again.")] = False,
    steward: StewardOption = None,
    as_json: JsonOption = False,
) -> None:
    """Match the accepted contributions up to a year; the result then waits for a second steward."""
    _check_backend(backend)
    matcher = _matcher()
    contributions = contributed.accepted_until(matcher.folder.vault, year)
    if not contributions:
        raise NotFound("No contribution is accepted up to this year.", "Take one in: c2c vault intake PROVIDER PATH")
    found = matcher.run(
        year, contributed.identity_files(contributions), [each.id for each in contributions],
        _steward(matcher, steward), full,
    )  # fmt: skip
    _show(found, as_json)
    if not as_json:
        say(f"Look at it: c2c vault match report --year {year}; then accept it: c2c vault match accept --year {year}")


@app.command()
def report(year: YearOption, as_json: JsonOption = False) -> None:
    """The linkage quality report: rates by provider and subgroup, thresholds, bridge coverage, clerical review."""
    found = _matcher().report(year)
    if as_json:
        print_json(found)
        return
    say(f"{found['records']:,} records, {found['persons']:,} persons, {found['linked_share']:.1%} of records linked.")
    show(found["providers"], False, ("provider", "records", "persons", "linked_share"))
    for title, groups in found["subgroups"].items():
        say(f"[bold]{title}[/]")
        show(groups, False, ("group", "records", "linked_share"))
    show(found["thresholds"], False, ("threshold", "pairs", "expected_precision"))
    show(found["bridge"], False)
    show(found["clerical"], False)


@app.command()
def accept(year: YearOption, steward: StewardOption = None, as_json: JsonOption = False) -> None:
    """A second steward takes the match over: person keys are entered and the crosswalk is written."""
    matcher = _matcher()
    runner = record.get(matcher.folder, year).runner
    _show(matcher.accept(year, _steward(matcher, steward, other_than=runner)), as_json)
    if not as_json:
        say(f"Publish it: c2c editions publish --year {year}")


@app.command()
def abandon(year: YearOption, steward: StewardOption = None, as_json: JsonOption = False) -> None:
    """Drop a match whose report does not convince; nothing of it was entered."""
    matcher = _matcher()
    _show(matcher.abandon(year, _steward(matcher, steward)), as_json)


@app.command()
def evaluate(
    folder: Annotated[Path, typer.Argument(help="Folder with one identity file (.parquet, .csv) a provider.")],
    truth: Annotated[Path | None, typer.Option(help="File with provider, record_id, true_person.")] = None,
    backend: BackendOption = Backend.DUCKDB,
    unique: Annotated[list[str] | None, typer.Option(help="A provider that has one record a person.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for crosswalk.parquet; the input's, unless given.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Match a folder of identity files from scratch and judge the result by known persons."""
    _check_backend(backend)
    for path in (folder, *([truth] if truth else [])):
        if not path.exists():
            raise NotFound(f"{path.name} does not exist.", "Give the folder of identity files and the truth's file.")
    files = [file for file in identity_files(folder) if truth is None or file.path.resolve() != truth.resolve()]
    show(evaluate_files(files, out or folder, truth, unique or ()).as_json(), as_json)


def _check_backend(backend: Backend) -> None:
    if backend is Backend.SPARK:
        raise Unavailable("Spark is not installed in the vault.", "Use --backend duckdb, which fits one machine.")


def _matcher() -> Matcher:
    from services.cli.vault import vault_context

    context = vault_context()
    return Matcher(
        folder=MatchFolder(context.vault),
        journal=Journal(context.events),
        clock=context.clock,
        stewards=contributed.stewards(context.snapshot, context.keyring, context.clock),
        say=say,
    )


def _steward(matcher: Matcher, named: str | None, other_than: str = "") -> str:
    """The steward who was named; else the first of the snapshot, for an acceptance the first who did not run it."""
    if named:
        return named
    for name in matcher.stewards:
        if name != other_than:
            return name
    raise NotAllowed(
        "There is no (second) data steward.", "Ask an administrator to give one more person the data steward's role."
    )


def _show(run_found: MatchRun, as_json: bool) -> None:
    facts: dict[str, Any] = asdict(run_found)
    show(facts, as_json, ("id", "year", "state", "runner", "accepted_by", "full", "model_version", "counts"))
