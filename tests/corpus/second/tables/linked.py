"""Hidden cells that can be computed, populations that differ by a few persons, and rounding that is claimed.

Safe patterns hide a rectangle of two rows and two columns whose members are all 25 or more but one; moving the four by the
same step shows that each has more than ten feasible values.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.corpus.case import Case
from tests.corpus.second.tables.kit import (
    COUNTIES,
    DISTRICTS,
    INDUSTRIES,
    OUTCOMES,
    PROGRAMS,
    RACES,
    Draw,
    ambiguous,
    beside,
    case,
    context,
    disclosive,
    harmless,
)
from tests.corpus.second.tables.styles import Grid, workbook, write

MARKS = ("*", "<11", "-", "n/a", "(s)", "--", "s", "D", "‡", "suppressed")
_FILES = ("csv", "xlsx", "titled_csv", "html", "markdown", "tsv")


def _table(draw: Draw) -> np.ndarray:
    return draw.counts(5, 4, 25, 300)


def _grid(n: np.ndarray, hidden: set[tuple[int, int]], mark: str, note: bool = True) -> Grid:
    rows: list[list[Any]] = [
        [d, *[mark if (i, j) in hidden else int(v) for j, v in enumerate(line)], int(line.sum())]
        for i, (d, line) in enumerate(zip(DISTRICTS, n, strict=False))
    ]
    rows.append(["Total", *map(int, n.sum(0)), int(n.sum())])
    return Grid(
        ["District", *OUTCOMES, "Total"],
        rows,
        1,
        "Outcomes by district",
        (f"{mark}: suppressed to protect privacy",) if note else (),
    )


def _side(draw: Draw, name: str, data: bytes, mark: str, **rest: Any) -> dict[str, bytes]:
    return beside(
        draw,
        name,
        data,
        ["District"],
        counts="cells",
        totals={"rows": "Total", "columns": "Total"},
        suppressed=[mark],
        **rest,
    )


@disclosive("secondary", 10)
def one_hidden_cell_beside_its_margins(draw: Draw) -> Case:
    n, mark = _table(draw), MARKS[draw.turn % len(MARKS)]
    cell = (draw.int(0, 4), draw.int(0, 3))
    n[cell] = draw.int(1, 9)
    name, data = write(_grid(n, {cell}, mark), draw.cycle(_FILES))
    return case("the only hidden cell is the row's total less the others", _side(draw, name, data, mark))


@disclosive("secondary", 6)
def hidden_pair_in_a_row(draw: Draw) -> Case:
    n, mark = _table(draw), draw.pick(MARKS)
    i = draw.int(0, 4)
    n[i, 1], n[i, 3] = draw.int(1, 9), draw.int(1, 9)
    name, data = write(_grid(n, {(i, 1), (i, 3)}, mark), draw.cycle(_FILES))
    return case("two cells of one row are hidden, but each is alone in its column", _side(draw, name, data, mark))


@harmless("secondary", 12)
def hidden_rectangle(draw: Draw) -> Case:
    n, mark = _table(draw), draw.cycle([m for m in MARKS if m != "<11"])
    (a, b), (c, d) = draw.some(range(5), 2), draw.some(range(4), 2)
    n[a, c] = draw.int(5, 8)
    hidden = {(a, c), (a, d), (b, c), (b, d)}
    name, data = write(_grid(n, hidden, mark), draw.cycle(_FILES))
    return case(
        "a rectangle is hidden around one small cell; the other three count 25 or more, so more than ten values are feasible",
        _side(draw, name, data, mark),
    )


@disclosive("secondary", 4)
def total_in_the_next_file(draw: Draw) -> Case:
    """Without margins nothing can be computed; the margins lie in another file of the request."""
    n, mark = _table(draw), draw.pick(MARKS)
    k = draw.int(0, 4)
    n[k, 2] = draw.int(2, 7)
    inner = _grid(n, {(k, 2)}, mark)
    inner = Grid(inner.header[:-1], [r[:-1] for r in inner.rows[:-1]], 1, inner.title, inner.notes)
    outer = Grid(
        ["District", "Cohort"],
        [[d, int(t)] for d, t in zip(DISTRICTS, n.sum(1), strict=False)],
        1,
        "Cohort size by district",
    )
    style = draw.cycle(["csv", "xlsx"])
    files = dict([write(inner, style, "outcomes"), write(outer, style, "cohort")])
    if draw.sidecar:
        a, b = files
        files["outcomes.context.yaml"] = context(
            a, ["District"], counts="cells", population="2019 cohort", suppressed=[mark]
        )
        files["cohort.context.yaml"] = context(b, ["District"], counts="Cohort", population="2019 cohort")
    return case("cohort size of the second file less the shown outcomes is the hidden count", files)


@disclosive("secondary", 4)
def released_table_has_the_cell(draw: Draw) -> Case:
    n, mark = _table(draw), draw.pick(MARKS)
    k = draw.int(0, 4)
    n[k, 2] = draw.int(2, 7)
    inner = _grid(n, {(k, 2)}, mark)
    inner = Grid(inner.header[:-1], [r[:-1] for r in inner.rows[:-1]], 1, inner.title, inner.notes)
    outer = Grid(
        ["District", "Students"],
        [[d, int(t)] for d, t in zip(DISTRICTS, n.sum(1), strict=False)],
        1,
        "Students by district",
    )
    name, data = write(inner, "csv", "outcomes")
    old, before = write(outer, "csv", "students")
    released = {old: before}
    if draw.sidecar:
        released["students.context.yaml"] = context(old, ["District"], counts="Students", population="2019 cohort")
    return case(
        "row totals released before give the hidden count",
        beside(draw, name, data, ["District"], counts="cells", population="2019 cohort", suppressed=[mark]),
        released=released,
    )


@disclosive("secondary", 4)
def percentage_beside_the_hidden_count(draw: Draw) -> Case:
    mark = draw.pick(MARKS)
    rows: list[list[Any]] = []
    for d in DISTRICTS[:6]:
        size = draw.int(90, 400)
        hits = draw.int(25, size - 25)
        rows.append([d, size, hits, f"{100 * hits / size:.1f}"])
    bad = rows[draw.int(0, 5)]
    bad[2], bad[3] = mark, f"{100 * draw.int(2, 8) / bad[1]:.1f}"
    grid = Grid(
        ["District", "Enrolled", "Completed", "Completion rate (%)"], rows, 1, "Completion", (f"{mark} suppressed",)
    )
    name, data = write(grid, draw.cycle(["csv", "markdown"]))
    return case(
        "the count is hidden but its percentage and its base are not",
        beside(draw, name, data, ["District"], kind="rates", counts=["Enrolled", "Completed"], suppressed=[mark]),
    )


@disclosive("secondary", 4)
def hierarchy_with_one_hole(draw: Draw) -> Case:
    rows: list[list[Any]] = []
    mark, hole = draw.pick(MARKS), draw.int(0, 5)
    schools = [("North", s) for s in ("Adams HS", "Baker HS", "Clark HS")] + [
        ("South", s) for s in ("Dewey HS", "Emerson HS", "Ford HS")
    ]
    n = draw.counts(6, 1, 30, 200)[:, 0]
    n[hole] = draw.int(2, 9)
    for region in ("North", "South"):
        mine = [i for i, (r, _) in enumerate(schools) if r == region]
        rows += [[region, schools[i][1], mark if i == hole else int(n[i])] for i in mine]
        rows.append([region, "All schools", int(n[mine].sum())])
    rows.append(["All regions", "All schools", int(n.sum())])
    grid = Grid(["Region", "School", "Graduates"], rows, 2, "Graduates by region and school")
    name, data = write(grid, draw.cycle(["csv", "xlsx"]))
    return case(
        "one school of a region is hidden beside the region's subtotal",
        beside(
            draw,
            name,
            data,
            ["Region", "School"],
            counts="Graduates",
            suppressed=[mark],
            totals={"rows": "All schools"},
        ),
    )


@harmless("secondary", 4)
def hierarchy_with_enough_holes(draw: Draw) -> Case:
    rows: list[list[Any]] = []
    mark = draw.cycle(["*", "(s)"])
    n = draw.counts(8, 1, 40, 200)[:, 0]
    n[1] = draw.int(4, 8)
    for k, region in enumerate(("North", "South")):
        part = n[4 * k : 4 * k + 4]
        rows += [
            [region, f"{s} HS", mark if k == 0 and j in (1, 2) else int(part[j])]
            for j, s in enumerate(("Adams", "Baker", "Clark", "Dewey"))
        ]
        rows.append([region, "All schools", int(part.sum())])
    rows.append(["All regions", "All schools", int(n.sum())])
    grid = Grid(["Region", "School", "Graduates"], rows, 2, "Graduates by region and school", (f"{mark} suppressed",))
    name, data = write(grid, draw.cycle(["csv", "xlsx"]))
    return case(
        "two schools of a region are hidden, one of 40 or more: dozens of values are feasible",
        beside(
            draw,
            name,
            data,
            ["Region", "School"],
            counts="Graduates",
            suppressed=[mark],
            totals={"rows": "All schools"},
        ),
    )


@harmless("secondary", 6)
def hidden_cells_without_margins(draw: Draw) -> Case:
    n, mark = _table(draw), draw.cycle(["<11", "*", "n/a"])
    hidden = {(draw.int(0, 4), draw.int(0, 3)) for _ in range(3)}
    full = _grid(n, hidden, mark)
    grid = Grid(full.header[:-1], [r[:-1] for r in full.rows[:-1]], 1, full.title, full.notes)
    name, data = write(grid, draw.cycle(_FILES))
    return case(
        "hidden cells in a table without totals: no equation leads to them",
        beside(draw, name, data, ["District"], counts="cells", suppressed=[mark]),
    )


@harmless("secondary", 4)
def unrelated_tables(draw: Draw) -> Case:
    n, mark = _table(draw), "*"
    full = _grid(n, {(1, 1)}, mark)
    inner = Grid(full.header[:-1], [r[:-1] for r in full.rows[:-1]], 1, "Outcomes of the 2019 cohort", full.notes)
    other = Grid(["Industry", "Workers"], [[i, draw.int(60, 900)] for i in INDUSTRIES], 1, "Workers by industry")
    style = draw.cycle(["csv", "xlsx"])
    files = dict([write(inner, style, "outcomes"), write(other, style, "industries")])
    if draw.sidecar:
        a, b = files
        files["outcomes.context.yaml"] = context(
            a, ["District"], counts="cells", suppressed=[mark], population="2019 cohort"
        )
        files["industries.context.yaml"] = context(b, ["Industry"], counts="Workers", population="workers in 2020")
    return case("the other file counts another population by another key", files)


@disclosive("secondary", 2)
def two_sheets_that_combine(draw: Draw) -> Case:
    n = _table(draw)
    n[2, 1] = draw.int(2, 8)
    full = _grid(n, {(2, 1)}, "*")
    inner = Grid(full.header[:-1], [r[:-1] for r in full.rows[:-1]], 1, full.title, full.notes)
    totals = Grid(
        ["District", "Total"],
        [[d, int(t)] for d, t in zip(DISTRICTS, n.sum(1), strict=False)],
        1,
        "Outcomes by district: all",
    )
    data = workbook({"By outcome": inner, "All": totals})
    return case(
        "the second sheet gives the row totals of the first, whose cell is hidden",
        beside(draw, "outcomes.xlsx", data, ["District"], counts="cells", suppressed=["*"]),
    )


# Differencing


def _pair(draw: Draw, gap: int, second: str = "without_transfers") -> tuple[Grid, Grid, dict[str, str]]:
    """Counts by district of a population and of a part of it; one district's part lacks `gap` persons."""
    n = draw.counts(6, 1, 80, 600)[:, 0]
    less = np.array([draw.int(20, 40) for _ in n])
    less[draw.int(0, 5)] = gap
    a = Grid(
        ["District", "Graduates"],
        [[d, int(v)] for d, v in zip(DISTRICTS, n, strict=False)],
        1,
        "Graduates, all students",
    )
    b = Grid(
        ["District", "Graduates"],
        [[d, int(v - x)] for d, v, x in zip(DISTRICTS, n, less, strict=False)],
        1,
        f"Graduates, {second.replace('_', ' ')}",
    )
    return a, b, {"all": "2019 graduates, all students", second: f"2019 graduates, {second.replace('_', ' ')}"}


