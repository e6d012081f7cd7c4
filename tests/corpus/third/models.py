"""Models and survival curves."""

from __future__ import annotations

# fmt: off  (a case a line)
from collections.abc import Sequence

from tests.corpus.third.request import ask, bad, csv, good, markdown, notebook, printed, records, side, text, xlsx

MODEL = "paragraph 'models'"
CURVE = "paragraph 'survival'"
REG = {"rows": ["term"], "kind": "regression", "population": "2015 graduates"}


def summary(n: int, df: int, terms: Sequence[tuple[str, float]], r2: float = 0.31) -> str:
    """The printing of an ordinary least squares fit."""
    line = "=" * 78
    head = [
        f"Dep. Variable:                   wage   R-squared:                       {r2:.3f}",
        f"Model:                            OLS   Adj. R-squared:                  {r2 * 0.99:.3f}",
        "Method:                 Least Squares   F-statistic:                     41.20",
        f"No. Observations:           {n:>9}   AIC:                         2.110e+04",
        f"Df Residuals:               {df:>9}   BIC:                         2.114e+04",
        f"Df Model:                   {len(terms):>9}                                         ",
        "Covariance Type:            nonrobust                                         ",
    ]
    body = [
        f"{t:<14}{b:>10.4f}{abs(b) / 4 + 1:>11.3f}{3.1:>11.3f}{0.002:>11.3f}{b - 2:>12.3f}{b + 2:>11.3f}"
        for t, b in (("Intercept", 31000.2), *terms)
    ]
    top = "                 coef    std err          t      P>|t|      [0.025      0.975]"
    return (
        "\n".join(["                            OLS Regression Results", line, *head, line, top, "-" * 78, *body, line])
        + "\n"
    )


def coefs(n: int, df: int, count: int | None = None) -> list[list[object]]:
    rows = [
        ["Intercept", 31000.2, 410.1],
        ["age", 210.4, 31.2],
        ["female", -1204.8, 220.9],
        ["field_music", -4100.3, 981.0],
    ]
    head: list[object] = ["term", "coef", "std_err", "n_obs", "df_resid"] + (["n_category"] if count else [])
    extra = {"female": 212, "field_music": count}
    return [head, *([*r, n, df, *([extra.get(str(r[0]), n)] if count else [])] for r in rows)]


TERMS = [("age", 210.4), ("gpa", 1820.7), ("terms", 92.2)]
bad(
    "three degrees of freedom",
    "model",
    f"residual degrees of freedom 3; {MODEL}",
    text(summary(10, 3, [*TERMS, ("sex", -99.1), ("race", 12.2), ("pell", 7.1)])),
)
bad(
    "nine degrees of freedom",
    "model",
    f"residual degrees of freedom 9; {MODEL}",
    text(summary(20, 9, [*TERMS, *((f"x{i}", 1.5 * i) for i in range(1, 8))]), "fit.log"),
)
bad("coefficients, df 4, sidecar", "model", f"residual degrees of freedom 4; {MODEL}", side(csv(coefs(20, 4)), **REG))
bad("coefficients, df 4", "model", f"residual degrees of freedom 4; {MODEL}", csv(coefs(20, 4)))
bad(
    "dummy of one person, sidecar",
    "model",
    f"a printed dummy of one person; {MODEL}",
    side(csv(coefs(400, 396, 1)), **REG),
)
bad("dummy of four", "model", f"a printed dummy of four persons; {MODEL}", csv(coefs(400, 396, 4)))
bad(
    "saturated",
    "model",
    f"a saturated fit: R2 = 1, no degrees of freedom; {MODEL}",
    notebook([summary(40, 0, TERMS, 1.0)], "smf.ols('wage ~ C(field)*C(sex)', df).fit().summary()"),
)
bad(
    "residuals",
    "model unit_record",
    f"residuals are persons' values; {MODEL}",
    csv([["obs", "fitted", "residual"], *([i, 31000 + 97 * i, (-1) ** i * 13.7 * i] for i in range(1, 31))]),
)
bad(
    "leverage",
    "model unit_record",
    f"leverage of 0.999; {MODEL}",
    csv([["obs", "leverage", "cooks_d"], *([i, 0.031, 0.01] for i in range(1, 12)), [12, 0.999, 8.1]]),
)
bad(
    "leverage in a line",
    "model",
    f"a greatest leverage of 0.998; {MODEL}",
    text(summary(400, 396, TERMS) + "Max leverage: 0.998\n"),
)
bad(
    "person effects",
    "model unit_record",
    f"absorbed fixed effects of persons; {MODEL}",
    csv([["person_id", "fixed_effect"], *([f"P{i:05d}", round(210.4 - 7.7 * i, 2)] for i in range(1, 41))]),
)
good(
    "thousand, no dummies",
    "model",
    f"996 degrees of freedom, N a multiple of ten; {MODEL}",
    text(summary(1000, 996, TERMS)),
)
good(
    "exactly ten degrees",
    "model",
    f"residual degrees of freedom exactly 10, N a multiple of ten; {MODEL}",
    text(summary(20, 10, [*TERMS, *((f"x{i}", 1.5 * i) for i in range(1, 7))])),
)
good(
    "coefficients with enough, sidecar",
    "model",
    f"dummies of 212 and 64; {MODEL}",
    side(csv(coefs(400, 396, 64)), **REG),
)
good("coefficients with enough", "model", f"dummies of 212 and 11; {MODEL}", csv(coefs(400, 396, 11)))
good(
    "comparison of models",
    "model",
    "models are not differenced, and nothing in them is small",
    markdown(
        [
            ["", "(1)", "(2)"],
            ["GPA", "1820.7***", "1799.2***"],
            ["", "(210.1)", "(212.4)"],
            ["Age", "", "92.2*"],
            ["", "", "(40.1)"],
            ["N", "12,340", "12,330"],
            ["R2", "0.21", "0.24"],
        ]
    ),
)
good(
    "event study, sidecar",
    "model",
    "coefficients by time since the event",
    side(
        csv(
            [["term", "estimate", "std_error", "p_value"], *([f"t{t:+d}", 0.01 * t, 0.004, 0.03] for t in range(-3, 4))]
        ),
        **REG,
    ),
)
good("notebook fit", "model", "a fit of 4,520", notebook([summary(4520, 4516, TERMS)], "fit.summary()"))
ask("exact N", "model", f"N is to be rounded to ten; the fit itself is safe; {MODEL}", text(summary(1237, 1233, TERMS)))

