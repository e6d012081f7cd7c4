"""Whether a person may still be in a project's lab: the portal's word, never older than five seconds."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

import aiohttp

from enclave.core.calls import HEADER, sign_call
from enclave.core.clock import Clock
from enclave.core.errors import NotAllowed, Unavailable
from enclave.core.signing import SigningKey

FRESH = 4.0
GRACE = 30.0


@dataclass
class _Word:
    allowed: bool = False
    reason: str = ""
    asked: float = -1e9
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Access:
    """Asks the portal, and remembers its answer for `FRESH` seconds.

    While the portal does not answer, its last yes holds for `GRACE` seconds (a restart of the portal closes no
    notebook); after that nobody passes.
    """

    def __init__(self, http: aiohttp.ClientSession, portal: str, key: SigningKey, clock: Clock) -> None:
        self._http, self._portal, self._key, self._clock = http, portal, key, clock
        self._words: dict[tuple[str, str], _Word] = {}

    async def check(self, user: str, project: str) -> None:
        """Raise NotAllowed, or Unavailable when the portal cannot be asked, unless the person may be there."""
        word = self._words.setdefault((user, project), _Word())
        async with word.lock:
            if time.monotonic() - word.asked > FRESH:
                await self._ask(word, user, project)
        if not word.allowed:
            raise NotAllowed(word.reason or "You may not open this lab.", "See your projects in the portal.")

    async def _ask(self, word: _Word, user: str, project: str) -> None:
        path = "/internal/lab-access?" + urlencode({"user": user, "project": project})
        headers = {HEADER: sign_call(self._key, self._clock, "GET", path)}
        limit = aiohttp.ClientTimeout(total=4)
        try:
            async with self._http.get(self._portal + path, headers=headers, timeout=limit) as answer:
                answer.raise_for_status()
                model = await answer.json()
        except (aiohttp.ClientError, TimeoutError, ValueError) as problem:
            if not word.allowed or time.monotonic() - word.asked > GRACE:
                raise Unavailable("The portal does not answer.", "Try again in a minute.") from problem
            return
        word.allowed, word.reason = model.get("allowed") is True, str(model.get("reason", ""))
        word.asked = time.monotonic()
