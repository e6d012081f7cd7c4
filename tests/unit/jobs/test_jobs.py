"""Jobs: who may start, see and cancel them, what they are given, and which starts next."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest

from enclave.core.actors import Actor
from enclave.core.audit import list_events
from enclave.core.clock import FixedClock
from enclave.core.digests import canonical_json
from enclave.core.errors import BadInput, NotAllowed, TooMany
from enclave.core.signing import SigningKey, seal
from enclave.jobs import service, store
from enclave.jobs.policies import MOST_WAITING, Room, check_notebook, check_parameters, startable
from enclave.jobs.states import JOB, OPEN, JobState
from enclave.people import service as people
from enclave.projects import membership
from enclave.sandboxes.grants import Grant
from enclave.sandboxes.volumes import volume_names
from services.api.context import Context
from services.api.paging import USUAL
from services.news.table import told_by
from services.worker.notices import AuditEvent
from tests.factories import OPERATOR
from tests.portal import BASE, Portal
from tests.unit.jobs.conftest import Cast, ask, job

API = f"{BASE}/api/projects/promise/jobs"


def test_every_state_stands_in_the_table_and_only_open_ones_go_on() -> None:
    assert set(JOB.transitions) == set(JobState)
    assert {state for state in JobState if JOB.allowed(state)} == set(OPEN)


# number, who, starts, sees the list, cancels rosa's job
DOORS = [
    (1, "rosa", True, True, True),
    (2, "ben", False, True, False),  # a member without training: he may not work on data
    (3, "stranger", False, False, False),
    (4, "office", False, False, False),
    (5, "auditor", False, False, False),
    (6, "cde", False, False, False),
    (7, "admin", False, True, True),
    (8, "operator", False, True, True),
]


@pytest.mark.parametrize(("number", "who", "starts", "sees", "cancels"), DOORS, ids=[row[1] for row in DOORS])
def test_who_may_do_what(
    number: int, who: str, starts: bool, sees: bool, cancels: bool, portal: Portal, ctx: Context, cast: Cast
) -> None:
    asked = ask(ctx, cast["rosa"])
    client = portal.operator() if who == "operator" else portal.browser(cast[who].name)
    client.headers["accept"] = "application/json"
    assert (client.post(API, json={"notebook": "a.ipynb"}).status_code == 201) is starts
    assert (client.get(API).status_code == 200) is sees
    assert (client.get(f"{API}/{asked}").status_code == 200) is sees
    assert (client.post(f"{API}/{asked}/cancel").status_code == 200) is cancels
    assert (job(ctx, asked).state == "CANCELLED") is cancels


def test_a_jobs_parameters_are_its_researchers_alone(portal: Portal, ctx: Context, cast: Cast) -> None:
    ask(ctx, cast["rosa"], year=2022)
    seen = {}
    for name in ("rosa", "ben", "admin"):
        client = portal.browser(name)
        client.headers["accept"] = "application/json"
        (view,) = client.get(API).json()["jobs"]
        seen[name] = view["parameters"]
    assert seen == {"rosa": {"year": 2022}, "ben": None, "admin": None}
    with ctx.database.read() as session:
        (event,) = list_events(session, action="job.requested").events
        assert event.details["parameters"] == ["year"]


# number, path, what becomes of it; None: refused
PATHS = [
    (1, "main.ipynb", "main.ipynb"),
    (2, "./models//main.ipynb", "models/main.ipynb"),
    (3, "/shared/main.ipynb", "/shared/main.ipynb"),
    (4, "/data/main.ipynb", None),
    (5, "/workspace/main.ipynb", None),
    (6, "../main.ipynb", None),
    (7, "/shared/../etc/a.ipynb", None),
    (8, "main.py", None),
    (9, "", None),
    (10, "a\nb.ipynb", None),
    (11, "a\0.ipynb", None),
    (12, "a" * 300 + ".ipynb", None),
    (13, "/shared", None),
    (14, "/sharedx/a.ipynb", None),
]


@pytest.mark.parametrize(("number", "path", "plain"), PATHS)
def test_a_notebook_lies_in_the_workspace_or_the_shared_folder(number: int, path: str, plain: str | None) -> None:
    if plain is not None:
        assert check_notebook(path) == plain
        return
    with pytest.raises(BadInput):
        check_notebook(path)


# number, parameters, taken
GIVEN: list[tuple[int, dict[str, Any], bool]] = [
    (1, {}, True),
    (2, {"year": 2022, "share": 0.5, "full": True, "county": "Elm", "none": None}, True),
    (3, {"text": "x" * 100}, True),
    (4, {"text": "x" * 101}, False),
    (5, {"rows": [1, 2]}, False),
    (6, {"table": {"a": 1}}, False),
    (7, {"share": float("nan")}, False),
    (8, {"big": 2**63}, False),
    (9, {"no name": 1}, False),
    (10, {f"p{n}": n for n in range(21)}, False),
]


@pytest.mark.parametrize(("number", "given", "taken"), GIVEN)
def test_parameters_are_short_plain_values(number: int, given: dict[str, Any], taken: bool) -> None:
    if taken:
        assert check_parameters(given) == given
        return
    with pytest.raises(BadInput):
        check_parameters(given)


# number, waiting, projects of those that run, at once by project, on the machine, what starts
TURNS = [
    (1, ["1a", "2a", "3a"], "", {"a": 2}, 9, ["1a", "2a"]),
    (2, ["1a", "2a"], "a", {"a": 2}, 9, ["1a"]),
    (3, ["1a", "2b"], "aa", {"a": 2, "b": 1}, 9, ["2b"]),
    (4, ["1a", "2b", "3c"], "d", {"a": 2, "b": 2, "c": 2}, 3, ["1a", "2b"]),
    (5, ["1a"], "", {}, 9, []),
    (6, [], "aa", {"a": 2}, 9, []),
]


@pytest.mark.parametrize(("number", "waiting", "taken", "most", "machine", "starts"), TURNS)
def test_the_oldest_start_as_far_as_there_is_room(
    number: int, waiting: list[str], taken: str, most: dict[str, int], machine: int, starts: list[str]
) -> None:
    pairs = [(each, each[1]) for each in waiting]
    assert startable(pairs, taken, Room(most, machine)) == starts


def test_a_person_does_not_fill_the_queue_alone(ctx: Context, cast: Cast) -> None:
    for _ in range(MOST_WAITING):
        ask(ctx, cast["rosa"])
    with pytest.raises(TooMany):
        ask(ctx, cast["rosa"])


def test_a_closed_lab_starts_no_job_and_says_why(ctx: Context, cast: Cast, clock: FixedClock) -> None:
    with ctx.database.write() as session:
        membership.suspend_project(session, OPERATOR, "promise", "A question is open.", clock)
    with pytest.raises(NotAllowed, match="suspended"):
        ask(ctx, cast["rosa"])


def test_pages_of_jobs_follow_one_another(portal: Portal, ctx: Context, cast: Cast) -> None:
    ids = []
    for _ in range(USUAL + 2):
        ids.append(ask(ctx, cast["rosa"]))
        with ctx.database.write() as session:
            service.cancel(session, cast["rosa"], "promise", ids[-1], ctx.clock)
    client = portal.browser("rosa")
    first = client.get(f"{BASE}/projects/promise/jobs")
    assert (first.status_code, first.text.count('<tr><th scope="row">')) == (200, USUAL)
    older = first.text.split("?cursor=")[1].split('"')[0]
    assert client.get(f"{BASE}/projects/promise/jobs?cursor={older}").text.count('<tr><th scope="row">') == 2


def test_the_page_is_empty_at_first_and_cancels_later(portal: Portal, ctx: Context, cast: Cast) -> None:
    client = portal.browser("rosa")
    assert "No jobs yet." in client.get(f"{BASE}/projects/promise/jobs").text
    asked = ask(ctx, cast["rosa"], year=2022)
    text = client.get(f"{BASE}/projects/promise/jobs").text
    assert "year = 2022" in text and "0 running, 1 waiting" in text and "waits for room" in text
    assert client.post(f"{BASE}/projects/promise/jobs/{asked}/cancel").status_code == 303
    assert job(ctx, asked).state == "CANCELLED"


def test_its_researcher_is_told_of_an_end_that_somebody_else_made(ctx: Context, cast: Cast) -> None:
    told = {}
    for who in ("rosa", "admin"):
        asked = ask(ctx, cast["rosa"])
        with ctx.database.write() as session:
            service.cancel(session, cast[who], "promise", asked, ctx.clock)
            event = session.query(AuditEvent).order_by(AuditEvent.seq.desc()).first()
            assert event is not None
            told[who] = [(each.user, each.path) for each in told_by(session, event)]
        assert job(ctx, asked).reason == ("" if who == "rosa" else "Cancelled by admin.")
    assert told == {"rosa": [], "admin": [("rosa", "/projects/promise/jobs")]}


def test_a_job_opens_the_volumes_of_its_lab_and_a_report_none_of_them() -> None:
    assert volume_names(Grant("job", "rosa", "promise", run="job_1")) == volume_names(Grant("lab", "rosa", "promise"))
    assert volume_names(Grant("report", "rosa", "promise", run="run_1")) == ("_runs",)


def word(key: SigningKey, clock: FixedClock, **claim: str) -> dict[str, str]:
    """The header in which a sandbox's relay says who asks."""
    said = {"user": "rosa", "project": "promise", "method": "GET", "path": API} | claim
    envelope = seal("relay.assertion", said, key, clock, timedelta(seconds=60))
    return {"X-C2C-Relay": base64.urlsafe_b64encode(canonical_json(envelope)).decode()}


