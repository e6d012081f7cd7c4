"""Every listing of the API goes in pages, in one way: nothing is lost or shown twice, also while rows arrive."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from services.api.paging import MOST
from tests.approved import form
from tests.portal import BASE, Portal
from tests.property.town import PACK, Town, town

API = f"{BASE}/api"
LONG = 60
"""Pages that a walk turns at most."""


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One enclave in use for all of these tests: they add to it, and none counts on its number of rows."""
    from tests.portal import new_portal

    folder = tmp_path_factory.mktemp("town")
    portal, clock = new_portal(folder)
    with town(portal, clock, folder) as made:
        _more(made)
        yield made


def _more(made: Town) -> None:
    """Rows in the lists that the town leaves empty."""
    operator = made.portal.operator
    for number in range(3):
        said = {"title": f"Reply {number}", "body": "Name the year.", "shared": True}
        assert operator("chris").post(f"{API}/review/replies", json=said).status_code == 201
        wish = {"project": "promise", "package": f"lib-{'abc'[number]}", "purpose": "Charts of the county tables."}
        assert operator("rosa").post(f"{API}/packages", json=wish).status_code == 201
        job = {"notebook": f"n{number}.ipynb"}
        assert operator("rosa").post(f"{API}/projects/promise/jobs", json=job).status_code == 201


def described(portal: Portal) -> dict[str, Any]:
    """The OpenAPI document."""
    found: dict[str, Any] = portal.stranger().get(f"{API}/openapi.json").json()
    return found


