"""How many bytes each session moved: a number in the log every minute, to see what leaves by sheer amount."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from enclave.core.logging import get_logger


@dataclass
class Traffic:
    """Bytes of one session since the last report: `up` into the enclave, `down` to the browser."""

    up: int = 0
    down: int = 0
    open: int = 0


class TrafficBook:
    """Counts for every session that has something open."""

    def __init__(self) -> None:
        self._sessions: dict[str, Traffic] = {}

    @contextmanager
    def counting(self, session: str) -> Iterator[Traffic]:
        """The session's count, kept while the block lasts."""
        traffic = self._sessions.setdefault(session, Traffic())
        traffic.open += 1
        try:
            yield traffic
        finally:
            traffic.open -= 1

    def report(self) -> None:
        """Log what moved since the last report, and forget sessions that have nothing open."""
        for session, traffic in list(self._sessions.items()):
            if traffic.up or traffic.down:
                get_logger().info("lab_traffic", session=session, up=traffic.up, down=traffic.down)
            traffic.up = traffic.down = 0
            if not traffic.open:
                del self._sessions[session]
