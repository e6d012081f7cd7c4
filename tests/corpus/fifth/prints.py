"""Output as pandas, statsmodels, lifelines, R, Stata and SAS print it."""

from __future__ import annotations

import io
import json
import warnings

import numpy as np
import pandas as pd

from tests.corpus.case import Case, Draw
from tests.corpus.fifth.people import AID, CLINICS, counts, people, rounded, thinned
from tests.corpus.fourth.twins import large, one, small, twins

CELLS = {"kind": "frequency", "rows": ["clinic"], "counts": "cells", "totals": {"rows": "Total", "columns": "Total"},
         "population": "clients served in 2023"}  # fmt: skip
FEW = "a handful of clients in one cell"


@twins
def crosstab_csv(draw: Draw, bad: bool) -> Case:
    return one(draw, bad, "min_cell", FEW, "clients.csv", counts(draw, bad).to_csv(), **CELLS)


@twins
def crosstab_string(draw: Draw, bad: bool) -> Case:
    return one(draw, bad, "min_cell", FEW, "clients.txt", counts(draw, bad).to_string(), **CELLS)


@twins
def crosstab_latex(draw: Draw, bad: bool) -> Case:
    return one(draw, bad, "min_cell", FEW, "clients.tex", counts(draw, bad).to_latex(), **CELLS)


@twins
def crosstab_html(draw: Draw, bad: bool) -> Case:
    return one(draw, bad, "min_cell", FEW, "clients.html", counts(draw, bad).to_html(), **CELLS)


@twins
def crosstab_split_json(draw: Draw, bad: bool) -> Case:
    text = counts(draw, bad).to_json(orient="split") or ""
    return one(draw, bad, "min_cell", FEW, "clients.json", text, **CELLS)


@twins
def series_of_two_keys(draw: Draw, bad: bool) -> Case:
    text = thinned(people(draw), draw, bad).groupby(["clinic", "award"]).size().to_string()
    return one(draw, bad, "min_cell", FEW, "size.txt", text, kind="frequency", counts="cells", rows=["clinic", "award"])


@twins
def value_counts(draw: Draw, bad: bool) -> Case:
    text = str(thinned(people(draw), draw, bad)[["clinic", "award"]].value_counts())
    return one(draw, bad, "min_cell", FEW, "counts.log", text, kind="frequency", counts="count")


@twins
def crosstab_shares_with_n(draw: Draw, bad: bool) -> Case:
    frame = thinned(people(draw), draw, bad)
    share = pd.crosstab(frame["clinic"], frame["award"], normalize="index").round(4)
    share["N"] = frame["clinic"].value_counts()
    why = "shares times N give a handful of clients"
    return one(draw, bad, "rate", why, "shares.csv", share.to_csv(), kind="rates", rows=["clinic"], counts="N")


@twins
def grouped_means_markdown(draw: Draw, bad: bool) -> Case:
    frame = thinned(people(draw), draw, bad)
    table = frame.groupby(["clinic", "award"])["pay"].agg(["count", "mean"]).round(0).reset_index()
    why = "a mean of a handful of persons"
    return one(draw, bad, "min_cell", why, "pay.md", table.to_markdown(index=False), kind="summary", counts="count", rows=["clinic", "award"])  # fmt: skip


@twins
def describe_pay(draw: Draw, bad: bool) -> Case:
    table = people(draw)["pay"].describe()
    text = table.to_string() if bad else table.loc[["count", "mean", "std"]].round(0).to_string()
    return one(draw, bad, "order_statistic", "exact least and greatest pay", "describe.txt", text, kind="summary")


@twins
def describe_by_clinic(draw: Draw, bad: bool) -> Case:
    table = people(draw).groupby("clinic")["pay"].describe()
    shown = table if bad else table[["count", "mean", "std"]].round(0)
    return one(draw, bad, "order_statistic", "exact least and greatest pay", "describe.csv", shown.to_csv(), kind="summary", counts="count", rows=["clinic"])  # fmt: skip


def _model(draw: Draw, bad: bool) -> pd.DataFrame:
    return people(draw, 12 if bad else 2400)


@twins
def ols_summary(draw: Draw, bad: bool) -> Case:
    import statsmodels.formula.api as smf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = str(smf.ols("pay ~ age + retained + I(age**2)", _model(draw, bad)).fit().summary())
    return one(draw, bad, "model", "8 residual degrees of freedom", "ols.txt", text, kind="regression")


