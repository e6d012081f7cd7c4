"""A second look, frozen after the first was mended: other tools' prints, other shapes, and work that counts nobody."""

from __future__ import annotations

import json

from tests.corpus.case import Case, Draw
from tests.corpus.fourth.twins import csv, html, large, one, pipe, small, twins

COLLEGES = ("Alder College", "Basalt City College", "Cedar State", "Dunes University", "Elm Tech")


@twins
def stata_summarize(draw: Draw, bad: bool) -> Case:
    if bad:
        text = f""". summarize wage_q4 hours

    Variable |        Obs        Mean    Std. dev.       Min        Max
-------------+---------------------------------------------------------
     wage_q4 |      4,812    9214.331    5120.774        37.5   {large(draw, 40000, 99000)}.25
       hours |      4,812    311.2041    142.7781          1        896
"""
        why = "exact least and greatest wages"
    else:
        text = """. tabstat wage_q4 hours, statistics(n mean sd)

   Stats |   wage_q4     hours
---------+--------------------
       N |      4810      4810
    Mean |      9214     311.2
      SD |      5120     142.7
------------------------------
"""
        why = "means and spreads of thousands"
    return one(draw, bad, "order_statistic", why, "sum.log", text, kind="summary")


@twins
def r_str(draw: Draw, bad: bool) -> Case:
    if bad:
        w = " ".join(str(int(x)) for x in draw.rng.integers(9000, 90000, 8))
        text = f'> str(d)\n\'data.frame\':\t4812 obs. of  4 variables:\n $ pid   : chr  "a81f33" "b72c90" "cc1d07" "d90e12" ...\n $ sex   : chr  "F" "M" "F" "F" ...\n $ birth : int  1991 1988 1995 1993 ...\n $ wage  : int  {w} ...\n'
        why = "str() prints the first persons' values"
    else:
        text = '> sapply(d, class)\n        pid         sex       birth        wage \n"character" "character"   "integer"   "integer" \n> dim(d)\n[1] 48210     4\n'
        why = "classes and dimensions of a table"
    return one(draw, bad, "unit_record", why, "session.txt", text)


@twins
def tibble(draw: Draw, bad: bool) -> Case:
    if bad:
        rows = "\n".join(
            f"{k} {draw.pick(['F', 'M'])}      {draw.rng.integers(1985, 2002)} {draw.pick(['Hispanic', 'Asian   ', 'White   '])}  {draw.rng.uniform(1, 4):.2f} {draw.rng.integers(9000, 90000)}"
            for k in range(1, 7)
        )
        text = f"# A tibble: 4,812 × 5\n  sex   birth_year race        gpa  wage\n  <chr>      <int> <chr>     <dbl> <int>\n{rows}\n# ℹ 4,806 more rows\n"
        why = "the first rows of a table of persons"
    else:
        rows = "\n".join(
            f"{k} {r} {large(draw):>5}  {draw.rng.uniform(2, 3.5):.2f}"
            for k, r in enumerate(("Hispanic", "Asian   ", "White   ", "Black   "), 1)
        )
        text = f"# A tibble: 4 × 3\n  race         n   gpa\n  <chr>    <int> <dbl>\n{rows}\n"
        why = "group means of hundreds"
    return one(draw, bad, "unit_record", why, "tibble.txt", text)


@twins
def psql(draw: Draw, bad: bool) -> Case:
    if bad:
        rows = "\n".join(
            f" {draw.rng.integers(10**8, 10**9)} | {draw.rng.integers(1985, 2004)}-0{draw.rng.integers(1, 10)}-{draw.rng.integers(10, 28)} | {draw.pick(['Nursing', 'Welding'])}  | {draw.rng.uniform(1, 4):.2f}"
            for _ in range(6)
        )
        text = f" student_no | date_of_birth | program  | gpa\n------------+---------------+----------+------\n{rows}\n(6 rows)\n"
        why = "six students with number and date of birth"
    else:
        rows = "\n".join(
            f" {p:<9} | {large(draw):>5} | {draw.rng.uniform(2, 3.6):.2f}" for p in ("Nursing", "Welding", "Cooking")
        )
        text = f" program   | count | avg_gpa\n-----------+-------+---------\n{rows}\n(3 rows)\n"
        why = "three programs of hundreds"
    return one(draw, bad, "unit_record identifier", why, "query.txt", text)


