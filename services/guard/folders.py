"""Workspaces as plain folders, for machines whose kernel has no loop devices or no fscrypt.

What is lost against volumes, and said by `c2c doctor`: while a project is open its files are as safe at rest as the
operator's disk encryption makes them, and the quota is watched instead of held: `services.guard.watch` measures every
few seconds and stops the sandboxes of a workspace that went past it, so a fast writer gets further than the quota says.
One that is too full when it is opened may be used as long as it grows no further. When the project sleeps its folders
become encrypted archives. `<name>.sealed` is whole whenever it stands under that name, and wins over a folder
beside it: a kill at any moment leaves one whole copy.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from enclave.core.digests import canonical_json
from enclave.core.errors import NotFound
from enclave.core.files import sync_dir, write_atomic
from enclave.sandboxes.project_keys import derive
from enclave.sandboxes.rooms import SANDBOX_UID
from enclave.sandboxes.sizes import MEBIBYTE, Size
from enclave.sandboxes.volumes import FILES, volume_id
from services.guard.mounts import BIND, NODEV, NOSUID, REMOUNT, is_mount, mount, unmount
from services.guard.packing import read_archive, write_archive
from services.guard.volumes import Usage

KIND = "workspace"
SLACK = Size(0, 0, 0, 8 * MEBIBYTE, 200)
"""What a lab itself writes at its start, and room to tidy, in a workspace that is too full when it is opened."""


class Folders:
    """A plain folder each, bind-mounted while it is open."""

    kind = "folder"

    def __init__(self, folder: Path, mounts: Path) -> None:
        self._folder, self._mounts = folder, mounts

    def open(self, project: str, name: str, size: Size, key: bytes) -> Path:
        place = self._mounts / volume_id(project, name)
        if not is_mount(place):
            folder = self._unsealed(project, name, key)
            self._allow(place.name, folder / FILES, size)
            place.mkdir(parents=True, exist_ok=True)
            mount(str(folder), place, None, BIND)
            mount("none", place, None, REMOUNT | BIND | NOSUID | NODEV)
        return place / FILES

    def close(self, project: str, name: str) -> None:
        self.close_id(volume_id(project, name))

    def close_id(self, volume: str) -> None:
        place = self._mounts / volume
        unmount(place)
        if place.is_dir():
            place.rmdir()
        self._limit(volume).unlink(missing_ok=True)

    def opened(self) -> list[str]:
        return sorted(place.name for place in self._mounts.glob("vol-*"))

    def seal(self, project: str, name: str, key: bytes) -> None:
        self.close(project, name)
        folder, sealed = self._paths(project, name)
        if not sealed.exists():
            if not folder.exists():
                return
            write_archive(folder / FILES, sealed, derive(key, "seal"), {"kind": KIND, "project": project, "name": name})
        if folder.exists():
            shutil.rmtree(folder)

    def usage(self, project: str, name: str) -> Usage:
        volume = volume_id(project, name)
        if not is_mount(self._mounts / volume):
            raise NotFound("The workspace is closed.", "Open the lab first.")
        return self._usage(volume)

    def overfull(self) -> list[str]:
        return [volume for volume in self.opened() if self._usage(volume).over]

    def names(self, project: str) -> list[str]:
        folder = self._folder / project
        return sorted({path.stem for path in folder.glob("*") if path.suffix in (".plain", ".sealed")})

    def destroy(self, project: str, name: str) -> int:
        self.close(project, name)
        folder, sealed = self._paths(project, name)
        taken = measured(folder)[0] + (sealed.stat().st_size if sealed.exists() else 0)
        if folder.exists():
            shutil.rmtree(folder)
        sealed.unlink(missing_ok=True)
        return taken

    def _usage(self, volume: str) -> Usage:
        size, files = measured(self._mounts / volume / FILES)
        try:
            most = json.loads(self._limit(volume).read_bytes())
        except FileNotFoundError:  # opened for a job of the control zone, with no sandbox inside
            most = {"bytes": 0, "files": 0}
        return Usage(size, most["bytes"], files, most["files"])

    def _allow(self, volume: str, files: Path, size: Size) -> None:
        """Note what the volume may hold while it is open; beside the mounts, so that a restarted guard knows it."""
        if size.disk:
            used, count = measured(files)
            limit = {"bytes": max(size.disk, used + SLACK.disk), "files": max(size.files, count + SLACK.files)}
            write_atomic(self._limit(volume), canonical_json(limit))

    def _limit(self, volume: str) -> Path:
        return self._mounts / f"most-{volume}.json"

    def _paths(self, project: str, name: str) -> tuple[Path, Path]:
        folder = self._folder / project
        return folder / f"{name}.plain", folder / f"{name}.sealed"

    def _unsealed(self, project: str, name: str, key: bytes) -> Path:
        folder, sealed = self._paths(project, name)
        if sealed.exists():
            shutil.rmtree(folder, ignore_errors=True)
            self._empty(folder)
            read_archive(sealed, folder / FILES, derive(key, "seal"))
            sealed.unlink()
            sync_dir(folder.parent)
        elif not folder.exists():
            self._empty(folder)
        return folder

    @staticmethod
    def _empty(folder: Path) -> None:
        folder.mkdir(mode=0o711, parents=True)
        (folder / FILES).mkdir(mode=0o700)
        os.chown(folder / FILES, SANDBOX_UID, SANDBOX_UID)


def measured(folder: Path) -> tuple[int, int]:
    """Bytes on disk, and files with folders, below a folder.

    By `du`, which follows no links, is not led astray by what changes meanwhile, and reaches folders deeper than a
    path is long; what a walk by paths does not see would be a place to hide in.
    """
    return _du(folder, "-B1"), _du(folder, "--inodes")


def _du(folder: Path, unit: str) -> int:
    done = subprocess.run(["du", "-s", unit, str(folder)], capture_output=True, timeout=300, check=False)
    if not done.stdout:
        return 0  # gone meanwhile
    return int(done.stdout.split()[0])