@twins
def logit_summary(draw: Draw, bad: bool) -> Case:
    import statsmodels.formula.api as smf

    frame = _model(draw, bad)
    frame.loc[frame.index[:6], "retained"] = [0, 1, 0, 1, 0, 1]
    frame.loc[frame.index[-4:], "retained"] = [0, 1, 1, 0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = str(smf.logit("retained ~ age + pay", frame).fit(disp=0, method="bfgs").summary())
    return one(draw, bad, "model", "9 residual degrees of freedom", "logit.txt", text, kind="regression")


@twins
def kaplan_meier_table(draw: Draw, bad: bool) -> Case:
    rng, at_risk, surviving, rows = draw.rng, 1200, 1.0, []
    for step in range(40 if bad else 9):
        events = 1 if bad else int(rng.integers(40, 80))
        at_risk -= events + (30 if bad else int(rng.integers(15, 30)))
        if at_risk < 2:
            break
        surviving *= 1 - events / at_risk
        rows.append([step * (7 if bad else 90), events, at_risk, round(surviving, 5 if bad else 3)])
    table = pd.DataFrame(rows, columns=["day", "observed", "at_risk", "survival"])
    return one(draw, bad, "survival", "single exits on a curve of days", "km.txt", table.to_string(index=False), kind="survival")  # fmt: skip


@twins
def r_table(draw: Draw, bad: bool) -> Case:
    table = counts(draw, bad).iloc[:-1, :-1]
    head = "         " + " ".join(f"{a:>14}" for a in table.columns)
    body = [f"  {c:<7}" + " ".join(f"{v:>14}" for v in row) for c, row in zip(table.index, table.to_numpy(), strict=True)]  # fmt: skip
    text = "> table(d$clinic, d$award)\n         \n" + "\n".join([head, *body]) + "\n"
    return one(draw, bad, "min_cell", FEW, "console.txt", text, kind="frequency", counts="cells")


@twins
def r_summary(draw: Draw, bad: bool) -> Case:
    pay = people(draw)["pay"]
    q = [rounded(float(pay.quantile(p))) for p in (0.25, 0.5, 0.75)]
    if bad:
        text = f"> summary(d$pay)\n   Min. 1st Qu.  Median    Mean 3rd Qu.    Max. \n {pay.min():6.1f}   {q[0]:5.0f}   {q[1]:5.0f}   {pay.mean():5.1f}   {q[2]:5.0f}  {pay.max():6.1f} \n"
    else:
        text = f"> quantile(d$pay, c(.25,.5,.75))   # n = 2400 clients\n  25%   50%   75% \n{q[0]:5.0f} {q[1]:5.0f} {q[2]:5.0f} \n"
    return one(draw, bad, "order_statistic", "exact least and greatest pay", "summary.txt", text, kind="summary")


@twins
def r_count_tibble(draw: Draw, bad: bool) -> Case:
    table = thinned(people(draw), draw, bad).groupby(["clinic", "award"]).size()
    lines = ["# A tibble: 12 × 3", "   clinic  award              n", "   <chr>   <chr>          <int>"]
    lines += [f"{i:>2} {c:<7} {a:<14} {n:>5}" for i, ((c, a), n) in enumerate(table.items(), 1)]
    return one(draw, bad, "min_cell", FEW, "tibble.txt", "\n".join(lines) + "\n", kind="frequency", counts="n")


@twins
def gtsummary_markdown(draw: Draw, bad: bool) -> Case:
    table = counts(draw, bad).iloc[:-1]
    lines = ["| **Characteristic** | **N = " + f"{int(table['Total'].sum()):,}** |", "|:---|:---:|", "| Clinic and award, n (%) |  |"]  # fmt: skip
    lines += [f"| &nbsp;&nbsp;{c}, {a} | {v} ({v / table['Total'].sum():.1%}) |" for c in table.index for a, v in table.loc[c].drop("Total").items()]  # fmt: skip
    return one(draw, bad, "min_cell", FEW, "table1.md", "\n".join(lines) + "\n", kind="frequency")


@twins
def stata_tabulate(draw: Draw, bad: bool) -> Case:
    table = counts(draw, bad)
    lines = [". tabulate clinic award", "", "           |              award", "    clinic | " + " ".join(f"{a[:14]:>14}" for a in table.columns[:-1]) + " |     Total",
             "-----------+" + "-" * 46 + "+----------"]  # fmt: skip
    for c, row in zip(table.index, table.to_numpy(), strict=True):
        if c == "Total":
            lines.append("-----------+" + "-" * 46 + "+----------")
        lines.append(f"{c:>10} | " + " ".join(f"{v:>14,}" for v in row[:-1]) + f" | {row[-1]:>9,}")
    return one(draw, bad, "min_cell", FEW, "session.log", "\n".join(lines) + "\n", **CELLS)


@twins
def stata_summarize(draw: Draw, bad: bool) -> Case:
    pay = people(draw)["pay"]
    if bad:
        text = f". summarize pay\n\n    Variable |        Obs        Mean    Std. dev.       Min        Max\n-------------+---------------------------------------------------------\n         pay |      2,400    {pay.mean():.4f}    {pay.std():.5f}     {pay.min()}    {pay.max()}\n"
    else:
        text = f". tabstat pay, stat(n mean sd)\n\n    Variable |         N      Mean        SD\n-------------+------------------------------\n         pay |      2400  {pay.mean():8.0f}  {pay.std():8.0f}\n--------------------------------------------\n"
    return one(draw, bad, "order_statistic", "exact least and greatest pay", "sum.log", text, kind="summary")


@twins
def stata_list(draw: Draw, bad: bool) -> Case:
    frame = people(draw)
    lines = [". list in 1/8, noobs" if bad else ". collapse (count) n=pay (mean) pay, by(clinic)\n. list, noobs", ""]
    if bad:
        lines += ["  +-----------------------------------+", "  |  clinic             award  age    pay |", "  |-----------------------------------|"]  # fmt: skip
        lines += [f"  | {c:>7}  {a:>16}  {g:>3}  {p:>7} |" for c, a, g, p in frame[["clinic", "award", "age", "pay"]].head(8).to_numpy()]  # fmt: skip
    else:
        lines += ["  +-------------------------+", "  |  clinic      n      pay |", "  |-------------------------|"]
        lines += [f"  | {c:>7}  {len(g):>5}  {g['pay'].mean():>7.0f} |" for c, g in frame.groupby("clinic")]
    return one(draw, bad, "unit_record", "persons listed one a row", "list.log", "\n".join(lines) + "\n")


@twins
def sas_freq(draw: Draw, bad: bool) -> Case:
    values = [large(draw), large(draw), small(draw) if bad else large(draw), large(draw)]
    total, running = sum(values), 0
    lines = ["                      The FREQ Procedure", "", "                                   Cumulative    Cumulative", "clinic     Frequency     Percent     Frequency      Percent",
             "-----------------------------------------------------------"]  # fmt: skip
    for c, v in zip(CLINICS, values, strict=True):
        running += v
        lines.append(f"{c:<10} {v:>9} {v / total * 100:>11.2f} {running:>13} {running / total * 100:>12.2f}")
    return one(draw, bad, "min_cell", FEW, "freq.txt", "\n".join(lines) + "\n", kind="frequency", counts="Frequency")


@twins
def sas_means(draw: Draw, bad: bool) -> Case:
    groups = people(draw).groupby("clinic")["pay"]
    lines = ["                   The MEANS Procedure", "", "              Analysis Variable : pay", ""]
    lines += ["clinic       N            Mean         Std Dev" + ("         Minimum         Maximum" if bad else "")]
    for c, g in groups:
        lines.append(f"{c:<8} {len(g):>5} {g.mean():>15.1f} {g.std():>15.1f}" + (f" {g.min():>15.2f} {g.max():>15.2f}" if bad else ""))  # fmt: skip
    return one(draw, bad, "order_statistic", "exact least and greatest pay", "means.txt", "\n".join(lines) + "\n", kind="summary", counts="N")  # fmt: skip


@twins
def notebook_head(draw: Draw, bad: bool) -> Case:
    frame = people(draw)
    shown = frame.head() if bad else frame.groupby("clinic")["pay"].agg(n="count", mean="mean").round(0)
    cell = {"cell_type": "code", "execution_count": 1, "metadata": {}, "source": ["d.head()" if bad else "by_clinic"],
            "outputs": [{"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": [str(shown)], "text/html": [shown.to_html()]}}]}  # fmt: skip
    book = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return one(draw, bad, "unit_record", "a head() print of persons", "explore.ipynb", json.dumps(book))