@twins
def largest(draw: Draw, bad: bool) -> Case:
    if bad:
        values = sorted((int(x) for x in draw.rng.integers(200000, 900000, 5)), reverse=True)
        text = (
            ">>> df.annual_wage.nlargest(5)\n"
            + "\n".join(f"{i:<8}{v}" for i, v in zip(draw.rng.integers(1000, 48000, 5), values, strict=True))
            + "\nName: annual_wage, dtype: int64\n"
        )
        why = "the five highest wages"
    else:
        text = (
            ">>> df.groupby('county').person_id.nunique().nlargest(5)\ncounty\n"
            + "\n".join(
                f"{c:<14}{v}"
                for c, v in zip(
                    ("Los Angeles", "San Diego", "Orange", "Kern", "Fresno"),
                    sorted((large(draw, 2000, 9000) for _ in range(5)), reverse=True),
                    strict=True,
                )
            )
            + "\nName: person_id, dtype: int64\n"
        )
        why = "the five largest counties, thousands each"
    return one(draw, bad, "order_statistic unit_record", why, "largest.txt", text)


@twins
def events(draw: Draw, bad: bool) -> Case:
    rows = [["Group", "Events/N", "HR (95% CI)"]]
    for g in ("Standard", "Tutoring", "Coaching"):
        n = large(draw, 300, 900)
        e = small(draw) if bad and g == "Coaching" else int(n * draw.rng.uniform(0.2, 0.6))
        rows.append([g, f"{e}/{n}", f"{draw.rng.uniform(0.6, 1.3):.2f} (0.51-1.44)"])
    why = "fewer than 11 events among hundreds" if bad else "events and what is left are many"
    return one(
        draw,
        bad,
        "min_cell rate",
        why,
        "events.md",
        "Table 4. Dropout among students\n\n" + pipe(rows),
        kind="summary",
        rows=["Group"],
    )


@twins
def count_and_share(draw: Draw, bad: bool) -> Case:
    n = 812
    rows = [["characteristic", "n (%)"]]
    for c in ("Foster youth", "Homeless", "English learner", "Migrant"):
        k = small(draw) if bad and c == "Migrant" else large(draw, 100, 500)
        rows.append([c, f"{k} ({100 * k / n:.1f})"])
    why = "fewer than 11 migrant students" if bad else "hundreds with each trait"
    return one(
        draw,
        bad,
        "min_cell rate",
        why,
        "traits.csv",
        csv(rows),
        kind="summary",
        rows=["characteristic"],
        population="812 students",
    )


@twins
def gtsummary(draw: Draw, bad: bool) -> Case:
    rows = [["<b>Characteristic</b>", "<b>Certificate</b>, N = 612<sup>1</sup>", "<b>Degree</b>, N = 845<sup>1</sup>"]]
    for c in ("Female", "Veteran", "Age 40+"):
        k, m = (small(draw) if bad and c == "Veteran" else large(draw, 90, 400)), large(draw, 90, 500)
        rows.append([c, f"{k} ({100 * k / 612:.1f}%)", f"{m} ({100 * m / 845:.1f}%)"])
    text = html(rows, cls="gt_table") + "<p><sup>1</sup> n (%)</p>"
    why = "fewer than 11 veterans earned a certificate" if bad else "hundreds in each cell"
    return one(draw, bad, "min_cell rate", why, "gtsummary.html", text, kind="summary", rows=["Characteristic"])


