"""How long a running lab has been idle, and when it will be stopped for it. The gateway is asked; nothing is kept.

Promise: a lab that computes (a cell runs) is never stopped as idle, and neither is one that cannot be asked. Jobs have
sandboxes of their own: they go on without the lab and do not hold it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

import httpx

from enclave.core.calls import HEADER, sign_call
from enclave.core.errors import Unavailable
from enclave.sandboxes.hub_client import Lab
from services.api.context import Context

WARN = timedelta(minutes=15)
"""How long before its stop the person is told; half the idle time where that is shorter."""
SECONDS = 15.0


@dataclass(frozen=True)
class Idleness:
    """Since when nobody has used a lab, and when it is stopped; both None while it computes."""

    idle_since: datetime | None = None
    stops_at: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.stops_at is not None and now >= self.stops_at

    def notice(self, now: datetime) -> str:
        """What the person reads in the last minutes; empty before."""
        if self.stops_at is None or self.idle_since is None:
            return ""
        if now < self.stops_at - min(WARN, (self.stops_at - self.idle_since) / 2):
            return ""
        minutes = max(1, round((self.stops_at - now).total_seconds() / 60))
        return f"Nobody uses this lab: it stops in {minutes} min. Run a cell or save to keep it. Saved files stay."


def idleness(ctx: Context, lab: Lab) -> Idleness:
    """How idle a ready lab is; Unavailable when the gateway cannot say."""
    path = f"/activity/{quote(lab.user, safe='')}/{quote(lab.project, safe='')}"
    headers = {HEADER: sign_call(ctx.key, ctx.clock, "GET", path)}
    try:
        answer = httpx.get(ctx.settings.gateway_api_url + path, headers=headers, timeout=SECONDS)
        answer.raise_for_status()
        told = answer.json()
        busy, used = told["busy"] is not False, datetime.fromisoformat(told["used"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as problem:
        raise Unavailable("The gateway does not say whether the lab is used.", "Try again in a minute.") from problem
    return idle_since(busy, max(used, lab.started or used), ctx.settings.lab_idle_minutes)


def idle_since(busy: bool, used: datetime, minutes: int) -> Idleness:
    """The rule itself."""
    return Idleness() if busy else Idleness(used, used + timedelta(minutes=minutes))
