"""Logs of Stata, R, SAS and Python runs, with and without listings."""

from __future__ import annotations

import numpy as np

from tests.corpus.case import Case, Draw, cases
from tests.corpus.second.documents.material import COUNTIES, RACES, named, parcel, persons, ssns

STATA = """-------------------------------------------------------------------------------
      name:  <unnamed>
       log:  /workspace/out/run.log
  log type:  text
 opened on:  14 Mar 2024, 10:31:07

. version 17
. use "extract.dta", clear
(2019 graduates)

"""


def two_way(rows: list[str], cells: np.ndarray, row: str, column: str, heads: list[str]) -> str:
    """What `tabulate` prints."""
    line = "-----------+" + "-" * (11 * len(heads)) + "+----------"
    out = [f". tabulate {row} {column}", "", f"           |{column:^{11 * len(heads)}}|", f"{row:>10} |" + "".join(f"{h:>11}" for h in heads) + "|     Total", line]  # fmt: skip
    out += [
        f"{name:>10} |" + "".join(f"{v:>11,}" for v in c) + f"|{c.sum():>10,}"
        for name, c in zip(rows, cells, strict=True)
    ]
    return "\n".join(
        [*out, line, f"{'Total':>10} |" + "".join(f"{v:>11,}" for v in cells.sum(0)) + f"|{cells.sum():>10,}", ""]
    )


def regression(n: int, k: int, rng: np.random.Generator) -> str:
    """What `regress` prints for n observations and k regressors."""
    names = [
        "female",
        "gpa",
        "days_absent",
        "el",
        "frl",
        "age",
        "hours",
        "siblings",
        "moved",
        "score",
        "honors",
        "bus",
    ][:k]
    out = [f". regress lnwage {' '.join(names)}", "", f"      Source |       SS           df       MS      Number of obs   ={n:>10,}",
           f"-------------+----------------------------------   F({k}, {n - k - 1})    =     34.12",
           f"       Model |  {rng.uniform(200, 900):.6f}{k:>10}  {rng.uniform(20, 90):.7f}   Prob > F        =    0.0000",
           f"    Residual |  {rng.uniform(900, 2900):.6f}{n - k - 1:>10}  {rng.uniform(0.2, 0.9):.7f}   R-squared       =    0.2031",
           "-------------+----------------------------------   Adj R-squared   =    0.2013",
           f"       Total |  {rng.uniform(3000, 4000):.5f}{n - 1:>10}  {rng.uniform(0.3, 0.9):.8f}   Root MSE        =    .59117", "",
           "------------------------------------------------------------------------------",
           "      lnwage | Coefficient  Std. err.      t    P>|t|     [95% conf. interval]",
           "-------------+----------------------------------------------------------------"]  # fmt: skip
    for name in [*names, "_cons"]:
        b, se = rng.normal(0, 0.2), rng.uniform(0.01, 0.06)
        out.append(
            f"{name:>12} |  {b:>9.7f}   {se:>8.7f} {b / se:>8.2f}   0.000    {b - 1.96 * se:>9.7f}   {b + 1.96 * se:>9.7f}"
        )
    return "\n".join([*out, "------------------------------------------------------------------------------", ""])


@cases(2)
def stata_list(d: Draw) -> Case:
    people = persons(d.rng, 8)
    columns = ["person_id", "school", "gpa", "wage"] if d.turn else ["school", "race", "female", "gpa", "score"]
    widths = [max(len(c), people[c].astype(str).str.len().max()) + 2 for c in columns]
    rule = "     +" + "-" * sum(widths) + "+"
    rows = [
        f"{i + 1:>3}. |" + "".join(f"{v!s:>{w}}" for v, w in zip(r, widths, strict=True)) + "|"
        for i, r in enumerate(people[columns].to_numpy())
    ]
    text = STATA + ". list " + " ".join(columns) + " in 1/8\n\n" + "\n".join([rule, "     |" + "".join(f"{c:>{w}}" for c, w in zip(columns, widths, strict=True)) + "|", "     |" + "-" * sum(widths) + "|", *rows, rule])  # fmt: skip
    return d.disclosive("unit_record", "eight persons listed", parcel(d, "run.log", text + "\n\n. log close\n"))


@cases(2)
def stata_small_cells(d: Draw) -> Case:
    cells = d.rng.integers(40, 900, (5, 3))
    cells[2, 1], cells[4, 2] = 4, 8
    return d.disclosive(
        "min_cell",
        "cells of 4 and 8 students",
        parcel(d, "tab.log", STATA + two_way(RACES, cells, "race", "grade", ["9", "10", "11"])),
    )


