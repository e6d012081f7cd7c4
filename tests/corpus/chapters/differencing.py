"""Tables of nearly the same persons, whose difference is a few; and tables that are close by accident or by rounding."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from tests.corpus.case import Case, Draw, cases
from tests.corpus.population import LABELS, people
from tests.corpus.table import COUNT, KEY, MONEY, RATE, Table, table
from tests.corpus.tabulate import values

BREAKS = ["race", "sector", "program", "cohort", "major"]


def counts(frame: pd.DataFrame, by: str) -> pd.Series:
    return values(frame[by]).value_counts().sort_index()


def by_group(frame: pd.DataFrame, by: str, title: str, population: str, word: str = "Students") -> Table:
    rows = [[k, int(v)] for k, v in counts(frame, by).items() if v >= 11]
    return table([(LABELS[by], KEY), (word, COUNT)], rows, title, kind="frequency", population=population)


def nested(draw: Draw) -> tuple[pd.DataFrame, pd.DataFrame, str, str, str]:
    """Two populations A ⊂ B (as B, A), 1 to 10 persons apart in some group, all groups shown being large; names of the three."""
    frame = people()
    for _ in range(200):
        by = draw.pick(BREAKS)
        county = draw.pick(["Fresno", "Kern", "Merced", "Shasta", "Los Angeles"])
        cohort = int(draw.pick(range(2014, 2022)))
        base = frame[(frame["county"] == county) & ((frame["cohort"] == cohort) | (by == "cohort"))]
        flag = draw.pick(["foster", "migrant", "homeless"])
        rest = base[~base[flag]]
        shown = counts(base, by)
        gap = (shown - counts(rest, by).reindex(shown.index, fill_value=0))[shown >= 11]
        if len(gap) >= 3 and gap.between(1, 10).any() and (shown[shown >= 11] - gap >= 11).all():
            return (
                base,
                rest,
                by,
                f"{county} County, {cohort} cohort" if by != "cohort" else f"{county} County",
                LABELS[flag].lower(),
            )
    raise RuntimeError("no nested populations")


@cases(6)
def all_and_all_but_a_flag(draw: Draw) -> Case:
    base, rest, by, phrase, flag = nested(draw)
    first = by_group(base, by, f"All students, {phrase}", phrase)
    second = by_group(rest, by, f"Students excluding {flag}, {phrase}", f"{phrase}, excluding {flag}")
    return draw.disclosive(
        "differencing",
        f"the two tables differ by a few students ({flag})",
        draw.files(first, second, kind=draw.cycle(["csv", "xlsx", "md", "csv", "html", "csv"]), titled=True),
    )


@cases(6)
def difference_with_an_earlier_release(draw: Draw) -> Case:
    base, rest, by, phrase, flag = nested(draw)
    new = draw.files(
        by_group(rest, by, f"Students without {flag}, {phrase}", f"{phrase}, without {flag}"),
        kind=draw.cycle(["csv", "xlsx", "csv"]),
        titled=True,
    )
    old = draw.files(by_group(base, by, f"Students, {phrase}", phrase), name="earlier", kind="csv", titled=True)
    return draw.disclosive(
        "differencing",
        "the new table and a released one differ by a few students",
        new,
        released={f"2025-11-release/{k}": v for k, v in old.items()},
    )


@cases(3)
def two_tables_in_one_file(draw: Draw) -> Case:
    base, rest, by, phrase, flag = nested(draw)
    both = pd.DataFrame({"All students": counts(base, by), f"Without {flag}": counts(rest, by)}).dropna().astype(int)
    both = both[(both >= 11).all(axis=1)]
    one = table([(LABELS[by], KEY), *((c, COUNT) for c in both.columns)], [[k, *r] for k, r in zip(both.index, both.to_numpy().tolist(), strict=True)],
                f"With and without {flag}, {phrase}", kind="frequency", counts=list(both.columns), population=phrase)  # fmt: skip
    return draw.disclosive("differencing", "two columns of one table differ by a few students", draw.files(one))


@cases(2)
def one_person_less(draw: Draw) -> Case:
    """Two crosstabs that differ by one person."""
    frame = people()[people()["cohort"] == 2015]
    frame = frame[frame["race"].isin(["Asian", "White", "Hispanic or Latino", "Filipino"])]
    tables = [pd.crosstab(f["sector"], f["race"]) for f in (frame, frame.iloc[1:])]
    files = {f"crosstab_{i}.csv": t.to_csv().encode() for i, t in enumerate(tables)}
    return draw.disclosive("differencing", "two crosstabs of the same persons less one", files)


@cases(3)
def finer_table_released_before(draw: Draw) -> Case:
    """Statewide by race, and earlier the same without one small county: the county's counts follow."""
    frame = people()[people()["cohort"] == 2016 + draw.turn]
    county = next(
        c
        for c in ("Glenn", "Inyo", "Tehama", "Humboldt", "Yolo")
        if (counts(frame[frame["county"] == c], "race").between(1, 10)).any()
    )
    all_, rest = by_group(frame, "race", f"State, {2016 + draw.turn}", f"{2016 + draw.turn} cohort"), by_group(
        frame[frame["county"] != county], "race", f"State without {county} County, {2016 + draw.turn}", f"{2016 + draw.turn} cohort without {county} County")  # fmt: skip
    old = draw.files(rest, name="earlier", kind="csv", titled=True)
    return draw.disclosive(
        "differencing",
        f"{county} County's small counts are the difference",
        draw.files(all_, kind="csv", titled=True),
        released={f"r1/{k}": v for k, v in old.items()},
    )


