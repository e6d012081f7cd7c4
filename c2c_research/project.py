"""Where am I: the project, its extract and the way to the portal, as the sandbox's environment says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from c2c_research.errors import NotInSandbox


@dataclass(frozen=True)
class Project:
    """One sandbox: a user in a project, the mounted extract, the relay's socket."""

    id: str
    user: str
    data: Path
    relay: Path
    token: str

    @property
    def api(self) -> str:
        """The path below which the portal answers for this project."""
        return f"/services/portal/api/projects/{self.id}"


def here(environment: Mapping[str, str] | None = None) -> Project:
    """The project of this sandbox. Raises NotInSandbox elsewhere."""
    known = os.environ if environment is None else environment
    if not known.get("C2C_PROJECT"):
        raise NotInSandbox(
            "This code does not run in a sandbox of the enclave.", "Open the project from the portal and run it there."
        )
    return Project(
        id=known["C2C_PROJECT"],
        user=known.get("C2C_USER", ""),
        data=Path(known.get("C2C_DATA", "/data")),
        relay=Path(known.get("C2C_RELAY", "/run/c2c/relay/relay.sock")),
        token=known.get("JUPYTERHUB_API_TOKEN", ""),
    )