@twins
def pyramid(draw: Draw, bad: bool) -> Case:
    rows = [["age_group", "male", "female"]]
    for a in ("16-19", "20-24", "25-34", "35-49", "50-64"):
        rows.append([a, -(small(draw) if bad and a == "50-64" else large(draw)), large(draw)])
    why = "fewer than 11 men, drawn to the left" if bad else "hundreds on both sides"
    return one(
        draw,
        bad,
        "min_cell",
        why,
        "pyramid.csv",
        csv(rows),
        kind="frequency",
        rows=["age_group"],
        counts="cells",
        population="apprentices",
    )


@twins
def weighted(draw: Draw, bad: bool) -> Case:
    rows = [["region", "weighted_total", "unweighted_n", "pct_employed"]]
    for r in ("North", "Bay", "Central", "South"):
        n = small(draw) if bad and r == "North" else large(draw)
        rows.append([r, n * 31 + 7, n, f"{draw.rng.uniform(40, 70):.0f}"])
    why = "an estimate that rests on fewer than 11 answers" if bad else "hundreds of answers in each region"
    return one(
        draw, bad, "min_cell", why, "survey.csv", csv(rows), kind="summary", rows=["region"], counts="unweighted_n"
    )


@twins
def upset(draw: Draw, bad: bool) -> Case:
    sets = (["EL"], ["SPED"], ["EL", "SPED"], ["EL", "Homeless"], ["SPED", "Homeless"])
    body = [{"sets": s, "size": small(draw) if bad and k == 4 else large(draw)} for k, s in enumerate(sets)]
    why = "an intersection of fewer than 11 students" if bad else "every intersection is large"
    return one(
        draw,
        bad,
        "min_cell",
        why,
        "upset.json",
        json.dumps({"title": "Students in programs", "intersections": body}),
        kind="frequency",
        counts="size",
    )


@twins
def edges(draw: Draw, bad: bool) -> Case:
    rows = [["from", "to", "transfers"]]
    for a in range(4):
        rows.append([COLLEGES[a], COLLEGES[a + 1], small(draw) if bad and a == 2 else large(draw)])
    why = "fewer than 11 students changed between two colleges" if bad else "hundreds changed between colleges"
    return one(
        draw, bad, "min_cell", why, "edges.csv", csv(rows), kind="frequency", rows=["from", "to"], counts="transfers"
    )


@twins
def cox(draw: Draw, bad: bool) -> Case:
    n, e = (12, 7) if bad else (4510, 1820)
    text = f"""<lifelines.CoxPHFitter: fitted with {n} total observations, {n - e} right-censored observations>
             duration col = 'quarters'
                event col = 'exit'
   number of observations = {n}
number of events observed = {e}

            coef  exp(coef)   se(coef)      z      p
female     -0.12       0.89       0.05  -2.41   0.02
tutoring    0.31       1.36       0.06   5.17  <0.005
"""
    why = "a model of twelve persons with seven events" if bad else "a model of thousands"
    return one(draw, bad, "model min_cell", why, "cox.txt", text, kind="regression")


@twins
def stem(draw: Draw, bad: bool) -> Case:
    if bad:
        text = "> stem(d$wage)\n\n  The decimal point is 4 digit(s) to the right of the |\n\n  1 | 0224\n  2 | 1133578\n  3 | 02246\n  4 | 117\n  5 | 3\n  9 | 8\n"
        why = "a stem-and-leaf plot draws every person's wage"
    else:
        text = (
            "> hist(d$wage, plot = FALSE)\n$breaks\n[1] 10000 20000 30000 40000 50000\n\n$counts\n[1] "
            + " ".join(str(large(draw)) for _ in range(4))
            + "\n"
        )
        why = "a histogram of hundreds a bin"
    return one(draw, bad, "unit_record order_statistic", why, "wage.txt", text)


