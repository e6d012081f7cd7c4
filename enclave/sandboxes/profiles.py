"""Profiles: what a sandbox is to the Docker engine, in one place.

`container_request` writes the whole body of `POST /containers/create`. The spawner sends it; the guard writes it
again from the grant and refuses whatever differs. Measured on engine 20.10: `none` leaves only the loopback; a
server and a kernel live well within 128 processes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from enclave.core.digests import canonical_json
from enclave.core.errors import NotAllowed
from enclave.core.settings import Settings
from enclave.sandboxes.grants import Grant
from enclave.sandboxes.rooms import SANDBOX_UID, Room, sandbox_id
from enclave.sandboxes.seccomp import filter_profile

ContainerRequest = dict[str, Any]
MEBIBYTE = 1024 * 1024
SERVER_SOCKET = "/run/c2c/up/server.sock"
RELAY_SOCKET = "/run/c2c/relay/relay.sock"
RELAY_URL = "http+unix://%2Frun%2Fc2c%2Frelay%2Frelay.sock"

LAB_COMMAND = (
    "jupyterhub-singleuser",
    f"--ServerApp.sock={SERVER_SOCKET}",
    "--ServerApp.sock_mode=0660",
    "--ServerApp.root_dir=/workspace",
    "--ServerApp.terminals_enabled=False",
    "--ServerApp.quit_button=False",
    "--LabApp.extension_manager=readonly",
)

#: What the hub may say to its server; nothing that changes how a program is loaded or found.
HUB_VARIABLES = frozenset(
    {
        "JUPYTERHUB_ACTIVITY_URL",
        "JUPYTERHUB_API_TOKEN",
        "JUPYTERHUB_API_URL",
        "JUPYTERHUB_BASE_URL",
        "JUPYTERHUB_CLIENT_ID",
        "JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED",
        "JUPYTERHUB_HOST",
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES",
        "JUPYTERHUB_OAUTH_CALLBACK_URL",
        "JUPYTERHUB_OAUTH_CLIENT_ALLOWED_SCOPES",
        "JUPYTERHUB_OAUTH_SCOPES",
        "JUPYTERHUB_PUBLIC_HUB_URL",
        "JUPYTERHUB_PUBLIC_URL",
        "JUPYTERHUB_SERVER_NAME",
        "JUPYTERHUB_SERVICE_PREFIX",
        "JUPYTERHUB_SERVICE_URL",
        "JUPYTERHUB_USER",
    }
)
_VALUE = re.compile(r"[\x20-\x7e]{0,2000}")


@cache
def seccomp_text() -> str:
    """The system-call filter as the compact JSON text that the engine takes."""
    return canonical_json(filter_profile()).decode()


@dataclass(frozen=True)
class SandboxProfile:
    """The limits of one kind of sandbox."""

    name: str
    image: str
    command: tuple[str, ...]
    memory: int
    cpus: float
    variables: frozenset[str] = frozenset()
    pids: int = 128
    open_files: int = 4096
    shared_memory: int = 256 * MEBIBYTE
    log_size: str = "5m"
    tmpfs: Mapping[str, str] = field(
        default_factory=lambda: {"/tmp": "rw,noexec,nosuid,nodev,size=1g,mode=1777"}  # noqa: S108
    )


@dataclass(frozen=True)
class Places:
    """The folders of this installation as the engine's host names them."""

    data: Path
    run: Path
    instance: str

    @classmethod
    def of(cls, settings: Settings) -> Places:
        """The places that the settings name."""
        data = settings.host_data_dir or settings.data_dir.resolve()
        return cls(data, settings.run_dir, settings.instance)


def profile_for(name: str, settings: Settings) -> SandboxProfile:
    """The profile of a lab or of a report run."""
    memory = settings.sandbox_memory_mb * MEBIBYTE
    if name == "lab":
        return SandboxProfile("lab", settings.sandbox_image, LAB_COMMAND, memory, settings.sandbox_cpus, HUB_VARIABLES)
    # A report hands its outputs to the worker on standard output, so its log must hold them whole.
    return SandboxProfile("report", settings.sandbox_image, (), memory, settings.sandbox_cpus, log_size="40m")