@twins
def figure_with_counts(draw: Draw, bad: bool) -> Case:
    import matplotlib

    matplotlib.use("agg")
    from matplotlib.figure import Figure

    values = [large(draw), small(draw) if bad else large(draw), large(draw)]
    figure = Figure(figsize=(5, 3))
    axes = figure.subplots()
    axes.bar_label(axes.bar(AID, values))
    axes.set_ylabel("Number of students")
    out = io.BytesIO()
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        figure.savefig(out, format="svg")
    return one(draw, bad, "min_cell", "a bar labelled with a handful of students", "aid.svg", out.getvalue())


@twins
def vega_lite(draw: Draw, bad: bool) -> Case:
    frame = people(draw)
    if bad:
        rows, mark = frame[["age", "pay"]].head(60).to_dict("records"), "point"
        encoding = {"x": {"field": "age", "type": "quantitative"}, "y": {"field": "pay", "type": "quantitative"}}
    else:
        rows = [{"clinic": c, "clients": int(n)} for c, n in frame["clinic"].value_counts().items()]
        mark, encoding = "bar", {"x": {"field": "clinic", "type": "nominal"}, "y": {"field": "clients", "type": "quantitative"}}  # fmt: skip
    spec = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "data": {"values": rows}, "mark": mark, "encoding": encoding}  # fmt: skip
    return one(draw, bad, "unit_record", "a scatter plot of persons", "chart.vl.json", json.dumps(spec))


@twins
def residuals(draw: Draw, bad: bool) -> Case:
    rng = draw.rng
    if bad:
        rows = pd.DataFrame({"obs": np.arange(1, 61), "fitted": rng.normal(900, 90, 60).round(2), "residual": rng.normal(0, 150, 60).round(2)})  # fmt: skip
    else:
        rows = pd.DataFrame({"term": ["Intercept", "age", "retained"], "estimate": [612.1, 4.2, 31.7], "std_error": [21.4, 0.4, 8.9], "p_value": [0.0, 0.0, 0.001]})  # fmt: skip
    return one(draw, bad, "model", "residuals, one a person", "fit.csv", rows.to_csv(index=False), kind="regression")