@disclosive("differencing", 6)
def all_and_all_but_a_few(draw: Draw) -> Case:
    second = draw.cycle(["excluding_foster_youth", "without_transfers", "excl_homeless"])
    a, b, population = _pair(draw, draw.int(1, 7), second)
    style = draw.pick(["titled_csv", "xlsx"])
    files = dict([write(a, style, "graduates_all"), write(b, style, f"graduates_{second}")])
    if draw.sidecar:
        for file, about in zip(list(files), population.values(), strict=True):
            files[file.rsplit(".", 1)[0] + ".context.yaml"] = context(
                file, ["District"], counts="Graduates", population=about
            )
    return case("the second table leaves out 1-7 students of a district: subtract", files)


@harmless("differencing", 6)
def all_and_all_but_many(draw: Draw) -> Case:
    second = draw.cycle(["excluding_foster_youth", "without_transfers", "excl_homeless"])
    a, b, population = _pair(draw, draw.int(20, 40), second)
    style = draw.pick(["titled_csv", "xlsx"])
    files = dict([write(a, style, "graduates_all"), write(b, style, f"graduates_{second}")])
    if draw.sidecar:
        for file, about in zip(list(files), population.values(), strict=True):
            files[file.rsplit(".", 1)[0] + ".context.yaml"] = context(
                file, ["District"], counts="Graduates", population=about
            )
    return case("the second table leaves out 20 students or more in each district", files)


