"""Every route of the API and every page takes what schemathesis thinks of, from everybody, without a server error.

For each operation of the OpenAPI schema: input that fits it and input that does not, with names that exist and names
that do not, by people of every role, the operator and nobody. What comes back must be described: its status, its
type and its form. The hub is not there, so 503 with our own error is an honest answer; 500 never is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.python import asgi
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.responses import HTMLResponse

from enclave.core.clock import FixedClock
from enclave.core.db import Database
from services.portal.__main__ import OperatorListener
from services.portal.migrate import upgrade
from tests.portal import Portal
from tests.postgresql import create_database
from tests.property.town import ACTORS, NOBODY, Town, town
from tests.scale import examples

CHECKS: list[Any] = [status_code_conformance, content_type_conformance, response_schema_conformance]
STRANGE = ["%00", "..%2F..", "0", "-1", "ø", "a" * 300, "%F0%9F%92%A5", "x'--", "null", "99999999999999999999"]
PORTAL = "/services/portal"
RESET_EVERY = examples(12, 1)
"""On PostgreSQL going back takes a third of a second; a short run goes back after so many operations."""
MOSTLY = st.sampled_from([True] * 7 + [False])


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """The database with its migrations applied; PostgreSQL refuses more than SQLite does, and locks otherwise."""
    address = f"sqlite:///{tmp_path / 'app.db'}"
    if request.param == "postgresql":
        address = create_database(request.getfixturevalue("postgresql"), f"fuzz{uuid4().hex}")
    upgrade(address)
    made = Database(address)
    yield made
    made.dispose()


@pytest.fixture
def busy(portal: Portal, clock: FixedClock, tmp_path: Path) -> Iterator[Town]:
    with town(portal, clock, tmp_path) as made:
        yield made


@pytest.mark.timeout(3600)
def test_no_route_of_the_api_fails_and_every_answer_is_as_described(busy: Town) -> None:
    schema = schemathesis.openapi.from_asgi(f"{PORTAL}/api/openapi.json", busy.portal.app)
    number = examples(2 if busy.on_server else 5, 150)
    _fuzz(busy, schema, OperatorListener(busy.portal.app), busy.headers, CHECKS, number)


@pytest.mark.timeout(3600)
def test_no_page_fails(busy: Town) -> None:
    number = examples(3, 100)
    _fuzz(busy, _pages(busy.portal), busy.portal.app, busy.browser_headers, [], number)


def _fuzz(town: Town, schema: Any, app: Any, headers: Any, checks: list[Any], number: int) -> None:
    """Try each operation `number` times and tell of all that failed, not of the first alone."""
    wrong: dict[str, str] = {}
    reached: dict[str, set[int]] = {}
    for place, result in enumerate(schema.get_all_operations()):
        operation = result.ok()
        if not town.on_server or place % RESET_EVERY == 0:
            town.reset()
        with asgi.get_client(app) as client, asgi.get_client(town.portal.app) as outside:
            proof = {who: headers(who) for who in ACTORS}
            statuses = reached.setdefault(operation.label, set())
            problem = _try(operation, town, (client, outside), proof, checks, number, statuses)
        if problem:
            wrong[operation.label] = problem
    assert not wrong, "\n\n".join(f"{label}: {problem}" for label, problem in wrong.items())
    inside = sum(min(statuses) < 400 for statuses in reached.values())
    assert inside > len(reached) / 8, f"only {inside} of {len(reached)} operations were ever done"


def _try(
    operation: Any,
    town: Town,
    clients: tuple[Any, Any],
    proof: dict[str, dict[str, str]],
    checks: list[Any],
    number: int,
    statuses: set[int],
) -> str:
    fits = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    other = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    any_name = [each for names in town.known.values() for each in names] + STRANGE

    @seed(17)
    @settings(
        max_examples=number, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
    )  # fmt: skip
    @given(case=st.one_of(fits, fits, other), who=st.sampled_from(ACTORS), data=st.data())
    def attempt(case: Case, who: str, data: st.DataObject) -> None:
        for name in case.path_parameters or {}:
            case.path_parameters[name] = data.draw(
                st.sampled_from(town.known.get(name, STRANGE)) if data.draw(MOSTLY) else st.sampled_from(any_name)
            )
        answer = case.call(session=clients[who == NOBODY], headers=proof[who])
        statuses.add(answer.status_code)
        assert answer.status_code < 500 or _is_honest(answer), f"{who}: {answer.status_code} {case.as_curl_command()}"
        if answer.status_code >= 400 and checks:
            assert set(answer.json()["error"]) == {"code", "message", "advice"}
        if checks:
            case.validate_response(answer, checks=checks)

    try:
        attempt()
    except (Exception, BaseExceptionGroup) as problem:  # schemathesis groups what it found
        told = problem.exceptions[0] if isinstance(problem, BaseExceptionGroup) else problem
        return f"{type(told).__name__}: {str(told)[:900]}"
    return ""


def _is_honest(answer: Any) -> bool:
    return answer.status_code == 503


def _pages(portal: Portal) -> Any:
    """A schema of the pages: what FastAPI knows of their parameters and forms."""
    described = FastAPI()
    for each in iter_route_contexts(portal.app.routes):
        route, path = each.original_route, str(each.path)
        if isinstance(route, APIRoute) and path.startswith(PORTAL) and "/api/" not in path:
            described.add_api_route(path, route.endpoint, methods=sorted(route.methods), response_class=HTMLResponse)
    return schemathesis.openapi.from_dict(described.openapi())
