"""Models: what Stata, R, statsmodels and scikit-learn print, and the tables made of it."""

from __future__ import annotations

import json

from tests.corpus.case import Case, Draw
from tests.corpus.fourth.twins import csv, large, one, pipe, small, twins


def _coefficient(draw: Draw) -> tuple[float, float, float]:
    b, s = float(draw.rng.normal(0, 2)), float(draw.rng.uniform(0.2, 0.9))
    return b, s, b / s


@twins
def stata_log(draw: Draw, bad: bool) -> Case:
    n = 12 if bad else 12_340
    lines = [f"{v:>12} | {b:>10.4f} {s:>10.4f} {t:>7.2f}   0.{draw.rng.integers(100, 900)}   {b - 2 * s:>9.4f} {b + 2 * s:>9.4f}"
             for v in ("cte_years", "female", "el_status", "gpa", "_cons") for b, s, t in [_coefficient(draw)]]  # fmt: skip
    text = (
        f""". regress logwage cte_years female el_status gpa, robust

Linear regression                               Number of obs     =     {n:>6,}
                                                F(4, {n - 5 if bad else 12330})           =      14.32
                                                Prob > F          =     0.0000
                                                R-squared         =     0.2143
                                                Root MSE          =     .41822

------------------------------------------------------------------------------
             |               Robust
     logwage | Coefficient  std. err.      t    P>|t|     [95% conf. interval]
-------------+----------------------------------------------------------------
"""
        + "\n".join(lines)
        + "\n------------------------------------------------------------------------------\n"
    )
    why = (
        "12 observations and 5 coefficients leave 7 degrees of freedom"
        if bad
        else "thousands of observations, N rounded"
    )
    return one(draw, bad, "model", why, "wages.log", text, kind="regression", population="2016 completers")


@twins
def r_in_markdown(draw: Draw, bad: bool) -> Case:
    rows = [f"{v:<14}{b:>9.4f}  {s:>9.4f}  {t:>7.3f}   0.{draw.rng.integers(100, 900)}" for v in ("(Intercept)", "hs_gpa", "frpm", "cteTRUE")
            for b, s, t in [_coefficient(draw)]]  # fmt: skip
    df = 6 if bad else 8_430
    text = f"""# Model 2

We estimate persistence on preparation.

```r
> summary(m2)

Call:
lm(formula = units ~ hs_gpa + frpm + cte, data = d)

Coefficients:
               Estimate  Std. Error  t value  Pr(>|t|)
{chr(10).join(rows)}

Residual standard error: 4.217 on {df} degrees of freedom
Multiple R-squared:  0.3127,	Adjusted R-squared:  0.3051
F-statistic: 41.03 on 3 and {df} DF,  p-value: < 2.2e-16
```
"""
    why = "six residual degrees of freedom" if bad else "thousands of degrees of freedom"
    return one(draw, bad, "model", why, "model2.md", text, kind="regression", population="2018 first-time students")


@twins
def event_study(draw: Draw, bad: bool) -> Case:
    rows = [["event_time", "coef", "se", "n_treated"]]
    for t in range(-4, 6):
        b, s, _ = _coefficient(draw)
        rows.append([t, f"{b:.3f}", f"{s:.3f}", small(draw) if bad and t == 5 else 10 * large(draw, 40, 90)])
    why = "the last event time rests on fewer than 11 treated persons" if bad else "every event time has hundreds"
    return one(
        draw,
        bad,
        "min_cell model",
        why,
        "event_study.csv",
        csv(rows),
        kind="regression",
        rows=["event_time"],
        counts="n_treated",
    )