@cases(2)
def stata_detail(d: Draw) -> Case:
    w = np.sort(persons(d.rng, 900)["wage"].to_numpy())
    q = np.percentile(w, [1, 5, 10, 25, 50, 75, 90, 95, 99])
    text = f"""{STATA}. summarize wage, detail

                            wage
-------------------------------------------------------------
      Percentiles      Smallest
 1%     {q[0]:.2f}       {w[0]:.2f}
 5%     {q[1]:.2f}       {w[1]:.2f}
10%     {q[2]:.2f}       {w[2]:.2f}       Obs                 900
25%     {q[3]:.2f}       {w[3]:.2f}       Sum of wgt.         900

50%     {q[4]:.2f}                      Mean           {w.mean():.2f}
                        Largest       Std. dev.      {w.std():.2f}
75%     {q[5]:.2f}       {w[-4]:.2f}
90%     {q[6]:.2f}       {w[-3]:.2f}       Variance       {w.var():.1f}
95%     {q[7]:.2f}       {w[-2]:.2f}       Skewness       1.84
99%     {q[8]:.2f}       {w[-1]:.2f}       Kurtosis       8.91
"""
    return d.disclosive(
        "order_statistic",
        "the four least and greatest wages to the cent",
        parcel(d, "summary.log" if d.turn else "summary.txt", text),
    )


@cases(2)
def stata_minmax(d: Draw) -> Case:
    people = persons(d.rng, 640)
    rows = "\n".join(
        f"{c:>12} |        640    {people[c].mean():>8.4f}    {people[c].std():>8.4f}  {people[c].min():>9}  {people[c].max():>9}"
        for c in ["gpa", "wage", "score"]
    )
    text = f"{STATA}. summarize gpa wage score\n\n    Variable |        Obs        Mean    Std. dev.       Min        Max\n-------------+---------------------------------------------------------\n{rows}\n"
    return d.disclosive("order_statistic", "exact least and greatest wage", parcel(d, "sum.log", text))


@cases(3)
def sas_listing(d: Draw) -> Case:
    people = named(d.rng, 9) if d.turn == 2 else persons(d.rng, 9)
    if d.turn == 1:
        w = people.sort_values("wage")
        low = "\n".join(
            f"   {a.wage:>10}  {a.Index + 1:>5}   {b.wage:>10}  {b.Index + 800:>5}"
            for a, b in zip(w.head(5).itertuples(), w.tail(5).itertuples(), strict=False)
        )
        text = f"The UNIVARIATE Procedure\nVariable:  WAGE\n\n          Extreme Observations\n\n-----Lowest-----        ----Highest----\n\n     Value    Obs        Value    Obs\n\n{low}\n"
        return d.disclosive(
            "order_statistic unit_record", "the five extreme wages of single persons", parcel(d, "univariate.lst", text)
        )
    text = (
        "                                The SAS System          10:31 Thursday, March 14, 2024   1\n\nObs  "
        + people.to_string(index=False).replace("\n", "\n  1  ")
    )
    return d.disclosive("unit_record identifier", "PROC PRINT of nine persons", parcel(d, "print.lst", text + "\n"))


@cases(3)
def r_console(d: Draw) -> Case:
    people = persons(d.rng, 700)
    if d.turn == 0:
        body, why, rule = (
            "> head(df)\n" + people.head(6).rename(index=lambda i: i + 1).to_string(),
            "six persons printed",
            "unit_record",
        )
    elif d.turn == 1:
        body, why, rule = "> table(df$race, df$suspended)\n             \n                No  Yes\n  Asian        412    2\n  Black        318   21\n  Hispanic     904   34\n  Two or more   97    5\n  White        811   27", "cells of 2 and 5 students", "min_cell"  # fmt: skip
    else:
        w = people["wage"]
        body = f"> summary(df$wage)\n   Min. 1st Qu.  Median    Mean 3rd Qu.    Max. \n{w.min():>7.2f} {w.quantile(0.25):>7.2f} {w.median():>7.2f} {w.mean():>7.2f} {w.quantile(0.75):>7.2f} {w.max():>7.2f} "
        why, rule = "exact least and greatest wage", "order_statistic"
    text = f"> library(dplyr)\n\nAttaching package: 'dplyr'\n\n> df <- readRDS(\"extract.rds\")\n{body}\n> proc.time()\n   user  system elapsed \n  3.214   0.401   4.022 \n"
    return d.disclosive(rule, why, parcel(d, "session.Rout" if d.turn else "session.txt", text))


@cases(3)
def python_log_of_persons(d: Draw) -> Case:
    people = persons(d.rng, 25)
    at = "2024-03-14 10:3{}:0{},{:03d}"
    lines = [
        f"{at.format(i % 10, i % 9, i * 37 % 1000)} "
        + [f"DEBUG linkage: person_id={p.person_id} school='{p.school}' wage={p.wage} matched", f"WARNING outlier wage {p.wage} for {p.person_id} (gpa {p.gpa})", f"INFO student {p.person_id}: score {p.score}, absent {p.days_absent} days"][d.turn]
        for i, p in enumerate(people.itertuples())
    ]  # fmt: skip
    return d.disclosive(
        "unit_record identifier",
        "a log line for each of 25 persons",
        parcel(d, "pipeline.log", "\n".join(lines) + "\n"),
    )