def _schema(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
    found: dict[str, Any] = content.get("schema", {})
    name = found.get("$ref", "").rpartition("/")[2]
    return document["components"]["schemas"][name] if name else found


def _gets(portal: Portal) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    document = described(portal)
    return [
        (path, methods["get"], _schema(document, methods["get"]))
        for path, methods in document["paths"].items()
        if "get" in methods
    ]


def listings(portal: Portal) -> list[str]:
    """Addresses that answer with a list, or with a page of one."""
    return [
        path
        for path, _, schema in _gets(portal)
        if schema.get("type") == "array" or "next" in schema.get("properties", {})
    ]


def _addresses(busy: Town) -> list[str]:
    """Each listing with something real in the places of its path."""
    fill = {name: values[0] for name, values in busy.known.items()} | {"name": PACK}
    found = []
    for path in listings(busy.portal):
        for name in fill:
            path = path.replace(f"{{{name}}}", quote(fill[name]))
        found.append(path)
    found.remove(f"{API}/sessions")  # the hub's own list, and the hub is not here
    return [*found, f"{API}/releases?scope=queue", f"{API}/releases?scope=all", f"{API}/imports?waiting=true"]


def _reader(busy: Town, address: str) -> TestClient:
    """Somebody who may read this listing, and has rows in it where possible."""
    answers = [
        (client, client.get(address))
        for client in (
            busy.portal.operator(who) for who in (None, "chris", "the-senior-checker", "rosa", "the-auditor")
        )
    ]
    good = [(client, rows_of(answer.json())) for client, answer in answers if answer.status_code == 200]
    assert good, f"{address}: {[answer.text[:200] for _, answer in answers]}"
    return max(good, key=lambda pair: len(pair[1]))[0]


def _sign(address: str) -> str:
    return "&" if "?" in address else "?"


def rows_of(answer: Any) -> list[Any]:
    """The rows of a page, bare or under the name of their kind."""
    if isinstance(answer, list):
        return answer
    return next(value for name, value in answer.items() if isinstance(value, list))


def walk(client: TestClient, address: str, limit: int) -> list[Any]:
    """All rows of all pages, by the `Link` header alone."""
    answer = client.get(f"{address}{_sign(address)}limit={limit}")
    found: list[Any] = []
    for _ in range(LONG):
        assert answer.status_code == 200, answer.text
        rows = rows_of(answer.json())
        assert len(rows) <= limit
        found += rows
        if isinstance(answer.json(), dict):
            assert (answer.json()["next"] is not None) == ("next" in answer.links)
        if "next" not in answer.links:
            return found
        assert rows, "an empty page leads on"
        answer = client.get(answer.links["next"]["url"])
    raise AssertionError(f"{address} does not end")


def test_what_answers_with_a_list_takes_limit_and_cursor(busy: Town) -> None:
    wrong = []
    for path, operation, schema in _gets(busy.portal):
        asked = {each["name"] for each in operation.get("parameters", ())}
        is_list = schema.get("type") == "array" or "next" in schema.get("properties", {})
        if is_list != ({"limit", "cursor"} <= asked) or asked & {"page", "before", "offset"}:
            wrong.append(path)
    assert not wrong


def test_the_pages_of_every_listing_make_the_whole(busy: Town) -> None:
    many = 0
    for address in _addresses(busy):
        client = _reader(busy, address)
        whole = rows_of(client.get(f"{address}{_sign(address)}limit={MOST}").json())
        least = len(whole) // LONG + 1
        assert walk(client, address, least) == whole, address
        assert walk(client, address, least + 1) == whole, address
        many += len(whole) > 1
    assert many >= 18, f"only {many} listings had more than one row"


def test_what_is_no_cursor_of_a_listing_is_refused_with_advice(busy: Town) -> None:
    def made(*parts: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()

    for address in _addresses(busy):
        client, sign = _reader(busy, address), _sign(address)
        for cursor in ("x", "%00", "W10", made("0" * 8, "a"), made([1], 2), "a" * 900):
            answer = client.get(f"{address}{sign}cursor={cursor}")
            assert answer.status_code == 422, (address, cursor, answer.text)
            assert answer.json()["error"]["advice"]
        for limit in ("0", "-1", str(MOST + 1), "all"):
            assert client.get(f"{address}{sign}limit={limit}").status_code == 422, (address, limit)


def test_a_cursor_opens_no_other_listing_and_no_forged_place_fails(busy: Town) -> None:
    from services.api.paging import _encode

    for address in _addresses(busy):
        client, path, sign = _reader(busy, address), address.partition("?")[0], _sign(address)
        for place in (("",), (0,), (-1,), ("zzzz",), ("a", "b"), (1, 2, 3, 4, 5), ("\x01",), (2**70,)):
            answer = client.get(f"{address}{sign}cursor={_encode(path, place)}")
            assert answer.status_code in (200, 422), (address, place, answer.text)


def test_rows_that_arrive_between_pages_neither_repeat_nor_hide_others(busy: Town) -> None:
    rosa, address = busy.portal.operator("rosa"), f"{API}/requests"
    before = [row["id"] for row in rosa.get(address).json()]
    assert len(before) > 2
    seen, answer = [], rosa.get(f"{address}?limit=1")
    for number in range(LONG):
        seen += [row["id"] for row in answer.json()]
        if "next" not in answer.links:
            break
        made = rosa.post(address, json={"form": form(project=f"later-{number}")})
        assert made.status_code == 201
        answer = rosa.get(answer.links["next"]["url"])
    assert seen == before


def test_a_row_that_goes_between_pages_takes_no_other_with_it(busy: Town) -> None:
    chris, address = busy.portal.operator("chris"), f"{API}/review/replies"
    before = [row["id"] for row in chris.get(address).json()]
    answer = chris.get(f"{address}?limit=1")
    assert [row["id"] for row in answer.json()] == before[:1]
    chris.delete(f"{address}/{before[0]}")
    rest = walk(chris, answer.links["next"]["url"].partition("&limit")[0], 1)
    assert [row["id"] for row in rest] == before[1:]


def test_a_page_says_how_many_there_are(busy: Town) -> None:
    rosa = busy.portal.operator("rosa")
    whole = rosa.get(f"{API}/requests")
    assert rosa.get(f"{API}/requests?limit=1").headers["X-Total-Count"] == str(len(whole.json()))


def test_the_command_line_reads_all_pages(busy: Town) -> None:
    from services.cli.client import OperatorClient

    client = OperatorClient.__new__(OperatorClient)
    client._client = busy.portal.operator("rosa")
    whole = client.get("/requests")
    assert client.get("/requests", limit=1) == whole
    jobs = client.listing("/projects/promise/jobs", "jobs")
    assert len(jobs["jobs"]) >= 3 and jobs["next"] is None
    assert client.listing("/projects/promise/jobs", "jobs", 2)["jobs"] == jobs["jobs"][:2]
