"""The rulebook that output checkers read, made by running the specification: what is printed is what the engine said.

`python -m tests.spec.render` writes `docs/reference/rulebook.md`; with `--check` it fails where the page differs.
A chapter is a module here: its docstring opens it, each test is a sentence, the tables that the test gave to the
engine follow with what came out.
"""

from __future__ import annotations

import csv
import importlib
import inspect
import io
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import yaml

from c2c_research.disclosure.findings import FileReport, Status
from tests.spec import rulebook

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "reference" / "rulebook.md"
FIRST = ("minimum_cell_count", "persons", "rates_and_groups", "values_of_few", "secondary_disclosure")
_WORDS = {Status.PASS: "advice", Status.REVIEW: "review", Status.FAIL: "fail"}
_EXAMPLES = 2
_HEAD = """# Rulebook

<!-- Made by `make docs` from the specification tests; change those, not this page. -->

How outputs are judged, as worked examples: a small table in, findings out. Every example here is run by the tests with
the very engine that checks your files; cells that a finding names are **bold**. Policy packs set the thresholds; where
no pack is named, it is the enclave's default.
"""


@dataclass(frozen=True)
class Example:
    """One file that a test gave to the engine, and its report."""

    name: str
    text: str
    policy: str
    context: dict[str, Any]
    report: FileReport


def main() -> int:
    """``python -m tests.spec.render [--check]``."""
    text = page()
    if "--check" in sys.argv[1:]:
        same = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
        if not same:
            print(f"{PAGE.name} is out of date: run `make docs`.")
        return 0 if same else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *(line for module in _modules() for line in chapter(module))]) + "\n"


def _modules() -> list[Any]:
    names = sorted(path.stem for path in HERE.glob("test_*.py"))
    names.sort(key=lambda name: next((i for i, first in enumerate(FIRST) if name.endswith(first)), len(FIRST)))
    # made anew, so that a chapter's random numbers begin where they begin for everybody
    return [importlib.reload(importlib.import_module(f"tests.spec.{name}")) for name in names]


def chapter(module: Any) -> Iterator[str]:
    """A module's lines: its docstring, one section a test."""
    title, _, intro = (module.__doc__ or "").strip().partition("\n")
    yield f"## {title.lstrip('# ').rstrip('.')}\n"
    yield f"{intro.strip()}\n"
    for name, test in vars(module).items():
        if name.startswith("test_") and inspect.isfunction(test):
            yield f"### {_sentence(name)}\n"
            for example in examples(test)[:_EXAMPLES]:
                yield from _example(example)


def _sentence(name: str) -> str:
    text = name.removeprefix("test_").replace("_", " ")
    return text[0].upper() + text[1:]


def examples(test: Callable[..., None]) -> list[Example]:
    """Run a test that needs no more than its own parameters, and keep what it gave to the engine."""
    seen: list[Example] = []

    def keep(name: str, text: str, policy: str, context: dict[str, Any], report: FileReport) -> None:
        seen.append(Example(name, text, policy, context, report))

    rulebook.WATCHERS.append(keep)
    try:
        for values in _parameter_sets(test):
            test(**values)
    finally:
        rulebook.WATCHERS.remove(keep)
    return seen


def _parameter_sets(test: Callable[..., None]) -> list[dict[str, Any]]:
    """The first sets of a parametrised test; none where it needs a fixture."""
    wanted = set(inspect.signature(test).parameters)
    sets: list[dict[str, Any]] = [{}]
    for mark in getattr(test, "pytestmark", []):
        if mark.name != "parametrize":
            continue
        names = mark.args[0].split(",") if isinstance(mark.args[0], str) else list(mark.args[0])
        names = [name.strip() for name in names]
        rows = [row if len(names) > 1 else (row,) for row in mark.args[1]]
        sets = [{**known, **dict(zip(names, row, strict=True))} for known in sets for row in rows]
    return [values for values in sets if set(values) == wanted][:_EXAMPLES]


def _example(example: Example) -> Iterator[str]:
    if example.context:
        yield "Sidecar:\n\n```yaml\n" + yaml.safe_dump(example.context, sort_keys=False, allow_unicode=True) + "```\n"
    yield _table(example) or f"```\n{_undated(example.text).rstrip()}\n```\n"
    pack = "" if example.policy == "enclave-default" else f" (pack `{example.policy}`)"
    if not example.report.findings:
        yield f"Passes{pack}, without a finding.\n"
    for finding in example.report.findings:
        yield f"- **{_WORDS[finding.status]}** `{finding.rule}`{pack}: {finding.message}"
    yield ""


def _undated(text: str) -> str:
    """A printed summary without the moment at which it was made."""
    return re.sub(r"\b\w{3}, \d{2} \w{3} \d{4}", "Mon, 03 Aug 2026", re.sub(r"\b\d{2}:\d{2}:\d{2}\b", "09:00:00", text))


def _table(example: Example) -> str:
    """A small CSV as a table with the named cells bold; "" for what is better shown as it is."""
    rows = list(csv.reader(io.StringIO(dedent(example.text).strip("\n"))))
    if not example.name.endswith(".csv") or not 2 <= len(rows) <= 14 or len({len(row) for row in rows}) != 1:
        return ""
    named = {cell for finding in example.report.findings for cell in finding.cells}
    lines = [_line(rows[0]), "|" + "---|" * len(rows[0])]
    for number, row in enumerate(rows[1:]):
        lines.append(_line([f"**{text}**" if (number, place) in named else text for place, text in enumerate(row)]))
    return "\n".join(lines) + "\n"


def _line(cells: list[str]) -> str:
    return (
        "| "
        + " | ".join(cell.replace("|", "\\|").replace("*", "\\*") if cell == "*" else cell for cell in cells)
        + " |"
    )


if __name__ == "__main__":
    sys.exit(main())
