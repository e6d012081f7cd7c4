"""Groups in which everybody or nobody has an attribute; and zeros and hundreds that are definitions."""

from __future__ import annotations

import pandas as pd

from tests.corpus.case import Case, Draw, cases
from tests.corpus.chapters.rate import OUTCOMES, shares
from tests.corpus.population import LABELS, people
from tests.corpus.table import COUNT, KEY, NUMBER, RATE, table
from tests.corpus.tabulate import COUNT_WORDS


@cases(6)
def a_group_at_all_or_nothing(draw: Draw) -> Case:
    by, outcome, rows = shares(draw, small=False)
    spot = int(draw.rng.integers(len(rows)))
    full = draw.turn % 3 != 2
    body = [
        [k, n if i != spot else 18 + 7 * draw.turn, (x / n) if i != spot else float(full)]
        for i, (k, n, x) in enumerate(rows)
    ]
    one = table(
        [(LABELS[by], KEY), (draw.pick(COUNT_WORDS), COUNT), (OUTCOMES[outcome], RATE)],
        body,
        f"{LABELS[outcome]} by {LABELS[by].lower()}",
        kind="rates",
    )
    files = draw.files(one)
    return draw.disclosive(
        "group rate",
        f"{'all' if full else 'none'} of a group has the attribute",
        files,
        cells={next(iter(files)): [[spot, 2]]},
    )


@cases(4)
def mean_of_a_flag_is_one(draw: Draw) -> Case:
    """A 0/1 mean of 1.000 (or 0) in a groupby of pandas."""
    by, outcome, rows = shares(draw, small=False)
    body = [[k, n, round(x / n, 4)] for k, n, x in rows]
    body[1] = [body[1][0], 26 + draw.turn, 1.0 if draw.turn != 3 else 0.0]
    one = table(
        [(by, KEY), ("count", COUNT), (draw.cycle(["mean", f"{outcome}_mean", "mean", outcome]), NUMBER, 4)],
        body,
        kind="summary",
    )
    return draw.disclosive(
        "group",
        "the mean of a 0/1 variable is 1 (or 0) in a group",
        draw.files(one, kind=draw.cycle(["csv", "xlsx", "txt", "html"])),
    )


@cases(3)
def all_of_a_row_in_one_column(draw: Draw) -> Case:
    rows = [["Oak Valley", 212, 41], ["Pine Ridge", 64, 0], ["Rio Seco", 133, 38], ["Del Sol", 187, 52]]
    heads = draw.cycle(
        [
            ("Tested negative", "Tested positive"),
            ("Not on probation", "On probation"),
            ("Did not receive CalFresh", "Received CalFresh"),
        ]
    )
    rows[1] = ["Pine Ridge", 0, 64] if draw.turn else rows[1]
    one = table(
        [("District", KEY), (heads[0], COUNT), (heads[1], COUNT)],
        rows,
        f"{heads[1]} by district",
        kind="frequency",
        counts="cells",
    )
    return draw.disclosive("group", "all students of one district share the attribute", draw.files(one))


@cases(2)
def no_spread_in_a_group(draw: Draw) -> Case:
    rows = [
        ["Barstow", 24, 15.5, 0.0],
        ["Fresno", 410, 18.2, 4.1],
        ["Kern", 266, 17.9, 3.8],
        ["Shasta", 150, 16.4, 3.3],
    ]
    one = table(
        [("Site", KEY), ("N", COUNT), ("Mean hourly wage", NUMBER, 2), (draw.cycle(["SD", "std"]), NUMBER, 2)],
        rows,
        "Hourly wages of participants",
        kind="summary",
    )
    return draw.disclosive("group", "a standard deviation of 0: all 24 earn the same", draw.files(one))


# --- harmless -------------------------------------------------------------------------------------------------------------------------


@cases(3)
def hundred_percent_of_a_total(draw: Draw) -> Case:
    counts = people().groupby("sector").size()
    rows = [[k, int(v), float(v / counts.sum())] for k, v in counts.items()]
    rows.append([draw.cycle(["Total", "All", "Grand Total"]), int(counts.sum()), 1.0])
    one = table(
        [("Sector", KEY), ("Students", COUNT), ("Percent", RATE)],
        rows,
        "Distribution",
        kind="frequency",
        totals={"rows": rows[-1][0]},
    )
    return draw.harmless("group", "100 % is the sum of the distribution", draw.files(one))


