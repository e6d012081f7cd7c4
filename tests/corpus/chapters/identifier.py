"""Names, birth dates and social security numbers; and numbers and names that identify no person."""

from __future__ import annotations

import json

import numpy as np

from tests.corpus import formats
from tests.corpus.case import Case, Draw, cases
from tests.corpus.table import COUNT, KEY, MONEY, NUMBER, table

FIRST = ["Maria", "Jose", "Emily", "Daniel", "Ana", "Kevin", "Linh", "Priya", "Aaron", "Guadalupe", "Tyler", "Mei"]
LAST = [
    "Garcia",
    "Nguyen",
    "Johnson",
    "Hernandez",
    "Smith",
    "Patel",
    "Lopez",
    "Chen",
    "Reyes",
    "Williams",
    "Ortiz",
    "Brown",
]


def ssn(rng: np.random.Generator) -> str:
    """Within the issued ranges: area 001–665 without 000, group and serial not zero."""
    return f"{rng.integers(100, 665):03d}-{rng.integers(10, 99):02d}-{rng.integers(1000, 9999):04d}"


def roster(draw: Draw, rows: int) -> list[list[object]]:
    rng = draw.rng
    return [[draw.pick(FIRST), draw.pick(LAST), f"{rng.integers(1998, 2006)}-{rng.integers(1, 13):02d}-{rng.integers(1, 28):02d}", ssn(rng), f"{draw.pick(FIRST).lower()}{i}@mail.example"]
            for i in range(rows)]  # fmt: skip


@cases(4)
def roster_with_names_and_birth_dates(draw: Draw) -> Case:
    heads = draw.cycle(
        [
            ("first_name", "last_name", "dob"),
            ("First Name", "Last Name", "Date of birth"),
            ("FNAME", "LNAME", "BIRTHDATE"),
            ("nombre", "apellido", "fecha_nacimiento"),
        ]
    )
    one = table([(h, KEY) for h in heads], [r[:3] for r in roster(draw, 25)], counts=[])
    return draw.disclosive(
        "identifier unit_record",
        "names with birth dates",
        draw.files(one, kind=draw.cycle(["csv", "xlsx", "html", "csv"])),
    )


@cases(3)
def column_of_ssns(draw: Draw) -> Case:
    rows = [
        [r[3] if draw.turn != 1 else str(r[3]).replace("-", ""), 20_000 + 137 * i]
        for i, r in enumerate(roster(draw, 30))
    ]
    one = table([(draw.cycle(["ssn", "SSN", "id_number"]), KEY), ("wages", MONEY)], rows, counts=[])
    return draw.disclosive(
        "identifier unit_record",
        "a column of social security numbers",
        draw.files(one, kind=draw.cycle(["csv", "tsv", "xlsx"])),
    )


@cases(3)
def names_and_ssns_in_a_log(draw: Draw) -> Case:
    people = roster(draw, 4)
    lines = [f"WARN unmatched record: {a} {b}, born {d}, SSN {s}" for a, b, d, s, _ in people]
    if draw.turn == 2:
        body = formats.notebook([formats.code_cell("print(unmatched)", formats.stdout("\n".join(lines) + "\n"))])
        return draw.disclosive("identifier", "the notebook prints names, birth dates and SSNs", {"match.ipynb": body})
    return draw.disclosive(
        "identifier",
        "the log prints names, birth dates and SSNs",
        {draw.cycle(["match.log", "match.txt"]): ("INFO start\n" + "\n".join(lines) + "\nINFO end\n").encode()},
    )


@cases(2)
def persons_in_json(draw: Draw) -> Case:
    people = [{"firstName": a, "lastName": b, "birthDate": d, "email": e} for a, b, d, _, e in roster(draw, 6)]
    body = {"cohort": 2019, "students": people} if draw.turn else people
    return draw.disclosive(
        "identifier unit_record",
        "names, birth dates and e-mail addresses",
        {"students.json": json.dumps(body).encode()},
    )


