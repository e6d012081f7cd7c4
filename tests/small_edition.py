"""A small edition in a folder, laid out as the vault publishes it, with canaries that must never come out."""

from __future__ import annotations

from pathlib import Path

import duckdb

from enclave.core.clock import SystemClock
from enclave.core.digests import canonical_json, sha256_file
from enclave.core.signing import SigningKey, seal
from enclave.extracts.stores import Stores

EDITION = "2025r1"


def write_edition(root: Path, vault: SigningKey, persons: int = 40, first_key: int = 7_000_000_000_001) -> Stores:
    """K-12 and wages of ``persons`` persons over three years; person keys count up from ``first_key``."""
    stores = Stores(root / "research/editions", root / "research/pseudonyms", root / "extracts")
    connection = duckdb.connect()
    connection.execute(
        f"CREATE TABLE k12_enrollment AS SELECT {first_key} + p AS person_key, 2017 + y AS academic_year, "
        "printf('%02d', 1 + p % 3) AS county_code, printf('%014d', 190000000000 + p % 5) AS school_code, "
        "printf('%02d', 9 + y) AS grade_level, CAST(2000 + p % 4 AS INTEGER) AS birth_year, "
        "CASE WHEN p % 7 = 0 THEN NULL WHEN p % 2 = 0 THEN 'F' ELSE 'M' END AS gender, "
        "DATE '2017-08-20' + CAST(p % 30 AS INTEGER) AS entry_date, p % 20 AS days_absent "
        f"FROM range({persons}) t(p), range(3) u(y) ORDER BY person_key"
    )
    connection.execute(
        f"CREATE TABLE ui_wage AS SELECT {first_key} + p AS person_key, 2019 + y AS year, 1 + q AS quarter, "
        "printf('employer-canary-%d', p % 6) AS employer_key, '61' AS naics, printf('%02d', 1 + p % 3) AS county_code, "
        "CAST(4321 + 7919 * p AS INTEGER) AS earnings "
        f"FROM range({persons}) t(p), range(2) u(y), range(4) v(q) ORDER BY person_key"
    )
    for college, share in (("ccc", 2), ("csu", 3)):
        connection.execute(
            f"CREATE TABLE {college} AS SELECT {first_key} + p AS person_key, 2021 AS academic_year, 'FALL' AS term, "
            f"'11{share}000' AS institution_code, CAST(12.0 AS DOUBLE) AS units_attempted "
            f"FROM range({persons}) t(p) WHERE p % {share} = 0"
        )
    tables = []
    for provider, table, source in (
        ("cde", "k12_enrollment", "k12_enrollment"),
        ("edd", "ui_wage", "ui_wage"),
        ("ccc", "ps_enrollment", "ccc"),
        ("csu", "ps_enrollment", "csu"),
    ):
        path = stores.edition_table(EDITION, provider, table)
        path.parent.mkdir(parents=True, exist_ok=True)
        connection.execute(f"COPY {source} TO '{path}' (FORMAT parquet)")
        columns = [row[0] for row in connection.execute(f"DESCRIBE {source}").fetchall()]
        tables.append({"provider": provider, "name": table, "sha256": sha256_file(path), "columns": columns})
    connection.close()
    book = [
        {
            **{name: table[name] for name in ("provider", "name")},
            "description": f"Rows of {table['name']}",
            "columns": [
                {"name": name, "type": "text", "description": f"What {name} means", "codes": {}, "kind": "attribute"}
                for name in table["columns"]
            ],
        }
        for table in tables
    ]
    folder = stores.editions / EDITION
    (folder / "codebook.json").write_bytes(canonical_json({"edition": EDITION, "tables": book}))
    signed = seal("edition.manifest", {"edition": EDITION, "tables": tables}, vault, SystemClock())
    (folder / "manifest.json").write_bytes(canonical_json(signed))
    return stores
