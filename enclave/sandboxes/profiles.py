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
from enclave.sandboxes.sizes import SizeName, size_of
from enclave.sandboxes.volumes import FILES, volume_id, volume_names

ContainerRequest = dict[str, Any]
MEBIBYTE = 1024 * 1024
SERVER_SOCKET = "/run/c2c/up/server.sock"
RELAY_SOCKET = "/run/c2c/relay/relay.sock"

#: The lab's own server asks nobody who comes: its socket is for the gateway, which has asked. It needs no hub, so a
#: hub that is down closes no notebook.
LAB_COMMAND = (
    "jupyter-lab",
    "--no-browser",
    "--IdentityProvider.token=",
    "--ServerApp.allow_remote_access=True",
    "--ServerApp.disable_check_xsrf=True",
    f"--ServerApp.sock={SERVER_SOCKET}",
    "--ServerApp.sock_mode=0660",
    "--ServerApp.root_dir=/workspace",
    "--ServerApp.terminals_enabled=False",
    "--ServerApp.quit_button=False",
    "--LabApp.extension_manager=readonly",
)

#: What the hub may say to its server: the token by which the library speaks to the portal. Nothing that changes how a
#: program is loaded or found.
HUB_VARIABLES = frozenset({"JUPYTERHUB_API_TOKEN", "JUPYTERHUB_USER"})
#: Command (empty: the grant's), the hub's variables, and size of the log. A report hands its outputs to the worker on
#: standard output, so its log must hold them whole; nobody reads a job's.
_KINDS: dict[str, tuple[tuple[str, ...], frozenset[str], str]] = {
    "lab": (LAB_COMMAND, HUB_VARIABLES, "5m"),
    "report": ((), frozenset(), "40m"),
    "job": ((), frozenset(), "1m"),
}
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
    runtime: str = ""
    open_files: int = 4096
    shared_memory: int = 256 * MEBIBYTE
    log_size: str = "5m"
    tmpfs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Places:
    """The folders of this installation as the engine's host names them."""

    data: Path
    run: Path
    instance: str

    @property
    def volumes(self) -> Path:
        """Where the guard mounts workspaces."""
        return self.run.with_name(f"{self.run.name}-volumes")

    @classmethod
    def of(cls, settings: Settings) -> Places:
        """The places that the settings name."""
        data = settings.host_data_dir or settings.data_dir.resolve()
        return cls(data, settings.run_dir, settings.instance)


def profile_for(name: str, settings: Settings, size: str = SizeName.STANDARD, image: str = "") -> SandboxProfile:
    """The profile of a lab, a report run or a job, in the project's size and on its image (empty: this release's)."""
    most = size_of(SizeName(size), settings)
    command, variables, log_size = _KINDS[name]
    half = min(1024, most.memory // MEBIBYTE // 2)  # what lies in /tmp counts as memory
    return SandboxProfile(
        name,
        image or settings.sandbox_image,
        command,
        most.memory,
        most.cpus,
        variables,
        most.pids,
        settings.sandbox_runtime,
        log_size=log_size,
        tmpfs={"/tmp": f"rw,noexec,nosuid,nodev,size={half}m,nr_inodes=100k,mode=1777"},  # noqa: S108
    )


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
        "Cmd": _command(profile, grant),
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


def _command(profile: SandboxProfile, grant: Grant) -> list[str]:
    if not profile.command:
        return list(grant.command)
    return [*profile.command, f"--ServerApp.base_url=/user/{grant.user}/{grant.project}/"]


def _host_config(profile: SandboxProfile, grant: Grant, places: Places, sandbox: str) -> ContainerRequest:
    return {
        **({"Runtime": profile.runtime} if profile.runtime else {}),
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
        *_volumes(grant, places),
        f"{room.up}:/run/c2c/up:rw",
        f"{room.relay}:/run/c2c/relay:ro",
        f"{places.data}/reference:/reference:ro",
        f"{places.data}/imports/{grant.project}:/imports:ro",
    ]
    if grant.extract:
        binds.append(f"{places.data}/extracts/{grant.project}/{grant.extract}:/data:ro")
    return binds


def _volumes(grant: Grant, places: Places) -> list[str]:
    """Labs and jobs write to their user's volume and the members' shared one, a report run to a folder of its own."""
    files = [f"{places.volumes}/{volume_id(grant.project, name)}/{FILES}" for name in volume_names(grant)]
    if grant.profile == "report":
        return [f"{files[0]}/{grant.run}:/workspace:rw"]
    return [f"{files[0]}:/workspace:rw", f"{files[1]}:/shared:rw"]


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
