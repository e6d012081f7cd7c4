"""Jobs about contributor sets: keep a table's, compare tables, forget. Findings alone come out, no persons or sizes."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from c2c_research.contributor_sets import BadSets, Cell, TableSets, unseal
from enclave.core.digests import sha256_hex
from enclave.core.errors import BadInput, Unprocessable
from enclave.core.ids import check_slug
from enclave.differencing.compare import compare, misfits
from enclave.differencing.store import ProjectSets
from services.data.context import DataContext, Handler, Payload

OTHER_TABLE = "The contributor sets beside this table are another table's. Save the table again and submit both."
OTHER_EXTRACT = "The contributor sets count in an extract that is no longer there. Save the table again."
OTHER_COUNTS = "The contributor sets do not have as many persons as the table's counts. Save the table again."


def put(context: DataContext, job: Payload) -> Payload:
    """`contributors.put`: `project`, `binding`, `table` (SHA-256), `counts`, `sealed` → do they fit, are they kept."""
    project, store = _store(context, job)
    try:
        body = base64.b64decode(str(job.get("sealed", "")), validate=True)
        sets = TableSets.decode(unseal(context.key.exchange_key(), body))
    except (BadSets, binascii.Error) as problem:
        return {"kept": False, "problem": str(problem)}
    if sets.project != project or sets.table_sha256 != job.get("table"):
        return {"kept": False, "problem": OTHER_TABLE}
    persons = _persons(context, project, sets.version)
    if sha256_hex(persons.tobytes()) != sets.index_sha256:
        return {"kept": False, "problem": OTHER_EXTRACT}
    if misfits(sets, _counts(job.get("counts"))):
        return {"kept": False, "problem": OTHER_COUNTS}
    try:
        store.put(str(job.get("binding")), sets, persons)
    except BadInput as problem:
        return {"kept": False, "problem": f"{problem.message} {problem.advice}"}
    return {"kept": True, "problem": ""}


def compare_sets(context: DataContext, job: Payload) -> Payload:
    """`contributors.compare`: `project`, `new`, `released` (bindings) → tables and cells a few persons apart."""
    _, store = _store(context, job)
    new = [binding for binding in _bindings(job.get("new")) if store.holds(binding)]
    found = compare(store, new, _bindings(job.get("released")))
    return {"overlaps": [{"table": each.table, "other": each.other, "cells": each.cells} for each in found]}


def forget(context: DataContext, job: Payload) -> Payload:
    """`contributors.forget`: `project`, `bindings`: remove the sets of what was revoked or never left."""
    _, store = _store(context, job)
    return {"forgotten": store.forget(_bindings(job.get("bindings")))}


HANDLERS: dict[str, Handler] = {
    "contributors.put": put,
    "contributors.compare": compare_sets,
    "contributors.forget": forget,
}


def _store(context: DataContext, job: Payload) -> tuple[str, ProjectSets]:
    project = check_slug(str(job.get("project")))
    return project, _warm(context.paths.contributors / project)


@lru_cache(maxsize=8)
def _warm(folder: Path) -> ProjectSets:
    return ProjectSets(folder)


def _persons(context: DataContext, project: str, version: int) -> npt.NDArray[np.int64]:
    """The person index of an extract, made as the researcher's library makes it; empty where the extract is gone."""
    folder = context.paths.extracts / project / str(int(version))
    return _index(tuple(sorted(map(str, folder.glob("*.parquet")))))


@lru_cache(maxsize=4)
def _index(paths: tuple[str, ...]) -> npt.NDArray[np.int64]:
    connection = duckdb.connect()
    found = [np.empty(0, dtype=np.int64)]
    for path in paths:
        columns = {row[0] for row in connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [path]).fetchall()}
        if "person_id" in columns:
            query = "SELECT DISTINCT person_id FROM read_parquet(?) WHERE person_id IS NOT NULL"
            persons = connection.execute(query, [path]).fetchnumpy()["person_id"]
            found.append(np.asarray(persons, dtype=np.int64))
    return np.unique(np.concatenate(found))


def _counts(given: Any) -> dict[Cell, int]:
    try:
        return {(int(row), int(column)): int(number) for row, column, number in given or ()}
    except (TypeError, ValueError):
        raise BadInput("The counts are not well formed.", "Send [row, column, number] for each cell.") from None


def _bindings(given: Any) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise Unprocessable("A list of bindings is needed.", "Check that both sides run one version.")
    return given
