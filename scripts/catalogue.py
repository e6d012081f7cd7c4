"""What ``images/images.toml`` says: one entry an image, checked when it is read."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.clone import ROOT

CATALOGUE = ROOT / "images" / "images.toml"
_SKIPPED = {"__pycache__", ".ipynb_checkpoints", ".mypy_cache", ".ruff_cache"}


@dataclass(frozen=True)
class ImageSpec:
    """One image: its zone, its user, the folders it holds, and what the tests assert of it."""

    name: str
    zone: str
    uid: int
    user: str
    sources: tuple[str, ...]
    without: tuple[str, ...]
    imports: tuple[str, ...]
    foreign: tuple[str, ...]
    debian: tuple[str, ...] = ()
    files_of: str = ""
    optional: bool = False

    @property
    def dockerfile(self) -> Path:
        """The image's own Dockerfile, or the services' common one."""
        for name in (self.name, self.files_of):
            if name and (own := ROOT / "images" / name / "Dockerfile").exists():
                return own
        return ROOT / "images" / "server" / "Dockerfile"

    @property
    def files(self) -> dict[str, Path]:
        """Files that go into the image beside the sources, by their place there; its own win over borrowed ones."""
        found: dict[str, Path] = {}
        for name in filter(None, (self.files_of, self.name)):
            folder = ROOT / "images" / name / "files"
            for path in sorted(folder.rglob("*")):
                if path.is_file() and not _SKIPPED & set(path.relative_to(folder).parts):
                    found[path.relative_to(folder).as_posix()] = path
        return found

    def source_files(self) -> list[Path]:
        """Every file of the checkout that the image holds, sorted; parents' ``__init__.py`` included."""
        kept: set[Path] = set()
        for source in self.sources:
            for path in ROOT.glob(source):
                found = {path} if path.is_file() else {f for f in path.rglob("*") if f.is_file()}
                kept |= {f for f in found if not _SKIPPED & set(f.relative_to(ROOT).parts)}
        for path in list(kept):
            kept |= {init for parent in _parents(path) if (init := parent / "__init__.py").is_file()}
        return sorted(path for path in kept if not self._left_out(path))

    def _left_out(self, path: Path) -> bool:
        return any(path.is_relative_to(ROOT / part) for part in self.without)


def _parents(path: Path) -> Iterator[Path]:
    for parent in path.parents:
        if parent == ROOT:
            return
        yield parent


def load_catalogue(optional: bool = False) -> list[ImageSpec]:
    """The images of every installation, in the order of the file; with ``optional`` those on demand as well."""
    return [spec for spec in _read() if optional or not spec.optional]


def _read() -> list[ImageSpec]:
    raw = tomllib.loads(CATALOGUE.read_text())
    return [
        ImageSpec(
            name=name,
            zone=entry["zone"],
            uid=entry["uid"],
            user=entry["user"],
            sources=tuple(entry["sources"]),
            without=tuple(entry["without"]),
            imports=tuple(entry["imports"]),
            foreign=tuple(entry["foreign"]),
            debian=tuple(entry.get("debian", ())),
            files_of=entry.get("files_of", ""),
            optional=entry.get("optional", False),
        )
        for name, entry in raw.items()
    ]
