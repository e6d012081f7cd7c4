"""Writes that happen whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_atomic(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write `data` so that a reader sees the old file or the new one; on disk when this returns."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_dir(path.parent)


def replace_dir_atomic(made: Path, final: Path) -> None:
    """Give a finished folder its final name; the name must be free (a folder cannot be replaced in one step)."""
    made.rename(final)
    sync_dir(final.parent)


def sync_dir(folder: Path) -> None:
    """Make a folder's entries survive a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
