"""Tables, notes and listings of apprenticeship, behavioural health, wage and financial-aid offices."""

from __future__ import annotations

import json
from typing import Any

from tests.corpus.case import Case, Draw
from tests.corpus.fourth.twins import csv, html, large, one, pipe, small, twins

TRADES = ["Electrician", "Plumber", "Carpenter", "Ironworker", "Welder"]
QUARTERS = ["2022Q4", "2023Q1", "2023Q2", "2023Q3"]


def _files(draw: Draw, bad: bool, rules: str, why: str, files: dict[str, str], **rest: Any) -> Case:
    data = {name: text.encode() for name, text in files.items()}
    if draw.sidecar:
        data |= {f"{n.rsplit('.', 1)[0]}.context.yaml": json.dumps({"table": n, "kind": "frequency"} | rest).encode() for n in files}  # fmt: skip
    return (draw.disclosive if bad else draw.harmless)(rules, why, data)


@twins
def quarters_wide(draw: Draw, bad: bool) -> Case:
    rows: list[list[Any]] = [["Trade", *QUARTERS], *([t, *(large(draw) for _ in QUARTERS)] for t in TRADES)]
    if bad:
        rows[4][3] = small(draw)
    return one(draw, bad, "min_cell", "a handful of apprentices", "quarters.csv", "Registered apprentices by quarter\n" + csv(rows, ";"), kind="frequency", counts="cells", rows=["Trade"])  # fmt: skip


@twins
def blocks_below_each_other(draw: Draw, bad: bool) -> Case:
    parts = []
    for county in ("Lake", "Mono", "Napa"):
        rows: list[list[Any]] = [["Diagnosis group", "Clients"], *([d, large(draw)] for d in ("Mood", "Anxiety", "Substance use"))]  # fmt: skip
        if bad and county == "Mono":
            rows[2][1] = small(draw)
        parts.append(f"{county} County\n" + csv(rows))
    return one(draw, bad, "min_cell", "a handful of clients", "blocks.csv", "\n".join(parts), kind="frequency", counts="Clients")  # fmt: skip


@twins
def n_and_percent_in_one_cell(draw: Draw, bad: bool) -> Case:
    rows: list[list[Any]] = [["Aid status", "Completed, n (%)", "Left, n (%)"]]
    for status in ("Full aid", "Partial aid", "No aid"):
        done, left = large(draw), small(draw) if bad and status == "Partial aid" else large(draw)
        rows.append([status, f"{done} ({done / (done + left):.1%})", f"{left} ({left / (done + left):.1%})"])
    return one(draw, bad, "min_cell", "a handful who left", "aid.html", html(rows), kind="frequency", rows=["Aid status"])  # fmt: skip


@twins
def percent_of_a_titled_base(draw: Draw, bad: bool) -> Case:
    base = 58 if bad else 1412
    rows = [["Outcome", "%"], ["Employed in trade", "62.1"], ["Employed elsewhere", "32.8"], ["Not employed", "5.2"]]
    return one(draw, bad, "rate", "5.2 percent of 58 are 3", "outcome.md", f"Outcomes of ironworker apprentices (N = {base:,})\n\n" + pipe(rows), kind="rates", rows=["Outcome"])  # fmt: skip


@twins
def share_of_none(draw: Draw, bad: bool) -> Case:
    rows: list[list[Any]] = [["cohort", "participants", "share_rearrested"], ["Drug court", 41, "0.000" if bad else "0.341"], ["Probation", 380, "0.287"], ["Diversion", 150, "0.313"]]  # fmt: skip
    return one(draw, bad, "group", "nobody of a small group was rearrested", "court.csv", csv(rows), kind="rates", counts="participants")  # fmt: skip


