"""Kinds that no reader of ours reads whole: refused, whatever they hold. Disguises, bombs, broken and empty files."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle
import sqlite3
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.corpus.case import Case, Draw, cases
from tests.corpus.second.documents.material import (
    COUNTIES,
    code,
    figure,
    notebook,
    parcel,
    persons,
    prose,
    safe_counts,
    shown,
)


def by_path(write: Any) -> bytes:
    """What a writer that wants a path writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        write(path)
        return path.read_bytes()


def packed(name: str, data: bytes, how: str) -> bytes:
    out = io.BytesIO()
    if how == "zip":
        with zipfile.ZipFile(out, "w") as z:
            z.writestr(name, data)
    else:
        with tarfile.open(fileobj=out, mode="w:gz") as t:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()


def database(frame: pd.DataFrame) -> bytes:
    def write(path: Path) -> None:
        with sqlite3.connect(path) as db:
            frame.to_sql("t", db, index=False)
        db.close()

    return by_path(write)


@cases(7)
def serialised_model(d: Draw) -> Case:
    import joblib
    from sklearn.linear_model import LogisticRegression

    people = persons(d.rng, 200)
    model = LogisticRegression().fit(people[["gpa"]], people.female)
    out = io.BytesIO()
    joblib.dump(model, out)
    data, name = [(pickle.dumps(model), "model.pkl"), (out.getvalue(), "model.joblib"), (gzip.compress(b"RDX3\nX\n\x00\x00\x00\x03" + bytes(400)), "model.rds"),
                  (b"\x08\x08\x12\x07skl2onnx\x1a\x061.16.0" + bytes(300), "model.onnx"), (packed("archive/data.pkl", pickle.dumps(model), "zip"), "model.pt"),
                  (b"\x89HDF\r\n\x1a\n" + bytes(800), "model.h5"), (gzip.compress(b"RDX3\nX\n" + bytes(200)), "workspace.RData")][d.turn]  # fmt: skip
    return d.disclosive("file_kind", "serialised models are refused", parcel(d, name, data, "regression"))