@cases(2)
def means_with_n_that_differ_by_one(draw: Draw) -> Case:
    base = people()[
        (people()["county"] == "Fresno")
        & (people()["industry"] == "Construction")
        & (people()["cohort"] == 2017 + draw.turn)
    ]
    less = base.drop(base["wage"].idxmax())
    tables = [table([("Group", KEY), ("n", COUNT), ("Mean wage", MONEY, 2)], [[name, len(f), float(f["wage"].mean())]], f"Construction workers, {name.lower()}", kind="magnitude", population=name)
              for name, f in (("All", base), ("All but the outlier", less))]  # fmt: skip
    return draw.disclosive(
        "differencing",
        "n and mean with and without one person give that person's wage",
        draw.files(*tables, kind="csv"),
    )


# --- harmless -------------------------------------------------------------------------------------------------------------------------


@cases(6)
def two_years_of_the_same_table(draw: Draw) -> Case:
    """Disjoint cohorts whose counts are close by accident."""
    by = draw.cycle(["race", "sector", "program"])
    first = by_group(people()[people()["cohort"] == 2016], by, "2016 high school cohort", "2016 high school cohort")
    rows = tuple((k, v + (-1) ** i * (3 + i)) for i, (k, v) in enumerate(first.rows) if isinstance(v, int) and v > 40)
    second = replace(
        first,
        rows=rows,
        title="2017 high school cohort",
        context={**first.context, "population": "2017 high school cohort"},
    )
    first = replace(first, rows=tuple(r for r in first.rows if int(r[1] or 0) > 40))
    if draw.turn % 2:
        return draw.harmless(
            "differencing",
            "two disjoint cohorts",
            draw.files(first, second, kind=draw.cycle(["csv", "csv", "xlsx"]), titled=True),
        )
    new, old = (
        draw.files(second, kind="csv", titled=True),
        draw.files(first, kind="csv", titled=True, name="cohort2016"),
    )
    return draw.harmless(
        "differencing", "the released table is of another cohort", new, released={f"r1/{k}": v for k, v in old.items()}
    )