@twins
def difference_column(draw: Draw, bad: bool) -> Case:
    rows: list[list[Any]] = [["District", "All borrowers", "Borrowers without defaulters"]]
    for place in ("North", "East", "South"):
        n = large(draw, 300, 900)
        rows.append([place, n, n - (small(draw) if bad and place == "East" else int(draw.rng.integers(40, 90)))])
    return one(draw, bad, "differencing min_cell", "two columns differ by a handful of defaulters", "loans.csv", csv(rows), kind="frequency", counts=["All borrowers", "Borrowers without defaulters"])  # fmt: skip


@twins
def masked_in_many_ways(draw: Draw, bad: bool) -> Case:
    mark = draw.pick(["≤10", "n<11", "[c]", "^", "†", "<=10", "NR", "1-10"])
    a, b, c, x, y = large(draw), large(draw), large(draw), small(draw), large(draw)
    rows: list[list[Any]] = [["Provider", "Adults", "Minors", "All clients"], ["County clinic", a, b, a + b], ["Contract agency", c, mark, c + x]]  # fmt: skip
    if not bad:
        rows[2] = ["Contract agency", mark, mark, x + y]
    text = pipe(rows) + f"\n{mark}: suppressed, fewer than 11 clients or complementary\n"
    return one(draw, bad, "secondary", "the row's total gives the hidden cell", "providers.md", text, kind="frequency", rows=["Provider"], counts="cells",
               totals={"columns": "All clients"}, suppressed=[mark])  # fmt: skip


@twins
def margin_in_another_file(draw: Draw, bad: bool) -> Case:
    a, b, x, y = large(draw), large(draw), small(draw), large(draw)
    first = csv([["trade", "women", "men"], ["Welder", a, "<11"], ["Plumber", b if bad else "<11", y if bad else "*"]])
    second = csv([["trade", "apprentices"], ["Welder", a + (x if bad else x + y)], ["Plumber", b + y]])
    if not bad:
        first = csv([["trade", "women", "men"], ["Welder", "*", "*"], ["Plumber", "*", "*"]])
    return _files(draw, bad, "secondary", "the other file's total less the women gives the men", {"by_sex.csv": first, "by_trade.csv": second},
                  population="apprentices of 2023", rows=["trade"], suppressed=["<11", "*"])  # fmt: skip


@twins
def ten_as_a_base(draw: Draw, bad: bool) -> Case:
    values = [10 * large(draw, 12, 90) for _ in TRADES]
    values[2] += 4 if bad else 0
    rows: list[list[Any]] = [["Trade", "Apprentices"], *([t, v] for t, v in zip(TRADES, values, strict=True))]
    return one(draw, bad, "rounding", "a count that is no multiple of ten", "rounded.html", f"<p>Counts have been rounded to the nearest 10.</p>{html(rows)}", kind="frequency", counts="Apprentices", rounding={"base": 10})  # fmt: skip


@twins
def firms_in_prose(draw: Draw, bad: bool) -> Case:
    text = ("Wage bill of the county's lumber mills, 2023\n\nThe mills paid $41.2 million in wages. "
            + ("The largest mill alone accounted for 91 percent of that sum." if bad else "They paid 3 percent more than in 2022.") + "\n")  # fmt: skip
    return one(draw, bad, "dominance", "one mill has 91 % of the wages", "mills.txt", text)


@twins
def top_earner(draw: Draw, bad: bool) -> Case:
    rows: list[list[Any]] = [["occupation", "workers", "mean_wage", *(["highest_wage"] if bad else ["wage_sd"])]]
    rows += [[t, large(draw), int(draw.rng.integers(52, 78)) * 1000, 143271 + i if bad else 9800 + 100 * i] for i, t in enumerate(TRADES)]  # fmt: skip
    return one(draw, bad, "order_statistic", "the highest wage is one person's", "occupations.csv", csv(rows), kind="summary", counts="workers")  # fmt: skip


