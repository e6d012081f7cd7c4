"""The worker's own promises: a look that costs something is not taken too often, and a failed item rests."""

from __future__ import annotations

from datetime import timedelta

from enclave.core.errors import Unavailable
from services.api.context import Context
from services.worker.app import Job, Worker
from tests.portal import Portal


def test_a_costly_look_waits_and_a_free_one_does_not(portal: Portal) -> None:
    looks: list[str] = []

    def look(name: str, every: timedelta) -> Job:
        def pending(_ctx: Context) -> list[str]:
            looks.append(name)
            return []

        return Job(name, pending, lambda _ctx, _item: None, every=every)

    worker = Worker(portal.context, (look("costly", timedelta(hours=1)), look("free", timedelta(0))))
    for _ in range(3):
        worker.tick()
    assert looks == ["costly", "free", "free", "free"]


def test_an_item_that_failed_rests_and_the_others_go_on(portal: Portal) -> None:
    done: list[str] = []

    def run(_ctx: Context, item: str) -> None:
        if item == "bad":
            raise Unavailable("Away.", "Later.")
        done.append(item)

    worker = Worker(portal.context, (Job("work", lambda _ctx: ["bad", "good"], run),))
    assert [worker.tick(), worker.tick()] == [1, 1]
    assert done == ["good", "good"]