# survival
KM = {"rows": ["quarter"], "kind": "survival", "counts": "at_risk", "population": "students entering in fall 2012"}


def curve(risk: Sequence[int], head: str = "quarter", start: int = 0, step: int = 1) -> list[list[object]]:
    return [[head, "survival", "at_risk"], *([start + step * i, round(n / risk[0], 2), n] for i, n in enumerate(risk))]


LONG = [2000, 1800, 1610, 1390, 1120, 860, 640, 410, 230]
bad("ends with three", "survival", f"the last steps have 3 at risk; {CURVE}", csv(curve([200, 161, 98, 51, 24, 8, 3])))
bad(
    "ends with eight, sidecar",
    "survival",
    f"the last quarter has 8 at risk; {CURVE}",
    side(csv(curve([200, 161, 98, 51, 24, 8])), **KM),
)
bad(
    "ends with ten, sidecar",
    "survival",
    f"the last quarter has 10 at risk; {CURVE}",
    side(csv(curve([200, 161, 98, 51, 24, 10])), **KM),
)
DAILY = [
    ["day", "survival", "at_risk"],
    *(
        [d, round(1 - i / 300, 4), 300 - i]
        for i, d in enumerate([3, 4, 9, 11, 12, 17, 20, 21, 25, 30, 31, 33, 38, 40, 44])
    ),
]
bad("daily steps", "survival", f"daily steps of single persons; {CURVE}", csv(DAILY))
bad(
    "daily steps, sidecar",
    "survival",
    f"daily steps of single persons; {CURVE}",
    side(csv(DAILY), **(KM | {"rows": ["day"]})),
)
bad(
    "event table",
    "survival",
    f"an event table by day, as a package prints it; {CURVE}",
    text(
        printed(
            [
                ["event_at", "removed", "observed", "censored", "entrance", "at_risk"],
                [0, 0, 0, 0, 163, 163],
                [6, 1, 1, 0, 0, 163],
                [7, 2, 1, 1, 0, 162],
                [9, 3, 3, 0, 0, 160],
                [13, 3, 3, 0, 0, 157],
                [15, 2, 2, 0, 0, 154],
            ],
            index=False,
        )
    ),
)
bad(
    "workbook ends with five",
    "survival",
    f"5 at risk at the end; {CURVE}",
    xlsx(curve([120, 98, 71, 40, 19, 5], "term")),
)
bad(
    "records end with two, sidecar",
    "survival",
    f"2 at risk at the end; {CURVE}",
    side(records(curve([120, 98, 71, 40, 19, 2], "term")), **(KM | {"rows": ["term"]})),
)
bad(
    "steps without numbers",
    "survival",
    f"a survival function at days, each step one of 250 persons; {CURVE}",
    csv(
        [
            ["timeline_days", "KM_estimate"],
            [0, 1.0],
            *([d, round(1 - i / 250, 4)] for i, d in enumerate([5, 8, 9, 14, 16, 22, 23, 27, 31, 35, 36, 41], 1)),
        ]
    ),
)
good("quarters", "survival", f"a quarter grid with hundreds at risk; {CURVE}", csv(curve(LONG)))
good("quarters, sidecar", "survival", f"a quarter grid with hundreds at risk; {CURVE}", side(csv(curve(LONG)), **KM))
good(
    "cut at twelve, sidecar",
    "survival",
    f"cut where fewer than 11 are at risk; {CURVE}",
    side(csv(curve([200, 161, 98, 51, 24, 12])), **KM),
)
good("terms as records", "survival", f"a term grid; {CURVE}", records(curve(LONG, "term")))
good(
    "retention by year",
    "survival",
    f"yearly retention of thousands; {CURVE}",
    markdown(curve([12000, 9800, 8100, 7300, 6900], "year_since_entry")),
)
good(
    "two curves",
    "survival",
    f"two groups on a term grid; {CURVE}",
    xlsx(
        [
            ["group", "term", "survival", "at_risk"],
            *(["Pell", t, s, n] for t, s, n in ((0, 1.0, 900), (1, 0.88, 790), (2, 0.79, 711), (3, 0.7, 630))),
            *(["Other", t, s, n] for t, s, n in ((0, 1.0, 1400), (1, 0.92, 1290), (2, 0.86, 1204), (3, 0.81, 1130))),
        ]
    ),
)
