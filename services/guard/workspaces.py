"""Folders that a sandbox mounts must be there before the engine mounts them, with the right owner."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from enclave.core.errors import NotAllowed
from enclave.core.settings import Settings
from enclave.sandboxes.grants import Grant
from enclave.sandboxes.rooms import SANDBOX_UID
from enclave.sandboxes.volumes import FILES, RUNS, volume_id


def ready_folders(settings: Settings, grant: Grant) -> None:
    """See that the extract is there, and make a report run's folder in the open volume of the runs."""
    paths = settings.paths
    (paths.root / "reference").mkdir(exist_ok=True)
    _ready_imports(paths.imports, grant.project)
    if grant.extract and not (paths.extracts / grant.project / grant.extract).is_dir():
        raise NotAllowed("The extract is not on this machine.", "Build the extract again.")
    if grant.profile == "report":
        folder = run_folder(settings, grant.project, grant.run)
        if folder.is_symlink():
            raise NotAllowed("The run's folder is not a folder.", "Ask the operator to look at it.")
        folder.mkdir(exist_ok=True, mode=0o700)
        os.chown(folder, SANDBOX_UID, SANDBOX_UID)


def _ready_imports(root: Path, project: str) -> None:
    """The project's folder of imports, empty or not: the worker's, who fills it while sandboxes have it mounted."""
    root.mkdir(exist_ok=True)
    folder = root / project
    if folder.is_symlink():
        raise NotAllowed("The folder of imports is not a folder.", "Ask the operator to look at it.")
    if not folder.exists():
        folder.mkdir(mode=0o755)
        owner = root.stat()
        os.chown(folder, owner.st_uid, owner.st_gid)


def run_folder(settings: Settings, project: str, run: str) -> Path:
    """Where a report run works."""
    return settings.volumes_dir / volume_id(project, RUNS) / FILES / run


def clear_run(settings: Settings, project: str, run: str) -> None:
    """Remove what an ended run left; its outputs are with the worker. Links are removed, not followed."""
    folder = run_folder(settings, project, run)
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)
