"""Packing a researcher's folder into a tar stream and back: standard library alone, for `pack` and `unpack`.

The guard runs this file's text in a process of its own, which becomes the sandbox's user at once, with the folder as
its working directory: whatever a researcher left there (links, races, odd names) this process can do no more than they
could.
Sockets, pipes and unreadable files are left out; a file that shrinks while it is read is filled up with zeros.
"""

from __future__ import annotations

import os
import sys
import tarfile
from io import RawIOBase
from pathlib import Path
from typing import BinaryIO

LEFT_OUT = ("./restored",)
FULL = 28


class Exactly(RawIOBase):
    """A file read as exactly so many bytes as its header promised."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream, self._left = stream, size

    def read(self, size: int = -1) -> bytes:
        wanted = min(size if size >= 0 else self._left, self._left)
        self._left -= wanted
        return self._stream.read(wanted).ljust(wanted, b"\0")


def pack(folder: str, target: BinaryIO) -> None:
    """Write everything below a folder; parents come before their children."""
    with tarfile.open(fileobj=target, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for place, folders, names in os.walk(folder):
            here = os.path.relpath(place, folder)
            folders[:] = [each for each in folders if f"./{os.path.normpath(f'{here}/{each}')}" not in LEFT_OUT]
            for name in (*folders, *names):
                _add(tar, f"{place}/{name}", os.path.normpath(f"{here}/{name}"))


def _add(tar: tarfile.TarFile, path: str, name: str) -> None:
    vars(tar)["inodes"] = {}  # hard links are packed as files of their own
    try:
        info = tar.gettarinfo(path, name)
        if info.isreg():
            with Path(path).open("rb") as stream:
                tar.addfile(info, Exactly(stream, info.size))
        elif info.isdir() or info.issym():
            tar.addfile(info)
    except (PermissionError, FileNotFoundError):
        return
    except AttributeError:  # `gettarinfo` knows no sockets
        return


def unpack(folder: str, source: BinaryIO) -> None:
    """Write a stream's files below a folder; names that lead elsewhere are refused."""
    with tarfile.open(fileobj=source, mode="r|") as tar:
        for member in tar:
            parts = member.name.split("/")
            if member.name.startswith("/") or ".." in parts:
                raise SystemExit(2)
            _write(tar, member, f"{folder}/{member.name}")


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, path: str) -> None:
    if member.isdir():
        os.makedirs(path, exist_ok=True)  # noqa: PTH103
    elif member.issym():
        os.symlink(member.linkname, path)  # noqa: PTH211
    elif member.isreg() and (content := tar.extractfile(member)) is not None:
        with Path(path).open("wb") as stream:
            while part := content.read(1 << 20):
                stream.write(part)
        Path(path).chmod(member.mode & 0o777 | 0o600)
        os.utime(path, (member.mtime, member.mtime))


def become(user: int) -> None:
    """Give root up for good; everything that is imported was imported before."""
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)


if __name__ == "__main__":
    become(int(sys.argv[2]))
    try:
        if sys.argv[1] == "pack":
            pack(".", sys.stdout.buffer)
        else:
            unpack(".", sys.stdin.buffer)
    except OSError as problem:
        sys.exit(FULL if problem.errno in (28, 122) else 1)
