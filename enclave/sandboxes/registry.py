"""The register of images: which images of the engine a sandbox may be, and what each holds.

The operator's set-up and `c2c image build` write one file an image into `<data>/images`; guard, portal and worker see
that folder read-only. So a portal in wrong hands can pin a project to a registered image only, and the guard starts
nothing else, whatever the engine holds beside. Records are never removed: what a project ran on can be read for life.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from enclave.core.errors import NotAllowed, NotFound, Unavailable

_ID = re.compile(r"sha256:[0-9a-f]{64}")
_SHORTEST = 6


def is_image_id(text: str) -> bool:
    """Whether it is the engine's id of an image: a digest, never a name that can be moved."""
    return _ID.fullmatch(text) is not None


@dataclass(frozen=True)
class Package:
    """A release of a package in an image: the digest of its wheel, empty where it is no longer known.

    `added` beside the release's own; `needed_by` names the approved package that a further one came along with.
    """

    name: str
    version: str
    sha256: str = ""
    licence: str = ""
    added: bool = False
    needed_by: str = ""


@dataclass(frozen=True)
class Image:
    """One image; `kind` is release, packages (built over `base`) or site (made by the operator)."""

    id: str
    tag: str
    name: str
    kind: str
    base: str
    built_at: str
    built_by: str
    packages: tuple[Package, ...]
    warnings: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()

    @property
    def added(self) -> tuple[Package, ...]:
        """The packages beside the release's own."""
        return tuple(each for each in self.packages if each.added)


class Registry:
    """The files of `<data>/images`; `current` is the tag of this release's own image, which counts as the newest."""

    def __init__(self, folder: Path, current: str = "") -> None:
        self._folder, self._current = folder, current

    def get(self, image: str) -> Image | None:
        """The image of an id, or None."""
        path = self._folder / f"{image.removeprefix('sha256:')}.json"
        return _read(path) if is_image_id(image) and path.is_file() else None

    def images(self) -> list[Image]:
        """Every registered image, the newest first."""
        found = [_read(path) for path in self._folder.glob("*.json")]
        return sorted(found, key=lambda image: (image.tag == self._current, image.built_at, image.tag), reverse=True)

    def find(self, text: str) -> Image:
        """The image of a name (the newest of that name), a tag, an id or the beginning of one; else NotFound."""
        images = self.images()
        exact = [each for each in images if text in (each.tag, each.id, each.name)]
        digits = text.removeprefix("sha256:")
        begins = [each for each in images if len(digits) >= _SHORTEST and each.id[7:].startswith(digits)]
        found = exact or (begins if len(begins) == 1 else [])
        if not found:
            raise NotFound(
                f"There is no image “{text[:60]}”.",
                "See `c2c image list`; the operator builds one by `c2c image build`, or with R by `make images-r`.",
            )
        return found[0]

    def release(self, tag: str) -> Image:
        """This release's own image, by the tag that the settings name; Unavailable when it was never registered."""
        found = next((each for each in self.images() if each.tag == tag), None)
        if found is None:
            raise Unavailable(
                "The sandbox's image is not registered on this installation.",
                "The operator runs `make demo`, or `c2c image register NAME TAG` for an image of the site's own.",
            )
        return found

    def check_registered(self, image: str) -> None:
        """Raise NotAllowed for an image that the operator did not register."""
        if self.get(image) is None:
            raise NotAllowed("This image is not registered for sandboxes.", "The operator builds and registers images.")


def _read(path: Path) -> Image:
    raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    packages = tuple(Package(**each) for each in raw.pop("packages"))
    lists = {name: tuple(raw.pop(name)) for name in ("warnings", "requests")}
    return Image(**raw, packages=packages, warnings=lists["warnings"], requests=lists["requests"])
