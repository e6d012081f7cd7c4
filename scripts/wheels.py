"""What a wheel says of itself and where it would put its files; nothing of it is run.

A wheel for a sandbox may add files and change none: not of the image, not of a module of the enclave's.
"""

from __future__ import annotations

import email
import email.message
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.console import SetupError

OURS = ("c2c_research", "enclave", "output_review", "services")
_SCHEMES = {"scripts": "bin", "data": "", "headers": "include"}


@dataclass(frozen=True)
class Wheel:
    """A wheel's licence (empty: it names none), its files below the environment, and what a reviewer should know."""

    licence: str
    files: frozenset[str]
    warnings: tuple[str, ...]


def read_wheel(path: Path, site: str) -> Wheel:
    """A wheel by its archive; `site` is where modules lie below the environment."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            meta = email.message_from_bytes(_only(archive, names, "METADATA"))
            entries = _only(archive, names, "entry_points.txt", needed=False).decode(errors="replace")
    except (zipfile.BadZipFile, KeyError, OSError) as problem:
        raise SetupError(f"{path.name} is no readable wheel.", "Download or build it again.") from problem
    files = {_place(name, site) for name in names} | {f"bin/{command}" for command in _commands(entries)}
    licence = licence_of(meta)
    return Wheel(licence, frozenset(files), tuple(_warnings(path.name, licence, files, site)))


def check_adds_only(path: Path, wheel: Wheel, present: frozenset[str], site: str) -> None:
    """SetupError for a wheel that would replace a file of the image, or a module of the enclave's."""
    taken = sorted(wheel.files & present)
    if any(file.startswith(f"{site}/{name}/") or file == f"{site}/{name}.py" for file in wheel.files for name in OURS):
        taken.append("a module of the enclave")
    if any(".." in file.split("/") or file.startswith("/") for file in wheel.files):
        taken.append("a place outside the environment")
    if taken:
        raise SetupError(
            f"{path.name} would replace what the image holds: {', '.join(taken[:3])}.",
            "Nothing of the image may change. Refuse the package (`c2c image refuse`), or ask its authors.",
        )


def licence_of(meta: email.message.Message) -> str:
    """The licence that the metadata names: expression, else classifiers, else the first line of the old field."""
    told = [c.rpartition(" :: ")[2] for c in meta.get_all("Classifier") or [] if c.startswith("License ::")]
    line = next(iter((meta.get("License") or "").strip().splitlines()), "")
    return str(meta.get("License-Expression") or ", ".join(told) or ("" if line == "UNKNOWN" else line[:100]))


def _only(archive: zipfile.ZipFile, names: list[str], file: str, needed: bool = True) -> bytes:
    found = [name for name in names if name.endswith(f".dist-info/{file}") and name.count("/") == 1]
    if not found and needed:
        raise KeyError(file)
    return archive.read(found[0]) if found else b""


def _place(name: str, site: str) -> str:
    top, _, rest = name.partition("/")
    if not top.endswith(".data"):
        return f"{site}/{name}"
    scheme, _, inside = rest.partition("/")
    return f"{_SCHEMES.get(scheme, site)}/{inside}".lstrip("/")


def _commands(entries: str) -> Iterator[str]:
    section = ""
    for line in map(str.strip, entries.splitlines()):
        if line.startswith("["):
            section = line.strip("[]")
        elif "=" in line and section in ("console_scripts", "gui_scripts"):
            yield line.partition("=")[0].strip()


def _warnings(name: str, licence: str, files: set[str], site: str) -> Iterator[str]:
    if not licence:
        yield f"{name} names no licence; read its sources before it is used."
    if any(file.endswith(".pth") and file.count("/") == site.count("/") + 1 for file in files):
        yield f"{name} runs code at the start of every Python (a .pth file)."
    if any("/labextensions/" in file or "/jupyter_server_config.d/" in file for file in files):
        yield f"{name} extends JupyterLab or its server."
