"""`c2c policy`: which rules an output is held against, and which of them the engine enforces."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import track

from c2c_research.disclosure.policy import BadPolicy, Policy, load_pack, pack_names
from c2c_research.disclosure.rules import implemented
from enclave.core.errors import NotFound
from services.cli.client import OperatorClient
from services.cli.output import AsOption, JsonOption, print_json, say

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_packs(as_json: JsonOption = False) -> None:
    """The policy packs that can be named."""
    packs = [load_pack(name) for name in pack_names()]
    if as_json:
        print_json([{"name": p.name, "version": p.version, "title": p.title} for p in packs])
        return
    for pack in packs:
        say(escape(f"{pack.name} {pack.version}: {pack.title}"))


@app.command()
def show(
    name: str = typer.Argument(..., help="Name of a pack."),
    as_json: JsonOption = False,
) -> None:
    """A pack's rules: what a breach means, why, how to mend it, the source, and whether code enforces it."""
    try:
        pack = load_pack(name)
    except BadPolicy as problem:
        raise NotFound(str(problem), "`c2c policy list` shows the names.") from problem
    if as_json:
        print_json(as_data(pack))
        return
    say(escape(f"{pack.name} {pack.version}: {pack.title}"))
    for rule in pack.rules:
        enforced = "" if implemented(rule.kind) else " (not enforced by code; reviewers look)"
        say(escape(f"{rule.kind} ({rule.status.word}){enforced}: {rule.sentence} Source: {rule.source}"))


@app.command()
def decide(
    name: Annotated[str, typer.Argument(help="Name of the pack.")],
    rule: Annotated[str, typer.Argument(help="Kind of the rule, such as min_cell.")],
    reason: Annotated[str, typer.Option("--reason", "-r", help="Why; it stands in the pack's history.")],
    advice: Annotated[bool, typer.Option("--advice/--rule", help="Advice from now on, or a rule again.")] = True,
    as_user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Turn a rule that is seldom right to advice, or make it a rule again (demo; elsewhere the portal)."""
    found = OperatorClient(as_user).post(f"/policies/{name}/rules/{rule}", {"advice": advice, "reason": reason})
    if as_json:
        print_json(found)
        return
    say(escape(f"{rule} of {name} is {'advice' if advice else 'a rule'} for files checked from now on."))


@app.command()
def simulate(
    name: Annotated[str, typer.Argument(help="Name of the other pack.")],
    days: Annotated[int, typer.Option(help="How far back, in days.")] = 365,
    as_user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """What would have been flagged under another pack: checks the files of the last year again; nothing is kept."""
    client = OperatorClient(as_user)
    reports = client.get(f"/policies/{name}/simulation?days={days}")["reports"]
    found = []
    for report in track(reports, f"{len(reports)} files under {name}", console=Console(stderr=True)):
        found.append(client.post(f"/policies/{name}/simulation/{report}"))
    summary = summarise(name, found)
    if as_json:
        print_json(summary)
        return
    for line in as_lines(summary):
        say(escape(line))


def summarise(name: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts of statuses and rules, then and under the other pack, and the files that change."""
    return {
        "pack": name,
        "files": len(found),
        "before": dict(Counter(each["before"] for each in found)),
        "after": dict(Counter(each["after"] for each in found)),
        "rules_before": dict(Counter(rule for each in found for rule in each["rules_before"])),
        "rules_after": dict(Counter(rule for each in found for rule in each["rules_after"])),
        "changed": [each for each in found if each["changed"]],
    }


def as_lines(summary: dict[str, Any]) -> list[str]:
    """The summary for a reader."""
    if not summary["files"]:
        return ["No file was checked in that time."]
    lines = [f"{summary['files']} files; {len(summary['changed'])} would have been judged otherwise."]
    for status in ("pass", "review", "fail"):
        lines.append(f"  {status}: {summary['before'].get(status, 0)} then, {summary['after'].get(status, 0)} now")
    for rule in sorted({*summary["rules_before"], *summary["rules_after"]}):
        lines.append(
            f"  {rule}: {summary['rules_before'].get(rule, 0)} then, {summary['rules_after'].get(rule, 0)} now"
        )
    lines += [f"  {each['request']} {each['name']}: {each['before']} → {each['after']}" for each in summary["changed"]]
    return lines


def as_data(pack: Policy) -> dict[str, Any]:
    """A pack as JSON data."""
    return {
        "name": pack.name,
        "version": pack.version,
        "title": pack.title,
        "rules": [
            {
                "kind": rule.kind,
                "status": rule.status.word,
                "parameters": dict(rule.parameters),
                "sentence": rule.sentence,
                "source": rule.source,
                "implemented": implemented(rule.kind),
            }
            for rule in pack.rules
        ],
    }
