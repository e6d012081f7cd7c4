"""Kinds of file that no reviewer can read, under true and false names; and all kinds that are welcome."""

from __future__ import annotations

import gzip
import io
import pickle
import sqlite3
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from tests.corpus import formats
from tests.corpus.case import Case, Draw, cases
from tests.corpus.population import people
from tests.corpus.tabulate import cross, is_large, tall


def microdata() -> pd.DataFrame:
    return people()[["district", "race", "gpa", "wage"]].head(200).reset_index(drop=True)


def _parquet() -> bytes:
    buffer = io.BytesIO()
    microdata().to_parquet(buffer)
    return buffer.getvalue()


def _stata() -> bytes:
    buffer = io.BytesIO()
    microdata().to_stata(buffer, write_index=False)
    return buffer.getvalue()


def _sqlite() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.sqlite"
        base = sqlite3.connect(path)
        microdata().to_sql("t", base)
        base.close()
        return path.read_bytes()


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("tables/t1.csv", (2026, 3, 1, 0, 0, 0)), microdata().to_csv(index=False))
    return buffer.getvalue()


def _npy() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, microdata()[["gpa", "wage"]].to_numpy())
    return buffer.getvalue()


MADE = [
    ("model.pkl", lambda: pickle.dumps({"coef": [0.1, 0.2], "data": microdata()["wage"].tolist()})),
    ("analysis.parquet", _parquet),
    ("analysis.dta", _stata),
    ("results.zip", _zip),
    ("work.sqlite", _sqlite),
    ("matrix.npy", _npy),
    ("tables.csv.gz", lambda: gzip.compress(microdata().to_csv(index=False).encode(), mtime=0)),
    ("forest.joblib", lambda: pickle.dumps(microdata()["gpa"].to_numpy())),
    ("model.rds", lambda: gzip.compress(b"X\n\x00\x00\x00\x03" + microdata()["wage"].to_numpy().tobytes(), mtime=0)),
    ("run.sh.exe", lambda: b"MZ" + bytes(range(256)) * 8),
]


@cases(10)
def kinds_that_are_refused(draw: Draw) -> Case:
    name, make = MADE[draw.turn]
    return draw.disclosive("file_kind unreadable", "serialised, packed or binary data", {name: make()})


FALSE_NAMES = [
    ("tables.csv", _parquet),
    ("figure.png", _zip),
    ("notes.txt", MADE[0][1]),
    ("table.xlsx", _zip),
    ("summary.json", MADE[0][1]),
    ("report.html", _sqlite),
]


@cases(6)
def false_names(draw: Draw) -> Case:
    name, make = FALSE_NAMES[draw.turn]
    return draw.disclosive(
        "file_kind unreadable hidden_content",
        "the content is of another, refused kind than the name says",
        {name: make()},
    )


# --- harmless -------------------------------------------------------------------------------------------------------------------------

PROGRAMS = {
    "01_build.py": "import pandas as pd\n\ndf = pd.read_parquet('/data/k12_enrollment.parquet')\nout = df.groupby('district')['person_id'].nunique()\nout[out >= 11].to_csv('t1.csv')\n",
    "models.R": "library(dplyr)\nd <- arrow::read_parquet('/data/ui_wage.parquet')\nfit <- lm(log(wages) ~ gpa + el, data = d)\nprint(summary(fit))\n",
    "tables.do": "use extract, clear\ntabulate sector cohort, row\nkeep if cohort >= 2018\nregress lnwage gpa el\n",
    "clean.sas": "data work.a; set in.enroll; if grade in (9,10,11,12); run;\nproc freq data=work.a; tables sector*cohort; run;\n",
    "query.sql": "SELECT district, COUNT(DISTINCT person_id) AS n\nFROM k12_enrollment\nGROUP BY district\nHAVING COUNT(DISTINCT person_id) >= 11;\n",
    "params.yaml": "cohorts: [2018, 2019, 2020]\nthreshold: 11\nseed: 42\n",
    "notes.md": "# Notes\n\nSee table 2.\n",
    "style.css": "td { text-align: right; padding: 2px 8px; }\n",
}


@cases(5)
def programs_and_notes(draw: Draw) -> Case:
    name = list(PROGRAMS)[draw.turn % 7]
    return draw.harmless("file_kind identifier", "program text or notes", {name: PROGRAMS[name].encode()})


@cases(7)
def every_welcome_kind(draw: Draw) -> Case:
    counts, phrase = cross(draw, is_large)
    kind = draw.cycle(["csv", "tsv", "xlsx", "md", "html", "json", "txt"])
    return draw.harmless(
        "file_kind",
        f"a safe table as .{kind}",
        draw.files(tall(counts, phrase, "Students"), kind=kind, thousands="", encoding="utf-8"),
    )


@cases(2)
def several_kinds_in_one_request(draw: Draw) -> Case:
    counts, phrase = cross(draw, is_large)
    files = draw.files(tall(counts, phrase, "n"), kind="csv", name="table1") | draw.files(
        tall(counts, phrase, "n"), kind="xlsx", name="table1_formatted"
    )
    return draw.harmless(
        "file_kind",
        "a table twice, with its program and notes",
        files | {"make_table.py": PROGRAMS["01_build.py"].encode(), "notes.md": PROGRAMS["notes.md"].encode()},
    )


@cases(1)
def notebook_with_safe_outputs(draw: Draw) -> Case:
    counts, phrase = cross(draw, is_large, variables=1)
    cells = [formats.markdown_cell("# Enrollment"), formats.code_cell("t", formats.display(tall(counts, phrase, "n")))]
    return draw.harmless("file_kind", "a notebook with one safe table", {"enrollment.ipynb": formats.notebook(cells)})
