"""Writes the register of images: one file an image in ``<data>/images``, which guard, portal and worker only read.

A record says what the image holds as the image itself says it, with the digest of each wheel where the wheelhouse has
it. Its reader is ``enclave.sandboxes.registry``.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from scripts.catalogue import load_catalogue
from scripts.clone import CACHE, data_dir
from scripts.console import SetupError, fail, step
from scripts.locks import read_lock
from scripts.shell import output, run
from scripts.wheelhouse import Wheelhouse

Record = dict[str, Any]
PYTHON_INSIDE = "/opt/venv/bin/python"
# What a container says of itself: releases with their licences, and every file below the environment.
PROBE = """
import importlib.metadata as md, json, os, sys
def licence(m):
    told = [c.rpartition(' :: ')[2] for c in m.get_all('Classifier') or [] if c.startswith('License ::')]
    line = next(iter((m.get('License') or '').strip().splitlines()), '')
    return m.get('License-Expression') or ', '.join(told) or ('' if line == 'UNKNOWN' else line[:100])
found = [{'name': d.metadata['Name'], 'version': d.version, 'licence': licence(d.metadata)} for d in md.distributions()]
files = []
if '--files' in sys.argv:
    for folder, _, names in os.walk('/opt/venv'):
        if '__pycache__' not in folder:
            files += [os.path.relpath(os.path.join(folder, n), '/opt/venv') for n in names]
print(json.dumps({'packages': found, 'files': files}))
"""


def register_releases(tags: dict[str, str]) -> None:
    """Registers the images of the sandbox's zone among these, where a data directory is prepared."""
    if not (data_dir() / "images").is_dir():
        return
    zones = {spec.name: spec.zone for spec in load_catalogue(optional=True)}
    for name, tag in tags.items():
        if zones.get(name) == "sandbox":
            register(tag, name=name, kind="release", by="set-up")


def register(tag: str, *, name: str, kind: str, by: str, **more: Any) -> Record:
    """Writes an image's record unless it stands, and returns it. ``more``: base, added, warnings, requests."""
    found = inspect(tag)
    path = data_dir() / "images" / f"{found['Id'].removeprefix('sha256:')}.json"
    if path.exists():
        standing: Record = json.loads(path.read_text())
        return standing
    with step(f"Registering {tag}"):
        record: Record = {
            "id": found["Id"],
            "tag": tag,
            "name": name,
            "kind": kind,
            "base": more.get("base", ""),
            "built_at": found["Created"][:19] + "Z",
            "built_by": by,
            "packages": _packages(tag, more.get("added", {})),
            "warnings": more.get("warnings", []),
            "requests": more.get("requests", []),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, record)
    return record


def inspect(tag: str) -> dict[str, Any]:
    """What the engine knows of an image; SetupError when it has none of that name."""
    raw = output(["docker", "image", "inspect", tag])
    if not raw:
        raise SetupError(f"There is no image {tag} on this machine.", "See 'docker image ls', or build it.")
    found: dict[str, Any] = json.loads(raw)[0]
    return found


def contents(tag: str, files: bool = False) -> dict[str, Any]:
    """What an image of the sandbox's zone holds, asked of a container without network, rights or writing."""
    argv = ["docker", "run", "--rm", "--network", "none", "--cap-drop", "ALL", "--read-only", "--user", "65534:65534"]
    argv += ["--entrypoint", PYTHON_INSIDE, tag, "-c", PROBE, *(["--files"] if files else [])]
    said = run(argv, what=f"Looking into {tag}", advice="An image for sandboxes holds its Python at /opt/venv.")
    found: dict[str, Any] = json.loads(said)
    for each in found["packages"]:
        each["name"] = normal(each["name"])
    return found


def normal(name: str) -> str:
    """A package's name in its one written form (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _packages(tag: str, added: dict[str, Record]) -> list[Record]:
    known = _locked_digests()
    listed = []
    for each in sorted(contents(tag)["packages"], key=lambda each: each["name"]):
        extra = added.get(each["name"], {})
        digest = extra.get("sha256") or known.get((each["name"], each["version"]), "")
        listed.append(
            {**each, "sha256": digest, "added": bool(extra), "needed_by": extra.get("needed_by", "")}
        )  # fmt: skip
    return listed


def _locked_digests() -> dict[tuple[str, str], str]:
    """(name, version) → the digest of the file that was downloaded for it."""
    here: set[str] = set()
    for folder in CACHE.glob("wheelhouse*"):
        if folder.is_dir():
            here |= set(Wheelhouse(folder).index)
    pins = read_lock("sandbox").values()
    return {(pin.name, pin.version): digest for pin in pins for digest in sorted(pin.digests & here)[:1]}


def _write(path: Path, record: Record) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")
    part.chmod(0o640)  # the folder hands its group on: the control zone's
    part.replace(path)


def main() -> int:
    """Registers an image of the site's own: reads name, tag and by whom as JSON, prints the record."""
    order = json.load(sys.stdin)
    try:
        if order["name"] in {spec.name for spec in load_catalogue(optional=True)}:
            raise SetupError(f"“{order['name']}” is the name of an image of the release.", "Choose another name.")
        print(json.dumps(register(order["tag"], name=order["name"], kind="site", by=order["by"])))
    except SetupError as error:
        return fail(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
