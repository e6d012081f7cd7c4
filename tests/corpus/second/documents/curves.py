"""Survival curves, quantiles, histograms and densities outside plain tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.corpus.case import Case, Draw, cases
from tests.corpus.second.documents.material import COUNTIES, as_json, figure, parcel, persons, records


@cases(4)
def curve_to_the_last(d: Draw) -> Case:
    """Kaplan–Meier tables that run until one person is at risk."""
    n, rows, survival = 60, [], 1.0
    times = np.sort(d.rng.integers(20, 900, n))
    for i, t in enumerate(times):
        survival *= 1 - 1 / (n - i)
        rows.append({"day": int(t), "at_risk": n - i, "events": 1, "survival": round(survival, 4)})
    frame = pd.DataFrame(rows)
    name, text = [("km.txt", frame.to_string(index=False)), ("km.json", as_json(rows)), ("km.md", frame.to_markdown(index=False)),
                  ("km.log", "> summary(survfit(Surv(day, left) ~ 1))\nCall: survfit(formula = Surv(day, left) ~ 1)\n\n time n.risk n.event survival\n" + "\n".join(f"{r['day']:>5} {r['at_risk']:>6} {r['events']:>7} {r['survival']:>8}" for r in rows))][d.turn]  # fmt: skip
    return d.disclosive(
        "survival min_cell", "single events on single days, down to one at risk", parcel(d, name, text, "survival")
    )


@cases(2)
def curve_steps_only(d: Draw) -> Case:
    """No count is printed, but 40 steps of equal height in a curve are 40 persons."""
    times = np.sort(d.rng.choice(np.arange(20, 1400), 40, replace=False))
    values = [round(1 - (i + 1) / 40, 4) for i in range(40)]
    body = {"curve": "time to first job", "n": 40, "time_days": times.tolist(), "survival": values}
    if d.turn:
        svg = figure(
            lambda a: (
                a.step(times, values, where="post"),
                a.set_xlabel("days to first job (n = 40)"),
                a.set_ylabel("share without a job"),
            ),
            "svg",
        )
        return d.disclosive(
            "survival unit_record", "each step of the curve is one person's day", parcel(d, "km.svg", svg, "survival")
        )
    return d.disclosive(
        "survival unit_record",
        "each step of the curve is one person's day",
        parcel(d, "km.json", as_json(body), "survival"),
    )


@cases(4)
def clean_curve(d: Draw) -> Case:
    risk, rows, survival = 8400, [], 1.0
    for q in range(1, 13):
        events = int(d.rng.integers(20, 60)) * 5
        survival *= 1 - events / risk
        rows.append({"quarter": q, "at_risk": risk, "events": events, "survival": round(survival, 3)})
        risk -= events + int(d.rng.integers(5, 20)) * 5
    frame = pd.DataFrame(rows)
    name, text = [
        ("km.txt", frame.to_string(index=False)),
        ("km.json", as_json(rows)),
        ("km.md", frame.to_markdown(index=False)),
        ("km.html", "<html><body>" + frame.to_html(index=False) + "</body></html>"),
    ][d.turn]
    return d.harmless(
        "survival", "quarterly grid, thousands at risk to the end", parcel(d, name, text, "survival", counts="at_risk")
    )


@cases(3)
def quantiles_of_few(d: Draw) -> Case:
    w = persons(d.rng, 38)["wage"]
    qs = [1, 5, 10, 25, 50, 75, 90, 95, 99]
    rows = [{"percentile": f"P{q}", "wage": round(float(w.quantile(q / 100)), 2)} for q in qs]
    name, text = [("quantiles.md", "Wages of the 38 graduates\n\n" + pd.DataFrame(rows).to_markdown(index=False)), ("quantiles.json", as_json({"n": 38, "wage": {r["percentile"]: r["wage"] for r in rows}})), ("quantiles.txt", "n = 38\n" + pd.DataFrame(rows).to_string(index=False))][d.turn]  # fmt: skip
    return d.disclosive("order_statistic", "P1 to P99 of 38 persons to the cent", parcel(d, name, text))


@cases(2)
def boxplot_numbers(d: Draw) -> Case:
    w = np.sort(persons(d.rng, 300)["wage"].to_numpy())
    body = {
        "label": "wage",
        "n": 300,
        "whislo": float(w[0]),
        "q1": float(w[75]),
        "med": float(w[150]),
        "q3": float(w[225]),
        "whishi": float(w[290]),
        "fliers": w[291:].tolist(),
    }
    text = as_json([body]) if d.turn else as_json({"boxplot": {"wage by sex": [body]}})
    return d.disclosive(
        "order_statistic unit_record", "nine outliers and the least wage of single persons", parcel(d, "box.json", text)
    )


@cases(4)
def extreme_in_prose(d: Draw) -> Case:
    top = f"${d.rng.integers(300, 900)},{d.rng.integers(100, 999)}"
    sentence = [f"The highest earner among the graduates made {top} in 2021.", f"Wages ranged from $1,204.17 to {top}.", f"The maximum wage was {top}; the minimum, $312.",
                f"The youngest student was 13 years old and the oldest 47; the top wage was {top}."][d.turn]  # fmt: skip
    text = f"# Earnings\n\nMedian earnings were about $31,000. {sentence}\n"
    return d.disclosive(
        "order_statistic",
        "the exact greatest value of a person",
        parcel(d, ["note.md", "note.txt", "note.html", "note.tex"][d.turn], text),
    )


@cases(3)
def clean_quantiles(d: Draw) -> Case:
    rows = [
        {
            "county": c,
            "students": int(d.rng.integers(200, 900)) * 10,
            "P25": int(d.rng.integers(180, 220)) * 100,
            "P50": int(d.rng.integers(290, 330)) * 100,
            "P75": int(d.rng.integers(420, 470)) * 100,
        }
        for c in COUNTIES[:8]
    ]
    frame = pd.DataFrame(rows)
    name, text = [
        ("quantiles.md", frame.to_markdown(index=False)),
        ("quantiles.json", as_json(rows)),
        ("quantiles.txt", frame.to_string(index=False)),
    ][d.turn]
    return d.harmless(
        "order_statistic",
        "quartiles of thousands to three significant digits",
        parcel(d, name, text, counts="students"),
    )


@cases(3)
def histogram_tails(d: Draw) -> Case:
    counts = [3, 14, 88, 240, 310, 190, 61, 12, 2, 1]
    edges = [0, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200]
    if d.turn == 0:
        name, text = "hist.json", as_json({"bin_edges_thousand": edges, "students": counts})
    elif d.turn == 1:
        name, text = "hist.html", "<html><body><h1>Wages</h1><script>var data=[{type:'bar',x:" + as_json(edges[:-1], None) + ",y:" + as_json(counts, None) + ",name:'students'}];Plotly.newPlot('c',data,{yaxis:{title:'number of students'}});</script><div id='c'></div></body></html>"  # fmt: skip
    else:
        name, text = (
            "hist.txt",
            "wage (thousand)   students\n"
            + "\n".join(
                f"{a:>5} - {b:<5} {n:>8}  {'#' * (n // 8)}" for a, b, n in zip(edges, edges[1:], counts, strict=False)
            )
            + "\n",
        )
    return d.disclosive("min_cell", "bins of 3, 2 and 1 students", parcel(d, name, text, "frequency"))


@cases(3)
def clean_histogram(d: Draw) -> Case:
    counts = [40, 145, 880, 2405, 3100, 1900, 610, 120, 45]
    edges = [0, 20, 40, 60, 80, 100, 120, 140, 160, 200]
    if d.turn == 0:
        return d.harmless(
            "min_cell",
            "bins of 40 or more students",
            parcel(d, "hist.json", as_json({"bin_edges_thousand": edges, "students": counts}), "frequency"),
        )
    if d.turn == 1:
        x = np.linspace(0, 200, 41)
        rows = [
            {"wage_thousand": float(a), "density": round(float(np.exp(-(((a - 80) / 40) ** 2)) / 71), 5)} for a in x
        ]
        return d.harmless(
            "unit_record",
            "a density on a grid, smoothed over 9,000 students",
            parcel(d, "density.json", as_json({"n": 9000, "bandwidth": 5.0, "density": rows})),
        )
    text = (
        "wage (thousand)   students\n"
        + "\n".join(f"{a:>5} - {b:<5} {n:>8}" for a, b, n in zip(edges, edges[1:], counts, strict=False))
        + "\n"
    )
    return d.harmless("min_cell", "bins of 40 or more students", parcel(d, "hist.txt", text, "frequency"))


@cases(2)
def ecdf_of_persons(d: Draw) -> Case:
    w = np.sort(persons(d.rng, 70)["wage"].to_numpy())
    frame = pd.DataFrame({"wage": w, "ecdf": np.round(np.arange(1, 71) / 70, 5)})
    name, text = ("ecdf.json", as_json(records(frame))) if d.turn else ("ecdf.txt", frame.to_string(index=False))
    return d.disclosive(
        "unit_record order_statistic", "every step of the distribution is one person's wage", parcel(d, name, text)
    )
