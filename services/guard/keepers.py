"""The keeper of volumes: opens what sandboxes need, closes the rest, and does what the control zone asks of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from enclave.core.digests import canonical_json
from enclave.core.errors import Conflict, NotFound
from enclave.core.files import write_atomic
from enclave.core.settings import Settings
from enclave.sandboxes.grants import Grant
from enclave.sandboxes.project_keys import MasterKey, derive
from enclave.sandboxes.room_jobs import RoomJob, RoomTask
from enclave.sandboxes.sizes import Size, SizeName, size_of
from enclave.sandboxes.volumes import volume_id, volume_names
from services.guard.folders import Folders
from services.guard.looking import look
from services.guard.mounts import share_run_folder, view_of
from services.guard.packing import read_archive, write_archive
from services.guard.volumes import Store, Volumes, volumes_work

_AS_IT_IS = Size(0, 0, 0, 0, 0)


class Keeper:
    """One a guard. Its methods block; the guard calls them in threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings, paths = settings, settings.paths
        share_run_folder(settings.volumes_dir)
        self._master = MasterKey.ensure(paths.guard / "rooms.key", paths.rooms_public_key)
        self.store, self.why_not = _store(settings)
        write_atomic(paths.workspace_store, canonical_json({"kind": self.store.kind, "why_not": self.why_not}))
        self._tasks = {
            RoomTask.USAGE: self._usage,
            RoomTask.SNAPSHOT: self._snapshot,
            RoomTask.RESTORE: self._restore,
            RoomTask.DROP: self._drop,
            RoomTask.SEAL: self._seal,
            RoomTask.LOOK: self._look,
            RoomTask.DESTROY: self._destroy,
        }

    def open_for(self, grant: Grant) -> None:
        """Open the volumes of a sandbox."""
        key, size = self._key(grant.project), size_of(SizeName(grant.size), self._settings)
        for name in volume_names(grant):
            self.store.open(grant.project, name, size, key)

    def close_all_but(self, needed: set[str]) -> list[str]:
        """Close every volume that no sandbox needs; returns their ids."""
        idle = [volume for volume in self.store.opened() if volume not in needed]
        for volume in idle:
            self.store.close_id(volume)
        return idle

    def do(self, job: RoomJob) -> dict[str, Any]:
        """One request of the control zone."""
        return self._tasks[job.task](job)

    def _usage(self, job: RoomJob) -> dict[str, Any]:
        return asdict(self.store.usage(job.project, job.name))

    def _snapshot(self, job: RoomJob) -> dict[str, Any]:
        header = {"kind": "snapshot", "project": job.project, "name": job.name, "snapshot": job.snapshot}
        target = self._archive(job)
        with self._opened(job) as (files, key):
            size = write_archive(files, target, derive(key, "snapshot"), header)
        return {"bytes": size, "stored": target.stat().st_size}

    def _restore(self, job: RoomJob) -> dict[str, Any]:
        """Into a folder of its own, so that nothing of today is written over."""
        if not self._archive(job).exists():
            raise NotFound("The snapshot is gone.", "Take another of the list.")
        below = f"restored/{job.snapshot}"
        with self._opened(job) as (files, key):
            look(files, below, make=True)
            try:
                read_archive(self._archive(job), files, derive(key, "snapshot"), below)
            except BaseException:
                with view_of(files, writable=True) as view:
                    shutil.rmtree(view / below)
                raise
        return {"folder": below}

    def _drop(self, job: RoomJob) -> dict[str, Any]:
        self._archive(job).unlink(missing_ok=True)
        return {}

    def _seal(self, job: RoomJob) -> dict[str, Any]:
        key = self._key(job.project)
        for name in self.store.names(job.project):
            self.store.seal(job.project, name, key)
        return {"kind": self.store.kind, "volumes": len(self.store.names(job.project))}

    def _look(self, job: RoomJob) -> dict[str, Any]:
        with self._opened(job) as (files, _):
            return look(files, job.path)

    def _destroy(self, job: RoomJob) -> dict[str, Any]:
        """Every place, with the bytes that it held; a second call finds nothing."""
        places = []
        for name in self.store.names(job.project):
            taken = self.store.destroy(job.project, name)
            places.append({"place": _place(name), "outcome": "destroyed", "bytes": taken})
        folder = self._settings.paths.snapshots / job.project
        for archive in sorted(folder.glob("*/*.c2cs")):
            size, name = archive.stat().st_size, f"snapshot {archive.parent.name}/{archive.stem}"
            archive.unlink()
            places.append({"place": name, "outcome": "destroyed", "bytes": size})
        for left in (folder, self._settings.paths.workspaces / job.project):
            shutil.rmtree(left, ignore_errors=True)
        return {"places": places}

    @contextmanager
    def _opened(self, job: RoomJob) -> Iterator[tuple[Path, bytes]]:
        """A volume for the time of a job; one that was closed is closed again."""
        if job.name not in self.store.names(job.project):
            raise NotFound("There is no such workspace yet.", "It begins with the first opened lab.")
        key = self._key(job.project)
        was_open = volume_id(job.project, job.name) in self.store.opened()
        try:
            yield self.store.open(job.project, job.name, _AS_IT_IS, key), key
        finally:
            if not was_open:
                self.store.close(job.project, job.name)

    def _archive(self, job: RoomJob) -> Path:
        if not job.name or not job.snapshot:
            raise Conflict("The request names no snapshot.", "Name a workspace and a snapshot.")
        return self._settings.paths.snapshots / job.project / job.name / f"{job.snapshot}.c2cs"

    def _key(self, project: str) -> bytes:
        return self._master.unwrap(self._settings.paths.project_keys, project)


def _store(settings: Settings) -> tuple[Store, str]:
    """What the setting asks for, or what the machine can do; and why not volumes."""
    places = settings.paths.workspaces, settings.volumes_dir
    if settings.workspace_store == "folder":
        return Folders(*places), "the setting C2C_WORKSPACE_STORE"
    why_not = volumes_work(settings.volumes_dir)
    if why_not and settings.workspace_store == "auto":
        return Folders(*places), why_not
    return Volumes(*places), why_not


def _place(name: str) -> str:
    return {"_shared": "shared folder", "_runs": "report runs"}.get(name, f"workspace of {name}")
