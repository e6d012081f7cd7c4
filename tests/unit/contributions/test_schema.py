"""Provider schemas are judged when they are loaded."""

from __future__ import annotations

from typing import Any

import pytest

from enclave.contributions.schema import IDENTITY_COLUMNS, PROVIDERS, TableRole, load_schema, parse_schema

_ID = {"type": "text", "class": "record_id", "required": True, "ceds": "Person Identifier", "description": "Key"}
_NAME = {"type": "text", "class": "identity:last_name", "ceds": "Last Name", "description": "Name"}
_ATTRIBUTE = {"type": "integer", "class": "attribute", "ceds": "Year", "description": "Year"}


def _document(roster: dict[str, Any], table: dict[str, Any]) -> dict[str, Any]:
    def made(role: str, columns: dict[str, Any]) -> dict[str, Any]:
        return {"role": role, "description": "", "key": ["record_id"], "columns": columns}

    return {"provider": "x", "name": "X", "tables": {"person": made("roster", roster), "t": made("attributes", table)}}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_provider_has_a_schema_with_one_roster_and_named_columns(provider: str) -> None:
    schema = load_schema(provider)
    assert schema.provider == provider
    assert schema.roster.name == "person"
    assert all(column.ceds and column.description for table in schema.tables for column in table.columns)
    assert all(column.identity in IDENTITY_COLUMNS for column in schema.roster.columns if column.kind != "record_id")


@pytest.mark.parametrize(("number", "roster", "table"), [
    (1, {"record_id": _ID, "last_name": _NAME}, {"record_id": _ID, "last_name": _NAME}),
    (2, {"record_id": _ID}, {"record_id": _ID, "year": _ATTRIBUTE}),
    (3, {"last_name": _NAME}, {"record_id": _ID, "year": _ATTRIBUTE}),
    (4, {"record_id": _ID, "last_name": {**_NAME, "class": "identity:shoe_size"}}, {"record_id": _ID}),
    (5, {"record_id": _ID, "last_name": _NAME}, {"record_id": _ID, "year; DROP": _ATTRIBUTE}),
    (6, {"record_id": _ID, "last_name": _NAME}, {"record_id": _ID, "kind": {**_ATTRIBUTE, "type": "code"}}),
    (7, {"record_id": _ID, "last_name": _NAME}, {"record_id": _ID, "year": {**_ATTRIBUTE, "unit": "years"}}),
    (8, {"record_id": _ID, "last_name": {**_NAME, "pattern": "("}}, {"record_id": _ID}),
    (9, {"record_id": {**_ID, "missing": "No key"}, "last_name": _NAME}, {"record_id": _ID}),
])  # fmt: skip
def test_a_schema_that_does_not_hang_together_is_refused(
    number: int, roster: dict[str, Any], table: dict[str, Any]
) -> None:
    with pytest.raises((ValueError, TypeError)):
        parse_schema(_document(roster, table), {})


def test_identity_is_never_offered_for_extracts() -> None:
    for provider in PROVIDERS:
        schema = load_schema(provider)
        elements = schema.elements()
        assert all(elements[f"person.{c.name}"] == "none" for c in schema.roster.columns if c.identity)
        assert not any(name.endswith(".record_id") for name in elements)


def test_every_column_that_may_be_empty_says_what_that_means() -> None:
    for provider in PROVIDERS:
        for table in load_schema(provider).attribute_tables:
            silent = [column.name for column in table.columns if not column.required and not column.missing]
            assert silent == [], f"{provider}.{table.name}: say in `missing` what an empty cell means"
    gpa = next(c for c in load_schema("uc").tables[1].columns if c.name == "term_gpa")
    assert gpa.missing_means == "No unit of the term was graded"
    assert load_schema("uc").tables[1].columns[0].missing_means.startswith("Never empty")


def test_an_unknown_provider_has_no_schema() -> None:
    with pytest.raises(KeyError):
        load_schema("../secrets")


def test_rosters_are_the_only_tables_with_the_role() -> None:
    assert [t.name for t in load_schema("edd").tables if t.role is TableRole.ROSTER] == ["person"]