@cases(3)
def years_side_by_side(draw: Draw) -> Case:
    by = draw.cycle(["race", "sector", "program"])
    rows = [
        [k, *(int(v) + d for d in (0, 4, -3, 9))]
        for k, v in counts(people()[people()["cohort"] == 2019], by).items()
        if v > 40
    ]
    one = table(
        [(LABELS[by], KEY), *((str(y), COUNT) for y in (2018, 2019, 2020, 2021))],
        rows,
        "Graduates by year",
        kind="frequency",
        counts="cells",
        population="graduates, by year",
    )
    return draw.harmless("differencing", "columns are years: disjoint cohorts", draw.files(one))


@cases(3)
def rounded_revision(draw: Draw) -> Case:
    """A new edition of a registered table; both are rounded to 5."""
    frame = people()[people()["cohort"] == 2018]
    rows = [(k, 5 * round(int(v) / 5)) for k, v in counts(frame, "race").items() if v > 40]
    old = table(
        [("Race", KEY), ("Students", COUNT)],
        rows,
        "Edition 2024",
        ("Counts are rounded to 5.",),
        kind="frequency",
        population="2018 cohort",
        rounding={"base": 5},
    )
    new = replace(old, rows=tuple((k, v + 5 * (i % 2)) for i, (k, v) in enumerate(rows)), title="Edition 2025")
    released = draw.files(old, name="race", kind="csv", titled=True)
    return draw.harmless(
        "differencing rounding",
        "a revision rounded to 5",
        draw.files(new, name="race", kind="csv", titled=True),
        released={f"2024/{k}": v for k, v in released.items()},
    )


@cases(3)
def nested_but_far_apart(draw: Draw) -> Case:
    base = people()[people()["cohort"] == 2015 + draw.turn]
    flag = draw.cycle(["sed", "el", "swd"])
    broad = base[base["race"].isin(["Asian", "White", "Hispanic or Latino"])]
    first, second = (
        by_group(broad, "race", "All students", "all students"),
        by_group(broad[~broad[flag]], "race", f"Without {LABELS[flag].lower()}", f"without {flag}"),
    )
    return draw.harmless(
        "differencing",
        "the populations differ by hundreds in every group",
        draw.files(first, second, kind=draw.cycle(["csv", "xlsx", "csv"]), titled=True),
    )


@cases(2)
def the_same_table_again(draw: Draw) -> Case:
    one = by_group(people()[people()["cohort"] == 2020], "sector", "2020 cohort", "2020 high school cohort")
    released = draw.files(one, name="sector", kind="csv")
    return draw.harmless(
        "differencing",
        "identical to what was released",
        draw.files(one, name="sector", kind="csv"),
        released={f"r7/{k}": v for k, v in released.items()},
    )


@cases(2)
def different_measures(draw: Draw) -> Case:
    """Rates released before; counts of other things now."""
    frame = people()[people()["cohort"] == 2020]
    new = by_group(frame[frame["enrolled"]], "cohort", "Enrolled", "2020 cohort, enrolled")
    rows = [[k, float(g["graduated"].mean())] for k, g in frame.groupby("sector")]
    old: Any = table(
        [("Sector", KEY), ("Graduation rate", RATE)], rows, "Rates", kind="rates", counts=[], population="2020 cohort"
    )
    released = draw.files(old, name="rates", kind="csv")
    return draw.harmless(
        "differencing",
        "nothing in common with what was released",
        draw.files(new, kind="csv"),
        released={f"r2/{k}": v for k, v in released.items()},
    )


@cases(2)
def models_of_almost_the_same_sample(draw: Draw) -> Case:
    rows = [
        [["GPA", 0.108, 0.006], ["EL", -0.052, 0.013], ["Observations", 41_210.0, None]],
        [["GPA", 0.107, 0.006], ["EL", -0.051, 0.013], ["Observations", 41_200.0, None]],
    ]
    tables = [
        table([("Term", KEY), ("Coef.", RATE, 1), ("SE", RATE, 1)], body, f"Model {i}", kind="regression", counts=[])
        for i, body in enumerate(rows, 1)
    ]
    return draw.harmless(
        "differencing model", "models are not compared", draw.files(*tables, kind="csv", percent="0.123")
    )
