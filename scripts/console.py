"""What a person sees during set-up: one line a step with the seconds since the start, and no silent minutes."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_STARTED = time.monotonic()
_LOCK = threading.Lock()
HEARTBEAT_SECONDS = 10.0


class SetupError(Exception):
    """Set-up cannot go on: one sentence of what is wrong and one of what mends it."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


def say(text: str) -> None:
    """Prints one line to stderr with the seconds since the start."""
    with _LOCK:
        print(f"[{time.monotonic() - _STARTED:5.0f} s] {text}", file=sys.stderr, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Announces a step, keeps printing while it runs, and says how long it took."""
    begun = time.monotonic()
    done = threading.Event()

    def beat() -> None:
        while not done.wait(HEARTBEAT_SECONDS):
            say(f"{title} … {time.monotonic() - begun:.0f} s so far")

    say(f"{title} …")
    threading.Thread(target=beat, daemon=True).start()
    try:
        yield
    except BaseException:
        done.set()
        raise
    done.set()
    say(f"{title}: done in {time.monotonic() - begun:.0f} s")


def fail(error: SetupError) -> int:
    """Prints what is wrong and how to mend it; returns the exit code for "could not run"."""
    with _LOCK:
        print(f"\nStopped: {error.message}\nTo mend it: {error.advice}", file=sys.stderr, flush=True)
    return 2
