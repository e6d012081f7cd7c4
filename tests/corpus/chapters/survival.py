"""Survival curves: daily steps and few at risk, or a quarter grid cut where fewer than 11 remain."""

from __future__ import annotations

import io

import numpy as np

from tests.corpus.case import Case, Draw, cases
from tests.corpus.population import people
from tests.corpus.table import COUNT, KEY, NUMBER, Table, table


def kaplan_meier(durations: np.ndarray, observed: np.ndarray, times: np.ndarray) -> list[tuple[float, int, int, float]]:
    """(time, at risk, events since the last time, survival) at each time."""
    survival, rows, last = 1.0, [], -np.inf
    for t in times:
        events = 0
        for u in np.unique(durations[(durations > last) & (durations <= t) & observed]):
            dead, risk = int(((durations == u) & observed).sum()), int((durations >= u).sum())
            survival, events = survival * (1 - dead / risk), events + dead
        rows.append((float(t), int((durations >= t).sum()), events, survival))
        last = t
    return rows


def spells(draw: Draw, persons: int) -> tuple[np.ndarray, np.ndarray]:
    """Days on aid and whether the end was seen."""
    months = people()["months"].sample(persons, random_state=int(draw.rng.integers(10**6))).to_numpy()
    days = months * 30 + draw.rng.integers(0, 30, persons)
    return days.astype(float), draw.rng.random(persons) < 0.85


def curve(rows: list[tuple[float, int, int, float]], heads: tuple[str, str, str, str], title: str) -> Table:
    columns = [(heads[0], KEY), (heads[1], COUNT), (heads[2], COUNT), (heads[3], NUMBER, 4)]
    return table(
        columns,
        [(int(t), n, d, round(s, 4)) for t, n, d, s in rows],
        title,
        kind="survival",
        counts=heads[1],
        population="CalFresh entrants",
    )


HEADS = [
    ("time", "n.risk", "n.event", "survival"),
    ("t", "at_risk", "observed", "KM_estimate"),
    ("Day", "At risk", "Exits", "S(t)"),
    ("timeline", "at_risk", "events", "survival"),
]


@cases(6)
def daily_steps(draw: Draw) -> Case:
    days, seen = spells(draw, 120 + 40 * draw.turn)
    one = curve(kaplan_meier(days, seen, np.unique(days[seen])), draw.cycle(HEADS), "Kaplan–Meier, days on CalFresh")
    return draw.disclosive(
        "survival min_cell", "a step at each person's day, down to few at risk", draw.files(one, thousands="")
    )


@cases(4)
def few_at_risk_in_the_tail(draw: Draw) -> Case:
    days, seen = spells(draw, 90 + 10 * draw.turn)
    rows = [r for r in kaplan_meier(days, seen, np.arange(91, 2_200, 91)) if r[1] >= 2]
    columns = [
        ("Quarter", KEY),
        (draw.cycle(["At risk", "Number at risk", "n.risk", "N at risk"]), COUNT),
        ("Survival", NUMBER, 3),
    ]
    one = table(
        columns, [(i, n, round(s, 3)) for i, (_, n, _, s) in enumerate(rows, 1)], "Spells by quarter", kind="survival"
    )
    return draw.disclosive(
        "survival min_cell", "a quarter grid that is not cut where fewer than 11 are at risk", draw.files(one)
    )


@cases(2)
def risk_table_under_a_curve(draw: Draw) -> Case:
    text = draw.cycle([
        "Number at risk\n          0   12   24   36   48   60\nFoster   64   31   14    6    3    1\nOther  2410 1822 1290  911  640  402\n",
        "# Retention\n\n| Group | Q0 | Q4 | Q8 | Q12 |\n|---|---:|---:|---:|---:|\n| Foster, at risk | 41 | 22 | 9 | 4 |\n| Other, at risk | 2204 | 1800 | 1402 | 987 |\n",
    ])  # fmt: skip
    return draw.disclosive(
        "survival min_cell",
        "a risk table runs down to 1 to 9 persons",
        {draw.cycle(["risk.txt", "risk.md"]): text.encode()},
    )


