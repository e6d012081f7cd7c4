"""Sizes of a project's labs: small, standard and large, chosen by the managing entity.

The settings say what `standard` is; the others are shares of it, so that an operator with a small or a large machine
changes one number. The quota of a workspace is the size of its file system: bytes and files (`inodes`) alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from enclave.core.errors import BadInput
from enclave.core.settings import Settings

MEBIBYTE = 1024 * 1024


class SizeName(StrEnum):
    """What a project may use at once."""

    SMALL = "small"
    STANDARD = "standard"
    LARGE = "large"


@dataclass(frozen=True)
class Size:
    """Memory in bytes, processors, processes, the quota of each workspace in bytes and files, and jobs at a time."""

    memory: int
    cpus: float
    pids: int
    disk: int
    files: int
    jobs: int = 0


_SHARES = {SizeName.SMALL: 0.5, SizeName.STANDARD: 1.0, SizeName.LARGE: 4.0}
_PIDS = {SizeName.SMALL: 128, SizeName.STANDARD: 128, SizeName.LARGE: 256}
_JOBS = {SizeName.SMALL: 1, SizeName.STANDARD: 2, SizeName.LARGE: 4}
_BYTES_A_FILE = 16 * 1024
_LEAST_FILES = 4096


def size_name(text: str) -> SizeName:
    """The size of a name, else BadInput."""
    try:
        return SizeName(text)
    except ValueError as problem:
        raise BadInput("There is no such size.", f"Choose one of {', '.join(SizeName)}.") from problem


def size_of(name: SizeName, settings: Settings) -> Size:
    """The numbers behind a name on this installation."""
    share = _SHARES[name]
    disk = int(settings.workspace_mb * share) * MEBIBYTE
    return Size(
        memory=int(settings.sandbox_memory_mb * share) * MEBIBYTE,
        cpus=settings.sandbox_cpus * max(share, 0.5),
        pids=_PIDS[name],
        disk=disk,
        files=max(_LEAST_FILES, disk // _BYTES_A_FILE),
        jobs=_JOBS[name],
    )
