"""A burn-down plot as numbers for a template: what was left over time, one stepped line a purse or cap.

The picture says nothing that the table beside it does not say; lines differ by dashes too, not by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from enclave.dp.exports import Step

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 640, 260, 52, 12, 12, 34
COLOURS = ("#005ea2", "#8b0a03", "#1b6e2c", "#71767a")
DASHES = ("", "8 4", "2 3", "10 3 2 3")
MOST = 400
"""Lines in the table: the newest; the export has all."""


@dataclass(frozen=True)
class Curve:
    """One line: its name, the points of a polyline, how it is drawn, and what is left now."""

    name: str
    points: str
    colour: str
    dash: str
    left: str


@dataclass(frozen=True)
class Tick:
    """A label and its place along an axis."""

    place: float
    label: str


@dataclass(frozen=True)
class Burndown:
    """Curves, ticks, the sentence that describes them, and the table's lines, the newest first."""

    curves: list[Curve]
    levels: list[Tick]
    moments: list[Tick]
    described: str
    lines: list[dict[str, str]]


def burndown(steps: Iterable[Step], now: datetime) -> Burndown | None:
    """The plot of these steps up to now; None when nothing has happened yet."""
    known = list(steps)
    if not known:
        return None
    names = list(dict.fromkeys(step.name for step in known))
    begin, top = known[0].at, max(max(step.left for step in known), 1e-9)
    span = max((now - begin).total_seconds(), 1.0)

    def across(at: datetime) -> float:
        share = min(max((at - begin).total_seconds() / span, 0.0), 1.0)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def down(left: float) -> float:
        return round(TOP + (1 - left / top) * (HEIGHT - TOP - BOTTOM), 1)

    curves = []
    for number, name in enumerate(names):
        places = _stepped([(across(step.at), down(step.left)) for step in known if step.name == name], across(now))
        last = next(step.left for step in reversed(known) if step.name == name)
        style = (COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)])
        curves.append(Curve(name, " ".join(f"{x:g},{y:g}" for x, y in places), *style, f"{last:.4f}"))
    levels = [Tick(down(top * share), f"{top * share:.3g}") for share in (0, 0.5, 1)]
    moments = [Tick(across(at), f"{at:%Y-%m-%d}") for at in (begin, now)]
    left = ", ".join(f"{curve.name} {curve.left}" for curve in curves)
    described = f"Privacy loss rho that is left, from {begin:%Y-%m-%d} to {now:%Y-%m-%d}. Now: {left}."
    return Burndown(curves, levels, moments, described, [_line(step) for step in reversed(known[-MOST:])])


def _stepped(places: list[tuple[float, float]], end: float) -> list[tuple[float, float]]:
    """The corners of a line that stays level until each change, and on to the end."""
    corners = [places[0]]
    for x, y in places[1:]:
        if (x, y) != corners[-1]:
            corners += [(x, corners[-1][1]), (x, y)]
    return [*corners, (end, corners[-1][1])]


def _line(step: Step) -> dict[str, str]:
    return {
        "at": f"{step.at:%Y-%m-%d %H:%M}", "kind": WORDS.get(step.kind, step.kind), "name": step.name,
        "rho": f"{step.rho:.6f}", "left": f"{step.left:.6f}", "total": f"{step.total:.6f}",
    }  # fmt: skip


WORDS = {
    "opened": "opened", "carried": "carried over", "cap": "opened", "granted": "granted",
    "corrected": "grant taken back", "reserved": "question charged", "shared": "shared answer, free",
    "answered": "answered", "unanswered": "ended without answer", "voided": "charge given back",
}  # fmt: skip
