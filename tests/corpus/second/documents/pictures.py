"""Figures as PNG, JPEG, SVG and PDF: what they draw and what lies behind them."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, TextStringObject

from tests.corpus.case import Case, Draw, cases
from tests.corpus.second.documents.material import (
    COUNTIES,
    as_json,
    figure,
    parcel,
    persons,
    records,
    safe_counts,
    side,
)


def bars(d: Draw, kind: str, **save: Any) -> tuple[bytes, str]:
    """Students by county as bars, and the table beside it."""
    table = safe_counts(d.rng, COUNTIES[:8])

    def draw(a: Any) -> None:
        a.bar(table.county, table.students, color="#336699")
        a.set_ylabel("students")
        a.tick_params(axis="x", rotation=60)

    return figure(draw, kind, **save), table.to_csv(index=False)


def with_table(d: Draw, name: str, data: bytes, table: str) -> dict[str, bytes]:
    """A figure, the table that it draws beside it, and a sidecar each in the turns that have one."""
    stem = name.rsplit(".", 1)[0]
    files = {name: data, f"{stem}_data.csv": table.encode()}
    if d.sidecar:
        files |= side(name, "frequency") | side(f"{stem}_data.csv", "frequency", rows=["county"], counts="students")
    return files


@cases(6)
def scatter_of_persons(d: Draw) -> Case:
    people = persons(d.rng, [260, 90, 500, 150, 260, 400][d.turn])
    kind = ["svg", "svg", "pdf", "pdf", "png", "jpg"][d.turn]

    def draw(a: Any) -> None:
        a.scatter(people.gpa, people.wage, s=7, alpha=0.7) if d.turn % 2 else a.plot(
            people.gpa, people.score, "o", markersize=3
        )
        a.set_xlabel("GPA of each student")
        a.set_title(f"{len(people)} students")

    return d.disclosive("unit_record", "one marker a student", parcel(d, f"scatter.{kind}", figure(draw, kind, fonttype="path" if d.turn == 1 else "none"), population="students, one marker each"))  # fmt: skip


@cases(3)
def hand_made_points(d: Draw) -> Case:
    people = persons(d.rng, 80)
    shape = ['<circle cx="{x:.1f}" cy="{y:.1f}" r="3"><title>{i}: {w}</title></circle>', '<rect x="{x:.1f}" y="{y:.1f}" width="4" height="4" data-id="{i}" data-wage="{w}"/>', '<use href="#dot" x="{x:.1f}" y="{y:.1f}"/>'][d.turn]  # fmt: skip
    marks = "\n".join(
        shape.format(x=p.gpa * 100, y=300 - p.wage / 500, i=p.person_id, w=p.wage) for p in people.itertuples()
    )
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 320"><defs><circle id="dot" r="3"/></defs><text x="10" y="15">Wages by GPA</text>\n{marks}\n</svg>'
    return d.disclosive("unit_record hidden_content identifier", "one mark a person", parcel(d, "points.svg", svg))


@cases(2)
def homes_on_a_map(d: Draw) -> Case:
    people = persons(d.rng, 120)
    spots = np.column_stack([d.rng.uniform(-121.9, -121.2, 120), d.rng.uniform(37.1, 37.9, 120)])
    if d.turn:
        features = [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [round(x, 6), round(y, 6)]},
                "properties": {"gpa": g},
            }
            for (x, y), g in zip(spots, people.gpa, strict=True)
        ]
        return d.disclosive(
            "unit_record",
            "the homes of 120 students",
            parcel(d, "homes.geojson", as_json({"type": "FeatureCollection", "features": features})),
        )
    svg = figure(lambda a: (a.scatter(spots[:, 0], spots[:, 1], s=5), a.set_title("Homes of homeless students")), "svg")
    return d.disclosive("unit_record", "the homes of 120 students", parcel(d, "map.svg", svg))


@cases(2)
def small_bars(d: Draw) -> Case:
    counts = [412, 318, 7, 904, 3]

    def draw(a: Any) -> None:
        box = a.bar(["Asian", "Black", "Native", "Hispanic", "Pacific"], counts)
        a.bar_label(box)
        a.set_ylabel("number of students")

    kind = ["svg", "pdf"][d.turn]
    return d.disclosive(
        "min_cell", "bars labelled 7 and 3 students", parcel(d, f"bars.{kind}", figure(draw, kind), "frequency")
    )


@cases(5)
def data_in_an_image(d: Draw) -> Case:
    rows = persons(d.rng, 50).to_csv(index=False)
    png, _ = bars(d, "png")
    if d.turn < 2:
        info = PngImagePlugin.PngInfo()
        info.add_itxt("Comment", rows) if d.turn else info.add_text("data", rows, zip=True)
        out = io.BytesIO()
        Image.open(io.BytesIO(png)).save(out, "png", pnginfo=info)
        name, data = "bars.png", out.getvalue()
    elif d.turn == 2:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as z:
            z.writestr("rows.csv", rows)
        name, data = "bars.png", png + packed.getvalue()
    else:
        out, exif = io.BytesIO(), Image.Exif()
        exif[0x9286 if d.turn == 3 else 0x010E] = rows[:4000]
        Image.open(io.BytesIO(png)).convert("RGB").save(out, "jpeg", exif=exif)
        name, data = "bars.jpg", out.getvalue()
    return d.disclosive(
        "hidden_content", "fifty persons in a chunk, behind the end or in EXIF", parcel(d, name, data, "frequency")
    )


@cases(5)
def data_in_an_svg(d: Draw) -> Case:
    svg = bars(d, "svg")[0].decode()
    rows = persons(d.rng, 25)
    hidden = [f"<metadata><data>{as_json(records(rows))}</data></metadata>", f"<!-- {rows.to_csv(index=False)} -->", '<g style="display:none">' + "".join(f"<text x='0' y='{i}'>{r.person_id} {r.gpa} {r.wage}</text>" for i, r in enumerate(rows.itertuples())) + "</g>",
              f"<script>var rows = {as_json(records(rows), None)};</script>", '<foreignObject width="0" height="0"><div xmlns="http://www.w3.org/1999/xhtml">' + rows.to_csv(index=False) + "</div></foreignObject>"][d.turn]  # fmt: skip
    return d.disclosive("hidden_content unit_record", "25 persons hidden in the drawing", parcel(d, "bars.svg", svg.replace("</svg>", hidden + "</svg>"), "frequency"))  # fmt: skip


def page(*lines: str, mode: int = 0) -> PdfWriter:
    """A page of text lines; mode 3 paints nothing."""
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    body = f"BT /F1 10 Tf {mode} Tr 50 800 Td 14 TL " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
    content = DecodedStreamObject()
    content.set_data(body.encode("latin-1", "replace"))
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Courier"}
    resources = DictionaryObject(
        {
            NameObject("/Font"): DictionaryObject(
                {NameObject("/F1"): DictionaryObject({NameObject(k): NameObject(v) for k, v in font.items()})}
            )
        }
    )
    writer.pages[0][NameObject("/Resources")] = resources
    writer.pages[0][NameObject("/Contents")] = writer._add_object(content)
    return writer


def pdf(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@cases(6)
def pdf_with_persons(d: Draw) -> Case:
    people = persons(d.rng, 20)
    lines = [f"{p.person_id}  {p.gpa}  {p.wage}" for p in people.itertuples()]
    rule = "hidden_content unit_record"
    if d.turn == 0:
        writer, why, rule = (
            page("Students", "person_id   gpa  wage", *lines),
            "a page lists twenty persons",
            "unit_record",
        )
    elif d.turn == 1:
        writer, why = page(*lines, mode=3), "invisible text lists twenty persons"
    elif d.turn == 2:
        writer, why = page("A summary without numbers."), "an attachment lists twenty persons"
        writer.add_attachment("rows.csv", people.to_csv(index=False).encode())
    elif d.turn == 3:
        writer, why = page("A summary without numbers."), "the document's properties list twenty persons"
        writer.add_metadata({"/Keywords": "; ".join(lines), "/Title": "Summary"})
    elif d.turn == 4:
        writer, why, rule = (
            page("Students by home language", "Spanish     4120", "Mixteco        4", "Hmong          7"),
            "4 and 7 students",
            "min_cell",
        )
    else:
        writer, why = page("A summary without numbers."), "a script lists twenty persons"
        action = {"/S": NameObject("/JavaScript"), "/JS": TextStringObject("var rows = '" + "|".join(lines) + "';")}
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject({NameObject(k): v for k, v in action.items()})
    return d.disclosive(rule, why, parcel(d, "summary.pdf", pdf(writer)))


# --- harmless -----------------------------------------------------------------------------------------------------------------


@cases(6)
def bars_with_table(d: Draw) -> Case:
    kind = ["png", "svg", "jpg", "pdf", "png", "svg"][d.turn]
    data, table = bars(d, kind, **({"fonttype": "path"} if d.turn == 5 else {}))
    return d.harmless(
        "hidden_content",
        "a figure of large counts with its table beside it",
        with_table(d, f"fig1.{kind}", data, table),
    )


@cases(4)
def scatter_of_counties(d: Draw) -> Case:
    table = safe_counts(d.rng, COUNTIES)
    table["mean_gpa"] = np.round(d.rng.uniform(2.6, 3.3, 12), 2)
    kind = ["svg", "svg", "png", "pdf"][d.turn]

    def draw(a: Any) -> None:
        a.scatter(table.students, table.mean_gpa)
        a.set_xlabel("students in the county")
        a.set_title("Twelve counties, one point a county")

    return d.harmless("unit_record", "twelve points, one a county, with their table beside", with_table(d, f"counties.{kind}", figure(draw, kind), table.to_csv(index=False)))  # fmt: skip


@cases(3)
def trend_lines(d: Draw) -> Case:
    rates = np.round(np.linspace(71, 83, 9) + d.rng.normal(0, 0.4, 9), 1)
    kind = ["svg", "pdf", "svg"][d.turn]

    def draw(a: Any) -> None:
        a.plot(range(2012, 2021), rates, marker="o")
        a.set_ylabel("graduation rate (%)")

    table = "year,county,students,rate\n" + "\n".join(
        f"{y},State,{int(d.rng.integers(4000, 4500)) * 100},{r}" for y, r in zip(range(2012, 2021), rates, strict=True)
    )
    return d.harmless(
        "rate",
        "the state's rate in nine years with its table",
        with_table(d, f"trend.{kind}", figure(draw, kind), table + "\n"),
    )


@cases(3)
def county_map(d: Draw) -> Case:
    shapes = [[(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)] for x in range(4) for y in range(3)]
    if d.turn == 1:
        features = [{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[float(a), float(b)] for a, b in [*s, s[0]]]]}, "properties": {"county": c, "students": int(d.rng.integers(100, 900)) * 10}} for s, c in zip(shapes, COUNTIES, strict=True)]  # fmt: skip
        return d.harmless(
            "unit_record",
            "outlines of counties with thousands of students",
            parcel(d, "counties.geojson", as_json({"type": "FeatureCollection", "features": features}), "frequency"),
        )
    marks = "\n".join(f'<path d="M{s[0][0] * 60},{s[0][1] * 60} h60 v60 h-60 z" fill="#{d.rng.integers(30, 99)}88aa"><title>{c}</title></path>' for s, c in zip(shapes, COUNTIES, strict=True))  # fmt: skip
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 260 200"><title>Counties by third of the graduation rate</title>\n{marks}\n</svg>'
    return d.harmless("hidden_content", "a map of counties in three shades", parcel(d, "map.svg", svg, "rates"))


@cases(3)
def flow_chart(d: Draw) -> Case:
    boxes = ["Extract", "Clean", "Match", "Model", "Report"]
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="80"><style>rect{fill:#eef}text{font:12px sans-serif}</style>' + "".join(f'<rect x="{i * 120}" y="20" width="90" height="40" rx="4"/><text x="{i * 120 + 12}" y="44">{i + 1}. {b}</text>' for i, b in enumerate(boxes)) + "</svg>"  # fmt: skip
    if d.turn == 2:
        return d.harmless(
            "file_kind",
            "a diagram of steps",
            parcel(
                d,
                "dag.dot",
                "digraph g {\n  rankdir=LR;\n  gpa -> wage [weight=3];\n  school -> gpa;\n  parents -> gpa;\n  parents -> wage;\n}\n",
            ),
        )
    return d.harmless("hidden_content", "a diagram of steps", parcel(d, "flow.svg", svg))


@cases(3)
def coefficient_plot(d: Draw) -> Case:
    kind = ["svg", "pdf", "svg"][d.turn]
    names = ["GPA", "Female", "English learner", "Days absent", "Age"]
    b, e = d.rng.normal(0, 0.3, 5).round(3), d.rng.uniform(0.02, 0.1, 5).round(3)

    def draw(a: Any) -> None:
        if d.turn == 2:
            c = np.corrcoef(d.rng.normal(size=(5, 400)))
            a.imshow(c)
            [a.text(j, i, f"{c[i, j]:.2f}", ha="center") for i in range(5) for j in range(5)]
        else:
            a.errorbar(b, range(5), xerr=1.96 * e, fmt="o")
        a.set_yticks(range(5), names)
        a.set_title("Correlations" if d.turn == 2 else "Log wage, 4,210 students")

    return d.harmless(
        "model",
        "coefficients or correlations of thousands",
        parcel(d, f"coef.{kind}", figure(draw, kind), "regression"),
    )


@cases(3)
def figure_alone(d: Draw) -> Case:
    kind = ["png", "jpg", "png"][d.turn]
    return d.arguable(
        "unreadable hidden_content",
        "pixels without the numbers they draw: a person must look",
        parcel(d, f"fig.{kind}", bars(d, kind)[0], "frequency"),
    )


@cases(3)
def pdf_report(d: Draw) -> Case:
    text = [["Graduation and absence, 2019", "Section 2. Data and methods", "We follow 4 cohorts for 3 years in 12 counties.", "Standard errors are clustered by county (p < 0.05)."],
            ["County       Students", "Alder            4120", "Briar            3215", "Cedar             980"],
            ["Model          OLS     Logit", "GPA            0.291   0.912", "               (0.012) (0.050)", "Observations   4,210   4,210"]][d.turn]  # fmt: skip
    return d.harmless("min_cell", "prose or large counts", parcel(d, "report.pdf", pdf(page(*text))))