@cases(8)
def data_kind(d: Draw) -> Case:
    frame = safe_counts(d.rng, COUNTIES)
    arrays = io.BytesIO()
    np.save(arrays, frame.students.to_numpy())
    data, name = [(by_path(lambda p: frame.to_parquet(p)), "table.parquet"), (by_path(lambda p: frame.to_feather(p)), "table.feather"), (by_path(lambda p: frame.to_stata(p, write_index=False)), "table.dta"),
                  (b"$FL2@(#) SPSS DATA FILE MS Windows 26.0" + bytes(400), "table.sav"), (bytes(12) + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\x00\x09\xc7\x31\x8c\x18\x1f\x10\x11" + bytes(900), "table.sas7bdat"),
                  (database(frame), "table.sqlite"), (arrays.getvalue(), "table.npy"), (pickle.dumps(frame), "table.pickle")][d.turn]  # fmt: skip
    return d.disclosive("file_kind", "a data format that is not released", parcel(d, name, data, "frequency"))


@cases(6)
def archive(d: Draw) -> Case:
    rows = persons(d.rng, 50).to_csv(index=False).encode()
    data, name = [(packed("rows.csv", rows, "zip"), "tables.zip"), (packed("rows.csv", rows, "tar"), "tables.tar.gz"), (gzip.compress(rows), "table.csv.gz"), (bz2.compress(rows), "table.csv.bz2"), (lzma.compress(rows), "table.csv.xz"), (b"7z\xbc\xaf'\x1c\x00\x04" + bytes(200), "tables.7z")][d.turn]  # fmt: skip
    return d.disclosive("file_kind", "archives are refused", parcel(d, name, data, "frequency"))


@cases(7)
def wrong_extension(d: Draw) -> Case:
    frame = persons(d.rng, 60)
    data, name = [(pickle.dumps(frame), "table.txt"), (packed("rows.csv", frame.to_csv().encode(), "zip"), "figure.png"), (by_path(lambda p: frame.to_parquet(p)), "table.csv"), (database(frame), "run.log"),
                  (figure(lambda a: a.scatter(frame.gpa, frame.wage), "pdf"), "table.md"), (gzip.compress(frame.to_csv().encode()), "table.json"), (frame.to_csv(index=False).encode(), "figure.svg")][d.turn]  # fmt: skip
    return d.disclosive(
        "file_kind unreadable unit_record hidden_content",
        "the content is not what the name says, and holds persons",
        parcel(d, name, data),
    )


@cases(4)
def polyglot(d: Draw) -> Case:
    frame = persons(d.rng, 60)
    png = figure(lambda a: a.bar([1, 2], [400, 500]), "png")
    rows = packed("rows.csv", frame.to_csv().encode(), "zip")
    data, name = [(png + rows, "figure.png"), (figure(lambda a: a.bar([1, 2], [400, 500]), "pdf") + rows, "figure.pdf"), (b"GIF89a/*" + bytes(40) + b"*/=1;" + frame.to_json().encode(), "figure.gif"), (figure(lambda a: a.bar([1, 2], [400, 500]), "jpg") + b"<html>" + frame.to_html().encode() + b"</html>", "figure.jpg")][d.turn]  # fmt: skip
    return d.disclosive(
        "hidden_content file_kind", "two formats in one file, the second holds persons", parcel(d, name, data)
    )


@cases(4)
def locked(d: Draw) -> Case:
    from pypdf import PdfWriter

    if d.turn == 0:
        writer, out = PdfWriter(), io.BytesIO()
        writer.add_blank_page(300, 300)
        writer.encrypt("secret")
        writer.write(out)
        data, name = out.getvalue(), "report.pdf"
    else:
        head = (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
            + bytes(16)
            + b">\x00\x03\x00\xfe\xff\t\x00"
            + bytes(480)
            + "EncryptedPackage".encode("utf-16-le")
            + d.rng.bytes(3000)
        )
        data, name = head, ["", "table.xlsx", "table.xls", "report.docx"][d.turn]
    return d.disclosive("file_kind unreadable", "what is encrypted cannot be read", parcel(d, name, data))


@cases(6)
def broken(d: Draw) -> Case:
    frame = safe_counts(d.rng, COUNTIES)
    png, pdf = (
        figure(lambda a: a.bar(frame.county, frame.students), "png"),
        figure(lambda a: a.bar(frame.county, frame.students), "pdf"),
    )
    sheet = by_path(lambda p: frame.to_excel(p.with_suffix(".xlsx"), index=False) or p.with_suffix(".xlsx").rename(p))
    book = notebook([prose("# Report"), code("table", shown(frame))]).encode()
    data, name = [(png[: len(png) // 2], "figure.png"), (pdf[: len(pdf) // 2], "figure.pdf"), (sheet[: len(sheet) // 2], "table.xlsx"), (book[: len(book) // 2], "report.ipynb"), (figure(lambda a: a.bar([1], [400]), "svg")[:700], "figure.svg"), (d.rng.bytes(3000), "table.csv")][d.turn]  # fmt: skip
    return d.disclosive(
        "unreadable file_kind", "truncated or no such file: it cannot be read completely", parcel(d, name, data)
    )


@cases(5)
def bomb(d: Draw) -> Case:
    lol = (
        '<!DOCTYPE s [<!ENTITY a "lol">'
        + "".join(f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(9))
        + "]>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("[Content_Types].xml", "<Types/>")
        z.writestr("xl/workbook.xml", b" " * 40_000_000)
    data, name = [(b"[" * 60_000 + b"]" * 60_000, "nest.json"), (f"<?xml version='1.0'?>{lol}<svg xmlns='http://www.w3.org/2000/svg'><text>&j;</text></svg>".encode(), "lol.svg"), (out.getvalue(), "bomb.xlsx"),
                  (("<html><body>" + "<div>" * 30_000 + "x").encode(), "deep.html"), (json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": "x" * 100}).encode(), "odd.ipynb")][d.turn]  # fmt: skip
    if d.turn == 3:
        return d.arguable(
            "unreadable", "an odd page without data: read or refused, never crashed on", parcel(d, name, data)
        )
    return d.disclosive(
        "unreadable file_kind hidden_content", "made to break readers, not to be read", parcel(d, name, data)
    )


@cases(3)
def empty(d: Draw) -> Case:
    return d.arguable("unreadable file_kind", "nothing inside: nothing leaves, but nobody meant it", parcel(d, ["table.csv", "notes.txt", "figure.png"][d.turn], [b"", b"\xef\xbb\xbf", b""][d.turn]))  # fmt: skip


@cases(4)
def odd_bytes(d: Draw) -> Case:
    people = persons(d.rng, 30)
    text = people.to_string()
    data, name = [(text.encode("utf-16"), "list.log"), (text.encode("utf-16-be"), "list.txt"), (text.replace(" ", "\x00 ", 3).encode(), "list.txt"), (("\x1b[2K\r" * 20 + text).encode("cp1252"), "list.log")][d.turn]  # fmt: skip
    return d.disclosive(
        "unit_record unreadable file_kind", "thirty persons in an unusual encoding", parcel(d, name, data)
    )


@cases(2)
def large_listing(d: Draw) -> Case:
    people = persons(d.rng, 40_000)
    text = people.to_csv(index=False, sep="\t" if d.turn else "|")
    return d.disclosive(
        "unit_record unreadable", "40,000 persons", parcel(d, "dump.txt" if d.turn else "dump.log", text)
    )


@cases(2)
def executable(d: Draw) -> Case:
    data, name = [(b"\x7fELF\x02\x01\x01" + bytes(600), "tool.bin"), (b"MZ\x90\x00" + bytes(600), "tool.exe")][d.turn]
    return d.disclosive("file_kind", "a program is no output", parcel(d, name, data))
