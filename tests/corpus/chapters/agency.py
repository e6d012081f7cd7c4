"""The habits of an agency's analyst: workforce and social services, hand-made workbooks, R and SAS print-outs, slides' tables, other words."""

from __future__ import annotations

import json

import openpyxl

from tests.corpus import formats
from tests.corpus.case import Case, Draw, cases

SITES = ["Bakersfield", "Chico", "El Centro", "Eureka", "Fresno", "Merced", "Redding", "Salinas", "Visalia", "Yreka"]


def sites(draw: Draw, count: int) -> list[str]:
    return [str(s) for s in draw.rng.choice(SITES, count, replace=False)]


def sidecar(draw: Draw, name: str, text: str) -> dict[str, bytes]:
    return {f"{name.rsplit('.', 1)[0]}.context.yaml": f"table: {name}\n{text}".encode()} if draw.sidecar else {}


def workbook(rows: list[list[object]], top: list[str], bottom: list[str], indent: int = 0) -> bytes:
    """A sheet as people build it by hand: heading lines, an empty row, perhaps an empty first column, notes below."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Tbl A-3"
    for line in top:
        sheet.append([line])
    sheet.append([])
    for row in rows:
        sheet.append([None] * indent + row)
    sheet.append([])
    for line in bottom:
        sheet.append([line])
    return formats.save_book(book)


def exits(draw: Draw, low: bool) -> list[list[object]]:
    """Site, adults enrolled, adults who exited to a job, dislocated workers."""
    rows = [
        [s, int(draw.rng.integers(300, 900)), int(draw.rng.integers(60, 200)), int(draw.rng.integers(20, 55))]
        for s in sites(draw, 6)
    ]
    if low:
        rows[int(draw.rng.integers(6))][3] = int(draw.rng.integers(2, 10))
    return rows


HEADS = [
    ["WDB", "Adults served", "Entered employment", "Dislocated workers"],
    ["AJCC", "Enrolled", "Exited to job", "DW"],
    ["Site", "Clients", "Placements", "Rapid response clients"],
    ["Centro", "Inscritos", "Colocados", "Desplazados"],
]


@cases(6)
def hand_made_workbook_with_a_small_site(draw: Draw) -> Case:
    rows = exits(draw, low=True)
    body = workbook(
        [list(draw.cycle(HEADS)), *rows],
        ["Program Year 2019-20, Quarters 1-4", "Participants by site"],
        ["Source: case management system, 3/14/2021"],
        draw.turn % 2,
    )
    head = draw.cycle(HEADS)
    return draw.disclosive(
        "min_cell",
        "a site served 2 to 9 dislocated workers",
        {"PY19_TblA3.xlsx": body}
        | sidecar(
            draw,
            "PY19_TblA3.xlsx",
            f"rows: [{head[0]}]\nkind: frequency\ncounts: cells\npopulation: PY 2019-20 participants\n",
        ),
    )


@cases(6)
def hand_made_workbook_of_large_sites(draw: Draw) -> Case:
    head = draw.cycle(HEADS)
    body = workbook(
        [list(head), *exits(draw, low=False)],
        ["Program Year 2019-20, Quarters 1-4", "Participants by site (7 of 46 boards)"],
        ["Source: case management system, 3/14/2021", "1 Includes 3 months of follow-up"],
        draw.turn % 2,
    )
    return draw.harmless(
        "min_cell",
        "every site served 20 and more",
        {"PY19_TblA3.xlsx": body}
        | sidecar(
            draw,
            "PY19_TblA3.xlsx",
            f"rows: [{head[0]}]\nkind: frequency\ncounts: cells\npopulation: PY 2019-20 participants\n",
        ),
    )


def r_table(low: bool, turn: int) -> str:
    cells = [[412, 208, 96], [377, 181, 74], [254, 120, 38 if not low else 4 + turn]]
    body = "\n".join(
        f"  {s:<12}{a:>6}{b:>6}{c:>6}" for s, (a, b, c) in zip(["CalWORKs", "CalFresh", "GA"], cells, strict=True)
    )
    return f"> with(d, table(aid, county))\n            county\naid         Fresno Kern Yolo\n{body}\n> \n"


@cases(2)
def r_table_with_a_small_cell(draw: Draw) -> Case:
    return draw.disclosive(
        "min_cell",
        "an R table prints a cell below 11",
        {draw.cycle(["tab.Rout.txt", "console.log"]): r_table(True, draw.turn).encode()},
    )


@cases(2)
def r_table_of_large_cells(draw: Draw) -> Case:
    return draw.harmless(
        "min_cell",
        "an R table of large cells",
        {draw.cycle(["tab.Rout.txt", "console.log"]): r_table(False, draw.turn).encode()},
    )


def proc_freq(counts: list[int]) -> str:
    total, cumulative, lines = sum(counts), 0, []
    for name, n in zip(["Foster care", "Kinship care", "Group home", "Guardianship"], counts, strict=True):
        cumulative += n
        lines.append(f"{name:<16}{n:>10}{100 * n / total:>10.2f}{cumulative:>14}{100 * cumulative / total:>12.2f}")
    head = (
        "                              The FREQ Procedure\n\n                                          Cumulative    Cumulative\nplacement        Frequency   Percent     Frequency      Percent\n"
        + "-" * 64
    )
    return "\n".join([head, *lines, "", "                     Frequency Missing = 112", ""])


@cases(2)
def sas_listing_with_a_small_class(draw: Draw) -> Case:
    return draw.disclosive(
        "min_cell",
        "PROC FREQ prints a class below 11",
        {draw.cycle(["freq.lst.txt", "freq.log"]): proc_freq([1_208, 640, 212, 6 + draw.turn]).encode()},
    )


@cases(2)
def sas_listing_of_large_classes(draw: Draw) -> Case:
    return draw.harmless(
        "min_cell group",
        "PROC FREQ of large classes; it cumulates to 100",
        {draw.cycle(["freq.lst.txt", "freq.log"]): proc_freq([1_208, 640, 212, 95]).encode()},
    )


@cases(4)
def indicator_rows(draw: Draw) -> Case:
    """One row an indicator with numerator and denominator columns under other words; a small numerator."""
    rows = [
        ["P1", "Reunified within 12 months", 212, 64],
        ["P2", "Re-entry", 140, int(draw.rng.integers(2, 10))],
        ["P3", "Adoption within 24 months", 98, 31],
    ]
    text = "measure;description;den;num;pct\n" + "".join(f"{a};{b};{d};{n};{100 * n / d:.1f}\n" for a, b, d, n in rows)
    return draw.disclosive(
        "min_cell rate",
        "the numerator of an indicator is 2 to 9 children",
        {"indicators.csv": text.encode()}
        | sidecar(
            draw,
            "indicators.csv",
            "rows: [measure, description]\nkind: rates\ncounts: [den, num]\npopulation: children in care, 2019\n",
        ),
    )


@cases(4)
def indicator_rows_of_many(draw: Draw) -> Case:
    rows = [
        ["P1", "Reunified within 12 months", 2_120, 640],
        ["P2", "Re-entry", 1_400, 133 + draw.turn],
        ["P3", "Adoption within 24 months", 980, 310],
    ]
    text = "measure;description;den;num;pct\n" + "".join(f"{a};{b};{d};{n};{100 * n / d:.1f}\n" for a, b, d, n in rows)
    return draw.harmless(
        "min_cell rate",
        "numerators above 100",
        {"indicators.csv": text.encode()}
        | sidecar(
            draw,
            "indicators.csv",
            "rows: [measure, description]\nkind: rates\ncounts: [den, num]\npopulation: children in care, 2019\n",
        ),
    )


@cases(4)
def dashboard_series(draw: Draw) -> Case:
    low = draw.turn < 2
    values = [118, 96, 74, 7 if low else 57]
    shape = {
        "chart": {
            "type": "bar",
            "title": "Foster youth enrolled in college",
            "yAxis": {"title": "Students"},
            "categories": ["2016", "2017", "2018", "2019"],
            "series": [{"name": "Students", "data": values}],
        }
    }
    if draw.turn % 2:
        shape = {
            "traces": [{"x": shape["chart"]["categories"], "y": values, "name": "headcount", "type": "scatter"}],
            "layout": {"title": "Foster youth enrolled", "height": 400},
        }  # type: ignore[dict-item]
    files = {"chart.json": json.dumps(shape, indent=1).encode()}
    made = draw.disclosive if low else draw.harmless
    return made("min_cell", "one bar counts 7 foster youth" if low else "every bar counts more than 50", files)


@cases(4)
def quarterly_wages_by_exit(draw: Draw) -> Case:
    """Median earnings second quarter after exit, rounded, with n; and the federal columns' numbers."""
    rows = [[s, 210 + 30 * i, 6_110 + 240 * i, 0.61 + 0.02 * i] for i, s in enumerate(sites(draw, 5))]
    text = "| Site | Exiters | Median earnings Q2 after exit | Employed Q2 |\n|:--|--:|--:|--:|\n" + "".join(
        f"| {s} | {n} | ${m:,} | {100 * p:.0f}% |\n" for s, n, m, p in rows
    )
    return draw.harmless(
        "order_statistic rate",
        "rounded medians of hundreds",
        {"wioa.md": f"## WIOA performance\n\n{text}\nMeasures 2 and 4; 3 boards had no data.\n".encode()}
        | sidecar(draw, "wioa.md", "rows: [Site]\nkind: summary\ncounts: Exiters\npopulation: exiters, PY 2019\n"),
    )