@cases(2)
def log_with_ssn(d: Draw) -> Case:
    numbers = ssns(d.rng, 15)
    if d.turn:
        lines = [f"row {i}: invalid checksum ssn={s} source=CCC" for i, s in enumerate(numbers)]
    else:
        lines = ["SSN           LAST_NAME", *(f"{s}   {d.pick(['LOPEZ', 'KIM', 'NOVAK'])}" for s in numbers)]
    return d.disclosive(
        "identifier", "fifteen social security numbers", parcel(d, "errors.log", "\n".join(lines) + "\n")
    )


@cases(4)
def stata_clean(d: Draw) -> Case:
    n = int(d.rng.integers(400, 900)) * 10
    cells = d.rng.integers(60, 900, (5, 3)) * 5
    parts = [regression(n, 5, d.rng), two_way(RACES, cells, "race", "grade", ["9", "10", "11"])]
    text = (
        STATA
        + "\n".join(parts if d.turn % 2 else parts[:1])
        + "\n. log close\n      name:  <unnamed>\n closed on:  14 Mar 2024, 10:31:09\n"
    )
    return d.harmless("model min_cell", "a regression of thousands and large rounded cells", parcel(d, "run.log", text))


@cases(2)
def sas_clean(d: Draw) -> Case:
    counts = d.rng.integers(90, 900, 5) * 5
    total, at, rows = int(counts.sum()), 0, []
    for race, n in zip(RACES, counts, strict=True):
        at += int(n)
        rows.append(f"{race:<12}{n:>10}{100 * n / total:>11.2f}{at:>14}{100 * at / total:>13.2f}")
    log = "1    proc freq data=ext.grads;\n2      tables race;\n3    run;\n\nNOTE: There were 48210 observations read from the data set EXT.GRADS.\nNOTE: PROCEDURE FREQ used (Total process time):\n      real time           0.05 seconds\n      cpu time            0.03 seconds\n"
    lst = (
        "The FREQ Procedure\n\n                                  Cumulative    Cumulative\nrace         Frequency    Percent    Frequency      Percent\n-----------------------------------------------------------\n"
        + "\n".join(rows)
        + "\n"
    )
    return d.harmless(
        "min_cell",
        "large frequencies of five groups",
        parcel(d, "freq.lst", lst) if d.turn else parcel(d, "freq.log", log + lst),
    )


@cases(2)
def r_clean(d: Draw) -> Case:
    rows = "\n".join(
        f"  {c:<9}{d.rng.integers(100, 900) * 5:>6}{d.rng.integers(100, 900) * 5:>6}" for c in COUNTIES[:6]
    )
    text = f"> table(df$county, df$sex)\n           \n                F     M\n{rows}\n> sessionInfo()\nR version 4.2.2 (2022-10-31)\nPlatform: x86_64-pc-linux-gnu (64-bit)\nRunning under: Debian GNU/Linux 12 (bookworm)\n\nattached base packages:\n[1] stats     graphics  grDevices utils     datasets  methods   base     \n\nother attached packages:\n[1] dplyr_1.1.4   tibble_3.2.1\n"
    return d.harmless(
        "min_cell",
        "large rounded cells and a session's versions",
        parcel(d, "console.txt", text if d.turn else text.replace(rows, rows)),
    )


@cases(5)
def run_log(d: Draw) -> Case:
    r = d.rng
    bodies = [
        "\n".join(f"epoch {e:>2}/10  loss {1.2 / e + r.uniform(0, 0.02):.4f}  val_auc {0.7 + e / 80:.3f}  lr 0.00{e % 3 + 1}  {r.uniform(2, 5):.1f}s" for e in range(1, 11)),
        "\n".join(["2024-03-14 10:31:07 INFO step 1 of 7: read extract (3 files, 2 workers)", "2024-03-14 10:31:12 INFO step 2 of 7: 4 columns renamed", "2024-03-14 10:31:15 WARNING 3 deprecated options", "2024-03-14 10:31:40 INFO bootstrap 5 chains x 1000 draws, max rhat 1.01", "2024-03-14 10:32:02 INFO step 7 of 7: wrote 6 tables, 9 figures", "2024-03-14 10:32:02 INFO done in 55.3 s, peak memory 812 MB"]),
        "============================= test session starts ==============================\nplatform linux -- Python 3.11.2, pytest-9.2.0\ncollected 9 items\n\ntests/test_clean.py .....s.                                              [ 77%]\ntests/test_fit.py ..                                                     [100%]\n\n========================= 8 passed, 1 skipped in 2.41s =========================",
        "\n".join([f"Iteration {i}:   log likelihood = {-8123.41 + 900 * (1 - 0.5**i):.5f}" for i in range(7)] + ["Optimization terminated successfully.", "         Current function value: 0.412310", "         Iterations 6"]),
        "JobID           JobName  Partition      State ExitCode    Elapsed     MaxRSS\n------------ ---------- ---------- ---------- -------- ---------- ----------\n4418               wage      small  COMPLETED      0:0   00:03:12      1.2G\n4419              match      large     FAILED      1:0   00:00:07      0.1G\n4420              match      large  COMPLETED      0:0   01:12:44      9.8G",
    ]  # fmt: skip
    return d.harmless(
        "min_cell unit_record",
        "times, steps, losses and tests are no persons",
        parcel(d, "job.log", bodies[d.turn] + "\n"),
    )
