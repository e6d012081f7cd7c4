"""Run the worker until it is told to stop; what it was doing is taken up again at the next start."""

from __future__ import annotations

import importlib
import signal
import threading

from enclave.core.logging import configure, get_logger
from enclave.core.settings import get_settings
from services.api.context import Context
from services.worker.app import Job, Worker

LOOPS: tuple[tuple[str, ...], ...] = (
    ("vault_events", "labs", "jobs", "idle_labs", "assistance", "guard_events", "publications", "vetoes", "notices"),
    ("extracts", "dp", "airlock", "reports"),
    ("workspaces",),
    ("imports", "mechanism", "bounding"),
)
"""Modules by loop. Loops run side by side, so that what ends labs and jobs waits for no report, extract or snapshot; a
kind of work stands in one of them only, and each loop does one thing at a time."""
PAUSE = 0.5


def jobs(modules: tuple[str, ...]) -> tuple[Job, ...]:
    """The jobs of some domains, in the order in which they are looked for."""
    return tuple(job for name in modules for job in importlib.import_module(f"services.worker.{name}").JOBS)


def go_round(worker: Worker, stop: threading.Event) -> None:
    """Look for work twice a second until told to stop; a loop that breaks stops the others: the engine restarts all."""
    try:
        while not stop.is_set():
            if worker.tick() == 0:
                stop.wait(PAUSE)
    finally:
        stop.set()


def main() -> None:
    """Run every loop; the first in the main thread."""
    configure("worker")
    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    context = Context.from_settings(get_settings(), "worker")
    first, *others = [Worker(context, jobs(modules)) for modules in LOOPS]
    get_logger().info("worker_started", jobs=[job.name for modules in LOOPS for job in jobs(modules)])
    threads = [threading.Thread(target=go_round, args=(worker, stop)) for worker in others]
    for thread in threads:
        thread.start()
    go_round(first, stop)
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
