"""What the explanation says of states, classes and the form is what the tables say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from enclave.agreements.states import PARTICIPATION, Route
from enclave.extracts.states import EXTRACT
from enclave.projects import form
from enclave.projects.states import REQUEST

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "requests-and-extracts.md"


def _section(heading: str) -> str:
    found = re.search(rf"^## {heading}$(.*?)(?=^## |\Z)", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("heading", "lifecycle"), [("Agreements", PARTICIPATION), ("Requests", REQUEST), ("Extracts", EXTRACT)]
)
def test_the_tables_of_states_are_those_of_the_code(heading: str, lifecycle: Any) -> None:
    written: dict[str, set[str]] = {}
    for states, after in re.findall(r"^\| ([A-Z_, ]+) \| ([^|]+) \|", _section(heading), re.MULTILINE):
        for state in states.split(", "):
            written[state] = set() if after.strip() == "nothing" else set(after.strip().split(", "))
    assert written == {str(state): {str(each) for each in lifecycle.allowed(state)} for state in lifecycle.states}


def test_every_route_is_explained() -> None:
    assert all(f"| `{route.label}` |" in _section("Agreements") for route in Route)


def test_the_example_request_is_complete() -> None:
    example = re.search(r"```yaml\n(.*?)```", _section("Requests"), re.DOTALL)
    assert example
    parsed = form.parse(form.check_draft(yaml.safe_load(example[1])))
    assert parsed.providers == ("cde", "edd")
