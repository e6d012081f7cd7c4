"""The installation that is looked at: its settings, and the variables that compose was given."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from enclave.core.settings import Paths, Settings

SERVICES = ("gateway", "guard", "hub", "portal", "worker", "data", "checker")


def docker(*arguments: str) -> str | None:
    """What `docker` prints, or None when it fails or is not there."""
    try:
        done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


@dataclass(frozen=True)
class Installation:
    """One data folder and the containers that serve it."""

    settings: Settings

    @property
    def paths(self) -> Paths:
        """The places below the data folder."""
        return self.settings.paths

    @cached_property
    def variables(self) -> dict[str, str]:
        """What the set-up gave to compose; empty when it has not run or may not be read."""
        try:
            lines = (self.paths.root / "compose.env").read_text(encoding="utf-8").splitlines()
        except OSError:
            return {}
        return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))

    @property
    def instance(self) -> str:
        """The name of this enclave on its engine."""
        return self.variables.get("C2C_INSTANCE", "")

    @cached_property
    def containers(self) -> dict[str, dict[str, Any]]:
        """Service → what the engine says of its container."""
        project = f"label=com.docker.compose.project={self.instance}"
        ids = (docker("ps", "-aq", "--filter", project) or "").split() if self.instance else []
        found = json.loads(docker("inspect", *ids) or "[]") if ids else []
        return {each["Config"]["Labels"]["com.docker.compose.service"]: each for each in found}