@twins
def labelled_dummies(draw: Draw, bad: bool) -> Case:
    groups = ["Asian", "Black", "Filipino", "Hispanic", "Pacific Islander", "White"]
    rows = [["Term", "(1) Enrolled", "(2) Persisted"]]
    for g in groups:
        n = small(draw) if bad and g == "Pacific Islander" else 10 * large(draw, 20, 90)
        rows.append(
            [f"{g} (n = {n:,})", *(f"{b:.3f} ({s:.3f})" for b, s, _ in (_coefficient(draw), _coefficient(draw)))]
        )
    rows += [["Cohort fixed effects", "Yes", "Yes"], ["Observations", "5,480", "5,120"], ["R²", "0.18", "0.21"]]
    why = "a printed dummy of fewer than 11 persons" if bad else "every printed dummy has hundreds"
    return one(
        draw,
        bad,
        "model min_cell",
        why,
        "table3.md",
        "**Table 3.** Linear probability models\n\n" + pipe(rows),
        kind="regression",
    )


@twins
def augmented(draw: Draw, bad: bool) -> Case:
    if bad:
        rows = [["units", "hs_gpa", ".fitted", ".resid", ".hat", ".cooksd"]]
        rows += [[draw.rng.integers(6, 60), *(f"{v:.4f}" for v in draw.rng.random(5) * 3)] for _ in range(25)]
        why = "broom::augment: an outcome and a residual a person"
    else:
        rows = [["term", "estimate", "std.error", "statistic", "p.value"]]
        rows += [
            [v, *(f"{x:.4f}" for x in _coefficient(draw)), "0.0213"]
            for v in ("(Intercept)", "hs_gpa", "frpm", "female", "cte")
        ]
        why = "broom::tidy: coefficients only"
    return one(
        draw,
        bad,
        "model unit_record",
        why,
        "broom.csv",
        csv(rows),
        kind="regression",
        population="2018 first-time students",
    )


@twins
def classification_report(draw: Draw, bad: bool) -> Case:
    a, b, c, d = (large(draw, 300, 900) for _ in range(4))
    if bad:
        c, d = small(draw), small(draw) + 1
    text = f"""Confusion matrix (rows: observed, columns: predicted)
              no dropout  dropout
no dropout    {a:>10}  {b:>7}
dropout       {c:>10}  {d:>7}

              precision    recall  f1-score   support

  no dropout       0.81      0.{draw.rng.integers(50, 90)}      0.73      {a + b}
     dropout       0.64      0.{draw.rng.integers(50, 90)}      0.61      {c + d}
"""
    why = "two cells of the confusion matrix hold fewer than 11 students" if bad else "hundreds in every cell"
    return one(
        draw,
        bad,
        "min_cell",
        why,
        "evaluation.txt",
        text,
        kind="frequency",
        counts="cells",
        population="test set, students",
    )


@twins
def tree(draw: Draw, bad: bool) -> Case:
    def leaf(k: int) -> str:
        return f"samples: {k}, class: dropout"

    text = f"""|--- attendance_rate <= 0.82
|   |--- gpa <= 1.75  ({leaf(large(draw))})
|   |--- gpa >  1.75
|   |   |--- suspensions <= 0.50  ({leaf(large(draw))})
|   |   |--- suspensions >  0.50  ({leaf(small(draw) if bad else large(draw))})
|--- attendance_rate >  0.82  ({leaf(large(draw))})
"""
    why = "a leaf of fewer than 11 students, its size printed" if bad else "every leaf has a hundred students or more"
    return one(draw, bad, "min_cell model", why, "tree.txt", text, kind="summary", population="9th graders")


@twins
def rdd_bins(draw: Draw, bad: bool) -> Case:
    rows = [["bin_left", "bin_right", "mean_enrolled", "bin_count"]]
    for k in range(-8, 8):
        rows.append(
            [
                k * 5,
                k * 5 + 5,
                f"{draw.rng.uniform(0.35, 0.6):.3f}",
                small(draw) if bad and k in (-8, 7) else large(draw),
            ]
        )
    why = "the outer bins of the running variable hold fewer than 11" if bad else "every bin holds a hundred or more"
    return one(
        draw,
        bad,
        "min_cell rate",
        why,
        "rdd_bins.csv",
        csv(rows),
        kind="summary",
        rows=["bin_left", "bin_right"],
        counts="bin_count",
    )


