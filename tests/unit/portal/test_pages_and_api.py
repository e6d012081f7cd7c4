"""Everything that a page's form does, a program can do: each form's address beside the API's."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

import c2c_research
import services.cli
from tests.portal import BASE, Portal

NAMES = re.compile(r"\{[^}]*\}")

SAME = "the same address below /api, whatever its method"
FORMS: dict[str, str] = {
    "/agreements": SAME, "/agreements/{}/activate": SAME, "/agreements/{}/suspend": SAME,
    "/agreements/{}/terminate": SAME, "/assistance": SAME, "/assistance/{}/consent": SAME, "/assistance/{}/end": SAME,
    "/assistance/{}/look": SAME, "/assistance/{}/overrule": SAME, "/assistance/{}/refuse": SAME,
    "/assistance/{}/withdraw": SAME,
    "/duty": SAME, "/duty/{}/remove": "DELETE /duty/{}",
    "/feasibility": "POST /feasibility/queries",
    "/imports": SAME,
    "/imports/{}/decide": "POST /imports/{}/approve, POST /imports/{}/return, POST /imports/{}/refuse",
    "/imports/{}/files": SAME, "/imports/{}/remove": "DELETE /imports/{}/files/{}", "/imports/{}/submit": SAME,
    "/imports/{}/withdraw": SAME, "/imports/{}/words": "PUT /imports/{}",
    "/inbox/read": SAME, "/inbox/wishes/absence": "PUT /inbox/absence", "/inbox/wishes/back": "DELETE /inbox/absence",
    "/inbox/wishes/mail": "PUT /inbox/wishes", "/inbox/{}": "POST /inbox/notices/{}/read",
    "/packages/{}/decide": "POST /packages/{}/approve, POST /packages/{}/refuse",
    "/people": "POST /users", "/people/{}/reinstate": "POST /users/{}/reinstate",
    "/people/{}/second-factor/remove": "POST /users/{}/second-factor/remove",
    "/people/{}/setup-link": "POST /users/{}/setup-link", "/people/{}/suspend": "POST /users/{}/suspend",
    "/policy/{}/rules/{}": "POST /policies/{}/rules/{}",
    "/projects/{}/extracts": SAME, "/projects/{}/extracts/{}/destroy": "POST /extracts/{}/destroy",
    "/projects/{}/extracts/{}/revoke": "POST /extracts/{}/revoke", "/projects/{}/image": SAME,
    "/projects/{}/jobs/{}/cancel": SAME, "/projects/{}/members": SAME,
    "/projects/{}/members/{}/remove": "DELETE /projects/{}/members/{}", "/projects/{}/packages": "POST /packages",
    "/projects/{}/packages/{}/withdraw": "POST /packages/{}/withdraw", "/projects/{}/snapshots": SAME,
    "/projects/{}/snapshots/{}/restore": SAME,
    "/projects/{}/state": "POST /projects/{}/suspend, POST /projects/{}/resume, POST /projects/{}/dormant, "
                          "POST /projects/{}/close",
    "/projects/{}/workspace/size": "POST /projects/{}/size", "/projects/{}/budget": "POST /projects/{}/dp/grants",
    "/publications": SAME, "/publications/{}/answer": "POST /publications/{}/answers",
    "/publications/{}/comment": "POST /publications/{}/comments", "/publications/{}/file": SAME,
    "/publications/{}/no-comment": "POST /publications/{}/comments", "/publications/{}/send": SAME,
    "/publications/{}/withdraw": SAME,
    "/releases": "POST /projects/{}/outputs", "/releases/{}/answers": SAME, "/releases/{}/appeal": SAME,
    "/releases/{}/blind": SAME, "/releases/{}/check": SAME, "/releases/{}/comment": "POST /releases/{}/comments",
    "/releases/{}/describe": "PUT /releases/{}, PUT /releases/{}/groups",
    "/releases/{}/exception-appeal": "POST /releases/{}/exception-appeals", "/releases/{}/files": SAME,
    "/releases/{}/files/withdraw": "DELETE /releases/{}/files/{}",
    "/releases/{}/justify": "POST /releases/{}/justifications", "/releases/{}/repairs": SAME,
    "/releases/{}/repairs/{}/take": SAME, "/releases/{}/repairs/{}/undo": SAME, "/releases/{}/submit": SAME,
    "/releases/{}/template": SAME, "/releases/{}/withdraw": SAME,
    "/replies": "POST /review/replies", "/replies/{}/change": "PUT /review/replies/{}",
    "/replies/{}/remove": "DELETE /review/replies/{}",
    "/reports/runs/{}/cancel": SAME, "/reports/{}": "POST /reports/{}/runs",
    "/requests": SAME, "/requests/{}/decide": SAME, "/requests/{}/edit": "PUT /requests/{}",
    "/requests/{}/forward": SAME, "/requests/{}/return": SAME, "/requests/{}/submit": SAME,
    "/requests/{}/withdraw": SAME,
    "/review/{}/appeal/decision": "POST /releases/{}/appeal/decision",
    "/review/{}/appeal/take": "POST /releases/{}/appeal/take", "/review/{}/approve": "POST /releases/{}/approve",
    "/review/{}/blind": "POST /releases/{}/blind", "/review/{}/checklist": "POST /releases/{}/checklist",
    "/review/{}/claim": "POST /releases/{}/claim", "/review/{}/comment": "POST /releases/{}/comments",
    "/review/{}/exception": "POST /releases/{}/exceptions", "/review/{}/hand-over": "POST /releases/{}/hand-over",
    "/review/{}/hand-to": "POST /releases/{}/hand-to", "/review/{}/reject": "POST /releases/{}/reject",
    "/review/{}/release": "POST /releases/{}/release", "/review/{}/return": "POST /releases/{}/return",
    "/review/{}/revoke": "POST /releases/{}/revoke", "/review/{}/second-look": "POST /releases/{}/second-look",
    "/review/{}/second-look/take": "POST /releases/{}/second-look/take",
    "/review/{}/take-back": "POST /releases/{}/take-back", "/review/{}/vote": "POST /releases/{}/votes",
    "/review/{}/vote-all": "POST /releases/{}/votes",
    "/sessions/{}/open": SAME, "/sessions/{}/switch": "POST /sessions/{}/{}/stop, POST /sessions/{}/open",
    "/sessions/{}/{}/stop": SAME,
    "/vetoes/rules": SAME, "/vetoes/{}/contest": SAME, "/vetoes/{}/decision": SAME, "/vetoes/{}/refuse": SAME,
    "/vetoes/{}/waive": SAME,
}  # fmt: skip
"""Address of a form → the API's calls that do the same."""