@twins
def aid_letters(draw: Draw, bad: bool) -> Case:
    if bad:
        rows: list[list[Any]] = [["Student ID", "EFC", "Pell award", "Loan"], *([f"S{int(draw.rng.integers(10**6, 10**7))}", int(draw.rng.integers(0, 9000)), int(draw.rng.integers(500, 7000)), int(draw.rng.integers(0, 5500))] for _ in range(12))]  # fmt: skip
    else:
        rows = [["Dependency", "Students", "Mean Pell award", "Mean loan"], ["Dependent", 4120, 4310, 2980], ["Independent", 2210, 4870, 3740]]  # fmt: skip
    return one(draw, bad, "unit_record", "one row a student", "awards.tsv", csv(rows, "\t"))


@twins
def contacts(draw: Draw, bad: bool) -> Case:
    if bad:
        people = [("Ruth Okafor", "ruth.okafor@example.org"), ("Liam Novak", "lnovak@example.org"), ("Ines Duarte", "i.duarte@example.org")]  # fmt: skip
        text = pipe([["Apprentice", "E-mail", "Sponsor"], *([n, e, "Local 11"] for n, e in people)])
    else:
        text = pipe([["Sponsor", "Apprentices", "Completion rate"], ["Local 11", 412, "58%"], ["Local 46", 288, "61%"]])
    return one(draw, bad, "identifier", "names beside e-mail addresses", "sponsors.md", text)


@twins
def journal_regression(draw: Draw, bad: bool) -> Case:
    n = 13 if bad else 4210
    lines = ["Dependent variable: log quarterly wage", "", "                      (1)", "Certificate         0.142***", "                   (0.031)", "Age                 0.011*", "                   (0.006)",
             "Female             -0.087**", "                   (0.034)", "Constant            8.911***", "                   (0.212)", "", f"Observations        {n:,}", f"Residual df         {n - 4:,}", "R2                  0.312"]  # fmt: skip
    return one(draw, bad, "model", "9 residual degrees of freedom", "table4.txt", "\n".join(lines) + "\n", kind="regression")  # fmt: skip


@twins
def time_to_exit(draw: Draw, bad: bool) -> Case:
    start = 90 if bad else 2100
    rows: list[list[Any]] = [["quarter", "n_risk", "n_event", "surv"]]
    surviving = 1.0
    for quarter in range(8):
        event = start // 7
        surviving *= 1 - event / start
        rows.append([quarter, start, event, f"{surviving:.3f}"])
        start -= event + start // (3 if bad else 12)
    return one(draw, bad, "survival", "the last quarters rest on fewer than 11", "exit.csv", csv(rows), kind="survival")


@twins
def commented_page(draw: Draw, bad: bool) -> Case:
    rows = [["Trade", "Apprentices"], *([t, large(draw)] for t in TRADES)]
    raw = "\n".join(f"{70000 + 13 * i},{20 + i},{TRADES[i % 5]}" for i in range(14))
    return one(draw, bad, "hidden_content", "rows of apprentices in a comment", "trades.html", html(rows) + (f"<!-- id,age,trade\n{raw}\n-->" if bad else "<!-- made by report.py -->"))  # fmt: skip


@twins
def log_of_steps(draw: Draw, bad: bool) -> Case:
    lines = ["2023-11-02 09:14:22 INFO  read wages.parquet", f"2023-11-02 09:14:31 INFO  kept {large(draw, 20000, 90000):,} apprentices"]  # fmt: skip
    lines += [f"2023-11-02 09:14:33 INFO  dropped {small(draw) if bad else large(draw)} apprentices under a court order", "2023-11-02 09:14:40 INFO  done in 18 s"]  # fmt: skip
    return one(draw, bad, "min_cell", "a handful under a court order", "run.log", "\n".join(lines) + "\n")


@twins
def bullet_list(draw: Draw, bad: bool) -> Case:
    lines = ["# Reasons for leaving the program", ""]
    lines += [f"- {reason}: {small(draw) if bad and reason == 'Incarcerated' else large(draw)} clients" for reason in ("Moved", "Found work", "Incarcerated", "Completed")]  # fmt: skip
    return one(draw, bad, "min_cell", "a handful of incarcerated clients", "reasons.md", "\n".join(lines) + "\n")
