"""Parameters are validated before anything runs."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from enclave.core.errors import BadInput, NotFound
from enclave.reports.catalogue import load_catalogue, template
from enclave.reports.parameters import Parameter, validate

DECLARED = {
    "year": Parameter(type="integer", label="Year", default=2019, minimum=2012, maximum=2026),
    "share": Parameter(type="number", label="Share", default=0.5, minimum=0, maximum=1),
    "by": Parameter(type="choice", label="By", default="county", choices=("county", "gender")),
    "totals": Parameter(type="flag", label="Totals", default=True),
}


def test_defaults_fill_what_is_not_given() -> None:
    assert validate(DECLARED, {}) == {"by": "county", "share": 0.5, "totals": True, "year": 2019}


def test_text_from_forms_and_commands_is_read_in_its_type() -> None:
    given = {"year": "2020", "share": "0.25", "by": "gender", "totals": "no"}
    assert validate(DECLARED, given) == {"by": "gender", "share": 0.25, "totals": False, "year": 2020}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("year", "2019; import os"), ("year", 2019.5), ("year", True), ("year", 1800), ("year", None),
        ("share", "nan"), ("share", float("inf")), ("share", -0.1), ("by", "name"), ("by", "county' OR 1=1"),
        ("by", ["county"]), ("totals", "maybe"), ("totals", None), ("__class__", "x"), ("cell", "1"),
    ],
)  # fmt: skip
def test_anything_else_is_refused(name: str, value: Any) -> None:
    with pytest.raises(BadInput):
        validate(DECLARED, {name: value})


def test_a_default_that_is_not_valid_is_a_fault_of_the_release() -> None:
    with pytest.raises((ValidationError, BadInput)):
        Parameter(type="integer", label="Year", default=1800, minimum=2012)


def test_the_catalogue_holds_the_registered_reports() -> None:
    found = load_catalogue()["college-going"]
    assert found.tables == ("k12_completion", "ps_enrollment")
    assert set(found.parameters) == {"cohort_year", "by", "horizon"}
    with pytest.raises(NotFound, match="no such report"):
        template("../../etc")
