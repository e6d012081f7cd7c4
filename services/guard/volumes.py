"""Workspaces as file systems of their own: a quota that the kernel holds, and encryption under the project's key.

`Volumes` keeps each in a sparse file and mounts it while a sandbox needs it; closed, it is sealed: the kernel forgets
the key with the mount, and a kill at any moment loses nothing that the journal holds. `Folders` is the second best,
where the kernel has no loop devices or no fscrypt: a plain folder below a watched quota, sealed as an encrypted
archive when the project sleeps (`services.guard.folders`).
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from enclave.core.errors import Conflict, NotFound, Unavailable
from enclave.core.files import sync_dir
from enclave.sandboxes.project_keys import derive
from enclave.sandboxes.rooms import SANDBOX_UID
from enclave.sandboxes.sizes import MEBIBYTE, Size
from enclave.sandboxes.volumes import FILES, volume_id
from services.guard import blocks
from services.guard.mounts import NODEV, NOSUID, is_mount, mount, unmount

_RESERVED_NAMES = ("lost+found",)


@dataclass(frozen=True)
class Usage:
    """What a workspace holds and may hold."""

    bytes_used: int
    bytes_most: int
    files_used: int
    files_most: int

    @property
    def over(self) -> bool:
        """Whether it holds more than it may; a limit of 0 is none."""
        return 0 < self.bytes_most < self.bytes_used or 0 < self.files_most < self.files_used


class Store(Protocol):
    """How workspaces are kept on this machine."""

    kind: str

    def open(self, project: str, name: str, size: Size, key: bytes) -> Path:
        """Make the volume if it is new, mount it, and return the folder of its files. Again: changes nothing."""

    def close(self, project: str, name: str) -> None:
        """Unmount; nothing happens when it is not open."""

    def opened(self) -> list[str]:
        """Ids of the volumes that are mounted."""

    def close_id(self, volume: str) -> None:
        """Unmount a volume that only its id is known of."""

    def seal(self, project: str, name: str, key: bytes) -> None:
        """See that nothing of it is readable without the key."""

    def usage(self, project: str, name: str) -> Usage:
        """How full an open volume is; NotFound when it is closed."""

    def overfull(self) -> list[str]:
        """Ids of open volumes that hold more than they may."""

    def names(self, project: str) -> list[str]:
        """The volumes that a project has."""

    def destroy(self, project: str, name: str) -> int:
        """Remove it; returns the bytes that it took at rest."""


class Volumes:
    """ext4 in a sparse file, encrypted by fscrypt."""

    kind = "volume"

    def __init__(self, folder: Path, mounts: Path) -> None:
        self._folder, self._mounts = folder, mounts

    def open(self, project: str, name: str, size: Size, key: bytes) -> Path:
        place = self._mounts / volume_id(project, name)
        if not is_mount(place):
            image = self._image(project, name)
            self._make(image, size)
            self._grow(image, size)
            place.mkdir(parents=True, exist_ok=True)
            with blocks.attached(image) as device:
                mount(str(device), place, "ext4", NOSUID | NODEV, b"discard")
        try:
            return self._unlocked(place, derive(key, "volume", 64))
        except BaseException:
            self.close_id(place.name)
            raise

    def close(self, project: str, name: str) -> None:
        self.close_id(volume_id(project, name))

    def close_id(self, volume: str) -> None:
        place = self._mounts / volume
        unmount(place)
        if place.is_dir():
            place.rmdir()

    def opened(self) -> list[str]:
        return sorted(place.name for place in self._mounts.glob("vol-*"))

    def seal(self, project: str, name: str, key: bytes) -> None:
        self.close(project, name)

    def usage(self, project: str, name: str) -> Usage:
        place = self._mounts / volume_id(project, name)
        if not is_mount(place):
            raise NotFound("The workspace is closed.", "Open the lab first.")
        return usage_of(place)

    def overfull(self) -> list[str]:
        return []  # the kernel refuses what would go past the quota

    def names(self, project: str) -> list[str]:
        return sorted(path.stem for path in (self._folder / project).glob("*.img"))

    def destroy(self, project: str, name: str) -> int:
        self.close(project, name)
        image = self._image(project, name)
        taken = image.stat().st_blocks * 512
        image.unlink()
        return taken

    def _image(self, project: str, name: str) -> Path:
        return self._folder / project / f"{name}.img"

    def _make(self, image: Path, size: Size) -> None:
        """A new file system under another name first: a kill half-way leaves nothing that looks whole."""
        if image.exists():
            return
        image.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = image.with_suffix(".making")
        with part.open("wb") as stream:
            stream.truncate(size.disk)
        options = ["-O", "encrypt", "-E", "nodiscard,lazy_itable_init=1,lazy_journal_init=1"]
        _tool("mke2fs", "-t", "ext4", "-q", "-F", "-m", "0", "-b", "4096", "-N", str(size.files), *options, str(part))
        part.rename(image)
        sync_dir(image.parent)

    def _grow(self, image: Path, size: Size) -> None:
        """A project that was given more gets it at the next start; less is not taken away from what may be full."""
        if image.stat().st_size >= size.disk:
            return
        _tool("e2fsck", "-f", "-p", str(image), fine=(0, 1))
        with image.open("r+b") as stream:
            stream.truncate(size.disk)
        _tool("resize2fs", str(image))

    def _unlocked(self, place: Path, key: bytes) -> Path:
        identifier = blocks.add_key(place, key)
        files = place / FILES
        if not files.exists():
            files.mkdir(mode=0o700)
            blocks.encrypt(files, identifier)
            os.chown(files, SANDBOX_UID, SANDBOX_UID)
        elif blocks.encrypted_by(files) != identifier:
            raise Conflict("The workspace is encrypted under another key.", "Restore the key that it was made with.")
        return files


def usage_of(place: Path) -> Usage:
    """A file system's own account."""
    found = os.statvfs(place)
    return Usage(
        (found.f_blocks - found.f_bfree) * found.f_frsize,
        found.f_blocks * found.f_frsize,
        found.f_files - found.f_ffree,
        found.f_files,
    )


def volumes_work(mounts: Path) -> str:
    """Why this machine cannot keep encrypted volumes; empty when it can. Tries with a small one."""
    size = Size(0, 0, 0, 16 * MEBIBYTE, 256)
    with tempfile.TemporaryDirectory(prefix="c2c-trial-") as name:
        trial = Volumes(Path(name), mounts)
        try:
            (trial.open("trial", "trial", size, bytes(32)) / "file").write_bytes(b"x")
            return ""
        except (OSError, Unavailable, Conflict) as problem:
            return str(problem)
        finally:
            trial.close("trial", "trial")


def _tool(name: str, *arguments: str, fine: tuple[int, ...] = (0,)) -> None:
    path = os.pathsep.join(("/usr/sbin", "/sbin", os.environ.get("PATH", "")))
    try:
        done = subprocess.run(
            [name, *arguments], capture_output=True, env={"PATH": path, "LC_ALL": "C"}, timeout=300, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise Unavailable(f"{name} did not run.", "Install e2fsprogs, or set C2C_WORKSPACE_STORE=folder.") from problem
    if done.returncode not in fine:
        raise Unavailable(f"{name} failed with {done.returncode}.", "Look at the machine's disk, then try again.")