@disclosive("differencing", 4)
def released_before_without_a_few(draw: Draw) -> Case:
    a, b, population = _pair(draw, draw.int(1, 7), "without_transfers")
    new, old = write(a, "titled_csv", "graduates_all"), write(b, "titled_csv", "graduates_without_transfers")
    released = {old[0]: old[1]}
    if draw.sidecar:
        released["graduates_without_transfers.context.yaml"] = context(
            old[0], ["District"], counts="Graduates", population=population["without_transfers"]
        )
    return case(
        "the released table leaves out 1-7 of the new table's students",
        beside(draw, *new, ["District"], counts="Graduates", population=population["all"]),
        released=released,
    )


@disclosive("differencing", 2)
def columns_that_differ_by_a_few(draw: Draw) -> Case:
    rows = [[d, v, v - draw.int(20, 60)] for d in DISTRICTS[:6] for v in [draw.int(100, 500)]]
    rows[3][2] = rows[3][1] - draw.int(1, 6)
    grid = Grid(["District", "All students", "Students without disability"], rows, 1, "Enrolment")
    name, data = write(grid, "csv")
    return case(
        "all students less students without a disability are 1-6 students with one",
        beside(draw, name, data, ["District"], counts=["All students", "Students without disability"]),
    )


@disclosive("differencing", 2)
def means_of_two_samples(draw: Draw) -> Case:
    rows = [
        [p, n, int(draw.rng.uniform(5000, 15000)), n - 1, int(draw.rng.uniform(5000, 15000))]
        for p in PROGRAMS[:5]
        for n in [draw.int(60, 300)]
    ]
    grid = Grid(
        ["Program", "N (all)", "Mean wage (all)", "N (excl. outlier)", "Mean wage (excl. outlier)"],
        rows,
        1,
        "Sensitivity to one outlier",
    )
    name, data = write(grid, "csv")
    return case(
        "means with and without one person give that person's wage",
        beside(draw, name, data, ["Program"], kind="summary", counts=["N (all)", "N (excl. outlier)"]),
    )


