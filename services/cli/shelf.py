"""The reference shelf: what lies at `/reference` in every sandbox, and how it gets there.

The checkout's `reference/` holds the tables and their catalogue; a build copies them below the data folder and writes
`catalogue.json`, which the researcher's library reads. Promise: a table whose bytes are not those of the catalogue is
not put there. What a site loaded itself stays when the shelf is built again.
"""

from __future__ import annotations

import csv
import json
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from enclave.core.digests import sha256_hex
from enclave.core.errors import BadInput, Conflict, NotFound
from enclave.core.files import write_atomic

SOURCE = Path(__file__).parents[2] / "reference"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_DIRECTORY = ("district_code", "district_name", "county_code", "city", "schools")
Entry = dict[str, Any]


def build(shelf: Path) -> list[Entry]:
    """Put every table of the catalogue on the shelf; a site's own table of the same name wins."""
    there = entries(shelf)
    found = {name: _placed(shelf, name, entry) for name, entry in _declared().items() if not _of_site(there, name)}
    own = {name: entry for name, entry in there.items() if entry["of_site"]}
    ordered = {name: own.get(name) or found[name] for name in _declared()}
    return _written(shelf, {**ordered, **{name: entry for name, entry in own.items() if name not in ordered}})


def load(shelf: Path, name: str, file: Path, title: str, source: str, licence: str, today: date) -> Entry:
    """Put a site's own table on the shelf. BadInput when it is not a table, Conflict when a directory lacks columns."""
    if not _NAME.fullmatch(name):
        raise BadInput("A table's name has small letters, digits and underscores.", "For example cohort_definitions.")
    content = _read(file)
    header, rows = _parsed(content)
    before = entries(shelf).get(name, {})
    _check_rows(name, header, rows, before.get("key", []))
    entry = {
        "title": title or f"{name.replace('_', ' ').capitalize()}, loaded {today.isoformat()}",
        "source": source,
        "licence": licence,
        "note": "Loaded by this site.",
        "key": before.get("key", []),
        "numbers": [each for each in before.get("numbers", []) if each in header],
        "of_site": True,
    }
    _written(shelf, {**entries(shelf), name: _put(shelf, name, entry, content)})
    return {"name": name, **entries(shelf)[name]}


def entries(shelf: Path) -> dict[str, Entry]:
    """The tables on the shelf by name; none before the first build."""
    path = shelf / "catalogue.json"
    found: dict[str, Entry] = json.loads(path.read_text(encoding="utf-8"))["tables"] if path.is_file() else {}
    return found


def problems(shelf: Path) -> list[str]:
    """What is not as the catalogue says, in sentences; empty when all is well."""
    found = entries(shelf)
    if not found:
        return ["The reference shelf is empty: run `c2c reference build`."]
    changed = [name for name, entry in found.items() if _digest(shelf / entry["file"]) != entry["sha256"]]
    return [f"The reference table {name} is not as it was put there: run `c2c reference build`." for name in changed]


def _declared() -> dict[str, Entry]:
    return tomllib.loads((SOURCE / "catalogue.toml").read_text(encoding="utf-8"))


def _of_site(there: dict[str, Entry], name: str) -> bool:
    return bool(there.get(name, {}).get("of_site"))


def _placed(shelf: Path, name: str, declared: Entry) -> Entry:
    content = _made(declared["made"]) if "made" in declared else (SOURCE / declared["file"]).read_bytes()
    if "sha256" in declared and sha256_hex(content) != declared["sha256"]:
        raise Conflict(f"reference/{declared['file']} is not the file that its catalogue names.", "Restore it by git.")
    entry = {key: declared[key] for key in ("title", "source", "licence", "note", "key", "numbers")}
    return _put(shelf, name, {**entry, "of_site": False}, content)


def _made(generator: str) -> bytes:
    if generator != "synthetic.directory":
        raise Conflict(f"No generator is called {generator}.", "See reference/catalogue.toml.")
    from synthetic.directory import district_directory

    return district_directory()


def _put(shelf: Path, name: str, entry: Entry, content: bytes) -> Entry:
    header, rows = _parsed(content)
    write_atomic(shelf / f"{name}.csv", content)
    (shelf / f"{name}.csv").chmod(0o644)
    return {**entry, "file": f"{name}.csv", "columns": header, "rows": len(rows), "sha256": sha256_hex(content)}


def _written(shelf: Path, tables: dict[str, Entry]) -> list[Entry]:
    catalogue = json.dumps({"tables": tables}, indent=1, ensure_ascii=False).encode() + b"\n"
    write_atomic(shelf / "catalogue.json", catalogue)
    (shelf / "catalogue.json").chmod(0o644)
    return [{"name": name, **entry} for name, entry in tables.items()]


def _read(file: Path) -> bytes:
    if not file.is_file():
        raise NotFound(f"There is no file {file}.", "Give the path of a CSV file.")
    return file.read_bytes()


def _parsed(content: bytes) -> tuple[list[str], list[dict[str, str]]]:
    try:
        reader = csv.DictReader(content.decode("utf-8-sig").splitlines(), strict=True)
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as problem:
        raise BadInput("The file is not a UTF-8 CSV table.", "Save it as comma-separated text in UTF-8.") from problem
    header = list(reader.fieldnames or ())
    if not rows or len(set(header)) != len(header) or any(None in row or None in row.values() for row in rows):
        raise BadInput("The table is empty or uneven.", "Every line needs as many cells as the header names columns.")
    return header, rows


def _check_rows(name: str, header: list[str], rows: list[dict[str, str]], key: list[str]) -> None:
    if name == "district_directory":
        if missing := [column for column in _DIRECTORY if column not in header]:
            raise Conflict(f"The directory lacks {', '.join(missing)}.", f"It needs: {', '.join(_DIRECTORY)}.")
        counties = {f"{code:02d}" for code in range(1, 59)}
        if any(row["county_code"] not in counties or row["district_code"][:2] != row["county_code"] for row in rows):
            raise Conflict(
                "A county code is none of 01 to 58, or differs from its district's.", "Keep the codes as text."
            )
    if missing := [column for column in key if column not in header]:
        raise Conflict(
            f"The table lacks its key {', '.join(missing)}.", "Keep the columns of the table that it replaces."
        )
    keys = [tuple(row[column] for column in key) for row in rows]
    if key and len(set(keys)) != len(keys):
        raise Conflict(f"{', '.join(key)} does not name one row each.", "Remove the rows that stand twice.")


def _digest(path: Path) -> str:
    return sha256_hex(path.read_bytes()) if path.is_file() else ""
