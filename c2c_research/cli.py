"""`c2c` inside a sandbox: tables, read, imports, check, submit, repairs, status, budget, jobs.

Exit codes: 0 done, 1 the thing checked does not hold, 2 could not run.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from c2c_research.errors import ResearchError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; prose to standard error, JSON to standard output."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except (ResearchError, FileNotFoundError, ValueError) as problem:
        _say(str(problem))
        return 2
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="c2c", description="The enclave, from inside a project's sandbox.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _command(commands, "tables", "The tables of the project's extract.", _tables)
    read = _command(commands, "read", "A table as a file for R, Stata or another program.", _read)
    read.add_argument("table", help="one of `c2c tables`")
    read.add_argument("--columns", default="", help="comma-separated; left out: all")
    read.add_argument("--where", help="an SQL condition on the table's columns")
    read.add_argument("--to", choices=("csv", "dta", "feather"), help="left out: as the file's ending says, else csv")
    read.add_argument("-o", "--output", type=Path, help="the file; left out: CSV to standard output")
    _command(commands, "imports", "What has been brought in through the portal, read-only at /imports.", _imports)
    run = _command(commands, "run", "A notebook as a job that goes on when browser and lab are closed.", _run)
    run.add_argument("notebook", help="an .ipynb file")
    run.add_argument("-p", action="append", default=[], metavar="KEY=VALUE", help="a parameter; repeat for several")
    _command(commands, "jobs", "Your jobs in this project.", _jobs)
    cancel = _command(commands, "cancel", "Stop a job.", _cancel)
    cancel.add_argument("job", help="its id, from `c2c jobs`")
    check = _command(commands, "check", "Check files for disclosure, as the enclave will.", _check)
    check.add_argument("paths", nargs="+", help="files or folders; a folder is one request")
    check.add_argument("--policy", default="enclave-default", help="policy pack")
    check.add_argument("--released", type=Path, help="folder of earlier releases to compare with")
    check.add_argument("--repair", type=Path, metavar="OUTDIR", help="write repaired files that pass into this folder")
    _suppress_options(_command(commands, "suppress", "Hide small counts with proof that they stay hidden.", _suppress))
    submit = _command(commands, "submit", "Send files to output review as one request.", _submit)
    submit.add_argument("paths", nargs="+", help="files or folders; a folder goes with all its files")
    submit.add_argument("--title", required=True, help="what the outputs are")
    submit.add_argument("--purpose", default="", help="in words: what they are for")
    submit.add_argument("--public", action="store_true", help="ask for a public release")
    submit.add_argument("--template", default="", help="kind of request: paper, report, code or slides")
    submit.add_argument("--answer", action="append", default=[], metavar="KEY=TEXT", help="to one of its questions")
    status = _command(commands, "status", "The project's release requests.", _status)
    status.add_argument("release", nargs="?", help="id of one request")
    repairs = _command(commands, "repairs", "Repairs of a file in a draft request: list, take, undo.", _repairs)
    repairs.add_argument("release", help="id of the request")
    repairs.add_argument("file", nargs="?", help="look for repairs of this file")
    repairs.add_argument("--take", metavar="ID", help="put this repair in the place of the file")
    repairs.add_argument("--undo", metavar="ID", help="put the file as it was back")
    _command(commands, "budget", "What is left of the project's privacy budgets.", _budget)
    snapshots = _command(commands, "snapshots", "Encrypted copies of your workspace: list, take, restore.", _snapshots)
    snapshots.add_argument("action", nargs="?", choices=("list", "take", "restore"), default="list")
    snapshots.add_argument("snapshot", nargs="?", default="", help="id of the one to restore")
    snapshots.add_argument("--note", default="", help="what a new one is for")
    _command(commands, "usage", "How full your workspace and the shared folder are.", _usage)
    return parser


def _command(commands: Any, name: str, sentence: str, run: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=sentence, description=sentence)
    parser.add_argument("--json", action="store_true", help="JSON on standard output")
    parser.set_defaults(run=run)
    return parser


def _tables(options: argparse.Namespace) -> int:
    from c2c_research import data

    names = data.tables()
    _show(options, names, names or ["The extract has no tables yet."])
    return 0


def _read(options: argparse.Namespace) -> int:
    from c2c_research.transfer import read

    columns = [name.strip() for name in options.columns.split(",") if name.strip()] or None
    if options.output is None:
        if options.to not in (None, "csv"):
            raise ValueError("Name a file with -o: only CSV goes to standard output.")
        read(options.table, "/dev/stdout", columns, options.where, "csv")
        return 0
    path = read(options.table, options.output, columns, options.where, options.to)
    _show(options, {"path": str(path)}, [f"Written to {path}; it stays in this workspace."])
    return 0


def _imports(options: argparse.Namespace) -> int:
    from c2c_research import arrivals

    found = arrivals.imports()
    lines = [f"{each.folder}: {each.title} ({each.kind}, {each.licence or 'terms at its source'})" for each in found]
    nothing = ["Nothing was brought in yet; a member asks for it on the portal's page “Imports”."]
    _show(options, [each.to_json() for each in found], lines or nothing)
    return 0


def _run(options: argparse.Namespace) -> int:
    from c2c_research import jobs

    if wrong := [pair for pair in options.p if "=" not in pair]:
        raise ValueError(f"A parameter is written key=value, not {wrong[0]!r}.")
    job = jobs.run(
        options.notebook, {key: _value(value) for key, _, value in (pair.partition("=") for pair in options.p)}
    )
    _show(options, job.to_json(), [f"{job.id} is {job.state}; its executed copy will be {job.output}."])
    return 0


def _value(text: str) -> Any:
    """A parameter in the type that it is written in; text otherwise."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _jobs(options: argparse.Namespace) -> int:
    from c2c_research import jobs

    found = jobs.mine()
    lines = [f"{job.id} {job.state} {job.notebook} {job.reason}".rstrip() for job in found]
    _show(options, [job.to_json() for job in found], lines or ["No job was started yet."])
    return 0