PERSONAL: dict[str, str] = {
    "/login": "a password is typed into our own page alone", "/logout": "ends the browser's own session",
    "/login/code": "the second factor is typed into our own page alone",
    "/welcome/{}": "sets a password with a link that works once",
    "/account/password": "a password is never sent to an API",
    "/account/second-factor": "enrols a phone by a picture", "/account/second-factor/remove": "the same phone",
    "/account/recovery-codes": "shown to a person, once", "/account/sessions/close": "ends the person's own browsers",
}  # fmt: skip
"""Forms without a call, and why: they are about how a person proves who they are."""

NO_COMMAND: dict[str, str] = {
    "POST /feasibility/cost": "planning is done on the page, with its calculator beside the counts",
    "POST /feasibility/queries": "the same",
    "POST /sessions/{}/open": "a lab opens in the browser that asks for it",
}
"""Calls that no command makes, and why."""


def _routes(portal: Portal, api: bool) -> set[str]:
    """`METHOD /address` of everything that changes something, names left out."""
    found = set()
    for context in iter_route_contexts(portal.app.routes):
        route, path = context.original_route, str(context.path)
        if isinstance(route, APIRoute) and path.startswith(BASE) and path.startswith(f"{BASE}/api/") is api:
            plain = NAMES.sub("{}", path.removeprefix(f"{BASE}/api" if api else BASE))
            found |= {f"{method} {plain}" for method in route.methods - {"GET", "HEAD"}}
    return found


def test_every_form_of_the_pages_has_its_call(portal: Portal) -> None:
    calls = _routes(portal, api=True)
    forms = {each.partition(" ")[2] for each in _routes(portal, api=False)}
    assert forms - set(PERSONAL) == set(FORMS)
    for form, said in FORMS.items():
        if said is SAME:
            assert {f"POST {form}", f"PUT {form}"} & calls, form
        else:
            assert set(said.split(", ")) <= calls, form


def test_every_call_that_changes_something_takes_a_key(portal: Portal) -> None:
    document = portal.stranger().get(f"{BASE}/api/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            names = {each["name"] for each in operation.get("parameters", ())}
            assert ("Idempotency-Key" in names) == (method != "get"), (method, path)


def test_every_call_says_what_it_does_and_who_may(portal: Portal) -> None:
    document = portal.stranger().get(f"{BASE}/api/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"] and operation["description"], (method, path)
            assert {"4XX", "422", "503"} <= set(operation["responses"]), (method, path)
            door = operation["x-door"]
            assert (operation["x-roles"] == []) == (door in ("public", "operate") or "service:" in door), (method, path)


def _literals(folder: Path) -> Iterator[str]:
    """Addresses that commands write down, names left out."""
    for source in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values]
                yield "".join(parts).partition("?")[0]
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value.partition("?")[0]


@pytest.fixture(scope="module")
def written() -> set[str]:
    folders = [Path(str(package.__file__)).parent for package in (services.cli, c2c_research)]
    return {each for folder in folders for each in _literals(folder)}


def test_every_call_has_a_command_or_a_reason(portal: Portal, written: set[str]) -> None:
    """`c2c review` writes the last part of an address alone: `_act(as_user, release, "claim", …)`."""
    addresses = {each for each in written if each.startswith("/") and each not in ("/releases/{}/{}", "/outputs/{}/{}")}
    patterns = [re.compile(re.escape(each).replace(r"\{\}", "[^/]+")) for each in addresses]
    missing = set()
    for call in _routes(portal, api=True):
        address = call.partition(" ")[2]
        own = address.removeprefix("/projects/{}")
        same = {address, own, own.replace("/releases/{}", "/outputs/{}"), own.replace("/outputs/{}", "/releases/{}")}
        last = {each.removeprefix("/releases/{}/") for each in same}
        if not last & written and not any(pattern.fullmatch(each) for pattern in patterns for each in same):
            missing.add(call)
    assert not missing ^ set(NO_COMMAND), "\n".join(sorted(missing ^ set(NO_COMMAND)))
