"""Volumes: the file systems that a project's people write to, one each, named alike on every side.

    <workspaces>/<project>/<name>.img      at rest: an ext4 file system whose files and names are encrypted
    <volumes folder>/<volume id>/files     open: what a sandbox mounts, while one needs it and no longer

`name` is a member's, `_shared` (the folder `/shared` of all members) or `_runs` (report runs). Names of people begin
with a letter, so the two cannot be a person's.
"""

from __future__ import annotations

from enclave.core.digests import sha256_hex
from enclave.sandboxes.grants import Grant

SHARED = "_shared"
RUNS = "_runs"
FILES = "files"


def volume_id(project: str, name: str) -> str:
    """The folder name under which a volume is mounted."""
    return "vol-" + sha256_hex(f"{project}/{name}".encode())[:20]


def volume_names(grant: Grant) -> tuple[str, ...]:
    """What a sandbox mounts: labs and jobs their user's volume and the shared one, a report run that of the runs."""
    return (RUNS,) if grant.profile == "report" else (grant.user, SHARED)
