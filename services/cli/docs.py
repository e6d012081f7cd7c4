"""Generates `docs/reference/` from the code: settings, commands, permissions, states, routes.

`python -m services.cli.docs` writes the pages, `--check` fails where one differs from what the code says.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer

import enclave
import output_review
from enclave.contributions.reference import provider_files_page
from enclave.core.lifecycle import Lifecycle
from enclave.core.settings import Settings
from enclave.people.permissions import OPERATOR, ROLES, Permission
from enclave.people.roles import DESCRIPTIONS, Role
from enclave.sandboxes.seccomp import GROUPS, KEPT_OUT, RULES, Rule
from services.cli.main import COMMANDS

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
_NOTE = "<!-- Made by `make docs` from the code; change the code, not this page. -->\n\n"


def settings_page() -> str:
    """Every setting with its default and description."""
    rows = [
        f"| `C2C_{name.upper()}` | `{_default(field.default)}` | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "# Settings\n\nRead from the environment.\n\n| variable | default | what |\n|---|---|---|\n" + "\n".join(
        rows
    )


def permissions_page() -> str:
    """Which roles hold which permission, and what the roles are."""
    lines = ["# Roles and permissions", "", "| role | what it does |", "|---|---|"]
    lines += [f"| {role} | {DESCRIPTIONS[role]} |" for role in Role]
    lines += ["", "| permission | held by | operator on the host |", "|---|---|---|"]
    for permission in Permission:
        roles = ROLES[permission]
        names = "everybody" if roles == frozenset(Role) else ", ".join(sorted(roles)) or "—"
        lines.append(f"| `{permission}` | {names} | {'yes' if permission in OPERATOR else 'no'} |")
    return "\n".join(lines)


def states_page() -> str:
    """A diagram of every lifecycle, printed from its table."""
    lines = ["# States", ""]
    for lifecycle in sorted(_lifecycles(), key=lambda each: each.name):
        lines += [f"## {lifecycle.name.capitalize()}", "", (lifecycle.states.__doc__ or "").strip(), "", "```mermaid"]
        lines.append("stateDiagram-v2")
        for state, moves in lifecycle.transitions.items():
            lines += [f"    {state} --> {target}: {move.who}" for target, move in moves.items()]
        lines += ["```", "", "| from | to | who | audit |", "|---|---|---|---|"]
        for state, moves in lifecycle.transitions.items():
            lines += [f"| {state} | {target} | {move.who} | `{move.audit}` |" for target, move in moves.items()]
        lines.append("")
    return "\n".join(lines)


def commands_page() -> str:
    """Every command of `c2c` with its arguments and options."""
    lines = [
        "# The `c2c` command",
        "",
        "Exit codes: 0 done or holds, 1 the thing checked does not hold, 2 could not run.",
    ]
    for name, (module, sentence) in COMMANDS.items():
        command = typer.main.get_command(importlib.import_module(module).app)
        lines += ["", f"## `c2c {name}`", "", sentence, ""]
        lines += [f"- {line}" for line in _usages(f"c2c {name}", command)]
    return "\n".join(lines)


def seccomp_page() -> str:
    """The system-call filter of a sandbox, group by group."""
    lines = ["# The system-call filter of a sandbox", "", "What is not named here is answered `EPERM`.", ""]
    lines += ["## Allowed", "", "| group | why | calls |", "|---|---|---|"]
    lines += [f"| {group.name} | {group.why} | {' '.join(group.calls)} |" for group in GROUPS]
    lines += ["", "## Allowed under conditions", "", "| call | why | conditions |", "|---|---|---|"]
    lines += [f"| {rule.call} | {rule.why} | {_conditions(rule)} |" for rule in RULES]
    lines += ["", "## Kept out on purpose", "", "| why | calls |", "|---|---|"]
    return "\n".join([*lines, *(f"| {why} | {' '.join(calls)} |" for why, calls in KEPT_OUT.items())])


def _conditions(rule: Rule) -> str:
    if rule.answer is not None:
        return f"answered with error {rule.answer}"
    texts = (f"argument {each.index} {each.op} {each.value:#x}" for each in rule.conditions)
    return ", ".join(texts)


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "permissions.md": permissions_page,
    "states.md": states_page,
    "commands.md": commands_page,
    "provider-files.md": provider_files_page,
    "seccomp.md": seccomp_page,
}


def main(check: bool) -> int:
    """Write the pages, or compare them; the number of pages that differ."""
    stale = 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        text, path = _NOTE + make().rstrip() + "\n", FOLDER / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        if check:
            print(f"docs/reference/{name} is out of date: run `make docs`.", file=sys.stderr)
        else:
            path.write_text(text, encoding="utf-8")
            print(f"wrote docs/reference/{name}", file=sys.stderr)
    return stale


def _default(value: Any) -> str:
    return "(empty)" if str(value) in ("", "**********") else str(value)


def _lifecycles() -> Iterator[Lifecycle[Any]]:
    for package in (enclave, output_review):
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if info.name.endswith(".states"):
                module = importlib.import_module(info.name)
                yield from (value for value in vars(module).values() if isinstance(value, Lifecycle))


def _usages(path: str, command: Any) -> Iterator[str]:
    children = getattr(command, "commands", None)
    if children:
        for name, child in children.items():
            yield from _usages(f"{path} {name}", child)
        return
    parts = []
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            name = str(parameter.name).upper()
            parts.append(name if parameter.required else f"[{name}]")
        elif parameter.name != "help":
            flag = parameter.opts[-1] + ("" if parameter.is_flag else f" {str(parameter.name).upper()}")
            parts.append(flag if parameter.required else f"[{flag}]")
    text = (command.help or "").strip().partition("\n")[0]
    yield f"`{' '.join([path, *parts])}`: {text}"


if __name__ == "__main__":
    sys.exit(1 if main(check="--check" in sys.argv[1:]) and "--check" in sys.argv[1:] else 0)