@twins
def box_json(draw: Draw, bad: bool) -> Case:
    body: dict[str, object] = {
        "measure": "annual wage",
        "n": large(draw, 1000, 5000),
        "q1": 24100,
        "median": 33500,
        "q3": 47800,
    }
    if bad:
        body |= {"min": 212.5, "max": 612345.67, "outliers": [int(x) for x in draw.rng.integers(150000, 900000, 7)]}
    why = "outliers and extremes are single persons' wages" if bad else "rounded quartiles of thousands"
    return one(draw, bad, "order_statistic", why, "box.json", json.dumps(body), kind="summary")


@twins
def footnote(draw: Draw, bad: bool) -> Case:
    word = draw.pick(["three", "six", "four", "seven"]) if bad else "three hundred"
    text = f"# Results\n\nGraduation rose by 2.1 points.[^1]\n\n[^1]: Excludes {word} students whose records were sealed by a court.\n"
    why = "a footnote with fewer than 11 students" if bad else "a footnote with hundreds"
    return one(draw, bad, "min_cell", why, "results.md", text)


@twins
def spanish(draw: Draw, bad: bool) -> Case:
    k = small(draw) if bad else large(draw)
    text = f"# Informe\n\nDe los {large(draw, 2000, 4000)} alumnos, {k} estudiantes abandonaron el programa por embarazo. La tasa fue estable entre 2016 y 2019.\n"
    why = "fewer than 11 students, in Spanish" if bad else "hundreds, in Spanish"
    return one(draw, bad, "min_cell", why, "informe.md", text)


@twins
def months(draw: Draw, bad: bool) -> Case:
    names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun"]
    rows = [["Program", *names]]
    for p in ("Apprentices", "Interns", "Trainees"):
        rows.append([p, *(small(draw) if bad and (p, m) == ("Interns", "Apr") else large(draw) for m in names)])
    why = "fewer than 11 interns began in April" if bad else "hundreds began every month"
    return one(
        draw,
        bad,
        "min_cell",
        why,
        "starts.html",
        "<h3>Number of persons who started, by month</h3>" + html(rows),
        kind="frequency",
        rows=["Program"],
        counts="cells",
    )


@twins
def chi_square(draw: Draw, bad: bool) -> Case:
    a, b, c, d = (large(draw) for _ in range(4))
    d = small(draw) if bad else d
    text = f"> table(d$el, d$expelled)\n\n      FALSE TRUE\n  No  {a:>5} {b:>4}\n  Yes {c:>5} {d:>4}\n\n> chisq.test(d$el, d$expelled)\n\n\tPearson's Chi-squared test with Yates' continuity correction\n\ndata:  d$el and d$expelled\nX-squared = 8.41, df = 1, p-value = 0.0037\n"
    why = "fewer than 11 in a cell of the table" if bad else "hundreds in each cell"
    return one(draw, bad, "min_cell", why, "chi.txt", text, kind="frequency")


@twins
def interviews(draw: Draw, bad: bool) -> Case:
    if bad:
        text = '## Voices\n\n"My PO moved me to another county in the middle of the term." (woman, 27, Trinity County)\n\n"I stopped going after my surgery." (man, 44, Lassen County)\n'
        return one(
            draw, True, "unit_record identifier", "quotations with sex, age and a small county", "voices.md", text
        )
    text = "## Methods\n\nWe require at least 11 students in each cell and round to the nearest 5. Models use 5-fold cross-validation, k = 5 neighbours and 10 seeds. About 1 in 5 students changes schools; grade 9 students are followed for 4 years in 3 cohorts. See table 2 (p. 7).\n"
    return one(draw, False, "min_cell", "methods: thresholds, folds, grades, years and cohorts", "methods.md", text)


@twins
def logs_of_machines(draw: Draw, bad: bool) -> Case:
    if bad:
        text = f"2021-04-02 09:00:01 INFO linkage: 48,120 pairs compared\n2021-04-02 09:00:04 WARNING {small(draw)} students have no SSID and were dropped from school Alder High\n2021-04-02 09:00:09 INFO finished\n"
        return one(draw, True, "min_cell", "a warning with fewer than 11 students of a school", "link.log", text)
    text = "============ test session starts ============\ncollected 14 items\ntests/test_a.py ........ [ 57%]\ntests/test_b.py ......   [100%]\n8 passed, 2 failed, 4 skipped in 3.21s\nepoch 1/5 - loss: 0.61 - val_loss: 0.58\n3 workers, 2 retries, 5 files written\nnumpy==1.26.4\npandas==2.2.3\n"
    return one(draw, False, "min_cell", "tests, epochs, workers and versions", "ci.log", text)