@harmless("differencing", 6)
def two_cohorts(draw: Draw) -> Case:
    n = draw.counts(6, 1, 80, 600)[:, 0]
    a = Grid(
        ["District", "Graduates"], [[d, int(v)] for d, v in zip(DISTRICTS, n, strict=False)], 1, "Graduates of 2018"
    )
    b = Grid(
        ["District", "Graduates"],
        [[d, int(v) + draw.int(-9, 9)] for d, v in zip(DISTRICTS, n, strict=False)],
        1,
        "Graduates of 2019",
    )
    style = draw.cycle(["titled_csv", "xlsx", "titled_csv"])
    files = dict([write(a, style, "graduates_2018"), write(b, style, "graduates_2019")])
    if draw.sidecar:
        for file, year in zip(list(files), (2018, 2019), strict=True):
            files[file.rsplit(".", 1)[0] + ".context.yaml"] = context(
                file, ["District"], counts="Graduates", population=f"{year} graduates"
            )
    return case("two years' graduates differ by a few, but they are different persons", files)


@harmless("differencing", 4)
def several_models(draw: Draw) -> Case:
    files = {}
    for i, n in enumerate((12_340, 12_330)):
        rows: list[list[Any]] = [
            [t, f"{draw.rng.normal(0, 0.3):.3f}", f"{draw.rng.uniform(0.01, 0.1):.3f}"]
            for t in ("female", "age", "gpa")
        ]
        grid = Grid(["term", "estimate", "std_error"], [*rows, ["N", n, ""]], 1)
        name, data = write(grid, "csv", f"model_{i + 1}")
        files |= beside(draw, name, data, ["term"], kind="regression")
    return case("two regressions on nearly the same sample, N rounded to 10: models are not compared", files)


