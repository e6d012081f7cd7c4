"""Percentages that give away a count, and those that do not."""

from __future__ import annotations

from tests.corpus.case import Case, Draw, cases
from tests.corpus.population import LABELS, people
from tests.corpus.table import COUNT, KEY, NUMBER, RATE, table
from tests.corpus.tabulate import COUNT_WORDS

OUTCOMES = {"graduated": "Graduation rate", "enrolled": "College-going rate", "foster": "Foster %", "homeless": "Homeless %",
            "migrant": "Migrant share", "el": "Percent English learners", "swd": "% with disabilities", "sed": "Pct disadvantaged"}  # fmt: skip


def shares(draw: Draw, small: bool) -> tuple[str, str, list[tuple[object, int, int]]]:
    """(group variable, outcome, [(group, persons, persons with the outcome)]); with small numerators, or none of either side."""
    frame = people()
    for _ in range(400):
        by = draw.pick(["district", "race", "county", "program", "cohort", "sector", "major", "industry"])
        outcome = draw.pick(list(OUTCOMES))
        year = draw.pick([None, *range(2014, 2022)])
        if by == outcome or (by == "sector" and outcome == "enrolled"):
            continue
        some = frame if year is None else frame[frame["cohort"] == year]
        rows = [(k, len(g), int(g[outcome].sum())) for k, g in some.groupby(by) if len(g) >= 40 and g[outcome].any()]
        lows = [x for _, _, x in rows if x <= 10]
        if len(rows) >= 3 and (
            (1 <= len(lows) <= len(rows) // 2) if small else all(11 <= x <= n - 11 for _, n, x in rows)
        ):
            return by, outcome, rows
    raise RuntimeError("no rates fit")


@cases(8)
def percent_and_base_give_a_small_count(draw: Draw) -> Case:
    by, outcome, rows = shares(draw, small=True)
    one = table([(LABELS[by], KEY), (draw.pick(COUNT_WORDS), COUNT), (OUTCOMES[outcome], RATE, draw.cycle([1, 2]))], [(k, n, x / n) for k, n, x in rows],
                f"{LABELS[outcome]} by {LABELS[by].lower()}", kind="rates", population="cohorts 2014 to 2021")  # fmt: skip
    files = draw.files(one)
    low = [[i, 2] for i, (_, _, x) in enumerate(rows) if x <= 10]
    return draw.disclosive(
        "rate min_cell", "base times percentage is a count from 1 to 10", files, cells={next(iter(files)): low}
    )


@cases(3)
def percentages_of_a_stated_total(draw: Draw) -> Case:
    """The base stands in the title or a note only."""
    base = draw.cycle([84, 112, 61])
    parts = draw.cycle([[40, 25, 15, 4], [60, 33, 12, 7], [30, 19, 9, 3]])
    rows = [[k, x / base] for k, x in zip(["Community college", "CSU", "UC", "Private"], parts, strict=True)]
    one = table([("Sector", KEY), ("Percent", RATE)], rows, f"First sector of foster youth who enrolled (N = {base})", notes=(f"N = {base} students.",),
                kind="rates", counts=[], population="foster youth who enrolled")  # fmt: skip
    return draw.disclosive(
        "rate",
        f"percentages of {base} persons give counts of 3 to 9",
        draw.files(one, kind=draw.cycle(["md", "html", "txt"]), percent="12.3%"),
    )


@cases(3)
def shares_by_row_with_row_totals(draw: Draw) -> Case:
    """`crosstab(normalize='index')` with the row's N beside it."""
    frame = people()[people()["cohort"] == 2017 + draw.turn]
    by = draw.cycle(["race", "program", "district"])
    groups = [(k, g) for k, g in frame.groupby(by) if len(g) >= 20]
    sectors = sorted(frame["sector"].unique())
    rows = [[k, *(float((g["sector"] == s).mean()) for s in sectors), len(g)] for k, g in groups]
    rows = [r for r in rows if all(0 < v < 1 for v in r[1:-1])]
    low = [[i, j] for i, r in enumerate(rows) for j in range(1, len(sectors) + 1) if round(r[j] * r[-1]) <= 10]
    if not low:
        raise RuntimeError("no small share")
    one = table([(LABELS[by], KEY), *((s, RATE) for s in sectors), ("N", COUNT)], rows, "Row shares", kind="rates")
    return draw.disclosive(
        "rate", "row shares times N are counts from 1 to 10", draw.files(one, kind=draw.cycle(["csv", "xlsx", "html"]))
    )


@cases(2)
def two_percentages_tell_the_base(draw: Draw) -> Case:
    """A rate and its own small count: the complement and the base follow; here the numerator itself is printed."""
    rows = [["Oak Valley", 0.064, 9], ["Pine Ridge", 0.31, 62], ["Rio Seco", 0.275, 44]]
    one = table(
        [("District", KEY), ("Dropout rate", RATE), (draw.cycle(["Dropouts", "n dropped out"]), COUNT)],
        rows,
        "Dropouts",
        kind="rates",
    )
    return draw.disclosive("rate min_cell", "nine dropouts are printed beside their rate", draw.files(one))


# --- harmless -------------------------------------------------------------------------------------------------------------------------


@cases(8)
def percent_of_large_groups(draw: Draw) -> Case:
    by, outcome, rows = shares(draw, small=False)
    columns = [(LABELS[by], KEY), (draw.pick(COUNT_WORDS), COUNT), (OUTCOMES[outcome], RATE)]
    one = table(
        columns,
        [(k, n, x / n) for k, n, x in rows],
        f"{LABELS[outcome]} by {LABELS[by].lower()}",
        kind="rates",
        population="cohorts 2014 to 2021",
    )
    return draw.harmless("rate", "numerator and complement are 11 or more everywhere", draw.files(one))


@cases(4)
def percent_and_both_counts(draw: Draw) -> Case:
    by, outcome, rows = shares(draw, small=False)
    words = draw.cycle(
        [("Cohort", "Met"), ("Denominator", "Numerator"), ("N", "n"), ("Students", "Students with outcome")]
    )
    one = table(
        [(LABELS[by], KEY), (words[0], COUNT), (words[1], COUNT), ("Percent", RATE)],
        [(k, n, x, x / n) for k, n, x in rows],
        f"{LABELS[outcome]}",
        kind="rates",
    )
    return draw.harmless("rate", "numerator, denominator and complement are 11 or more", draw.files(one))


@cases(4)
def banded_percentages(draw: Draw) -> Case:
    frame = people()[people()["cohort"] == 2018]

    def band(p: float) -> str:
        return "≥95%" if p >= 0.95 else "≤5%" if p <= 0.05 else f"{5 * int(p * 20)}–{5 * int(p * 20) + 4}%"

    by = draw.cycle(["district", "race", "program", "major"])
    rows = [[k, band(float(g["graduated"].mean()))] for k, g in frame.groupby(by) if len(g) >= 40]
    one = table(
        [(LABELS[by], KEY), ("Graduation rate (band)", RATE)],
        rows,
        "Graduation rates in bands",
        ("Rates are shown in bands.",),
        kind="rates",
        counts=[],
    )
    return draw.harmless("rate group", "rates are banded", draw.files(one))


@cases(3)
def rates_without_a_base(draw: Draw) -> Case:
    """Shares of the whole state; no base is printed and none can be worked out."""
    frame = people()
    rows = [
        [int(y), *(float(g[c].mean()) for c in ("graduated", "enrolled", "sed"))] for y, g in frame.groupby("cohort")
    ]
    columns = [("Cohort", KEY), ("Graduated", RATE), ("Enrolled in college", RATE), ("Disadvantaged", RATE)]
    one = table(
        columns, rows, "Statewide rates by cohort", kind="rates", counts=[], population="all graduates of the state"
    )
    return draw.harmless("rate", "statewide rates, no base derivable", draw.files(one))


@cases(3)
def changes_in_percentage_points(draw: Draw) -> Case:
    by, outcome, rows = shares(draw, small=False)
    body = [[k, n, round(100 * x / n, 1), round((-1) ** i * (0.7 + i * 0.4), 1)] for i, (k, n, x) in enumerate(rows)]
    one = table(
        [(LABELS[by], KEY), ("N", COUNT), ("Rate (%)", NUMBER, 1), ("Change (pp)", NUMBER, 1)],
        body,
        f"{LABELS[outcome]}: change",
        kind="rates",
    )
    return draw.harmless("rate min_cell", "changes in points are no counts; groups are large", draw.files(one))


@cases(2)
def normalised_crosstab(draw: Draw) -> Case:
    """`pd.crosstab(normalize=…)` of large groups, as pandas writes it."""
    import pandas as pd

    frame = people()
    shares_ = pd.crosstab(frame["cohort"], frame["sector"], normalize=draw.cycle(["index", "columns"]))
    return draw.harmless("rate", "shares of thousands", {"normalized.csv": shares_.to_csv().encode()})


@cases(2)
def rates_with_confidence_intervals(draw: Draw) -> Case:
    by, _, rows = shares(draw, small=False)
    body = []
    for k, n, x in rows:
        p = x / n
        half = 1.96 * (p * (1 - p) / n) ** 0.5
        body.append([k, n, p, p - half, p + half])
    one = table(
        [(LABELS[by], KEY), ("n", COUNT), ("rate", RATE), ("ci_low", RATE), ("ci_high", RATE)],
        body,
        "Rates with 95% CI",
        kind="rates",
    )
    return draw.harmless("rate", "large groups; the interval's ends are no rates of persons", draw.files(one))
