"""The small file systems that the sockets of sandboxes lie on.

Each sandbox gets a tmpfs of its own, `nosuid,nodev,noexec,nosymfollow`: a symlink that a sandbox puts where its
socket should be is not followed by the gateway (a link to the engine's socket was, before). The run folder must be
a shared mount, so that engine and gateway see what is mounted here. Docker's own tmpfs options know no
`nosymfollow`, hence mount(2) itself. Limit: needs Linux 5.10 and CAP_SYS_ADMIN.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from enclave.core.files import write_atomic
from enclave.sandboxes.grants import Grant
from enclave.sandboxes.rooms import GATEWAY_UID, SANDBOX_UID, Room

READ_ONLY, NOSUID, NODEV, NOEXEC, NOSYMFOLLOW = 1, 2, 4, 8, 256
REMOUNT, BIND = 32, 4096
_PRIVATE, _SHARED, _DETACH = 1 << 18, 1 << 20, 2
_OPTIONS = b"size=1m,nr_inodes=64,mode=0755,uid=0,gid=0"


def share_run_folder(folder: Path) -> None:
    """Make the run folder a shared mount when it is not a mount yet (where the guard runs on the host itself)."""
    folder.mkdir(parents=True, exist_ok=True)
    if not is_mount(folder):
        mount(str(folder), folder, None, BIND)
        mount("none", folder, None, _SHARED)


def open_room(folder: Path, grant: Grant) -> Room:
    """Mount a fresh room for a sandbox; what an earlier one left there is gone."""
    close_room(folder)
    folder.mkdir(parents=True)
    mount("tmpfs", folder, "tmpfs", NOSUID | NODEV | NOEXEC | NOSYMFOLLOW, _OPTIONS)
    room = Room(folder)
    _make(room.up, SANDBOX_UID, GATEWAY_UID, 0o2770)
    _make(room.relay, GATEWAY_UID, SANDBOX_UID, 0o2750)
    card = {"sandbox": folder.name, "user": grant.user, "project": grant.project, "run": grant.run}
    write_atomic(room.card, json.dumps(card).encode())
    return room


def close_room(folder: Path) -> None:
    """Unmount and remove a room; nothing happens when there is none."""
    unmount(folder)
    if folder.is_dir():
        shutil.rmtree(folder)


def unmount(folder: Path) -> None:
    """Unmount whatever is mounted at a folder; what still has a file open there keeps it until it ends."""
    while is_mount(folder):
        if _libc().umount2(os.fsencode(folder), _DETACH) != 0:
            raise OSError(ctypes.get_errno(), f"cannot unmount {folder}")


@contextmanager
def view_of(folder: Path, *, writable: bool = False) -> Iterator[Path]:
    """A second look at a sandbox's folder for the guard's own work, on which no symbolic link is followed.

    A researcher can put a link where a folder was a moment ago; through this look it leads nowhere.
    """
    with tempfile.TemporaryDirectory(prefix="c2c-view-") as name:
        place = Path(name)
        mount(str(folder), place, None, BIND)
        try:
            mount("none", place, None, _PRIVATE)
            flags = REMOUNT | BIND | NOSUID | NODEV | NOEXEC | NOSYMFOLLOW
            mount("none", place, None, flags if writable else flags | READ_ONLY)
            yield place
        finally:
            unmount(place)


def is_mount(folder: Path) -> bool:
    """Whether something is mounted at this very folder; `os.path.ismount` does not see a bind mount."""
    place = os.fsencode(folder.absolute()).replace(b"\\", b"\\134").replace(b" ", b"\\040")
    lines = Path("/proc/self/mountinfo").read_bytes().splitlines()
    return any(line.split(b" ")[4] == place for line in lines)


def _make(folder: Path, owner: int, group: int, mode: int) -> None:
    """A folder whose new files belong to `group`, so that the other side can connect and nobody else."""
    folder.mkdir()
    os.chown(folder, owner, group)
    folder.chmod(mode)


def mount(source: str, target: Path, kind: str | None, flags: int, options: bytes | None = None) -> None:
    code = _libc().mount(
        source.encode(), os.fsencode(target), kind.encode() if kind else None, ctypes.c_ulong(flags), options
    )
    if code != 0:
        raise OSError(ctypes.get_errno(), f"cannot mount {target}")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
