"""`c2c policy`: which rules an output is held against, and which of them the engine enforces."""

from __future__ import annotations

from typing import Any

import typer
from rich.markup import escape

from c2c_research.disclosure.policy import BadPolicy, Policy, load_pack, pack_names
from c2c_research.disclosure.rules import implemented
from enclave.core.errors import NotFound
from services.cli.output import JsonOption, print_json, say

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
