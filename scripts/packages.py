"""Approved packages over a sandbox's image: resolved against its hashed lock, downloaded on the host, built in.

Promise: what the lock names keeps its release, nothing is compiled or run on the host, no file of the image changes.
Called by ``c2c image build``, which says what is approved: ``python3 -m scripts.packages`` with a JSON order on stdin.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

from scripts.base import target_of
from scripts.catalogue import load_catalogue
from scripts.clone import HASH, ROOT
from scripts.console import SetupError, fail, say, step
from scripts.context import Context
from scripts.images import base_of, docker_build, ensure_images, exists, ground_of, specs_of
from scripts.locks import read_lock
from scripts.registry import Record, contents, inspect, register
from scripts.resolve import Extra, Order, download, resolve
from scripts.wheelhouse import image_wheelhouse
from scripts.wheels import check_adds_only, read_wheel

_KNOWN = "/ipykernel/__init__.py"


def build(order: Order) -> Record:
    """Resolves, downloads, looks at each wheel and builds; with ``plan`` it only says what would come in."""
    _check(order)
    spec = specs_of((order.base,))[0]
    base = base_of(ground_of(spec))
    house = image_wheelhouse(target_of(base.name))
    with step(f"Resolving {len(order.wanted)} packages against the sandbox's lock"):
        extras = resolve(order, house)
    with step(f"Downloading {len(extras)} wheels"):
        files = download(order, extras, house)
    sandbox = ensure_images(order.base)[order.base]
    extras, warnings = _examined(extras, files, sandbox)
    for warning in warnings:
        say(f"Caution: {warning}")
    if order.plan:
        return {"plan": True, "name": order.name, "packages": [vars(each) for each in extras], "warnings": warnings}
    context = Context()
    context.add("Dockerfile", ROOT / "images" / "packages" / "Dockerfile")
    context.add("packages.txt", "".join(each.requirement for each in extras).encode())
    for path in files:
        context.add(f"wheels/{path.name}", path)
    image = inspect(sandbox)["Id"]
    tag = f"c2c-{order.name}:{context.digest(image)}"
    if not exists(tag):
        listed = ",".join(f"{each.name}=={each.version}" for each in extras)
        labels = {"org.c2c.zone": spec.zone, "org.c2c.image": order.name, "org.c2c.packages": listed}
        with step(f"Building {tag}"):
            docker_build(context, tag, {"BASE": base.name, "SANDBOX": sandbox, "CLONE": HASH}, labels)
    _verify(tag, sandbox, extras)
    return register(
        tag, name=order.name, kind="packages", by=order.by, base=image, warnings=warnings,
        added={each.name: vars(each) for each in extras}, requests=list(order.requests),
    )  # fmt: skip


def _check(order: Order) -> None:
    known = {spec.name for spec in load_catalogue(optional=True)}
    if order.name in known or order.name.endswith("-deps"):
        raise SetupError(f"“{order.name}” is the name of an image of the release.", "Choose another name.")
    lock = read_lock("sandbox")
    for name, version in order.wanted:
        if name in lock and version not in ("", lock[name].version):
            raise SetupError(
                f"{name} is in the sandbox's image as {lock[name].version}; a package never changes what is locked.",
                f"Refuse the request for {version} (`c2c image refuse`); another release of it comes with a release "
                "of the enclave.",
            )
    if not [name for name, _ in order.wanted if name not in lock]:
        raise SetupError("There is nothing to build in.", "Approve a package first: `c2c image packages`.")


def _examined(extras: list[Extra], files: list[Path], sandbox: str) -> tuple[list[Extra], list[str]]:
    """The same with licences, and what a reviewer should know; SetupError for a wheel that changes something."""
    with step("Looking at the wheels"):
        inside = frozenset(contents(sandbox, files=True)["files"])
        site = next(file for file in inside if file.endswith(_KNOWN)).removesuffix(_KNOWN)
        looked: list[Extra] = []
        warnings: list[str] = []
        present = inside
        for extra, path in zip(extras, files, strict=True):
            wheel = read_wheel(path, site)
            check_adds_only(path, wheel, present, site)
            present |= wheel.files
            looked.append(replace(extra, licence=wheel.licence))
            warnings += wheel.warnings
    return looked, warnings


def _verify(tag: str, sandbox: str, extras: list[Extra]) -> None:
    """The finished image holds the sandbox's releases unchanged and exactly the new ones beside."""
    before, after = ({(p["name"], p["version"]) for p in contents(image)["packages"]} for image in (sandbox, tag))
    if after - before != {(each.name, each.version) for each in extras} or before - after:
        raise SetupError(f"{tag} does not hold what was ordered.", f"Remove it (docker image rm {tag}), build again.")


def main() -> int:
    """Reads an order, prints the image's record (or the plan) as JSON."""
    raw = json.load(sys.stdin)
    raw["wanted"] = tuple((name, version) for name, version in raw["wanted"])
    try:
        order = Order(**{**raw, "find_links": tuple(raw["find_links"]), "requests": tuple(raw["requests"])})
        print(json.dumps(build(order)))
    except SetupError as error:
        return fail(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