# number, what the relay says, whose key, status of the answer; the job runs
WORDS: list[tuple[int, dict[str, str], str, int]] = [
    (1, {}, "gateway", 200),
    (2, {"run": ""}, "gateway", 401),
    (3, {"run": "job_other"}, "gateway", 401),
    (4, {"user": "ben"}, "gateway", 401),
    (5, {"project": "other"}, "gateway", 403),
    (6, {"path": f"{BASE}/api/projects"}, "gateway", 403),
    (7, {"method": "POST"}, "gateway", 403),
    (8, {}, "hub", 401),
]


@pytest.mark.parametrize(("number", "claim", "key", "status"), WORDS)
def test_a_job_speaks_to_the_portal_by_its_relays_word_alone(
    number: int, claim: dict[str, str], key: str, status: int,
    portal: Portal, ctx: Context, cast: Cast, keys: dict[str, SigningKey], clock: FixedClock,
) -> None:  # fmt: skip
    asked = ask(ctx, cast["rosa"])
    with ctx.database.write() as session:
        service.start(session, Actor.service("worker"), store.get_job(session, "promise", asked), clock)
    client = portal.stranger()
    client.headers["accept"] = "application/json"
    assert client.get(API, headers=word(keys[key], clock, **{"run": asked} | claim)).status_code == status


def test_the_word_of_a_job_ends_with_the_job_and_with_its_person(
    portal: Portal, ctx: Context, cast: Cast, keys: dict[str, SigningKey], clock: FixedClock
) -> None:
    asked = ask(ctx, cast["rosa"])
    client = portal.stranger()
    client.headers["accept"] = "application/json"

    def status() -> int:
        return client.get(API, headers=word(keys["gateway"], clock, run=asked)).status_code

    assert status() == 401  # it waits
    with ctx.database.write() as session:
        service.start(session, Actor.service("worker"), store.get_job(session, "promise", asked), clock)
    assert status() == 200
    with ctx.database.write() as session:
        people.suspend(session, OPERATOR, clock, "rosa", "A question is open.")
    assert status() in (401, 403)
    with ctx.database.write() as session:
        people.reinstate(session, OPERATOR, clock, "rosa")
        service.cancel(session, OPERATOR, "promise", asked, clock)
    assert status() == 401