@cases(3)
def distribution_by_stata(draw: Draw) -> Case:
    """`tabulate` with cumulative percentages ending at 100."""
    counts = people()[draw.cycle(["race", "sector", "program"])].value_counts().head(6)
    counts = counts[counts > 100]
    total, cumulative, lines = counts.sum(), 0.0, []
    for name, n in counts.items():
        cumulative += 100 * n / total
        lines.append(f"{name!s:>30} | {n:>10,} {100 * n / total:>10.2f} {cumulative:>10.2f}")
    rule = "-" * 31 + "+" + "-" * 35
    text = "\n".join([f". tabulate {counts.index.name}", "", f"{'group':>30} | {'Freq.':>10} {'Percent':>10} {'Cum.':>10}", rule, *lines, rule,
                      f"{'Total':>30} | {total:>10,} {100:>10.2f}", ""])  # fmt: skip
    return draw.harmless(
        "group min_cell",
        "the cumulative per cent ends at 100",
        {draw.cycle(["tab.log", "tab.txt", "stata.log"]): text.encode()},
    )


@cases(3)
def universe_of_institutions(draw: Draw) -> Case:
    rows = [
        ["County offices", 58, 58, 1.0],
        ["Unified districts", 344, 344, 1.0],
        ["High school districts", 76, 74, 74 / 76],
    ]
    what = draw.cycle(["Districts reporting", "Districts that sent data", "LEAs certified"])
    one = table(
        [("LEA type", KEY), ("LEAs", NUMBER, 0), (what, NUMBER, 0), ("Coverage", RATE)],
        rows,
        "Coverage of the collection",
        kind="rates",
        counts=[],
    )
    return draw.harmless(
        "group rate", "all districts report: institutions, no persons", draw.files(one, percent="12.3%")
    )


@cases(3)
def structural_zeros(draw: Draw) -> Case:
    """Grade by school level: a middle school has no grade 12 by definition, and prints a dash."""
    mark = draw.cycle(["—", "n/a", "not offered"])
    rows = [
        ["Elementary", 4_120, 4_066, mark, mark],
        ["Middle", mark, 3_871, 3_902, mark],
        ["High", mark, mark, 4_410, 4_377],
    ]
    columns = [("School level", KEY), ("Grade 5", COUNT), ("Grade 6", COUNT), ("Grade 9", COUNT), ("Grade 12", COUNT)]
    note = "Grades that a level does not offer are marked."
    one = table(columns, rows, "Enrollment by level", (note,), kind="frequency", counts="cells")
    return draw.harmless(
        "group secondary", "the marks are grades that the level does not offer", draw.files(one, titled=True)
    )


@cases(2)
def data_completeness(draw: Draw) -> Case:
    rows = [["race", 1.0, 0.0], ["gender", 0.998, 0.002], ["gpa", 0.913, 0.087], ["district", 1.0, 0.0]]
    one = table(
        [("variable", KEY), ("share filled", RATE), ("share missing", RATE)],
        rows,
        "Completeness of variables",
        kind="summary",
        counts=[],
    )
    return draw.harmless("group", "completeness of a variable is no attribute of persons", draw.files(one))


@cases(2)
def shares_near_the_ends(draw: Draw) -> Case:
    rows = [
        ["Oak Valley Unified", 5_210, 0.962],
        ["Pine Ridge Union High", 4_870, 0.041],
        ["Del Sol City Schools", 8_118, 0.981],
    ]
    one = table(
        [("District", KEY), ("Students", COUNT), ("Share with internet at home", RATE)],
        rows,
        "Internet at home",
        kind="rates",
    )
    return draw.harmless("group rate", "shares near 0 and 1 of thousands; both sides above 100", draw.files(one))


@cases(2)
def match_rates(draw: Draw) -> Case:
    frame = pd.DataFrame(
        {
            "source": ["CDE", "CCC", "CSU", "EDD"],
            "records": [5_812_004, 2_011_310, 462_118, 17_400_212],
            "precision": [0.999, 0.998, 0.999, 0.997],
        }
    )
    text = frame.to_csv(index=False) if draw.turn else frame.to_string(index=False)
    return draw.harmless(
        "group",
        "precision of a match is no attribute of persons",
        {draw.cycle(["match.txt", "match.csv"]): text.encode()},
    )
