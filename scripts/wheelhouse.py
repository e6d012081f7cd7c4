"""Downloads every locked file once, on the host, so that no image build needs the network or the host's certificates.

Files are chosen for an image by their SHA-256 in its lock, never by name.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from scripts.clone import CACHE, PYTHON
from scripts.console import SetupError
from scripts.locks import BUILD_TOOLS, Pin, build_tools, lock_path, read_lock
from scripts.shell import run

NETWORK_ADVICE = (
    "Check that the package index answers (pip's own settings, proxy and certificate are used: 'pip config list'; "
    "behind a TLS-inspecting proxy set PIP_CERT to its CA file), then run the same command again: it resumes."
)
OLDEST_MANYLINUX = 5


@dataclass(frozen=True)
class Target:
    """The Python and C library that wheels must fit: those of the images' base."""

    python: tuple[int, int]
    glibc: tuple[int, int]

    @classmethod
    def here(cls) -> Target:
        """This machine's own."""
        parts = (platform.libc_ver()[1] or "2.36").split(".")
        return cls((sys.version_info[0], sys.version_info[1]), (int(parts[0]), int(parts[1])))

    def takes_wheels_of(self, other: Target) -> bool:
        """Whether wheels that pip chose for ``other`` load here: same Python, C library not newer than ours."""
        return self.python == other.python and other.glibc <= self.glibc

    def pip_flags(self) -> list[str]:
        """Makes pip choose for this target instead of the machine it runs on."""
        major, minor = self.python
        machine = platform.machine()
        old = ["manylinux1", "manylinux2010", "manylinux2014"]
        tags = [f"manylinux_2_{n}" for n in range(OLDEST_MANYLINUX, self.glibc[1] + 1)] + old + ["linux"]
        flags = ["--python-version", f"{major}.{minor}", "--implementation", "cp"]
        for abi in (f"cp{major}{minor}", "abi3", "none"):
            flags += ["--abi", abi]
        for tag in tags:
            flags += ["--platform", f"{tag}_{machine}"]
        return flags


class Wheelhouse:
    """A folder of downloaded files and an index of their digests."""

    def __init__(self, folder: Path, target: Target | None = None) -> None:
        self.folder = folder
        self.target = target

    def fill(self, zone: str) -> None:
        """Downloads what the zone's lock names and the folder lacks, and what builds its source distributions."""
        self._download(self._missing(read_lock(zone)))
        self._download(self._missing(self.tools_for(zone)))
        if still := self._missing(read_lock(zone) | self.tools_for(zone)):
            raise SetupError(f"{len(still)} locked packages are still missing after the download.", NETWORK_ADVICE)

    def _download(self, missing: list[str]) -> None:
        if not missing:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        wanted = self.folder.parent / f"{self.folder.name}.missing.txt"
        wanted.write_text("".join(missing))
        flags = self.target.pip_flags() if self.target else []
        argv = [str(PYTHON), "-m", "pip", "download", "-q", "--require-hashes", "--no-deps", "--no-build-isolation"]
        run(
            [*argv, *flags, "-r", str(wanted), "-d", str(self.folder)],
            what="Downloading the locked packages",
            advice=NETWORK_ADVICE,
        )
        self.forget()

    def forget(self) -> None:
        """Lets the index be read anew."""
        self.__dict__.pop("index", None)

    def _missing(self, pins: dict[str, Pin]) -> list[str]:
        return [pin.text for pin in pins.values() if not self.find(pin)]

    def tools_for(self, zone: str) -> dict[str, Pin]:
        """The pins of setuptools and wheel where a file of the zone is a source distribution."""
        files = [path for pin in read_lock(zone).values() if (path := self.find(pin))]
        tools = read_lock("dev")
        return {name: tools[name] for name in BUILD_TOOLS} if any(p.suffix != ".whl" for p in files) else {}

    def find(self, pin: Pin) -> Path | None:
        """The downloaded file of a pin, or nothing."""
        return next((self.index[digest] for digest in pin.digests if digest in self.index), None)

    def files_for(self, zone: str) -> list[Path]:
        """The files a zone's image build needs: those of its lock and, for a source distribution, the build tools."""
        pins = [*read_lock(zone).values(), *self.tools_for(zone).values()]
        return sorted({path for pin in pins if (path := self.find(pin))})

    @cached_property
    def index(self) -> dict[str, Path]:
        """Digest → file. Digests are remembered by name, size and time, so a second run reads no file."""
        memory = self.folder.parent / f"{self.folder.name}.index.json"
        known: dict[str, str] = json.loads(memory.read_text()) if memory.exists() else {}
        seen: dict[str, str] = {}
        found: dict[str, Path] = {}
        for path in sorted(self.folder.glob("*")) if self.folder.exists() else []:
            stat = path.stat()
            key = f"{path.name}|{stat.st_size}|{stat.st_mtime_ns}"
            seen[key] = known.get(key) or hashlib.sha256(path.read_bytes()).hexdigest()
            found[seen[key]] = path
        if seen != known and self.folder.exists():
            memory.write_text(json.dumps(seen))
        return found


def host_wheelhouse() -> Wheelhouse:
    """The files for this machine's own Python: the virtual environment is installed from them."""
    return Wheelhouse(CACHE / "wheelhouse")


def image_wheelhouse(target: Target) -> Wheelhouse:
    """The files for the images: the host's own where they fit, else chosen for the base."""
    if target.takes_wheels_of(Target.here()):
        return host_wheelhouse()
    name = f"wheelhouse-py{target.python[0]}{target.python[1]}-glibc{target.glibc[1]}"
    return Wheelhouse(CACHE / name, target)


def fill_build_tools(house: Wheelhouse) -> Path:
    """Downloads setuptools and wheel and returns their lock file: source distributions are built without isolation."""
    house.folder.mkdir(parents=True, exist_ok=True)
    lock = house.folder.parent / "build-tools.txt"
    lock.write_text(build_tools())
    run(
        [
            str(PYTHON),
            "-m",
            "pip",
            "download",
            "-q",
            "--require-hashes",
            "--no-deps",
            "-r",
            str(lock),
            "-d",
            str(house.folder),
        ],
        what="Downloading the build tools",
        advice=NETWORK_ADVICE,
    )
    return lock


__all__ = [
    "NETWORK_ADVICE",
    "Target",
    "Wheelhouse",
    "fill_build_tools",
    "host_wheelhouse",
    "image_wheelhouse",
    "lock_path",
]
