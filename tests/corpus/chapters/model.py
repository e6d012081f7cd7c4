"""Regressions: too few degrees of freedom, dummies of few persons, saturated designs, residuals; and ordinary ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

from tests.corpus import formats
from tests.corpus.case import Case, Draw, cases
from tests.corpus.population import people
from tests.corpus.table import COUNT, KEY, NUMBER, table


def sample(draw: Draw, persons: int) -> pd.DataFrame:
    some = people().sample(persons, random_state=int(draw.rng.integers(10**6))).copy()
    some["log_wage"] = np.log(some["wage"])
    for flag in ("foster", "el", "sed", "swd", "homeless", "enrolled", "graduated"):
        some[flag] = some[flag].astype(int)
    return some


def handed_in(draw: Draw, text: str, name: str = "model") -> dict[str, bytes]:
    """A printed summary as text, log or notebook output, with a sidecar in every second turn."""
    kind = draw.cycle(["txt", "log", "ipynb", "md"])
    body = {
        "txt": text,
        "log": f">>> result = model.fit()\n>>> print(result.summary())\n{text}\n",
        "md": f"# Regression\n\n```\n{text}\n```\n",
    }
    if kind == "ipynb":
        data = formats.notebook([formats.code_cell("model.fit().summary()", formats.stdout(text + "\n"))])
    else:
        data = body[kind].encode()
    files = {f"{name}.{kind}": data}
    if draw.sidecar:
        files[f"{name}.context.yaml"] = (
            f"table: {name}.{kind}\nkind: regression\npopulation: high school cohorts 2014 to 2021\n".encode()
        )
    return files


def summary(fitted: object) -> str:
    text = fitted.summary().as_text()  # type: ignore[attr-defined]
    lines = [
        ("Date:                Tue, 03 Mar 2026" + line[36:]) if line.startswith("Date:") else line
        for line in text.splitlines()
    ]
    return "\n".join(
        ("Time:                        10:15:00" + line[36:]) if line.startswith("Time:") else line for line in lines
    )


@cases(5)
def few_degrees_of_freedom(draw: Draw) -> Case:
    some = sample(draw, 9 + draw.turn)
    fitted = smf.ols("log_wage ~ gpa + days_absent + el + sed", some).fit()
    return draw.disclosive(
        "model", f"residual degrees of freedom are {int(fitted.df_resid)}", handed_in(draw, summary(fitted))
    )


@cases(3)
def saturated_design(draw: Draw) -> Case:
    some = sample(draw, 6 + draw.turn)
    some["unit"] = [f"u{i}" for i in range(len(some))]
    fitted = smf.ols("log_wage ~ C(unit)", some).fit()
    return draw.disclosive(
        "model", "as many parameters as persons: coefficients are their values", handed_in(draw, summary(fitted))
    )


@cases(4)
def dummy_of_few_persons(draw: Draw) -> Case:
    """A coefficient table that gives the persons behind each dummy."""
    rows = [
        ["Intercept", 10.214, 0.011, 4_312],
        ["foster", -0.311, 0.204, 1 + 2 * draw.turn],
        ["gpa", 0.108, 0.006, 4_312],
        ["el", -0.052, 0.013, 733],
    ]
    word = draw.cycle(["n", "N", "Persons", "obs in category"])
    one = table(
        [("Term", KEY), ("Coef.", NUMBER, 3), ("Std. err.", NUMBER, 3), (word, COUNT)],
        rows,
        "OLS of log wages",
        kind="regression",
    )
    return draw.disclosive("model min_cell", "a printed dummy rests on few persons", draw.files(one))


@cases(3)
def dummy_of_one_person_in_a_log(draw: Draw) -> Case:
    some = sample(draw, 800)
    some["rare"] = 0
    some.iloc[3, some.columns.get_loc("rare")] = 1
    fitted = smf.ols("wage ~ rare", some).fit()
    text = f"df['rare'].value_counts()\nrare\n0    {len(some) - 1}\n1      1\nName: count, dtype: int64\n\n{summary(fitted)}"
    return draw.disclosive(
        "model min_cell", "intercept and coefficient of a one-person dummy are the person's wage", handed_in(draw, text)
    )


@cases(3)
def residuals_of_persons(draw: Draw) -> Case:
    some = sample(draw, 60)
    fitted = smf.ols("wage ~ gpa + el", some).fit()
    frame = pd.DataFrame(
        {
            "observed": some["wage"],
            "fitted": fitted.fittedvalues.round(2),
            draw.cycle(["resid", "residual", "Residuals"]): fitted.resid.round(2),
        }
    )
    if draw.turn == 2:
        frame["leverage"] = fitted.get_influence().hat_matrix_diag.round(4)
    name = draw.cycle(["residuals.csv", "resid.txt", "diagnostics.csv"])
    text = frame.to_string() if name.endswith("txt") else frame.to_csv(index=draw.turn == 0)
    return draw.disclosive("model unit_record", "residuals and fitted values of single persons", {name: text.encode()})


@cases(2)
def stata_regression_of_few(draw: Draw) -> Case:
    n, k = 12 + draw.turn, 5
    text = f""". regress lnwage gpa el sed absent foster

      Source |       SS           df       MS      Number of obs   =        {n}
-------------+----------------------------------   F({k}, {n - k - 1})         =      3.91
       Model |  4.20155821         {k}  .840311642   Prob > F        =    0.0631
    Residual |  1.28977203         {n - k - 1}  .214962005   R-squared       =    0.7651
-------------+----------------------------------   Adj R-squared   =    0.5694
       Total |  5.49133024        {n - 1}   .49921184   Root MSE        =    .46364

------------------------------------------------------------------------------
      lnwage | Coefficient  Std. err.      t    P>|t|     [95% conf. interval]
