"""The worker's own promises: a look that costs something is not taken too often, and a failed item rests."""

from __future__ import annotations

import pkgutil
import threading
from datetime import timedelta

import services.worker
from enclave.core.errors import Unavailable
from services.api.context import Context
from services.worker.__main__ import LOOPS, go_round
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


def test_every_kind_of_work_stands_in_one_loop() -> None:
    named = sorted(name for modules in LOOPS for name in modules)
    there = {info.name for info in pkgutil.iter_modules(services.worker.__path__)} - {"__main__", "app"}
    assert named == sorted(there)


def test_a_long_work_in_one_loop_does_not_hold_up_another(portal: Portal) -> None:
    stop, begun, done = threading.Event(), threading.Event(), threading.Event()

    def long(_ctx: Context, _item: str) -> None:
        begun.set()
        assert done.wait(30)

    slow = Worker(portal.context, (Job("long", lambda _ctx: ["one"], long),))
    quick = Worker(portal.context, (Job("quick", lambda _ctx: ["one"], lambda _ctx, _item: done.set()),))
    first = threading.Thread(target=go_round, args=(slow, stop))
    first.start()
    assert begun.wait(30)
    second = threading.Thread(target=go_round, args=(quick, stop))
    second.start()
    assert done.wait(30)
    stop.set()
    for thread in (first, second):
        thread.join(30)
        assert not thread.is_alive()