def _cancel(options: argparse.Namespace) -> int:
    from c2c_research import jobs

    job = jobs.cancel(options.job)
    _show(options, job.to_json(), [f"{job.id} is {job.state}."])
    return 0


def _check(options: argparse.Namespace) -> int:
    from c2c_research import outputs
    from c2c_research.disclosure import Status, check_paths
    from c2c_research.disclosure.engine import given_files
    from c2c_research.disclosure.summary import lines, repair_lines

    report = check_paths(options.paths, options.policy, options.released or outputs.released())
    _show(options, report.to_json(), lines(report))
    if options.repair is not None:
        from c2c_research.disclosure.repairs import write_repairs

        for line in repair_lines(write_repairs(given_files(options.paths), options.repair, options.policy)):
            _say(line)
    return 1 if report.status is Status.FAIL else 0


def _suppress_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("table", type=Path, help="the table with all its counts")
    command.add_argument("--out", type=Path, required=True, help="where the masked table is written, as CSV")
    command.add_argument("--context", type=Path, help="the table's sidecar; by default the one beside it")
    command.add_argument("--policy", default="enclave-default", help="policy pack")
    command.add_argument("--cost", default="count", help="count, cells, value, or a column's name")
    command.add_argument("--protect", action="append", default=[], help="ROW,COLUMN to keep shown, counted from 0")
    command.add_argument("--force", action="append", default=[], help="ROW,COLUMN to hide in any case")
    command.add_argument("--released", type=Path, help="the same table as released before: its pattern is kept")
    command.add_argument("--hierarchy", action="append", default=[], help="KEY=FILE.hrc")
    command.add_argument("--seconds", type=float, default=20.0, help="about how long to search")


def _suppress(options: argparse.Namespace) -> int:
    from c2c_research.disclosure.protection.files import Order, run
    from c2c_research.disclosure.protection.request import as_json

    done = run(
        Order(
            options.table, options.out, options.context, options.policy, options.cost, tuple(options.protect),
            tuple(options.force), options.released, tuple(options.hierarchy), seconds=options.seconds,
        )
    )  # fmt: skip
    _show(options, as_json(done), [f"{options.out} written. {done.sentence}"])
    return 1 if done.exposed else 0


def _submit(options: argparse.Namespace) -> int:
    from c2c_research import outputs

    outputs.clear()
    for path in options.paths:
        outputs.add(path)
    if wrong := [pair for pair in options.answer if "=" not in pair]:
        raise ValueError(f"An answer is written key=text, not {wrong[0]!r}.")
    answers = {key: text for key, _, text in (pair.partition("=") for pair in options.answer)}
    sent = outputs.submit(
        options.title, options.purpose, public=options.public, template=options.template, answers=answers
    )
    _show(options, sent.to_json(), [f"{sent.id} is {sent.state}. {sent.next_step}"])
    return 1 if sent.status == "fail" else 0


def _status(options: argparse.Namespace) -> int:
    from c2c_research import outputs

    found = outputs.status(options.release)
    prose = [f"{item.id} {item.state}: {item.title}" for item in found] or ["Nothing was submitted yet."]
    _show(options, [item.to_json() for item in found], prose)
    return 0


def _repairs(options: argparse.Namespace) -> int:
    from c2c_research import outputs

    if options.take or options.undo:
        act = outputs.take_repair if options.take else outputs.undo_repair
        done = act(options.release, options.take or options.undo)
        _show(options, done.to_json(), [f"{done.id} is {done.state}; its check says {done.status}. {done.next_step}"])
        return 1 if done.status == "fail" else 0
    if not options.file:
        raise ValueError("Name the file that is to be repaired.")
    found = outputs.repairs(options.release, options.file)
    prose = [f"{each['id']} {each['kind']}: {each['changed']}" for each in found] or ["No repair passes the check."]
    _show(options, found, prose)
    return 0


def _budget(options: argparse.Namespace) -> int:
    from c2c_research import dp

    budget = dp.budget()
    _show(options, budget.to_dict(orient="records"), [budget.to_string(index=False)])
    return 0


def _snapshots(options: argparse.Namespace) -> int:
    from c2c_research import _http

    if options.action == "take":
        rows = [_http.post("/snapshots", {"note": options.note})]
    elif options.action == "restore":
        rows = [_http.post(f"/snapshots/{options.snapshot}/restore", {})]
    else:
        rows = _http.get("/snapshots")
    lines = [f"{row['id']}  {row['state']}  {row['made_at']}  {row['note']}  {row['reason']}" for row in rows]
    _show(options, rows, lines or ["No snapshots yet. Take one with: c2c snapshots take"])
    return 0


def _usage(options: argparse.Namespace) -> int:
    from c2c_research import _http

    rows = _http.get("/room")["usage"]
    mib = 1 << 20
    lines = [
        f"{row['name']}: {row['bytes_used'] // mib} of {row['bytes_most'] // mib} MiB, "
        f"{row['files_used']} of {row['files_most']} files"
        for row in rows
    ]
    _show(options, rows, lines)
    return 0


def _show(options: argparse.Namespace, data: Any, prose: Any) -> None:
    if options.json:
        print(json.dumps(data, default=str))
        return
    for line in prose:
        _say(line)


def _say(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
