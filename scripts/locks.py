"""The locked requirement files of the zones: which releases, and which files by SHA-256."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from scripts.clone import ROOT

_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)")
BUILD_TOOLS = ("setuptools", "wheel")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Pin:
    """One release of a lock with the digests of its files and its own lines."""

    name: str
    version: str
    digests: frozenset[str]
    text: str


def lock_path(zone: str) -> Path:
    """Where a zone's lock lies."""
    return ROOT / "requirements" / f"{zone}.txt"


def read_lock(zone: str) -> dict[str, Pin]:
    """The pins of a zone by normalised name."""
    pins: dict[str, Pin] = {}
    for block in re.split(r"\n(?=\S)", lock_path(zone).read_text()):
        found = _PIN.match(block)
        if found:
            name = re.sub(r"[-_.]+", "-", found[1]).lower()
            pins[name] = Pin(name, found[2], frozenset(_HASH.findall(block)), block.rstrip() + "\n")
    return pins


def build_tools() -> str:
    """The lock lines of what builds a source distribution, from the checkout's own lock."""
    pins = read_lock("dev")
    return "".join(pins[name].text for name in BUILD_TOOLS)
