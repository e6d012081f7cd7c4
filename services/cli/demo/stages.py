"""How the demonstration's commands show what they do: one line a stage, with its seconds, a spinner meanwhile."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console

from enclave.core.errors import Unavailable

_CONSOLE = Console(stderr=True, highlight=False)
T = TypeVar("T")


@contextmanager
def stage(text: str) -> Iterator[None]:
    """Announce a stage, and say how long it took when it is done."""
    started = time.monotonic()
    if _CONSOLE.is_terminal:
        with _CONSOLE.status(text):
            yield
    else:
        print(f"  {text} …", file=sys.stderr, flush=True)
        yield
    _CONSOLE.print(f"  {text} [dim]({time.monotonic() - started:.1f} s)[/]")


def wait_for(look: Callable[[], T | None], what: str, seconds: float) -> T:
    """What `look` finds, asked twice a second; Unavailable when it finds nothing in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.5)
    raise Unavailable(
        f"{what} did not happen within {seconds:.0f} seconds.",
        "Run `make demo` again: it goes on where it stopped; `c2c doctor` says what may be wrong.",
    )