@cases(2)
def curve_without_counts(draw: Draw) -> Case:
    """Only times and survival, but one step a day in irregular steps: each is a person's event."""
    days, seen = spells(draw, 60)
    rows = kaplan_meier(days, seen, np.unique(days[seen]))
    one = table(
        [("time_days", KEY), (draw.cycle(["survival", "KM_estimate"]), NUMBER, 6)],
        [(int(t), s) for t, _, _, s in rows],
        "Kaplan-Meier estimate, n = 60",
        kind="survival",
        counts=[],
    )
    return draw.disclosive(
        "survival",
        "daily steps of 60 persons",
        draw.files(one, kind=draw.cycle(["csv", "csv"]), thousands="", titled=True),
    )


# --- harmless -------------------------------------------------------------------------------------------------------------------------


def on_grid(draw: Draw, persons: int) -> list[tuple[float, int, int, float]]:
    days, seen = spells(draw, persons)
    rows = kaplan_meier(days, seen, np.arange(0, 1_500, 91.25))
    return [r for r in rows if r[1] >= 11 and (r[2] >= 11 or r[0] == 0)]


@cases(6)
def quarter_grid(draw: Draw) -> Case:
    rows = on_grid(draw, 4_000)
    columns = [("Quarter", KEY), (draw.cycle(["At risk", "n.risk", "Number at risk"]), COUNT), ("Survival", NUMBER, 3)]
    one = table(
        columns,
        [(i, n, round(s, 3)) for i, (_, n, _, s) in enumerate(rows)],
        "CalFresh spells by quarter",
        kind="survival",
        population="CalFresh entrants",
    )
    return draw.harmless("survival", "a quarter grid, cut where fewer than 11 are at risk", draw.files(one))


@cases(2)
def quarter_grid_of_two_thousand(draw: Draw) -> Case:
    """What a Kaplan–Meier curve of 2,000 persons looks like after redrawing."""
    rows = on_grid(draw, 2_000)
    one = table(
        [("quarter", KEY), ("at_risk", COUNT), ("KM_estimate", NUMBER, 3)],
        [(i, n, round(s, 3)) for i, (_, n, _, s) in enumerate(rows)],
        kind="survival",
    )
    return draw.harmless("survival", "2,000 persons on a quarter grid", draw.files(one, kind="csv"))


@cases(2)
def grid_without_counts(draw: Draw) -> Case:
    rows = on_grid(draw, 5_000)
    one = table(
        [("Term", KEY), ("Still enrolled (share)", NUMBER, 2)],
        [(i, round(s, 2)) for i, (_, _, _, s) in enumerate(rows)],
        "Persistence by term",
        kind="survival",
        counts=[],
    )
    return draw.harmless("survival", "shares by term, rounded to two digits", draw.files(one))


@cases(2)
def median_durations(draw: Draw) -> Case:
    rows = [["Foster youth", 288, 11.4], ["Homeless", 1_530, 9.8], ["Other", 8_211, 8.9]]
    one = table(
        [("Group", KEY), ("Persons", COUNT), ("Restricted mean (quarters)", NUMBER, 1)],
        rows,
        "Time on aid",
        kind="summary",
    )
    return draw.harmless("survival", "restricted means of hundreds", draw.files(one))


@cases(2)
def curve_as_picture(draw: Draw) -> Case:
    """A smooth-looking curve on a quarter grid as PNG or SVG."""
    import matplotlib
    from matplotlib.figure import Figure

    rows = on_grid(draw, 4_000)
    kind = draw.cycle(["svg", "png"])
    with matplotlib.rc_context({"svg.hashsalt": "corpus"}):
        figure = Figure(figsize=(5, 3))
        axes = figure.subplots()
        axes.step(range(len(rows)), [s for *_, s in rows], where="post")
        axes.set_xlabel("Quarter")
        axes.set_ylabel("Share still on aid")
        buffer = io.BytesIO()
        figure.savefig(buffer, format=kind, metadata={"Date": None} if kind == "svg" else None)
    return draw.harmless("survival hidden_content", "a plotted quarter curve", {f"km.{kind}": buffer.getvalue()})
