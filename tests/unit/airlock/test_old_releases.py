"""Releases without statements: read once by the worker; until then every comparison says that it left them out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from services.worker import airlock as jobs
from tests.portal import Portal
from tests.unit.airlock.desk import API, CONTEXT, TABLE, approve, submit

NEAR = TABLE.replace(b"120", b"123").replace(b"720", b"723")


def old_release(desk: Portal) -> str:
    """A release as one from before statements: the column is empty."""
    identity = str(submit(desk)["id"])
    approve(desk, identity)
    jobs.release(desk.context, identity)
    with desk.context.database.write() as session:
        session.execute(text("UPDATE release_check SET statements = NULL"))
    return identity


def second(desk: Portal) -> dict[str, Any]:
    answer = desk.operator("rosa").post(
        f"{API}/projects/promise/outputs", data={"title": "Again"},
        files=[("files", ("t2.csv", NEAR)), ("sidecars", ("t2.context.yaml", CONTEXT))],
    )  # fmt: skip
    return dict(answer.json()["files"][0])


def test_a_comparison_says_which_old_release_it_left_out(desk: Portal) -> None:
    first = old_release(desk)
    found = second(desk)
    assert found["status"] == "review"
    assert f"{first}: t1.csv" in next(each["message"] for each in found["findings"] if each["status"] == "review")


def test_the_worker_reads_it_once_and_the_request_is_compared_again(desk: Portal) -> None:
    first = old_release(desk)
    second(desk)
    assert jobs.silent(desk.context) and jobs.unchecked(desk.context) == []
    for file in jobs.silent(desk.context):
        jobs.read_again(desk.context, file)
    assert jobs.silent(desk.context) == []
    (stale,) = jobs.unchecked(desk.context)
    jobs.check(desk.context, stale)
    shown = desk.operator("rosa").get(f"{API}/releases/{stale}").json()["files"][0]
    assert any(
        each["rule"] == "differencing" and first in each["where"] + each["message"] for each in shown["findings"]
    )
    assert not any("Not compared" in each["message"] for each in shown["findings"])


def test_what_cannot_be_read_is_not_tried_for_ever_and_stays_named(desk: Portal) -> None:
    first = old_release(desk)
    blobs = desk.context.settings.paths.blobs
    for path in blobs.glob("*/*"):
        path.chmod(0o600)
        path.write_bytes(b"changed from outside")
    for file in jobs.silent(desk.context):
        jobs.read_again(desk.context, file)
    assert jobs.silent(desk.context) == []
    assert f"{first}: t1.csv" in str(second(desk)["findings"])
