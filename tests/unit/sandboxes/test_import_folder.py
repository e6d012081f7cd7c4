"""The guard makes a project's folder of imports before a sandbox mounts it, and follows no link in its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from enclave.core.errors import NotAllowed
from enclave.core.settings import Settings
from enclave.sandboxes.grants import Grant
from services.guard.workspaces import ready_folders

LAB = Grant("lab", "rosa", "promise")


def test_the_folder_is_there_empty_and_its_owner_is_the_workers(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    for _ in range(2):
        ready_folders(settings, LAB)
    folder = settings.paths.imports / "promise"
    assert list(folder.iterdir()) == []
    assert folder.stat().st_uid == settings.paths.imports.stat().st_uid
    (folder / "helpers").mkdir()
    ready_folders(settings, LAB)
    assert [each.name for each in folder.iterdir()] == ["helpers"]


def test_a_link_in_its_place_is_refused(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    settings.paths.imports.mkdir()
    (settings.paths.imports / "promise").symlink_to(tmp_path)
    with pytest.raises(NotAllowed):
        ready_folders(settings, LAB)
