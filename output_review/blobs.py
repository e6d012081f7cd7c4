"""Bytes by their SHA-256: `<aa>/<sha256>` below one folder, written once, never changed, verified when read."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import BinaryIO

from enclave.core.digests import sha256_file
from enclave.core.errors import BadInput, Conflict, NotFound, TooMany
from enclave.core.files import sync_dir

_DIGEST = re.compile(r"[0-9a-f]{64}")
_PIECE = 1 << 20


class BlobStore:
    """The airlock's bytes. Two files of the same content are one blob."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, stream: BinaryIO, limit: int) -> tuple[str, int]:
        """Store what the stream holds and return (sha256, size); TooMany past `limit`, and nothing is kept."""
        self.root.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.root, prefix=".incoming.")
        temporary, digest, size = Path(name), hashlib.sha256(), 0
        try:
            with os.fdopen(handle, "wb") as target:
                while piece := stream.read(_PIECE):
                    size += len(piece)
                    if size > limit:
                        raise TooMany(
                            f"A file is larger than {limit // 2**20} MB.",
                            "Submit a summary; a table that large is seldom releasable.",
                        )
                    digest.update(piece)
                    target.write(piece)
                target.flush()
                os.fsync(target.fileno())
            temporary.chmod(0o440)
            final = self.path(digest.hexdigest())
            final.parent.mkdir(exist_ok=True)
            temporary.replace(final)
            sync_dir(final.parent)
        finally:
            temporary.unlink(missing_ok=True)
        return digest.hexdigest(), size

    def path(self, sha256: str) -> Path:
        if not _DIGEST.fullmatch(sha256):
            raise BadInput("This is not a digest.", "Give the 64 hexadecimal digits of a SHA-256.")
        return self.root / sha256[:2] / sha256

    def read(self, sha256: str) -> bytes:
        """The bytes, verified; a blob that is gone or changed is never handed on."""
        self.check(sha256)
        return self.path(sha256).read_bytes()

    def check(self, sha256: str) -> None:
        path = self.path(sha256)
        if not path.is_file():
            raise NotFound("The airlock no longer holds these bytes.", "Ask the author to add the file again.")
        if sha256_file(path) != sha256:
            raise Conflict(
                "The stored bytes are not the ones that were submitted.",
                "Tell an administrator: the store was changed from outside. Nothing of this request is released.",
            )

    def holds(self, sha256: str) -> bool:
        """Whether the blob is there and unchanged."""
        try:
            self.check(sha256)
        except (NotFound, Conflict):
            return False
        return True
