"""Whether a person may still be in a project's lab: the portal's word, never older than two seconds.

Open websockets ask every two seconds, so a suspension, a removal from the project, a log-out or the end of a session
closes them within five. Limit: one small question to the portal every two seconds for each lab that somebody looks at.
"""

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
from services.gateway.sessions import LabSession

FRESH = 2.0
GRACE = 120.0
FORGET = 3600.0


@dataclass
class _Word:
    allowed: bool = False
    reason: str = ""
    asked: float = -1e9
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Access:
    """Asks the portal, and remembers its answer for `FRESH` seconds.

    While the portal does not answer, its last yes holds for `GRACE` seconds (a restart of the portal closes no
    notebook); after that nobody passes. A gateway that has just started has no last yes: it waits for the portal.
    """

    def __init__(self, http: aiohttp.ClientSession, portal: str, key: SigningKey, clock: Clock) -> None:
        self._http, self._portal, self._key, self._clock = http, portal, key, clock
        self._words: dict[tuple[str, str, str], _Word] = {}

    async def check(self, session: LabSession) -> None:
        """Raise NotAllowed, or Unavailable when the portal cannot be asked, unless the person may be there."""
        word = self._words.setdefault((session.user, session.project, session.login), _Word())
        async with word.lock:
            if time.monotonic() - word.asked > FRESH:
                await self._ask(word, session)
        if not word.allowed:
            raise NotAllowed(word.reason or "You may not open this lab.", "See your projects in the portal.")

    async def _ask(self, word: _Word, session: LabSession) -> None:
        query = {"user": session.user, "project": session.project, "login": session.login}
        path = "/internal/lab-access?" + urlencode(query)
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
        self._forget()

    def _forget(self) -> None:
        """Drop words that nobody has asked for in an hour; sessions come and go for years."""
        old = time.monotonic() - FORGET
        for key in [key for key, word in self._words.items() if word.asked < old and not word.lock.locked()]:
            del self._words[key]