@cases(4)
def suppressed_with_total_row_in_words(draw: Draw) -> Case:
    """The one hidden site is the county's total less the rest."""
    names = sites(draw, 5)
    values = [int(v) for v in draw.rng.integers(40, 400, 4)]
    mark = draw.cycle(["#", "†", "--", "n.d."])
    rows = [[n, f"{v}"] for n, v in zip(names, values, strict=False)] + [[names[4], mark]]
    text = f"Office,Families\n{''.join(f'{a},{b}' + chr(10) for a, b in rows)}{draw.cycle(['Region total', 'TOTAL', 'Countywide', 'Combined'])},{sum(values) + 6}\n{mark} = fewer than 11 families\n"
    return draw.disclosive(
        "secondary",
        "the hidden office is the total less the others: 6",
        {"offices.csv": text.encode()}
        | sidecar(
            draw,
            "offices.csv",
            f"rows: [Office]\nkind: frequency\ncounts: Families\npopulation: families on aid\nsuppressed: ['{mark}']\n",
        ),
    )


@cases(3)
def two_hidden_offices(draw: Draw) -> Case:
    """Two offices hidden, 14 together: each 4 to 10 if both are small."""
    values = [int(v) for v in draw.rng.integers(40, 400, 4)]
    names = sites(draw, 6)
    rows = [*zip(names, values, strict=False), (names[4], "*"), (names[5], "*")]
    text = "Office,Families\n" + "".join(f"{a},{b}\n" for a, b in rows) + f"Total,{sum(values) + 14}\n"
    return draw.harmless(
        "secondary",
        "two hidden offices share 14: seven values each",
        {"offices.csv": text.encode()}
        | sidecar(
            draw,
            "offices.csv",
            "rows: [Office]\nkind: frequency\ncounts: Families\npopulation: families on aid\nsuppressed: ['*']\ntotals: {rows: Total}\n",
        ),
    )


