"""The worker's steps with a job: each may be the last before a kill, and nothing is lost or made twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from enclave.core.actors import Actor
from enclave.core.audit import list_events, verify
from enclave.core.clock import FixedClock
from enclave.core.errors import Unavailable
from enclave.jobs import service
from enclave.jobs.model import NotebookJob
from enclave.projects import membership
from enclave.workspaces.model import ProjectRoom
from services.api.context import Context
from services.engine_client import EngineClient
from services.worker import jobs as worker
from tests.factories import OPERATOR
from tests.unit.jobs.conftest import Cast, Guard, ask, job


def step(ctx: Context) -> list[str]:
    """What the worker does at one look."""
    found = worker.pending(ctx)
    for each in found:
        worker.run(ctx, each)
    return found


def test_a_job_starts_runs_and_ends(ctx: Context, cast: Cast, guard: Guard) -> None:
    asked = ask(ctx, cast["rosa"], "models/main.ipynb", year=2022)
    assert step(ctx) == [asked]
    grant = guard.only.grant
    assert (grant.profile, grant.user, grant.project, grant.extract, grant.run) == (
        "job",
        "rosa",
        "promise",
        "1",
        asked,
    )
    assert grant.command[:4] == ("python", "-m", "c2c_research.running", "models/main.ipynb")
    assert (job(ctx, asked).state, guard.only.status) == ("RUNNING", "running")
    assert step(ctx) == []
    guard.end(0)
    assert step(ctx) == [asked]
    row = job(ctx, asked)
    assert (row.state, row.reason, row.output) == ("FINISHED", "", f"jobs/{asked}-main.ipynb")
    assert row.cleared_at is not None and guard.boxes == {}
    assert step(ctx) == []
    with ctx.database.read() as session:
        assert verify(session).holds
        actions = {event.action for event in list_events(session).events}
        assert {"job.requested", "job.started", "job.finished"} <= actions


# number, exit code, killed for memory, a word of the reason
ENDS = [
    (1, 1, False, "A cell failed"),
    (2, 2, False, "not in the workspace"),
    (3, 3, False, "kernel died"),
    (4, 4, False, "no room"),
    (5, 137, True, "memory"),
    (6, 137, False, "from outside"),
    (7, 77, False, "from outside"),
]


@pytest.mark.parametrize(("number", "code", "oom", "reason"), ENDS)
def test_a_job_that_failed_says_why_in_our_words(
    number: int, code: int, oom: bool, reason: str, ctx: Context, cast: Cast, guard: Guard
) -> None:
    asked = ask(ctx, cast["rosa"])
    step(ctx)
    guard.end(code, oom=oom)
    step(ctx)
    row = job(ctx, asked)
    assert row.state == "FAILED" and reason in row.reason


def test_two_of_a_project_run_at_a_time_and_the_third_follows(ctx: Context, cast: Cast, guard: Guard) -> None:
    first, second, third = (ask(ctx, cast["rosa"]) for _ in range(3))
    assert step(ctx) == [first, second]
    assert (step(ctx), job(ctx, third).state) == ([], "QUEUED")
    with ctx.database.write() as session:
        service.cancel(session, cast["rosa"], "promise", first, ctx.clock)
    assert step(ctx) == [first]  # until its sandbox is gone it takes up room
    assert step(ctx) == [third]
    assert {box.grant.run for box in guard.boxes.values()} == {second, third}


def test_a_kill_before_the_sandbox_is_made_loses_nothing(ctx: Context, cast: Cast, guard: Guard) -> None:
    asked = ask(ctx, cast["rosa"])
    with ctx.database.write() as session:
        service.start(session, worker.WORKER, session.get_one(NotebookJob, asked), ctx.clock)
    assert step(ctx) == [asked]
    assert (guard.made, guard.only.status) == (1, "running")


def test_a_kill_between_making_and_starting_makes_it_anew(
    ctx: Context, cast: Cast, guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ask(ctx, cast["rosa"])
    with monkeypatch.context() as patch:
        patch.setattr(EngineClient, "start", _killed)
        with pytest.raises(KeyboardInterrupt):
            step(ctx)
    assert guard.only.status == "created"
    assert step(ctx) == [asked]
    assert (guard.made, guard.only.status, job(ctx, asked).state) == (2, "running", "RUNNING")


def test_a_kill_after_the_start_takes_the_running_sandbox_up(
    ctx: Context, cast: Cast, guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ask(ctx, cast["rosa"])
    with monkeypatch.context() as patch:
        patch.setattr(worker, "_seen", _killed)
        with pytest.raises(KeyboardInterrupt):
            step(ctx)
    assert (guard.only.status, job(ctx, asked).seen_at) == ("running", None)
    assert step(ctx) == [asked]
    assert (guard.made, job(ctx, asked).seen_at) == (1, ctx.clock.now())
    assert step(ctx) == []


def test_a_kill_after_the_end_removes_the_sandbox_later(
    ctx: Context, cast: Cast, guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ask(ctx, cast["rosa"])
    step(ctx)
    guard.end(0)
    with monkeypatch.context() as patch:
        patch.setattr(EngineClient, "remove", _killed)
        with pytest.raises(KeyboardInterrupt):
            step(ctx)
    assert (job(ctx, asked).state, len(guard.boxes)) == ("FINISHED", 1)
    assert (step(ctx), guard.boxes, step(ctx)) == ([asked], {}, [])


def test_a_sandbox_that_vanished_is_not_made_again(ctx: Context, cast: Cast, guard: Guard) -> None:
    asked = ask(ctx, cast["rosa"])
    step(ctx)
    guard.boxes.clear()
    step(ctx)
    row = job(ctx, asked)
    assert (row.state, guard.made) == ("FAILED", 1) and "sandbox is gone" in row.reason


def test_a_suspended_project_stops_what_runs_and_what_waits_and_says_why(
    ctx: Context, cast: Cast, guard: Guard, clock: FixedClock
) -> None:
    asked = [ask(ctx, cast["rosa"]) for _ in range(3)]
    step(ctx)
    with ctx.database.write() as session:
        membership.suspend_project(session, OPERATOR, "promise", "A question is open.", clock)
    assert step(ctx) == asked
    assert {job(ctx, each).state for each in asked} == {"STOPPED"}
    assert {job(ctx, each).reason for each in asked} == {"The project is suspended. Ask the office."}
    assert (guard.boxes, step(ctx)) == ({}, [])


def test_a_member_who_left_has_no_job_any_more(ctx: Context, cast: Cast, guard: Guard, clock: FixedClock) -> None:
    with ctx.database.write() as session:
        from enclave.people import service as people

        people.add_training(
            session, OPERATOR, clock, "ben", course="Data security",
            completed_at=clock.now(), expires_at=clock.now() + timedelta(days=90),
        )  # fmt: skip
    asked = ask(ctx, cast["ben"])
    step(ctx)
    with ctx.database.write() as session:
        membership.remove_member(session, OPERATOR, "promise", "ben", clock)
    step(ctx)
    assert (job(ctx, asked).state, guard.boxes) == ("STOPPED", {})


def test_a_job_is_stopped_at_the_end_of_its_time(ctx: Context, cast: Cast, guard: Guard, clock: FixedClock) -> None:
    asked = ask(ctx, cast["rosa"])
    step(ctx)
    clock.advance(timedelta(hours=ctx.settings.job_hours) - timedelta(seconds=1))
    assert step(ctx) == []
    clock.advance(timedelta(seconds=1))
    step(ctx)
    row = job(ctx, asked)
    assert (row.state, row.reason) == ("STOPPED", "It ran longer than the 24 hours that a job may.")


def test_a_refusal_of_the_guard_ends_the_job_in_its_words(ctx: Context, cast: Cast, guard: Guard) -> None:
    guard.refuses = {"message": "No key.", "error": {"code": "conflict", "message": "No key.", "advice": "Ask."}}
    asked = ask(ctx, cast["rosa"])
    step(ctx)
    row = job(ctx, asked)
    assert (row.state, row.reason) == ("FAILED", "No key. Ask.")


def test_without_a_guard_a_job_waits_and_one_that_runs_is_left_alone(ctx: Context, cast: Cast) -> None:
    asked = ask(ctx, cast["rosa"])
    with pytest.raises(Unavailable):
        step(ctx)
    assert job(ctx, asked).state == "RUNNING"
    assert worker.pending(ctx) == []  # nothing can be known


def test_a_start_counts_the_projects_workspaces_as_open(
    ctx: Context, cast: Cast, guard: Guard, clock: FixedClock
) -> None:
    with ctx.database.write() as session:
        session.add(ProjectRoom(project="promise", size="large", sealed_at=clock.now(), certificate=None))
    asked = [ask(ctx, cast["rosa"]) for _ in range(5)]
    assert step(ctx) == asked[:4]
    assert {box.grant.size for box in guard.boxes.values()} == {"large"}
    with ctx.database.read() as session:
        assert session.get_one(ProjectRoom, "promise").sealed_at is None


def test_the_machine_has_a_limit_of_its_own(ctx: Context, cast: Cast, guard: Guard) -> None:
    limited = ctx.settings.model_copy(update={"jobs_at_once": 1})
    object.__setattr__(ctx, "settings", limited)
    first, second = ask(ctx, cast["rosa"]), ask(ctx, cast["rosa"])
    assert step(ctx) == [first]
    assert job(ctx, second).state == "QUEUED"


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_the_worker_is_named_in_the_audit(ctx: Context, cast: Cast, guard: Guard) -> None:
    ask(ctx, cast["rosa"])
    step(ctx)
    with ctx.database.read() as session:
        (event,) = list_events(session, action="job.started").events
        assert event.actor == Actor.service("worker").label