@twins
def scales(draw: Draw, bad: bool) -> Case:
    if bad:
        rows = [
            ["district", "n_answers", "mean_belonging"],
            *(
                [d, small(draw) if d == "Fern" else large(draw), f"{draw.rng.uniform(2, 4):.2f}"]
                for d in ("Alder", "Basalt", "Cedar", "Fern")
            ),
        ]
        return one(
            draw,
            True,
            "min_cell",
            "a scale's mean of fewer than 11 answers",
            "scale.csv",
            csv(rows),
            kind="summary",
            rows=["district"],
            counts="n_answers",
        )
    rows = [
        ["item", "factor_1", "factor_2", "alpha_if_dropped", "scale_points"],
        *(
            [
                f"q{k}",
                f"{draw.rng.uniform(0.3, 0.9):.2f}",
                f"{draw.rng.uniform(-0.2, 0.3):.2f}",
                f"0.{draw.rng.integers(70, 90)}",
                5,
            ]
            for k in range(1, 8)
        ),
    ]
    return one(
        draw,
        False,
        "min_cell",
        "factor loadings of items with five points",
        "scale.csv",
        csv(rows),
        kind="summary",
        rows=["item"],
    )


@twins
def folds(draw: Draw, bad: bool) -> Case:
    if bad:
        rows = [
            ["school", "grade", "students", "predicted_dropouts"],
            *(
                [s, 9, large(draw), small(draw) if s == "Alder High" else large(draw, 20, 90)]
                for s in ("Alder High", "Cedar High", "Elm High")
            ),
        ]
        return one(
            draw,
            True,
            "min_cell",
            "a school's predicted dropouts are fewer than 11 persons",
            "predicted.csv",
            csv(rows),
            kind="frequency",
            rows=["school", "grade"],
            counts=["students", "predicted_dropouts"],
        )
    rows = [
        ["fold", "n_trees", "max_depth", "auc", "rmse", "fit_seconds"],
        *(
            [
                k,
                100 * k,
                k + 2,
                f"0.{draw.rng.integers(700, 800)}",
                f"{draw.rng.uniform(0.3, 0.5):.3f}",
                f"{draw.rng.uniform(2, 9):.1f}",
            ]
            for k in range(1, 6)
        ),
    ]
    return one(
        draw,
        False,
        "min_cell",
        "scores of folds with their settings",
        "cv.csv",
        csv(rows),
        kind="summary",
        rows=["fold"],
    )


@twins
def published(draw: Draw, bad: bool) -> Case:
    if bad:
        rows = [
            ["county", "quarter", "covered_employers", "clients_hired"],
            *(
                [c, "2019Q3", large(draw), small(draw) if c == "Modoc" else large(draw)]
                for c in ("Kern", "Modoc", "Yolo")
            ),
        ]
        return one(
            draw,
            True,
            "min_cell",
            "fewer than 11 clients hired in a county",
            "hired.csv",
            csv(rows),
            kind="frequency",
            rows=["county", "quarter"],
            counts=["clients_hired"],
        )
    rows = [
        ["year", "cpi", "minimum_wage", "unemployment_rate", "recession"],
        *(
            [y, f"{230 + 4.1 * k:.1f}", 10 + k, f"{7.5 - 0.6 * k:.1f}", int(k == 0)]
            for k, y in enumerate(range(2014, 2021))
        ),
    ]
    return one(
        draw,
        False,
        "min_cell",
        "published series: prices, wages by law, unemployment",
        "series.csv",
        csv(rows),
        rows=["year"],
    )
