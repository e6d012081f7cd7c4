"""Tiers and second looks through the portal's doors, with the real checker; repeated reports with their real rows."""

from __future__ import annotations

import pytest

from enclave.core.actors import Actor
from enclave.core.audit import list_events
from enclave.core.clock import FixedClock
from enclave.reports.model import ReportRun
from enclave.reports.states import RunState
from output_review import service, store, tiers
from output_review.reconciliation import reconcile
from output_review.states import ReleaseState, ReviewMode
from services.airlock import airlock_of, repeated_outputs, submission_of
from services.news.table import told_by
from services.web.waiting import waiting_for
from services.worker import airlock as jobs
from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, approve, post, submit

WORKER = Actor.service("worker")
CODE = b"import pandas as pd\n\nprint(pd.__version__)\n"


def released_code(desk: Portal) -> str:
    made = submit(desk, CODE, name="make.py")
    assert (made["tier"], made["state"], made["required_votes"]) == ("code", "SUBMITTED", 1), made
    shown = post(desk.operator("chris"), f"/releases/{made['id']}/votes", {"file": "make.py", "choice": "APPROVED"})
    assert shown["tier_title"] == "Code lane" and "approve" in shown["allowed_actions"]
    post(desk.operator("chris"), f"/releases/{made['id']}/approve")
    for item in jobs.approved(desk.context):
        jobs.release(desk.context, item)
    return str(made["id"])


def test_one_checker_lets_code_out_and_another_looks_again(desk: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "drawn", lambda *_: True)
    release = released_code(desk)
    assert "Take<span" in desk.browser("dana").get(f"{BASE}/review").text
    assert "for a colleague" in desk.browser("chris").get(f"{BASE}/review").text
    assert desk.browser("dana").get(f"{BASE}/").text.count("Second look at") == 1
    dana = desk.browser("dana")
    assert "pandas" not in dana.get(f"{BASE}/review/{release}").text
    assert dana.post(f"{BASE}/review/{release}/second-look/take").status_code == 303
    page = dana.get(f"{BASE}/review/{release}").text
    assert "pandas" in page and "Call it an incident" in page
    with desk.context.database.read() as session:
        assert reconcile(airlock_of(desk.context), session, desk.context.keyring, desk.context.clock).differences == []
    form = {"verdict": "incident", "note": "The first line names a person."}
    assert dana.post(f"{BASE}/review/{release}/second-look", data=form).status_code == 303
    sam = desk.browser("sam").get(f"{BASE}/review/{release}").text
    assert "names a person" in sam and "Revoke the release" in sam
    with desk.context.database.read() as session:
        waits = waiting_for(session, Actor("sam", frozenset({"senior_checker"})), desk.context.clock)
        assert any("decide on its revocation" in each.text for each in waits)
        events = {each.action: told_by(session, each) for each in list_events(session).events}
    # Dana sits at the desk by now, so she needs no telling.
    assert {told.user for told in events["release.second_look_drawn"]} == {"erin", "sam"}
    assert {told.user for told in events["release.second_look_incident"]} == {"sam"}


def test_the_author_is_not_shown_the_second_look(desk: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "drawn", lambda *_: True)
    release = released_code(desk)
    assert desk.operator("rosa").get(f"{API}/releases/{release}").json()["second_look"] is None
    assert desk.operator("rosa").get(f"{API}/releases/second-looks").status_code == 403
    assert [row["id"] for row in desk.operator("dana").get(f"{API}/releases/second-looks").json()] == [release]


def test_a_draft_shows_its_author_the_button_for_independent_readers(desk: Portal) -> None:
    made = submit(desk, submit=False)
    rosa = desk.browser("rosa")
    assert "Ask for two independent readers" in rosa.get(f"{BASE}/releases/{made['id']}").text
    assert rosa.post(f"{BASE}/releases/{made['id']}/blind").status_code == 303
    post(desk.operator("rosa"), f"/releases/{made['id']}/submit")
    shown = post(desk.operator("chris"), f"/releases/{made['id']}/claim")
    assert shown["blind"] and "independently" in shown["tier_reason"]
    assert "independently and blind" in desk.browser("chris").get(f"{BASE}/review/{made['id']}").text


def report_run(desk: Portal, clock: FixedClock, number: int, notebook: str = "a" * 64) -> str:
    """A run of a registered report whose output became a draft of rosa's, as the worker makes it."""
    airlock = airlock_of(desk.context)
    lineage = {"report": "tables", "notebook": notebook, "run": f"run_{number}"}
    with desk.context.database.write() as session:
        submission = submission_of(desk.context, session, "promise", lineage)
        request = service.create_draft(airlock, session, WORKER, submission, title="Tables", author="rosa").id
        session.add(
            ReportRun(
                id=f"run_{number}", state=RunState.SUCCEEDED.value, template="tables", notebook_digest=notebook,
                project="promise", author="rosa", extract_version=1, parameters={}, created_at=clock.now(),
                outputs={"t1.csv": "b" * 64}, release=request,
            )
        )  # fmt: skip
    return request


def test_a_report_is_repeated_once_two_people_released_its_notebook(desk: Portal, clock: FixedClock) -> None:
    first, second = report_run(desk, clock, 1), report_run(desk, clock, 2)
    other = report_run(desk, clock, 3, "c" * 64)

    def outputs(request: str) -> dict[str, str]:
        with desk.context.database.read() as session:
            return dict(repeated_outputs(session, store.get(session, request)))

    assert outputs(second) == {}
    for mode, expected in ((ReviewMode.SINGLE, {}), (ReviewMode.SEQUENTIAL, {"t1.csv": "b" * 64})):
        with desk.context.database.write() as session:
            row = store.get(session, first)
            row.state, row.review_mode = ReleaseState.RELEASED.value, mode.value
        assert outputs(second) == expected
    assert outputs(other) == {}


def test_a_member_cannot_name_a_run_that_is_not_their_requests_own(desk: Portal, clock: FixedClock) -> None:
    report_run(desk, clock, 1)
    made = submit(desk)
    with desk.context.database.write() as session:
        row = store.get(session, made["id"])
        row.lineage = {**row.lineage, "run": "run_1"}
        assert repeated_outputs(session, row) == {}
    approve(desk, made["id"])