def workspace_of(grant: Grant) -> str:
    """The folder below `workspaces/` that a sandbox may write."""
    return f"{grant.project}/.runs/{grant.run}" if grant.run else f"{grant.project}/{grant.user}"


def container_name(places: Places, sandbox: str) -> str:
    """The engine's name for a sandbox; two installations on one engine differ."""
    return f"{places.instance}-{sandbox}"


def container_request(
    profile: SandboxProfile, grant: Grant, places: Places, variables: Mapping[str, str]
) -> ContainerRequest:
    """The exact create request of a sandbox; `variables` are the hub's own and checked against the profile."""
    _check_variables(profile, variables)
    sandbox = sandbox_id(grant.user, grant.project, grant.run)
    environment = {**_environment(grant), **variables}
    return {
        "Image": profile.image,
        "Cmd": list(profile.command or grant.command),
        "Env": [f"{name}={environment[name]}" for name in sorted(environment)],
        "User": f"{SANDBOX_UID}:{SANDBOX_UID}",
        "WorkingDir": "/workspace",
        "Hostname": "sandbox",
        "NetworkDisabled": True,
        "Labels": {
            "c2c.instance": places.instance,
            "c2c.sandbox": sandbox,
            "c2c.profile": profile.name,
            "c2c.user": grant.user,
            "c2c.project": grant.project,
            "c2c.extract": grant.extract,
            "c2c.run": grant.run,
        },
        "HostConfig": _host_config(profile, grant, places, sandbox),
    }


def _host_config(profile: SandboxProfile, grant: Grant, places: Places, sandbox: str) -> ContainerRequest:
    return {
        "NetworkMode": "none",
        "Binds": _binds(grant, places, sandbox),
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges", f"seccomp={seccomp_text()}"],
        "ReadonlyRootfs": True,
        "Tmpfs": dict(profile.tmpfs),
        "Init": True,
        "IpcMode": "private",
        "PidsLimit": profile.pids,
        "Memory": profile.memory,
        "MemorySwap": profile.memory,
        "NanoCpus": int(profile.cpus * 1_000_000_000),
        "ShmSize": profile.shared_memory,
        "Ulimits": [
            {"Name": "nofile", "Soft": profile.open_files, "Hard": profile.open_files},
            {"Name": "core", "Soft": 0, "Hard": 0},
        ],
        "RestartPolicy": {"Name": "no"},
        "LogConfig": {"Type": "json-file", "Config": {"max-size": profile.log_size, "max-file": "2"}},
    }


def _binds(grant: Grant, places: Places, sandbox: str) -> list[str]:
    room = Room(places.run / sandbox)
    binds = [
        f"{places.data}/workspaces/{workspace_of(grant)}:/workspace:rw",
        f"{room.up}:/run/c2c/up:rw",
        f"{room.relay}:/run/c2c/relay:ro",
        f"{places.data}/reference:/reference:ro",
    ]
    if grant.extract:
        binds.append(f"{places.data}/extracts/{grant.project}/{grant.extract}:/data:ro")
    return binds


def _environment(grant: Grant) -> dict[str, str]:
    return {
        "C2C_PROJECT": grant.project,
        "C2C_USER": grant.user,
        "C2C_DATA": "/data",
        "C2C_RELAY": RELAY_SOCKET,
        "HOME": "/workspace",
        "LANG": "C.UTF-8",
        "TMPDIR": "/tmp",  # noqa: S108
        "JUPYTER_RUNTIME_DIR": "/tmp/jupyter",  # noqa: S108
        "MPLCONFIGDIR": "/tmp/matplotlib",  # noqa: S108
    }


def _check_variables(profile: SandboxProfile, variables: Mapping[str, str]) -> None:
    unknown = sorted(set(variables) - profile.variables)
    odd = sorted(name for name, value in variables.items() if not _VALUE.fullmatch(value))
    if unknown or odd:
        raise NotAllowed(
            f"A sandbox takes no variable of this name or form: {', '.join(unknown or odd)}.",
            "Start it with the variables that the profile names.",
        )
