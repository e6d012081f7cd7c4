"""Which wheels approved packages need beside the sandbox's lock, and their download. Nothing is compiled or run."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.clone import PYTHON
from scripts.console import SetupError
from scripts.locks import read_lock
from scripts.registry import normal
from scripts.shell import run, tail
from scripts.wheelhouse import NETWORK_ADVICE, Wheelhouse

_NO_RELEASE = "999999"


@dataclass(frozen=True)
class Order:
    """What to build: over which image, under which name, which packages (name and version, empty: newest)."""

    name: str
    base: str
    wanted: tuple[tuple[str, str], ...]
    find_links: tuple[str, ...]
    no_index: bool
    plan: bool
    by: str
    requests: tuple[str, ...]


@dataclass(frozen=True)
class Extra:
    """A release that comes in beside the lock's, its wheel's digest, and what needs it (empty: it was asked for)."""

    name: str
    version: str
    sha256: str
    needed_by: str
    licence: str = ""

    @property
    def requirement(self) -> str:
        """Its line of a hashed requirement file."""
        return f"{self.name}=={self.version} --hash=sha256:{self.sha256}\n"


def resolve(order: Order, house: Wheelhouse) -> list[Extra]:
    """What pip would install beside the lock, with its lock as constraints; no file of a package is run."""
    lock = read_lock("sandbox")
    with tempfile.TemporaryDirectory() as folder:
        constraints, report = Path(folder, "constraints.txt"), Path(folder, "report.json")
        constraints.write_text("".join(f"{pin.name}=={pin.version}\n" for pin in lock.values()))
        argv = [str(PYTHON), "-m", "pip", "install", "-q", "--dry-run", "--ignore-installed", "--only-binary", ":all:"]
        argv += [*_sources(order, house), *_flags(house), "-c", str(constraints), "--report", str(report)]
        wanted = [f"{name}=={version}" if version else name for name, version in order.wanted]
        done = subprocess.run([*argv, *wanted], capture_output=True, check=False)
        if done.returncode:
            raise _unresolved(order, house, done.stdout + done.stderr)
        found = json.loads(report.read_text())["install"]
    return _extras(found, set(lock), {name for name, _ in order.wanted})


def _extras(found: list[dict[str, Any]], locked: set[str], wanted: set[str]) -> list[Extra]:
    needs: dict[str, str] = {}
    for each in found:
        for line in each["metadata"].get("requires_dist", []):
            needs.setdefault(normal(_leading_name(line)), normal(each["metadata"]["name"]))
    extras = []
    for each in found:
        name, info = normal(each["metadata"]["name"]), each["download_info"].get("archive_info", {})
        digest = info.get("hashes", {}).get("sha256", "")
        if name in locked:
            continue
        if not digest:
            raise SetupError(f"The index gives no SHA-256 for {name}.", "Use an index that does.")
        by = "" if name in wanted else needs.get(name, "another package")
        extras.append(Extra(name, each["metadata"]["version"], digest, by))
    return sorted(extras, key=lambda extra: extra.name)


def _leading_name(requirement: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_." else " " for letter in requirement).split()[0]


def _unresolved(order: Order, house: Wheelhouse, said: bytes) -> SetupError:
    """Says which package has source distributions only, which is the usual cause; else pip's own words."""
    for name, version in order.wanted:
        whole = _versions(order, house, name)
        if whole and (not version or version in whole):
            wheels = _wheels(order, house, name)
            if not wheels or (version and version not in wheels):
                return SetupError(
                    f"{name} {version or ''}".strip() + " is offered as a source distribution only, and nothing is "
                    "compiled for a sandbox.",
                    f"Ask for a release that has a wheel{_some(wheels)}, or build a wheel on a machine of your own, "
                    "read it, and give its folder: `c2c image build … --find-links FOLDER`. Else: `c2c image refuse`.",
                )
        elif not whole:
            return SetupError(
                f"No index or folder offers {name}.",
                f"Check the name, or refuse the request. {NETWORK_ADVICE}",
            )
    return SetupError(
        f"The packages do not fit together, or not to the sandbox's locked releases:\n{tail(said)}",
        "Build them apart (`c2c image build NAME --only PACKAGE`), or refuse the one that does not fit.",
    )


def _some(wheels: list[str]) -> str:
    return f" ({', '.join(wheels[:3])})" if wheels else ""


def _versions(order: Order, house: Wheelhouse, name: str) -> list[str]:
    """The releases that the index offers in any form; asked for by name alone, nothing is downloaded."""
    argv = [str(PYTHON), "-m", "pip", "index", "versions", "--pre", name, *_sources(order, house), *_flags(house)]
    done = subprocess.run(argv, capture_output=True, check=False, text=True)
    line = next((line for line in done.stdout.splitlines() if line.startswith("Available versions:")), "")
    return _split(line.partition(":")[2])


def _wheels(order: Order, house: Wheelhouse, name: str) -> list[str]:
    """The releases that have a wheel for the sandbox, the newest first: what pip says when it finds none that fits."""
    argv = [str(PYTHON), "-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-deps", "--pre"]
    argv += ["--only-binary", ":all:", *_sources(order, house), *_flags(house), f"{name}=={_NO_RELEASE}"]
    done = subprocess.run(argv, capture_output=True, check=False, text=True)
    found = re.search(r"\(from versions: ([^)]*)\)", done.stderr)
    return _split(found[1])[::-1] if found and found[1] != "none" else []


def _split(listed: str) -> list[str]:
    return [version.strip() for version in listed.split(",") if version.strip()]


def _sources(order: Order, house: Wheelhouse) -> list[str]:
    links = [*order.find_links, *([str(house.folder)] if house.folder.is_dir() else [])]
    return [*(["--no-index"] if order.no_index else []), *(part for link in links for part in ("--find-links", link))]


def _flags(house: Wheelhouse) -> list[str]:
    return house.target.pip_flags() if house.target else []


def download(order: Order, extras: list[Extra], house: Wheelhouse) -> list[Path]:
    """The wheels, in the wheelhouse; each is what its digest says."""
    house.folder.mkdir(parents=True, exist_ok=True)
    missing = [each for each in extras if each.sha256 not in house.index]
    if missing:
        wanted = house.folder.parent / "packages.txt"
        wanted.write_text("".join(each.requirement for each in missing))
        argv = [str(PYTHON), "-m", "pip", "download", "-q", "--require-hashes", "--no-deps", "--only-binary", ":all:"]
        argv += [*_sources(order, house), *_flags(house), "-r", str(wanted), "-d", str(house.folder)]
        run(argv, what="Downloading the packages", advice=NETWORK_ADVICE)
        house.forget()
    return [house.index[each.sha256] for each in extras]