@twins
def donors_or_pairs(draw: Draw, bad: bool) -> Case:
    if bad:
        rows = [["treated_id", "control_id", "distance"]]
        rows += [
            [f"S{draw.rng.integers(10**6, 10**7)}", f"S{draw.rng.integers(10**6, 10**7)}", f"{d:.4f}"]
            for d in draw.rng.random(40) / 10
        ]
        why = "matched pairs of students, by pseudonym"
    else:
        weights = draw.rng.dirichlet([1] * 6)
        rows = [
            ["donor_state", "weight"],
            *(
                [s, f"{w:.3f}"]
                for s, w in zip(("Nevada", "Oregon", "Utah", "Texas", "Ohio", "Idaho"), weights, strict=True)
            ),
        ]
        why = "weights of donor states in a synthetic control"
    return one(draw, bad, "unit_record", why, "matching.csv", csv(rows), kind="summary")


@twins
def balance(draw: Draw, bad: bool) -> Case:
    t, c = 412, 398

    def cell(n: int, total: int) -> str:
        return f"{n} ({100 * n / total:.1f}%)"

    rows = [["Characteristic", f"Treatment (N={t})", f"Control (N={c})", "SMD"]]
    for name in ("Female", "English learner", "Foster youth", "First generation"):
        n, m = (int(draw.rng.integers(90, 290)) for _ in range(2))
        if bad and name == "Foster youth":
            n = small(draw)
        rows.append([name, cell(n, t), cell(m, c), f"{draw.rng.uniform(0.01, 0.1):.3f}"])
    rows.append(["GPA, mean (SD)", "2.91 (0.62)", "2.88 (0.64)", "0.047"])
    why = "fewer than 11 foster youth are in the treatment group" if bad else "every count and its complement are large"
    return one(
        draw,
        bad,
        "min_cell rate",
        why,
        "balance.md",
        "Table 1. Balance at baseline\n\n" + pipe(rows),
        kind="summary",
        rows=["Characteristic"],
    )


@twins
def roc_json(draw: Draw, bad: bool) -> Case:
    k = 40 if bad else 11
    score = sorted((round(float(x), 4) for x in draw.rng.random(k)), reverse=True)
    if bad:
        body = {
            "model": "gbm_v3",
            "student_key": [f"{x:08x}" for x in draw.rng.integers(0, 2**31, k)],
            "y_true": [int(x) for x in draw.rng.integers(0, 2, k)],
            "y_score": score,
        }
        why = "a score and the truth a student"
    else:
        body = {
            "model": "gbm_v3",
            "auc": 0.781,
            "fpr": [round(i / 10, 1) for i in range(11)],
            "tpr": [round((i / 10) ** 0.5, 3) for i in range(11)],
        }
        why = "a ROC curve on a grid of ten steps"
    return one(draw, bad, "unit_record", why, "roc.json", json.dumps(body, indent=1), kind="summary")


@twins
def statsmodels_dump(draw: Draw, bad: bool) -> Case:
    n, df = (8, 2) if bad else (45_670, 45_660)
    rows = "\n".join(f"{v:<22}{b:>9.4f} {s:>9.3f} {t:>9.3f}      0.{draw.rng.integers(100, 900)}  {b - 2 * s:>9.3f} {b + 2 * s:>9.3f}"
                     for v in ("Intercept", "C(program)[T.welding]", "C(program)[T.nursing]", "exper", "female", "age") for b, s, t in [_coefficient(draw)])  # fmt: skip
    text = f"""Report to the board
===================
                            OLS Regression Results
==============================================================================
Dep. Variable:                   wage   R-squared:                       {"0.991" if bad else "0.341"}
Model:                            OLS   Adj. R-squared:                  {"0.968" if bad else "0.340"}
No. Observations:              {n:>6}   AIC:                             812.2
Df Residuals:                  {df:>6}   BIC:                             840.7
Df Model:                           5
==============================================================================
                         coef    std err         t      P>|t|     [0.025    0.975]
------------------------------------------------------------------------------
{rows}
==============================================================================
"""
    why = "two residual degrees of freedom" if bad else "tens of thousands of degrees of freedom, rounded"
    return one(draw, bad, "model", why, "board.txt", text, kind="regression")
