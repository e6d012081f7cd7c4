"""Run the worker until it is told to stop; what it was doing is taken up again at the next start."""

from __future__ import annotations

import importlib
import signal
import threading

from enclave.core.logging import configure, get_logger
from enclave.core.settings import get_settings
from services.api.context import Context
from services.worker.app import Job, Worker

MODULES = (
    "vault_events",
    "extracts",
    "dp",
    "airlock",
    "reports",
    "labs",
    "jobs",
    "idle_labs",
    "workspaces",
    "assistance",
    "guard_events",
    "notices",
)
PAUSE = 0.5


def jobs() -> tuple[Job, ...]:
    """The jobs of every domain, in the order in which they are looked for."""
    return tuple(job for name in MODULES for job in importlib.import_module(f"services.worker.{name}").JOBS)


def main() -> None:
    """Look for work twice a second."""
    configure("worker")
    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    worker = Worker(Context.from_settings(get_settings(), "worker"), jobs())
    get_logger().info("worker_started", jobs=[job.name for job in worker.jobs])
    while not stop.is_set():
        if worker.tick() == 0:
            stop.wait(PAUSE)


if __name__ == "__main__":
    main()
