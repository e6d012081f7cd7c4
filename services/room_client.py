"""The portal's and worker's way to the guard's volumes."""

from __future__ import annotations

from typing import Any

import httpx

from enclave.core.errors import Conflict, NotFound, Unavailable
from enclave.core.local_http import over_socket
from enclave.sandboxes.room_jobs import ADDRESS, RoomJob, seal_job
from services.api.context import Context

SECONDS = 3600.0
_AWAY = ("The guard does not answer.", "It is tried again by itself; see `c2c doctor`.")


def ask_guard(ctx: Context, job: RoomJob, seconds: float = SECONDS) -> dict[str, Any]:
    """The guard's answer; NotFound and Conflict are the guard's own sentences, Unavailable all the rest."""
    path = ctx.settings.paths.socket("guard")
    if not path.exists():  # httpx leaves the socket of a call open that found nobody
        raise Unavailable(*_AWAY)
    try:
        with over_socket(path, timeout=seconds) as client:
            answer = client.post(f"http://guard{ADDRESS}", json=seal_job(job, ctx.key, ctx.clock))
        found: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError) as problem:
        raise Unavailable(*_AWAY) from problem
    if answer.status_code == 200:
        return found
    kinds = {404: NotFound, 409: Conflict}
    error = found.get("error", {})
    kind = kinds.get(answer.status_code, Unavailable)
    raise kind(str(found.get("message") or "The guard refused this."), str(error.get("advice") or "See its log."))
