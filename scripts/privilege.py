"""Acts as root on the host: directly, or through the engine, whose users are root's equals anyway."""

from __future__ import annotations

import os

from scripts.base import ensure_base
from scripts.shell import run

ADVICE = "Run the command as root, or as a user who may use the Docker engine."


def as_root(script: str, what: str) -> str:
    """Runs a shell script as root in the host's own mounts and returns what it printed."""
    argv = ["sh", "-euc", script]
    if os.geteuid() != 0:
        enter = ["docker", "run", "--rm", "--privileged", "--pid=host", "--network=none", "--entrypoint", "nsenter"]
        argv = [*enter, ensure_base(), "-t", "1", "-m", "--", *argv]
    return run(argv, what=what, advice=ADVICE)