@harmless("differencing", 4)
def other_measure(draw: Draw) -> Case:
    n = draw.counts(6, 1, 80, 600)[:, 0]
    a = Grid(["District", "Graduates"], [[d, int(v)] for d, v in zip(DISTRICTS, n, strict=False)], 1, "Graduates")
    b = Grid(
        ["District", "Teachers"],
        [[d, int(v) - draw.int(2, 8)] for d, v in zip(DISTRICTS, n, strict=False)],
        1,
        "Teachers",
    )
    style = draw.cycle(["csv", "xlsx"])
    files = dict([write(a, style, "graduates"), write(b, style, "teachers")])
    if draw.sidecar:
        x, y = files
        files["graduates.context.yaml"] = context(x, ["District"], counts="Graduates", population="2019 graduates")
        files["teachers.context.yaml"] = context(y, ["District"], counts="Teachers", population="2019 teachers")
    return case("graduates and teachers are different measures; their difference is nobody", files)


# Rounding


def _rounded(draw: Draw, base: int) -> tuple[Grid, np.ndarray]:
    n = base * np.round(draw.counts(5, 3, 2, 400) / base).astype(int)
    rows: list[list[Any]] = [[c, *map(int, line), int(line.sum())] for c, line in zip(COUNTIES, n, strict=False)]
    rows.append(["Total", *map(int, n.sum(0)), int(n.sum())])
    return Grid(
        ["County", "CalWORKs", "CalFresh", "Medi-Cal", "Total"],
        rows,
        1,
        "Recipients by county",
        (f"Counts are rounded to the nearest {base}.",),
    ), n


