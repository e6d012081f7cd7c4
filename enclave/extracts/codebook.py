"""The codebook that travels with an extract: what each column means after treatment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from enclave.extracts.specification import Column, RiskPolicy, Specification, Treatment

_TIMES = {
    "academic_year": "Academic year, named by the year in which it ends.",
    "year": "Calendar year.",
    "quarter": "Calendar quarter, 1 to 4.",
}


def compose(specification: Specification, edition_codebook: Path) -> dict[str, Any]:
    """Tables and columns of the extract; labels and code lists come from the edition's codebook where it has them."""
    known = _tables(json.loads(edition_codebook.read_bytes())) if edition_codebook.exists() else {}
    return {
        "project": specification.project,
        "version": specification.version,
        "edition": specification.edition,
        "tables": {
            table: {
                "label": known.get(table, {}).get("label", ""),
                "providers": [part.provider for part in parts],
                "columns": _columns(
                    [column for part in parts for column in part.columns],
                    known.get(table, {}).get("columns", {}),
                    specification.policy,
                ),
            }
            for table, parts in specification.tables.items()
        },
    }


def _columns(columns: list[Column], known: dict[str, Any], policy: RiskPolicy) -> dict[str, Any]:
    found: dict[str, Any] = {
        "person_id": {"label": "Random code of the person, of this project only.", "treatment": "pseudonym"},
        "provider": {"label": "Code of the provider that the row comes from.", "treatment": "keep"},
    }
    found |= {name: {"label": label, "treatment": "keep"} for name, label in _TIMES.items() if name in known}
    for column in sorted(columns, key=lambda column: column.name):
        entry = dict(known.get(column.name, {}))
        entry["treatment"] = _words(column, policy)
        if column.treatment is not Treatment.KEEP:
            entry.pop("type", None)
        found[column.output] = entry
    return found


def _words(column: Column, policy: RiskPolicy) -> str:
    return {
        Treatment.KEEP: "as in the edition",
        Treatment.YEAR: "reduced to the year",
        Treatment.QUARTER: "reduced to the calendar quarter",
        Treatment.WAGE: f"rounded to ${policy.wage_step:,} and top-coded at ${policy.wage_top:,}",
        Treatment.EMPLOYER: "replaced by a random code of this project only",
    }[column.treatment]


def _tables(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The edition's codebook by table, with columns by name, whether it lists them or maps them."""
    tables = document.get("tables", {})
    entries = tables.items() if isinstance(tables, dict) else ((entry.get("name"), entry) for entry in tables)
    return {
        str(name).rsplit(".", 1)[-1].rsplit("/", 1)[-1]: {**entry, "columns": _named(entry.get("columns", {}))}
        for name, entry in entries
        if isinstance(entry, dict)
    }


def _named(columns: Any) -> dict[str, Any]:
    if isinstance(columns, dict):
        return {name: entry for name, entry in columns.items() if isinstance(entry, dict)}
    return {str(entry["name"]): {k: v for k, v in entry.items() if k != "name"} for entry in columns}
