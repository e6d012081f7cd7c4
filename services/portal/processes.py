"""Several portal processes behind the same sockets, because one Python process uses one core.

Each is the whole application, forked from one that has served nothing yet. Nothing about a person is kept in a process:
sessions, lockouts, second factors, kept answers and positions in queues are rows of the database, read anew for every
request, so a suspension counts in all of them at once. When one ends, all end, and the container starts again: what it
was doing under an `Idempotency-Key` is then known as interrupted, and not as still running.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import wait
from typing import Any

AT_MOST = 2
"""Of those that are started where nothing is said: with PostgreSQL each may open 32 connections, and 100 is its usual
limit."""


def count_of(wanted: int) -> int:
    """How many are started: as many as wanted; for 0 one a core, up to two."""
    return wanted or min(os.cpu_count() or 1, AT_MOST)


def run(count: int, work: Callable[[], None]) -> int:
    """Do the work in so many processes until one ends or SIGTERM comes; the exit status of the one that ended first."""
    if count == 1:
        work()
        return 0
    signal.signal(signal.SIGTERM, _leave)
    forked = multiprocessing.get_context("fork")
    processes = [forked.Process(target=work, daemon=True) for _ in range(count)]
    try:
        for process in processes:
            process.start()
        wait([process.sentinel for process in processes])
        ended = [process for process in processes if process.exitcode is not None]
        return max((abs(process.exitcode or 1) for process in ended), default=1)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()


def _leave(_number: int, _frame: Any) -> None:
    """SIGTERM in the first process ends the others on its way out."""
    sys.exit(0)
