"""A folder of a sandbox as an encrypted archive, and back: the tar work as the sandbox's user, the key here."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from enclave.core.errors import Conflict, Unavailable
from enclave.core.files import sync_dir
from enclave.sandboxes.rooms import SANDBOX_UID
from services.guard import archive
from services.guard.mounts import view_of
from services.guard.streams import decrypt, encrypt


def write_archive(folder: Path, target: Path, key: bytes, header: dict[str, Any]) -> int:
    """Archive a folder under `target`, which appears whole and on disk or not at all; returns the plain bytes."""
    part = target.with_name(f".{target.name}.part")
    part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with view_of(folder) as view, part.open("wb") as stream, _process("pack", view) as child:
            assert child.stdout is not None
            size = encrypt(child.stdout, stream, key, header)
            stream.flush()
            os.fsync(stream.fileno())
            _check(child)
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
    sync_dir(target.parent)
    return size


def read_archive(source: Path, folder: Path, key: bytes, below: str = "") -> None:
    """Unpack an archive into a folder of the sandbox's user, or into one `below` it that is there."""
    with (
        view_of(folder, writable=True) as view,
        source.open("rb") as stream,
        _process("unpack", view / below) as child,
    ):
        assert child.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            for chunk in decrypt(stream, key):
                child.stdin.write(chunk)
        with contextlib.suppress(BrokenPipeError):
            child.stdin.close()
        _check(child)


def _process(task: str, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [getattr(sys, "_base_executable", sys.executable), "-I", "-c", _source(), task, str(SANDBOX_UID)],
        cwd=folder,
        stdin=subprocess.PIPE if task == "unpack" else subprocess.DEVNULL,
        stdout=subprocess.PIPE if task == "pack" else subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"LANG": "C.UTF-8"},
    )


def _check(child: subprocess.Popen[bytes]) -> None:
    code = child.wait(60)
    if code == archive.FULL:
        raise Conflict("The workspace is too full for this.", "Remove what you no longer need, then try again.")
    if code != 0:
        raise Unavailable("The files could not be packed.", "Try again; if it fails, tell the office.")


@cache
def _source() -> str:
    return Path(archive.__file__).read_text(encoding="utf-8")
