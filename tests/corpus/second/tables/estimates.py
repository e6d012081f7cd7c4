"""Tables of models and of durations."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.corpus.case import Case
from tests.corpus.second.tables.kit import (
    COUNTIES,
    DISTRICTS,
    PROGRAMS,
    RACES,
    Draw,
    ambiguous,
    beside,
    case,
    disclosive,
    harmless,
)
from tests.corpus.second.tables.styles import Grid, write

_TERMS = ("Female", "Age", "GPA", "First generation", "Pell recipient", "Full time")


def _stars(b: float, se: float) -> str:
    t = abs(b / se)
    return f"{b:.3f}" + ("***" if t > 3.3 else "**" if t > 2.6 else "*" if t > 1.96 else "")


def _estimates(
    draw: Draw, n: tuple[str, ...], terms: tuple[str, ...] = _TERMS, tail: tuple[tuple[str, ...], ...] = ()
) -> Grid:
    """A regression table with coefficients over standard errors, one column a model."""
    rows: list[list[Any]] = []
    for term in terms:
        pairs = [(draw.rng.normal(0, 0.4), draw.rng.uniform(0.02, 0.2)) for _ in n]
        rows.append([term, *[_stars(b, s) for b, s in pairs]])
        rows.append(["", *[f"({s:.3f})" for _, s in pairs]])
    rows += [
        ["Observations", *n],
        ["R-squared", *[f"{draw.rng.uniform(0.05, 0.5):.3f}" for _ in n]],
        *[list(t) for t in tail],
    ]
    return Grid(
        ["", *[f"({i + 1})" for i in range(len(n))]],
        rows,
        1,
        "Table 4. Determinants of log earnings",
        ("Standard errors in parentheses. * p<0.05, ** p<0.01, *** p<0.001",),
    )


_FORMS = ("csv", "latex", "markdown", "html", "pandas_txt", "xlsx")


@harmless("model", 12)
def regression_table(draw: Draw) -> Case:
    n = tuple(f"{10 * draw.int(90, 2000):,}" for _ in range(3))
    grid = _estimates(draw, n, tail=(("County FE", "No", "Yes", "Yes"), ("Cohort FE", "No", "No", "Yes")))
    name, data = write(grid, draw.cycle(_FORMS), "regression")
    return case(
        "an ordinary regression table of some thousand persons, N rounded to 10, absorbed effects only named",
        beside(draw, name, data, [""], kind="regression"),
    )


@disclosive("model", 4)
def regression_with_few_observations(draw: Draw) -> Case:
    grid = _estimates(draw, (str(draw.int(9, 14)), "1,240"))
    name, data = write(grid, draw.cycle(["csv", "latex"]), "regression")
    return case(
        "a model of six regressors and an intercept on 9-14 persons: less than 10 residual degrees of freedom",
        beside(draw, name, data, [""], kind="regression"),
    )


@disclosive("model min_cell", 4)
def regression_with_a_rare_dummy(draw: Draw) -> Case:
    terms = [(r, draw.rng.normal(0, 0.3), draw.rng.uniform(0.05, 0.2), draw.int(60, 900)) for r in RACES]
    k = draw.int(0, 7)
    terms[k] = (*terms[k][:3], draw.int(1, 4))
    rows = [[f"race: {r}", f"{b:.3f}", f"{s:.3f}", n] for r, b, s, n in terms]
    grid = Grid(["term", "estimate", "std.error", "n_obs"], rows, 1, "OLS of log wage on race")
    name, data = write(grid, draw.cycle(["csv", "markdown"]), "model")
    return case(
        "a printed dummy stands for 1-4 persons: intercept plus coefficient is their mean",
        beside(draw, name, data, ["term"], kind="regression", counts="n_obs"),
    )


@harmless("model", 4)
def dummies_with_their_sizes(draw: Draw) -> Case:
    rows = [
        [f"race: {r}", f"{draw.rng.normal(0, 0.3):.3f}", f"{draw.rng.uniform(0.05, 0.2):.3f}", draw.int(60, 900)]
        for r in RACES
    ]
    grid = Grid(["term", "estimate", "std.error", "n_obs"], rows, 1, "OLS of log wage on race")
    name, data = write(grid, draw.cycle(["csv", "markdown"]), "model")
    return case(
        "each dummy stands for 60 persons or more",
        beside(draw, name, data, ["term"], kind="regression", counts="n_obs"),
    )


@disclosive("model unit_record", 4)
def residuals(draw: Draw) -> Case:
    y = draw.wages(40)
    fit = y * draw.rng.uniform(0.8, 1.2, 40)
    rows = [[i + 1, f"{a:.2f}", f"{b:.2f}", f"{a - b:.2f}"] for i, (a, b) in enumerate(zip(y, fit, strict=True))]
    grid = Grid(["obs", "wage", "fitted", "residual"], rows, 1, "Residuals")
    name, data = write(grid, draw.cycle(["csv", "pandas_txt"]), "residuals")
    return case(
        "observed value, fitted value and residual of each person", beside(draw, name, data, ["obs"], kind="regression")
    )


@disclosive("model", 2)
def leverage_of_one(draw: Draw) -> Case:
    rows = [
        [
            f"C(district)[{d}]",
            f"{draw.rng.normal(0, 0.3):.3f}",
            f"{draw.rng.uniform(0.05, 0.2):.3f}",
            f"{draw.rng.uniform(0.01, 0.1):.3f}",
        ]
        for d in DISTRICTS
    ]
    rows[5][3] = "1.000"
    grid = Grid(["term", "coef", "se", "max_leverage"], rows, 1, "Influence diagnostics by term")
    name, data = write(grid, "csv", "influence")
    return case(
        "a leverage of 1 says that a term fits one person exactly",
        beside(draw, name, data, ["term"], kind="regression"),
    )


@disclosive("model", 4)
def saturated_cells(draw: Draw) -> Case:
    n = draw.int(3, 8)
    text = f"""                            OLS Regression Results
