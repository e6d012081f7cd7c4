"""Build contexts as tar streams: only what is named goes in, with fixed times and owners."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path
from typing import IO


class Context:
    """The files of one build, by their name inside the context."""

    def __init__(self) -> None:
        self._entries: dict[str, Path | bytes] = {}

    def add(self, name: str, content: Path | bytes) -> None:
        """Adds a file from disk or from memory."""
        self._entries[name] = content

    def add_tree(self, prefix: str, root: Path, files: list[Path]) -> None:
        """Adds files under a prefix, keeping their place below ``root``."""
        for path in files:
            self.add(f"{prefix}/{path.relative_to(root).as_posix()}", path)

    def digest(self, *salts: str) -> str:
        """Twelve hexadecimal digits that change when any name, content or salt changes."""
        total = hashlib.sha256("\0".join(salts).encode())
        for name, content in sorted(self._entries.items()):
            raw = content.read_bytes() if isinstance(content, Path) else content
            total.update(f"\0{name}\0{hashlib.sha256(raw).hexdigest()}".encode())
        return total.hexdigest()[:12]

    def write(self, sink: IO[bytes]) -> None:
        """Writes the tar stream."""
        with tarfile.open(fileobj=sink, mode="w|") as archive:
            for folder in sorted({str(Path(name).parent) for name in self._entries} - {"."}):
                archive.addfile(_header(folder, 0, tarfile.DIRTYPE, 0o755))
            for name, content in sorted(self._entries.items()):
                if isinstance(content, bytes):
                    archive.addfile(_header(name, len(content)), io.BytesIO(content))
                else:
                    with content.open("rb") as source:
                        archive.addfile(_header(name, content.stat().st_size), source)


def _header(name: str, size: int, kind: bytes = tarfile.REGTYPE, mode: int = 0o644) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.mode, info.mtime = size, kind, mode, 0
    return info
