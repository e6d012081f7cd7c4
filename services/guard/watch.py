"""Stopping a sandbox whose workspace went past a quota that this machine's kernel cannot hold.

Promise: within `EVERY` seconds and the time of one measurement the sandbox is stopped, and the audit says why; the page
of the lab tells its researcher. Limit: between two measurements a sandbox can write as fast as the disk takes it.
"""

from __future__ import annotations

from enclave.sandboxes.profiles import Places, container_name
from services.guard.engine import Engine
from services.guard.events import Events

EVERY = 5.0


async def stop_for_space(engine: Engine, events: Events, places: Places, labels: dict[str, str]) -> None:
    """Stop one sandbox at once and record it; one that does not run any more is no event."""
    name = container_name(places, labels["c2c.sandbox"])
    status, _, _ = await engine.call("POST", f"/containers/{name}/stop", {"t": "0"})
    if status == 204:
        named = {key: labels[f"c2c.{key}"] for key in ("user", "project", "run") if labels[f"c2c.{key}"]}
        events.record("over_quota", labels["c2c.sandbox"], **named)