@cases(3)
def names_beside_an_aggregate(draw: Draw) -> Case:
    """A harmless table on the first sheet or page and a roster after it."""
    people = roster(draw, 3)
    listed = "\n".join(f"- {a} {b}, {d}, {e}" for a, b, d, _, e in people)
    text = f"# Site visits\n\n| Site | Students |\n|---|---:|\n| Fresno | 210 |\n| Kern | 184 |\n\nInterviewed students (name, date of birth, e-mail):\n\n{listed}\n"
    if draw.turn == 1:
        text = f"<html><body><h1>Site visits</h1><table><tr><th>Name</th><th>DOB</th><th>E-mail</th></tr>{''.join(f'<tr><td>{a} {b}</td><td>{d}</td><td>{e}</td></tr>' for a, b, d, _, e in people)}</table></body></html>"
    return draw.disclosive(
        "identifier",
        "students' names, birth dates and addresses in a report",
        {draw.cycle(["visits.md", "visits.html", "notes.txt"]): text.encode()},
    )


# --- harmless -------------------------------------------------------------------------------------------------------------------------


@cases(3)
def nine_and_fourteen_digit_codes(draw: Draw) -> Case:
    """CDS codes, NCES ids, ZIP+4, employer account numbers of public agencies."""
    rng = draw.rng
    rows = [
        [
            f"{10 + i}{62000 + 31 * i:05d}{1030000 + 17 * i:07d}",
            f"06{rng.integers(10**4, 10**5)}{rng.integers(10**4, 10**5):05d}",
            f"93{700 + i}-{1000 + 7 * i}",
            310 + 40 * i,
        ]
        for i in range(14)
    ]
    one = table(
        [("CDSCode", KEY), ("NCES ID", KEY), ("ZIP+4", KEY), ("Enrollment", COUNT)],
        rows,
        "Schools and codes",
        kind="frequency",
    )
    return draw.harmless(
        "identifier unit_record",
        "codes of schools",
        draw.files(one, kind=draw.cycle(["csv", "xlsx", "csv"]), thousands=""),
    )


@cases(3)
def places_named_after_people(draw: Draw) -> Case:
    schools = [
        "Cesar Chavez Elementary",
        "George Washington High",
        "Dolores Huerta Middle",
        "Martin Luther King Jr. High",
        "Sally Ride Academy",
        "John Muir Elementary",
    ]
    rows = [[s, 410 + 37 * i, round(2.7 + 0.05 * i, 2)] for i, s in enumerate(schools)]
    one = table(
        [(draw.cycle(["School", "School name", "School Name"]), KEY), ("Enrollment", COUNT), ("Mean GPA", NUMBER, 2)],
        rows,
        "Schools",
        kind="summary",
    )
    return draw.harmless("identifier unit_record", "schools that bear persons' names", draw.files(one))


@cases(3)
def authors_and_references(draw: Draw) -> Case:
    text = draw.cycle([
        "# Wages after college\n\nAlice Moreno and Ben Takahashi, Institute for Education Policy\n\nContact: amoreno@university.example\n\n## References\n\nChetty, R., Friedman, J. and Saez, E. (2017). Mobility report cards.\nJackson, C. K. (2018). What do test scores miss?\n",
        "* Project P-118, do-file by Tomas Rivera, 2026-02-11\n* Questions: research office, (916) 555-0142\nuse extract, clear\nregress lnwage gpa el sed\nesttab using models.tex, se star\n",
        "Maintainer: Rosa Lind <rosa.lind@agency.example>\nLicence: Apache-2.0\nVersion 1.2.0 of 2026-03-01\nRun `make tables`.\n",
    ])  # fmt: skip
    return draw.harmless(
        "identifier",
        "authors, references and an office's telephone",
        {draw.cycle(["paper.md", "models.do", "README.txt"]): text.encode()},
    )


@cases(2)
def large_numbers(draw: Draw) -> Case:
    rows = [
        ["Agriculture", 1_203_441_208, 38_112],
        ["Health Care", 9_880_120_455, 141_900],
        ["Retail Trade", 4_102_330_918, 128_400],
        ["Information", 8_771_204_512, 52_004],
    ]
    one = table(
        [("Industry", KEY), (draw.cycle(["Total payroll ($)", "payroll"]), NUMBER, 0), ("Workers", COUNT)],
        rows,
        "Payroll of thousands of employers",
        kind="magnitude",
        counts="Workers",
    )
    return draw.harmless(
        "identifier dominance", "ten-digit sums are no telephone numbers", draw.files(one, thousands="")
    )
