# ruff: noqa: S608  (every name in these statements passed the patterns of specification.py; values are bound)
"""Building an extract: specification in, verified and signed folder out.

Everything is written into a folder that begins with a dot beside the final place; the independent verifier reads it
again, the manifest is signed, and one rename makes it visible.  A kill at any moment therefore leaves either no
version or a complete one, and the next build of the project clears what was left.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb

from enclave.core.clock import Clock
from enclave.core.digests import canonical_json
from enclave.core.errors import Conflict
from enclave.core.files import replace_dir_atomic, sync_dir, write_atomic
from enclave.core.ids import new_id
from enclave.core.signing import Keyring, SigningKey
from enclave.extracts import codebook, cohort, deidentify, edition, manifest, pseudonyms, risk, verifier
from enclave.extracts.specification import Part, Specification, Treatment
from enclave.extracts.stores import Stores

PARTIAL = ".building-"
NOBODY = "Nobody fits the cohort and the years: correct the conditions by an amended request."
MEMORY = "1500MB"
THREADS = 2


def build(
    specification: Specification, stores: Stores, key: SigningKey, keyring: Keyring, clock: Clock
) -> dict[str, Any]:
    """Build, verify, sign, publish. Returns ``state`` READY or BLOCKED with counts, risk and problems only.

    Asked again for a version that stands, it checks that version and gives its answer again; another specification
    under the same number is a Conflict.
    """
    for part in specification.parts:
        deidentify.check_treatments(part.columns)
    with pseudonyms.project_lock(stores.project_pseudonyms(specification.project)):
        _clear_partial(stores, specification.project)
        final = stores.extract(specification.project, specification.version)
        if final.exists():
            return _standing(final, specification, keyring, clock)
        signed = edition.check_edition(specification, stores, keyring, clock)
        partial = final.parent / f"{PARTIAL}{new_id('bld')}"
        partial.mkdir(parents=True)
        try:
            return _build_in(partial, final, specification, signed, stores, key, clock)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def _build_in(
    partial: Path,
    final: Path,
    specification: Specification,
    edition_digest: str,
    stores: Stores,
    key: SigningKey,
    clock: Clock,
) -> dict[str, Any]:
    scratch = partial / ".scratch"
    with connect(scratch) as connection:
        if not cohort.select(connection, specification, stores):
            return {"state": "BLOCKED", "problems": [NOBODY], "risk": {}, "tables": {}}
        pseudonyms.extend(connection, stores.project_pseudonyms(specification.project), pseudonyms.PERSON, "cohort")
        risks = {
            table: _write_table(connection, specification, table, parts, stores, partial)
            for table, parts in specification.tables.items()
        }
    shutil.rmtree(scratch, ignore_errors=True)
    book = codebook.compose(specification, stores.edition_codebook(specification.edition))
    write_atomic(partial / "codebook.json", canonical_json(book))
    report = verifier.verify(partial, specification, stores.project_pseudonyms(specification.project))
    problems = [*report.problems, *_disagreements(risks, report)]
    if problems:
        return {"state": "BLOCKED", "problems": problems, "risk": report.risk, "tables": report.tables}
    envelope = manifest.sign(specification, edition_digest, report, key, clock)
    write_atomic(partial / manifest.NAME, canonical_json(envelope))
    sync_dir(partial)
    replace_dir_atomic(partial, final)
    return manifest.answer(envelope["payload"])


def connect(scratch: Path) -> duckdb.DuckDBPyConnection:
    """A bounded, private DuckDB: spills beside the extract, and reads no extension and no network."""
    scratch.mkdir(parents=True, exist_ok=True)
    return duckdb.connect(
        config={
            "memory_limit": MEMORY,
            "threads": THREADS,
            "temp_directory": str(scratch),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )


def _write_table(
    connection: duckdb.DuckDBPyConnection,
    specification: Specification,
    table: str,
    parts: tuple[Part, ...],
    stores: Stores,
    folder: Path,
) -> risk.TableRisk:
    selects = [_select(connection, specification, part, stores) for part in parts]
    target = folder / f"{table}.parquet"
    body = " UNION ALL BY NAME ".join(f"({select})" for select in selects)
    # Rows in the edition's order would join two projects line by line, whatever their pseudonyms.
    connection.execute(
        f"COPY (SELECT * FROM ({body}) ORDER BY person_id) TO '{quoted(target)}' (FORMAT parquet, COMPRESSION zstd)"
    )
    quasi = tuple(sorted({column.output for part in parts for column in part.columns if column.quasi}))
    return risk.measure(connection, f"read_parquet('{quoted(target)}')", quasi)


def _select(connection: duckdb.DuckDBPyConnection, specification: Specification, part: Part, stores: Stores) -> str:
    path = stores.edition_table(specification.edition, part.provider, part.table)
    types = cohort.column_types(connection, path)
    cohort.check_present(part, types)
    columns = [f"'{part.provider}' AS provider", "p.pseudonym AS person_id"]
    columns += [f't."{name}"' for name in cohort.time_columns(types)]
    columns += [
        f'{deidentify.expression(column, types[column.name], specification.policy)} AS "{column.output}"'
        for column in sorted(part.columns, key=lambda column: column.name)
        if column.name not in cohort.time_columns(types)
    ]
    joins = "JOIN pseudonym_person p ON p.source = t.person_key JOIN cohort c ON c.source = t.person_key"
    employer = next((column for column in part.columns if column.treatment is Treatment.EMPLOYER), None)
    if employer is not None:
        _extend_employers(connection, specification, stores, path, employer.name)
        joins += f' LEFT JOIN pseudonym_employer e ON e.source = CAST(t."{employer.name}" AS VARCHAR)'
    where = cohort.years_condition(types, specification.years)
    return f"SELECT {', '.join(columns)} FROM read_parquet('{quoted(path)}') t {joins} WHERE {where}"


def _extend_employers(
    connection: duckdb.DuckDBPyConnection,
    specification: Specification,
    stores: Stores,
    path: Path,
    column: str,
) -> None:
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE employers AS "
        f"SELECT DISTINCT CAST(\"{column}\" AS VARCHAR) AS source FROM read_parquet('{quoted(path)}') t "
        "JOIN cohort c ON c.source = t.person_key"
    )
    folder = stores.project_pseudonyms(specification.project)
    pseudonyms.extend(connection, folder, pseudonyms.EMPLOYER, "employers")


def _disagreements(risks: dict[str, risk.TableRisk], report: verifier.Report) -> list[str]:
    found = []
    for table, measured in risks.items():
        again = report.risk.get(table, {})
        if any(again.get(name) != value for name, value in measured.as_json().items()):
            found.append(f"{table}: builder and verifier measured different risk.")
    return found


def _standing(final: Path, specification: Specification, keyring: Keyring, clock: Clock) -> dict[str, Any]:
    payload = manifest.read(final, keyring, clock)
    if payload["specification_digest"] != specification.digest:
        raise Conflict("This version of the extract was built from another specification.", "Queue a new version.")
    return manifest.answer(payload)


def _clear_partial(stores: Stores, project: str) -> None:
    folder = stores.project_extracts(project)
    for left in folder.glob(f"{PARTIAL}*") if folder.exists() else ():
        shutil.rmtree(left, ignore_errors=True)


def quoted(path: Path) -> str:
    """A path inside a single-quoted SQL literal."""
    return str(path).replace("'", "''")
