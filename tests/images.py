"""Records in the register of images, as the operator's scripts write them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

SANDBOX = "c2c-sandbox"


def image_id(tag: str) -> str:
    """An id of the engine's form for an image that no engine holds."""
    return "sha256:" + hashlib.sha256(tag.encode()).hexdigest()


def register_image(
    folder: Path,
    tag: str = SANDBOX,
    *,
    name: str = "sandbox",
    image: str = "",
    added: tuple[str, ...] = (),
    **more: Any,
) -> str:
    """Put an image into the register of an installation whose `<data>/images` this is; its id."""
    found = image or image_id(tag)
    packages = [_package("pandas", "2.3.3", False), *(_package(*each.split("=="), True) for each in added)]
    record = {
        "id": found, "tag": tag, "name": name, "kind": "packages" if added else "release", "base": "",
        "built_at": "2026-01-01T00:00:00Z", "built_by": "operator", "packages": packages, "warnings": [],
        "requests": [], **more,
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{found.removeprefix('sha256:')}.json").write_text(json.dumps(record))
    return found


def _package(name: str, version: str, added: bool) -> dict[str, Any]:
    digest = hashlib.sha256(f"{name}{version}".encode()).hexdigest()
    return {
        "name": name, "version": version, "sha256": digest, "licence": "MIT", "added": added, "needed_by": "",
    }  # fmt: skip