==============================================================================
Dep. Variable:                   wage   R-squared:                       1.000
Model:                            OLS   Adj. R-squared:                    nan
Method:                 Least Squares   F-statistic:                       nan
No. Observations:                  {n:>2}   AIC:                            -88.21
Df Residuals:                       0   BIC:                            -87.60
Df Model:                          {n - 1:>2}
Covariance Type:            nonrobust
==============================================================================
                 coef    std err          t      P>|t|      [0.025      0.975]
------------------------------------------------------------------------------
"""
    text += "".join(
        f"x{i:<10}{draw.rng.uniform(2000, 20000):>12.2f}        inf          0        nan         nan         nan\n"
        for i in range(n)
    )
    return case(
        "a saturated regression returns the persons' values",
        beside(draw, "ols.txt", text.encode(), ["term"], kind="regression"),
    )


@harmless("model", 4)
def diagnostics(draw: Draw) -> Case:
    grid = draw.cycle(
        [
            Grid(
                ["test", "statistic", "df", "p_value"],
                [
                    ["Hausman", "14.21", 6, "0.027"],
                    ["Breusch-Pagan", "3.10", 1, "0.078"],
                    ["Hansen J", "1.92", 2, "0.383"],
                ],
                1,
                "Specification tests",
            ),
            Grid(
                ["variable", "VIF", "tolerance"],
                [["age", "1.21", "0.83"], ["gpa", "1.44", "0.69"], ["credits", "2.01", "0.50"]],
                1,
                "Collinearity",
            ),
        ]
    )
    name, data = write(grid, "csv", "diagnostics")
    return case(
        "test statistics with degrees of freedom, no persons",
        beside(draw, name, data, grid.key_names, kind="regression"),
    )


@harmless("model", 4)
def classification(draw: Draw) -> Case:
    tp, fp, fn, tn = (draw.int(60, 900) for _ in range(4))
    grid = Grid(["actual", "predicted: no", "predicted: yes"], [["no", tn, fp], ["yes", fn, tp]], 1, "Confusion matrix")
    name, data = write(grid, draw.cycle(["csv", "markdown"]), "confusion")
    return case("a confusion matrix of large cells", beside(draw, name, data, ["actual"], counts="cells"))


@harmless("model", 2)
def simulation(draw: Draw) -> Case:
    rows = [
        [i, draw.int(1, 12), f"{draw.rng.normal(0.1, 0.05):.4f}", f"{draw.rng.uniform(0.01, 0.05):.4f}"]
        for i in range(1, 41)
    ]
    grid = Grid(["replication", "clusters", "bias", "rmse"], rows, 1, "Monte Carlo on generated data")
    name, data = write(grid, "csv", "simulation")
    return case(
        "each row is a replication on generated data; no persons",
        beside(draw, name, data, ["replication"], kind="summary", population="simulated data"),
    )


@harmless("model", 4)
def event_study(draw: Draw) -> Case:
    rows = [[t, f"{draw.rng.normal(0, 0.1):.3f}", f"{draw.rng.uniform(0.02, 0.06):.3f}"] for t in range(-5, 8)]
    grid = Grid(["quarter_relative", "coef", "se"], rows, 1, "Event study", ("N = 12,400 persons (rounded).",))
    name, data = write(grid, draw.cycle(["csv", "titled_csv"]), "event_study")
    return case(
        "coefficients by quarter relative to entry; the small integers are times",
        beside(draw, name, data, ["quarter_relative"], kind="regression"),
    )


@harmless("model", 2)
def random_effects(draw: Draw) -> Case:
    grid = Grid(
        ["component", "variance", "std_dev", "groups"],
        [
            ["school (intercept)", "0.041", "0.202", 84],
            ["district (intercept)", "0.012", "0.110", 9],
            ["residual", "0.655", "0.809", ""],
        ],
        1,
        "Variance components (N = 18,320)",
    )
    name, data = write(grid, "csv", "mixed")
    return case(
        "nine districts are institutions, not persons", beside(draw, name, data, ["component"], kind="regression")
    )


@ambiguous("model", 2)
def exact_n(draw: Draw) -> Case:
    grid = _estimates(draw, (f"{draw.int(1001, 4999)}", f"{draw.int(1001, 4999)}"))
    name, data = write(grid, "csv", "regression")
    return case("N is not rounded to 10", beside(draw, name, data, [""], kind="regression"))


# Durations


def _life_table(draw: Draw, n: int, step: int, periods: int, hazard: float) -> list[tuple[int, int, int, float]]:
    """(time, at risk, events, survival)"""
    risk, s, out = n, 1.0, []
    for i in range(1, periods + 1):
        events = int(draw.rng.binomial(risk, hazard))
        s *= 1 - events / max(risk, 1)
        out.append((i * step, risk, events, s))
        risk -= events + int(draw.rng.binomial(risk - events, 0.02))
    return out


@disclosive("survival", 6)
def daily_curve(draw: Draw) -> Case:
    rows = [(t, r, e, s) for t, r, e, s in _life_table(draw, draw.int(45, 80), 1, 60, 0.03) if e > 0]
    style = draw.cycle(["r", "stata", "csv"])
    if style == "r":
        text = "> summary(survfit(Surv(days, exit) ~ 1, data = d))\nCall: survfit(formula = Surv(days, exit) ~ 1, data = d)\n\n time n.risk n.event survival std.err lower 95% CI upper 95% CI\n"
        text += "".join(
            f"{t:>5}{r:>7}{e:>8}{s:>9.3f}{0.03:>8.4f}{max(s - 0.06, 0):>13.3f}{min(s + 0.06, 1):>13.3f}\n"
            for t, r, e, s in rows
        )
        return case(
            "each day's exits of 45-80 persons, 1-3 at a time",
            beside(draw, "survfit.txt", text.encode(), ["time"], kind="survival"),
        )
    if style == "stata":
        text = (
            ". sts list\n\n           At                  Survivor      Std.\n  Time   risk   Fail   Lost    function     error     [95% conf. int.]\n"
            + "-" * 66
            + "\n"
        )
        text += "".join(
            f"{t:>6}{r:>7}{e:>7}{0:>7}{s:>12.4f}{0.03:>10.4f}{max(s - 0.06, 0):>11.4f}{min(s + 0.06, 1):>9.4f}\n"
            for t, r, e, s in rows
        )
        return case(
            "each day's exits of 45-80 persons, 1-3 at a time",
            beside(draw, "sts.txt", text.encode(), ["Time"], kind="survival"),
        )
    grid = Grid(["timeline", "at_risk", "observed", "KM_estimate"], [[t, r, e, f"{s:.5f}"] for t, r, e, s in rows], 1)
    name, data = write(grid, "csv", "km")
    return case(
        "each day's exits of 45-80 persons, 1-3 at a time",
        beside(draw, name, data, ["timeline"], kind="survival", counts="at_risk"),
    )


@disclosive("survival", 4)
def tail_of_few_at_risk(draw: Draw) -> Case:
    risk = [400, 260, 150, 80, 40, draw.int(3, 8)]
    rows = [[q + 1, r, f"{0.97 ** (q * 4):.3f}"] for q, r in enumerate(risk)]
    grid = Grid(["Term", "At risk", "Still enrolled (share)"], rows, 1, "Persistence by term")
    name, data = write(grid, draw.cycle(["csv", "markdown"]), "persistence")
    return case(
        "the last term's share stands on 3-8 students at risk",
        beside(draw, name, data, ["Term"], kind="survival", counts="At risk"),
    )


@harmless("survival", 6)
def quarterly_curve(draw: Draw) -> Case:
    risk, s, rows = draw.int(900, 1500), 1.0, []
    for q in range(1, 9):
        events = draw.int(30, 60)
        s *= 1 - events / risk
        rows.append([q, risk, f"{s:.2f}"])
        risk -= events + draw.int(12, 30)
    head = draw.cycle(
        [["quarter", "at_risk", "survival"], ["Term", "N at risk", "Survival probability"], ["time", "n.risk", "surv"]]
    )
    grid = Grid(head, rows, 1, "Time to employment on a quarter grid")
    name, data = write(grid, draw.cycle(["csv", "markdown", "titled_csv"]), "survival")
    return case(
        "a curve on a quarter grid; each step has 42 exits or more, hundreds stay at risk",
        beside(draw, name, data, [head[0]], kind="survival", counts=head[1]),
    )


@harmless("survival", 4)
def hazard_ratios(draw: Draw) -> Case:
    rows = [
        [
            t,
            f"{np.exp(draw.rng.normal(0, 0.3)):.2f}",
            f"{draw.rng.uniform(0.5, 0.9):.2f}",
            f"{draw.rng.uniform(1.1, 1.8):.2f}",
            f"{draw.rng.uniform(0, 0.4):.3f}",
        ]
        for t in _TERMS
    ]
    grid = Grid(["", "Hazard ratio", "95% CI low", "95% CI high", "p"], rows, 1, "Cox model, N = 3,450, events = 1,210")
    name, data = write(grid, draw.cycle(["csv", "latex"]), "cox")
    return case("hazard ratios of thousands of persons", beside(draw, name, data, [""], kind="regression"))


@harmless("survival", 2)
def retention_by_term(draw: Draw) -> Case:
    rows = [[p, *[f"{x:.0f}%" for x in np.linspace(100 - draw.int(8, 15), 55, 4)]] for p in PROGRAMS[:5]]
    grid = Grid(
        ["Program", "Term 2", "Term 3", "Term 4", "Term 5"],
        rows,
        1,
        "Retention (each program had 300 entrants or more)",
    )
    name, data = write(grid, "csv", "retention")
    return case(
        "retention rates on a term grid over 300 entrants or more",
        beside(draw, name, data, ["Program"], kind="survival"),
    )


@harmless("survival", 2)
def median_durations(draw: Draw) -> Case:
    rows = [[c, 10 * draw.int(12, 80), draw.int(3, 9)] for c in COUNTIES[:6]]
    grid = Grid(["County", "Cases", "Median months in care"], rows, 1, "Median duration in months")
    name, data = write(grid, "csv", "durations")
    return case(
        "median months are small integers, not counts; 120 cases or more each",
        beside(draw, name, data, ["County"], kind="summary", counts="Cases"),
    )