@cases(3)
def case_list(draw: Draw) -> Case:
    """A caseworker's list with client numbers."""
    lines = [
        f"{700_000 + int(draw.rng.integers(10**5))},{draw.pick(SITES)},{draw.rng.integers(1980, 2004)},{draw.pick(['open', 'closed'])},{draw.rng.integers(1, 60)}"
        for _ in range(35)
    ]
    head = draw.cycle(
        [
            "client_no,office,birth_year,status,months_on_aid",
            "CaseID,Office,YOB,Status,Months",
            "case_number,site,yr_birth,state,months",
        ]
    )
    return draw.disclosive(
        "unit_record",
        "one line a client",
        {"cases.csv": ("\n".join([head, *lines]) + "\n").encode()}
        | sidecar(draw, "cases.csv", "kind: summary\npopulation: clients\n"),
    )


@cases(3)
def office_directory(draw: Draw) -> Case:
    lines = [f"{i:02d},{s} Office,{100 + 12 * i} Main St,9370{i},8:00-17:00" for i, s in enumerate(SITES)]
    return draw.harmless(
        "identifier unit_record",
        "a directory of offices, no persons",
        {
            draw.cycle(["directory.csv", "offices.txt", "offices.csv"]): (
                "office_no,office,address,zip,hours\n" + "\n".join(lines) + "\n"
            ).encode()
        },
    )


@cases(3)
def slides(draw: Draw) -> Case:
    text = "# Slide 7: Who we served\n\n- 41,210 graduates in 58 counties\n- 3 in 4 enrolled within 2 years\n- Top 5 majors: see appendix 2\n\n| | 2018 | 2019 | 2020 |\n|---|---:|---:|---:|\n| Graduates | 12,104 | 12,377 | 11,980 |\n| Enrolled | 7,801 | 8,044 | 7,102 |\n| Rate | 64.4% | 65.0% | 59.3% |\n"
    return draw.harmless(
        "min_cell rate differencing",
        "slides with statewide figures",
        {draw.cycle(["slides.md", "deck.md", "talk.md"]): text.encode()}
        | sidecar(
            draw, draw.cycle(["slides.md", "deck.md", "talk.md"]), "kind: summary\npopulation: high school graduates\n"
        ),
    )