-------------+----------------------------------------------------------------
         gpa |   .4120431   .1733021     2.38   0.055    -.0120140    .8361002
          el |  -.2210017   .3020011    -0.73   0.492    -.9599677    .5179643
       _cons |   8.914002   .6120112    14.57   0.000     7.416463    10.41154
------------------------------------------------------------------------------
"""
    return draw.disclosive(
        "model", f"{n - k - 1} residual degrees of freedom", {draw.cycle(["reg.log", "reg.txt"]): text.encode()}
    )


@cases(2)
def perfect_fit(draw: Draw) -> Case:
    rows = [
        ["Intercept", 21_400.0],
        ["Pine Ridge", 3_118.5],
        ["Rio Seco", -1_207.25],
        ["R-squared", 1.0],
        ["Df residuals", 0.0],
        ["No. observations", 3.0],
    ]
    one = table([("", KEY), ("(1)", NUMBER, 2)], rows, "Wage on district", kind="regression", counts=[])
    return draw.disclosive(
        "model", "R² of 1 with 0 degrees of freedom and 3 observations", draw.files(one, kind=draw.cycle(["csv", "md"]))
    )


# --- harmless -------------------------------------------------------------------------------------------------------------------------


@cases(6)
def ordinary_regression(draw: Draw) -> Case:
    some = sample(draw, 2_000 + 10 * draw.turn)
    formula = draw.cycle(
        ["log_wage ~ gpa + el + sed", "log_wage ~ gpa + C(grade)", "days_absent ~ gpa + sed + swd", "gpa ~ el + sed"]
    )
    return draw.harmless(
        "model", "thousands of persons, broad dummies", handed_in(draw, summary(smf.ols(formula, some).fit()))
    )


@cases(3)
def ordinary_logit(draw: Draw) -> Case:
    some = sample(draw, 3_000)
    fitted = smf.logit("graduated ~ gpa + sed + el", some).fit(disp=0)
    return draw.harmless("model", "a logit of 3,000 persons", handed_in(draw, summary(fitted)))


@cases(6)
def table_of_models_with_stars(draw: Draw) -> Case:
    rows = [["GPA", "0.108***", "0.102***", "0.097***"], ["", "(0.006)", "(0.006)", "(0.007)"], ["English learner", "-0.052***", "-0.047***", "-0.041**"],
            ["", "(0.013)", "(0.013)", "(0.014)"], ["Foster youth", "", "-0.211*", "-0.204*"], ["", "", "(0.088)", "(0.089)"],
            ["District fixed effects", "No", "No", "Yes"], ["Observations", "41,210", "41,210", "40,980"], ["R-squared", "0.112", "0.131", "0.204"]]  # fmt: skip
    one = table([("", KEY), ("(1)", NUMBER), ("(2)", NUMBER), ("(3)", NUMBER)], rows, "Log wages", ("Standard errors in parentheses. * p<0.05, ** p<0.01, *** p<0.001",),
                kind="regression", counts=[])  # fmt: skip
    return draw.harmless(
        "model min_cell secondary",
        "coefficients with stars; the stars hide nothing",
        draw.files(one, kind=draw.cycle(["csv", "tex", "md", "html", "xlsx", "txt"])),
    )


@cases(4)
def coefficients_that_look_like_counts(draw: Draw) -> Case:
    rows = [
        ["(Intercept)", 7, 0.9, 7.8, 0.000],
        ["gpa", 3, 0.4, 7.5, 0.000],
        ["el", -2, 0.6, -3.3, 0.001],
        ["sed", 1, 0.3, 3.3, 0.001],
        ["df", 8_112, None, None, None],
    ]
    columns = [
        ("term", KEY),
        (draw.cycle(["estimate", "coef", "b", "Beta"]), NUMBER, 0),
        ("std.error", NUMBER, 1),
        ("statistic", NUMBER, 1),
        ("p.value", NUMBER, 3),
    ]
    one = table(columns, rows, "Days absent", kind="regression", counts=[])
    return draw.harmless(
        "model min_cell",
        "small integers are coefficients",
        draw.files(one, kind=draw.cycle(["csv", "txt", "md", "xlsx"])),
    )


@cases(2)
def r_summary(draw: Draw) -> Case:
    text = """Call:
lm(formula = days_absent ~ gpa + el + sed, data = d)

Coefficients:
             Estimate Std. Error t value Pr(>|t|)
(Intercept)  9.120043   0.210331  43.361  < 2e-16 ***
gpa         -0.871023   0.066120 -13.173  < 2e-16 ***
el           0.310221   0.097732   3.174  0.00151 **
sed          0.220145   0.081220   2.710  0.00674 **
---
Signif. codes:  0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1 ' ' 1

Residual standard error: 2.71 on 8106 degrees of freedom
Multiple R-squared:  0.0312,	Adjusted R-squared:  0.0308
F-statistic: 87.04 on 3 and 8106 DF,  p-value: < 2.2e-16
"""
    return draw.harmless("model", "an R regression of 8,110 persons", {draw.cycle(["lm.txt", "lm.log"]): text.encode()})


@cases(2)
def margins_and_odds(draw: Draw) -> Case:
    rows = [
        ["GPA", 2.21, 2.02, 2.42, 0.000],
        ["English learner", 0.71, 0.62, 0.81, 0.000],
        ["Foster youth", 0.40, 0.27, 0.60, 0.000],
    ]
    one = table(
        [("Variable", KEY), ("Odds ratio", NUMBER, 2), ("2.5 %", NUMBER, 2), ("97.5 %", NUMBER, 2), ("p", NUMBER, 3)],
        rows,
        "Graduation (N ≈ 41,200)",
        kind="regression",
        counts=[],
    )
    return draw.harmless("model rate", "odds ratios with intervals", draw.files(one))