@harmless("rounding", 8)
def rounded_counts(draw: Draw) -> Case:
    base = draw.cycle([5, 10, 5, 10])
    grid, _ = _rounded(draw, base)
    name, data = write(grid, draw.cycle(["titled_csv", "xlsx", "markdown", "html"]))
    return case(
        f"all counts are multiples of {base}, as declared, totals are those of the rounded",
        beside(
            draw,
            name,
            data,
            ["County"],
            counts="cells",
            totals={"rows": "Total", "columns": "Total"},
            rounding={"base": base},
        ),
    )


@disclosive("rounding min_cell", 6)
def rounded_but_not_the_small_ones(draw: Draw) -> Case:
    grid, _ = _rounded(draw, 5)
    grid.rows[draw.int(0, 4)][draw.int(1, 3)] = draw.pick([2, 3, 4, 6, 7, 8])
    name, data = write(grid, draw.cycle(["titled_csv", "xlsx", "markdown"]))
    return case(
        "the file claims base 5 but prints an exact small count",
        beside(
            draw,
            name,
            data,
            ["County"],
            counts="cells",
            totals={"rows": "Total", "columns": "Total"},
            rounding={"base": 5},
        ),
    )


@ambiguous("rounding", 2)
def claimed_but_large_cells_exact(draw: Draw) -> Case:
    n = draw.counts(5, 3, 30, 400)
    rows = [[c, *map(int, line)] for c, line in zip(COUNTIES, n, strict=False)]
    grid = Grid(
        ["County", "CalWORKs", "CalFresh", "Medi-Cal"], rows, 1, "Recipients", ("Counts are rounded to the nearest 5.",)
    )
    name, data = write(grid, "titled_csv")
    return case(
        "not rounded as claimed, but nothing small: repaired by a twin",
        beside(draw, name, data, ["County"], counts="cells", rounding={"base": 5}),
    )


@harmless("rounding", 4)
def census_steps(draw: Draw) -> Case:
    def drb(v: int) -> Any:
        if v < 15:
            return "N<15"
        for top, base in ((100, 10), (1000, 50), (10_000, 100)):
            if v < top:
                return base * round(v / base)
        return 500 * round(v / 500)

    n = np.exp(draw.rng.uniform(np.log(8), np.log(40_000), (6, 2))).astype(int)
    rows = [[r, *[drb(int(v)) for v in line]] for r, line in zip(RACES, n, strict=False)]
    grid = Grid(["Race", "Enrolled", "Employed"], rows, 1, "Students", ("Rounded by the Census DRB's rules.",))
    name, data = write(grid, draw.cycle(["titled_csv", "markdown"]))
    return case(
        "rounded by the Census Bureau's steps, below 15 shown as N<15",
        beside(draw, name, data, ["Race"], counts=["Enrolled", "Employed"], suppressed=["N<15"]),
    )


@disclosive("rounding secondary", 4)
def rounded_with_exact_percentages(draw: Draw) -> Case:
    """Rounded counts beside percentages of the exact ones with a shown exact base."""
    rows: list[list[Any]] = []
    for p in PROGRAMS[:6]:
        base, hits = draw.int(120, 300), draw.int(30, 80)
        rows.append([p, base, 5 * round(hits / 5), f"{100 * hits / base:.2f}"])
    k = draw.int(0, 5)
    rows[k][2:] = [5, f"{100 * draw.pick([3, 4, 6, 7]) / rows[k][1]:.2f}"]
    grid = Grid(["Program", "Entrants", "Completers (rounded to 5)", "Completion rate (%)"], rows, 1, "Completion")
    name, data = write(grid, draw.cycle(["csv", "xlsx"]))
    return case(
        "the rounded count is undone by the unrounded rate and its exact base: 3, 4, 6 or 7 persons",
        beside(draw, name, data, ["Program"], kind="rates", counts=["Entrants", "Completers (rounded to 5)"]),
    )
