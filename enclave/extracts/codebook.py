"""The codebook that travels with an extract: what each column means after treatment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from enclave.extracts.specification import TIME_COLUMNS, Column, Part, RiskPolicy, Specification, Treatment

Known = dict[tuple[str, str], dict[str, Any]]
#: What the edition's codebook says of a column that a researcher needs.
_KEPT = ("description", "type", "codes", "ceds", "missing")


def compose(specification: Specification, edition_codebook: Path) -> dict[str, Any]:
    """Tables and columns of the extract; descriptions and code lists come from the edition's codebook."""
    known = _entries(edition_codebook)
    return {
        "project": specification.project,
        "version": specification.version,
        "edition": specification.edition,
        "tables": {
            table: {
                "description": next((text for part in parts if (text := _description(known, part))), ""),
                "providers": [part.provider for part in parts],
                "columns": _columns(parts, known, specification.policy),
            }
            for table, parts in specification.tables.items()
        },
    }


def _columns(parts: tuple[Part, ...], known: Known, policy: RiskPolicy) -> dict[str, Any]:
    found: dict[str, Any] = {
        "person_id": {"description": "Random code of the person, of this project only.", "treatment": "pseudonym"},
        "provider": {"description": "Code of the provider that the row comes from.", "treatment": "as in the edition"},
    }
    for part in parts:
        described = known.get((part.provider, part.table), {}).get("columns", {})
        for name in TIME_COLUMNS:
            if name in described:
                found[name] = _entry(described[name]) | {"treatment": "as in the edition"}
        for column in sorted(part.columns, key=lambda column: column.name):
            entry = _entry(described.get(column.name, {})) | {"treatment": _words(column, policy)}
            if column.treatment is not Treatment.KEEP:
                entry.pop("type", None)
            found[column.output] = found.get(column.output, {}) | entry
    return found


def _entry(column: dict[str, Any]) -> dict[str, Any]:
    return {name: column[name] for name in _KEPT if column.get(name)}


def _words(column: Column, policy: RiskPolicy) -> str:
    return {
        Treatment.KEEP: "as in the edition",
        Treatment.YEAR: "reduced to the year",
        Treatment.QUARTER: "reduced to the calendar quarter",
        Treatment.WAGE: f"rounded to ${policy.wage_step:,} and top-coded at ${policy.wage_top:,}",
        Treatment.EMPLOYER: "replaced by a random code of this project only",
    }[column.treatment]


def _description(known: Known, part: Part) -> str:
    return str(known.get((part.provider, part.table), {}).get("description", ""))


def _entries(path: Path) -> Known:
    """The edition's codebook by provider and table, its columns by name."""
    if not path.exists():
        return {}
    return {
        (str(table["provider"]), str(table["name"])): {
            "description": table.get("description", ""),
            "columns": {str(column["name"]): column for column in table["columns"]},
        }
        for table in json.loads(path.read_bytes())["tables"]
    }
