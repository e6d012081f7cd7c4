"""Folders that a sandbox mounts must be there before the engine mounts them, with the right owner."""

from __future__ import annotations

import os
from pathlib import Path

from enclave.core.errors import NotAllowed
from enclave.core.settings import Paths
from enclave.sandboxes.grants import Grant
from enclave.sandboxes.rooms import SANDBOX_UID


def ready_folders(paths: Paths, grant: Grant, workspace: str) -> None:
    """Make the workspace (its sandbox's own, mode 0700) and see that the extract is there."""
    folder = paths.workspaces
    for part in workspace.split("/"):
        folder = folder / part
        if folder.is_symlink():
            raise NotAllowed("The workspace is not a folder.", "Ask the operator to look at it.")
        folder.mkdir(exist_ok=True, mode=0o711)
    _own(folder)
    (paths.root / "reference").mkdir(exist_ok=True)
    if grant.extract and not (paths.extracts / grant.project / grant.extract).is_dir():
        raise NotAllowed("The extract is not on this machine.", "Build the extract again.")


def _own(folder: Path) -> None:
    if folder.stat().st_uid != SANDBOX_UID:
        os.chown(folder, SANDBOX_UID, SANDBOX_UID)
        folder.chmod(0o700)
