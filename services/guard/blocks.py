"""Loop devices and encrypted folders: the two things of the kernel that a volume needs, by ioctl alone.

No tool but `mke2fs`, `resize2fs` and `e2fsck` is called. Encryption is fscrypt (Linux 5.4; the kernel's
`Documentation/filesystems/fscrypt.rst`), policy version 2: contents AES-256-XTS, names AES-256-CTS, both under keys
derived from one master key that the kernel holds while the file system is mounted. It works where dm-crypt does not:
containers in virtual machines with a small kernel. Not hidden by it: sizes, times, rights, and the tree's shape.
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LOOP_GET_FREE, _LOOP_CONFIGURE, _AUTOCLEAR = 0x4C82, 0x4C0A, 4
_ADD_KEY = (3 << 30) | (80 << 16) | (ord("f") << 8) | 23
_SET_POLICY = (2 << 30) | (12 << 16) | (ord("f") << 8) | 19
_GET_POLICY = (3 << 30) | (9 << 16) | (ord("f") << 8) | 22
_BY_IDENTIFIER, _VERSION_2, _XTS, _CTS, _PAD_32 = 2, 2, 1, 4, 3
_TRIES, _BLOCK = 20, 4096
_LOOP_MAJOR, _LOOP_CONTROL = 7, (10, 237)


@contextmanager
def attached(image: Path) -> Iterator[Path]:
    """A loop device over a file, for the time of mounting; it frees itself when the file system is unmounted."""
    backing = os.open(image, os.O_RDWR)
    try:
        device, handle = _configured(backing)
    finally:
        os.close(backing)
    try:
        yield device
    finally:
        os.close(handle)


def add_key(folder: Path, key: bytes) -> bytes:
    """Give the kernel a file system's key (64 bytes); returns the identifier that policies name it by."""
    argument = bytearray(struct.pack("<II32sII32s", _BY_IDENTIFIER, 0, b"", len(key), 0, b"") + key)
    _on(folder, _ADD_KEY, argument)
    return bytes(argument[8:24])


def encrypt(folder: Path, identifier: bytes) -> None:
    """Make an empty folder encrypted; everything made below it will be."""
    policy = struct.pack("<BBBBB3s16s", _VERSION_2, _XTS, _CTS, _PAD_32, 0, b"", identifier)
    _on(folder, _SET_POLICY, policy)


def encrypted_by(folder: Path) -> bytes | None:
    """The identifier of the key that a folder is encrypted under, None for a plain folder."""
    argument = bytearray(struct.pack("<Q24s", 24, b""))
    try:
        _on(folder, _GET_POLICY, argument)
    except OSError as problem:
        if problem.errno == errno.ENODATA:
            return None
        raise
    return bytes(argument[16:32])


def _free_number() -> int:
    control = _node("/dev/loop-control", os.makedev(*_LOOP_CONTROL), 0o020600)
    handle = os.open(control, os.O_RDWR)
    try:
        return fcntl.ioctl(handle, _LOOP_GET_FREE)
    finally:
        os.close(handle)


def _configured(backing: int) -> tuple[Path, int]:
    """The device and an open handle on it, without which it would free itself at once."""
    info = struct.pack("<QQQQQIIII64s64s32sQQ", 0, 0, 0, 0, 0, 0, 0, 0, _AUTOCLEAR, b"c2c", b"", b"", 0, 0)
    request = struct.pack("<II", backing, _BLOCK) + info + bytes(64)
    for _ in range(_TRIES):
        number = _free_number()
        device = _node(f"/dev/loop{number}", os.makedev(_LOOP_MAJOR, number), 0o060600)
        handle = os.open(device, os.O_RDWR)
        try:
            fcntl.ioctl(handle, _LOOP_CONFIGURE, request)
        except OSError as problem:
            os.close(handle)
            if problem.errno != errno.EBUSY:  # another took the number meanwhile
                raise
        else:
            return device, handle
    raise OSError(errno.EBUSY, "no loop device became free")


def _node(path: str, device: int, mode: int) -> Path:
    """A device node; a container's /dev has none of these."""
    if not Path(path).exists():
        os.mknod(path, mode, device)
    return Path(path)


def _on(folder: Path, request: int, argument: bytearray | bytes) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.ioctl(handle, request, argument)
    finally:
        os.close(handle)
