"""Between the request page's fields and the request's document: the element picker, lists, cohort lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from enclave.agreements import store as agreements
from enclave.agreements.states import AgreementState, Route
from enclave.core.errors import BadInput
from enclave.editions import store as editions
from enclave.extracts.deidentify import TREATMENTS, classify

TEXTS = (
    "title",
    "project",
    "abstract",
    "institution",
    "signatory",
    "purpose",
    "benefit",
    "legal_basis",
    "settings",
    "outputs",
)
_COHORT = re.compile(r"^(?P<element>\S+)\s+(?P<op>=|<=|>=|<|>|in|between)\s+(?P<value>.+)$")
_TREATED = {
    "keep": "",
    "year": "given as the year only",
    "quarter": "given as the quarter only",
    "wage": "rounded and top-coded",
    "employer": "replaced by a random code",
}


@dataclass(frozen=True)
class Choice:
    """One column in the picker; closed ones are shown with the reason, so that nobody hunts for them."""

    path: str
    column: str
    description: str
    note: str
    is_open: bool
    chosen: bool


@dataclass(frozen=True)
class Table:
    """One provider's table in the picker."""

    path: str
    provider: str
    description: str
    basis: str
    justification: str
    choices: list[Choice] = field(default_factory=list)

    @property
    def chosen(self) -> int:
        """How many columns are ticked."""
        return sum(choice.chosen for choice in self.choices)


def document_of(fields: FormData) -> dict[str, Any]:
    """The draft's document; what was left empty is left out, so that the check can name it."""
    document: dict[str, Any] = {name: text for name in TEXTS if (text := _text(fields, name))}
    document["team"] = [name for name in re.split(r"[\s,]+", _text(fields, "team")) if name]
    years = [_text(fields, "year_from"), _text(fields, "year_to")]
    if all(year.isdigit() for year in years):
        document["years"] = [int(year) for year in years]
    if (months := _text(fields, "duration_months")).isdigit():
        document["duration_months"] = int(months)
    document["selections"] = _selections(fields)
    document["cohort"] = [cohort_line(line) for line in _text(fields, "cohort").splitlines() if line.strip()]
    return document


def cohort_line(line: str) -> dict[str, Any]:
    """`cde.k12_enrollment.grade_level in 11, 12` as a condition; BadInput says how a line is written."""
    found = _COHORT.match(line.strip())
    if found is None:
        raise BadInput(
            "A line of the cohort cannot be read.",
            "Write provider.table.column, then = < <= > >= in or between, then the value or values with commas.",
        )
    values = [_value(text) for text in found["value"].split(",")]
    many = found["op"] in ("in", "between")
    return {"element": found["element"], "op": found["op"], "value": values if many else values[0]}


def cohort_text(conditions: list[dict[str, Any]]) -> str:
    """The conditions as lines that `cohort_line` reads again."""
    return "\n".join(
        f"{each['element']} {each['op']} {_line_value(each['value'])}" for each in conditions if "element" in each
    )


def picker(session: Session, document: dict[str, Any]) -> list[Table]:
    """Every table of every agreement in force, the draft's columns ticked."""
    described = _descriptions(session)
    chosen = {str(each.get("table")): each for each in document.get("selections") or []}
    tables = []
    for row in agreements.list_agreements(session):
        if row.state != AgreementState.ACTIVE:
            continue
        for table, data_class in sorted(row.classes.items()):
            path = f"{row.provider}.{table}"
            selection = chosen.get(path, {})
            tables.append(
                Table(
                    path,
                    row.provider,
                    described.get((path, ""), ""),
                    row.pathways.get(data_class, {}).get("basis", ""),
                    str(selection.get("justification", "")),
                    _choices(path, row.elements, selection.get("columns", ()), described),
                )
            )
    return tables


def _choices(path: str, elements: dict[str, str], chosen: Any, described: dict[tuple[str, str], str]) -> list[Choice]:
    table = path.split(".")[1]
    names = [name.split(".")[1] for name in sorted(elements) if name.startswith(f"{table}.")]
    return [_choice(path, name, elements[f"{table}.{name}"], name in chosen, described) for name in names]


def _choice(path: str, name: str, route: str, chosen: bool, described: dict[tuple[str, str], str]) -> Choice:
    treatment = TREATMENTS[classify(name)]
    is_open = Route.named(route) is Route.EXTRACT and treatment is not None
    note = _TREATED[treatment] if treatment and is_open else f"open to {route} use only" if not is_open else ""
    if route == "none":
        note = "closed by the agreement"
    return Choice(f"{path}.{name}", name, described.get((path, name), ""), note, is_open, chosen and is_open)


def _descriptions(session: Session) -> dict[tuple[str, str], str]:
    edition = editions.latest_published(session)
    if edition is None:
        return {}
    found: dict[tuple[str, str], str] = {}
    for table in edition.tables:
        path = f"{table.provider}.{table.name}"
        found[path, ""] = table.description
        found |= {(path, str(column["name"])): str(column["description"]) for column in table.columns}
    return found


def _selections(fields: FormData) -> list[dict[str, Any]]:
    columns: dict[str, list[str]] = {}
    for path in fields.getlist("column"):
        table, _, column = str(path).rpartition(".")
        columns.setdefault(table, []).append(column)
    return [
        {"table": table, "columns": sorted(names), "justification": _text(fields, f"why:{table}")}
        for table, names in sorted(columns.items())
    ]


def _text(fields: FormData, name: str) -> str:
    return str(fields.get(name, "")).strip()


def _value(text: str) -> int | str:
    bare = text.strip()
    if re.fullmatch(r"-?[1-9]\d{0,8}|0", bare):
        return int(bare)
    return bare.strip("\"'")


def _line_value(value: Any) -> str:
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)
