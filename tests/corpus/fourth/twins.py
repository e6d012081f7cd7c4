"""Twins: one builder makes a disclosive request and its harmless look-alike, each with and without a sidecar."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

from tests.corpus.case import Case, Draw, cases

TwinBuilder = Callable[[Draw, bool], Case]


def twins(builder: TwinBuilder) -> TwinBuilder:
    """Register: turns 0 and 1 are disclosive, 2 and 3 harmless; the even ones carry a sidecar."""

    @functools.wraps(builder)
    def turn(draw: Draw) -> Case:
        return builder(draw, draw.turn < 2)

    cases(4)(turn)
    return builder


def one(draw: Draw, bad: bool, rules: str, why: str, file: str, text: str | bytes, **context: Any) -> Case:
    """A request of one file; `context` becomes its sidecar where the turn has one."""
    files = {file: text.encode() if isinstance(text, str) else text}
    if draw.sidecar:
        files[f"{file.rsplit('.', 1)[0]}.context.yaml"] = json.dumps({"table": file, **context}).encode()
    return (draw.disclosive if bad else draw.harmless)(rules, why, files)


def large(draw: Draw, low: int = 120, high: int = 980) -> int:
    return int(draw.rng.integers(low, high))


def small(draw: Draw) -> int:
    return int(draw.rng.integers(2, 9))


def csv(rows: list[list[Any]], sep: str = ",") -> str:
    return "\n".join(sep.join(str(c) for c in row) for row in rows) + "\n"


def pipe(rows: list[list[Any]]) -> str:
    """A Markdown table."""
    head, *rest = ["| " + " | ".join(str(c) for c in row) + " |" for row in rows]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *rest]) + "\n"


def html(rows: list[list[Any]], heads: int = 1, cls: str = "") -> str:
    out = [f"<table class='{cls}'>"]
    for number, row in enumerate(rows):
        tag = "th" if number < heads else "td"
        out.append("<tr>" + "".join(f"<{tag}>{c}</{tag}>" for c in row) + "</tr>")
    return "\n".join([*out, "</table>"])
