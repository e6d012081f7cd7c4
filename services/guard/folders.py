"""Workspaces as plain folders, for machines whose kernel has no loop devices or no fscrypt.

What is lost against volumes, and said by `c2c doctor`: while a project is open its files are as safe at rest as the
operator's disk encryption makes them, and the quota is watched instead of held (a sandbox that goes past it is
stopped). When the project sleeps its folders become encrypted archives. `<name>.sealed` is whole whenever it stands
under that name, and wins over a folder beside it: a kill at any moment leaves one whole copy.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from enclave.core.errors import NotFound
from enclave.core.files import sync_dir
from enclave.sandboxes.project_keys import derive
from enclave.sandboxes.rooms import SANDBOX_UID
from enclave.sandboxes.sizes import Size
from enclave.sandboxes.volumes import FILES, volume_id
from services.guard.mounts import BIND, NODEV, NOSUID, REMOUNT, is_mount, mount, unmount
from services.guard.packing import read_archive, write_archive
from services.guard.volumes import Usage

KIND = "workspace"


class Folders:
    """A plain folder each, bind-mounted while it is open."""

    kind = "folder"

    def __init__(self, folder: Path, mounts: Path) -> None:
        self._folder, self._mounts = folder, mounts
        self._most: dict[str, Size] = {}

    def open(self, project: str, name: str, size: Size, key: bytes) -> Path:
        place = self._mounts / volume_id(project, name)
        self._most[place.name] = size
        if not is_mount(place):
            folder = self._unsealed(project, name, key)
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
        size, files = measured(self._mounts / volume / FILES)
        most = self._most.get(volume)
        return Usage(size, most.disk if most else 0, files, most.files if most else 0)

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
    """Bytes on disk and files below a folder; links are not followed."""
    size = files = 0
    for place, folders, names in os.walk(folder):
        for name in (*folders, *names):
            try:
                size += os.lstat(f"{place}/{name}").st_blocks * 512
            except FileNotFoundError:
                continue
            files += 1
    return size, files
