"""Builds the images of ``images/images.toml``, two a zone: ``c2c-<zone>-deps`` and ``c2c-<name>``.

Tags are hashes of everything that goes in, so what exists is never built again and a changed byte is never missed.
Builds have no network: wheels come from the wheelhouse, so no certificate of the host can enter a layer.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from scripts.base import ensure_base, target_of
from scripts.catalogue import ImageSpec, load_catalogue
from scripts.clone import HASH, LABEL, ROOT
from scripts.console import SetupError, fail, say, step
from scripts.context import Context
from scripts.engine import CLASSIC
from scripts.locks import build_tools, lock_path
from scripts.shell import output, run, tail
from scripts.wheelhouse import Wheelhouse, image_wheelhouse

BUILD_ADVICE = (
    "Read the lines above; a full disk ('df -h', 'docker system df') and an interrupted download are the usual causes. "
    "Run the same command again: what is built stays."
)
AT_ONCE = max(2, (os.cpu_count() or 2) // 2)
# The heaviest first, so that the last build is a short one.
HEAVY_FIRST = ("sandbox", "research", "control", "vault", "checking", "edge", "engine")


@dataclass(frozen=True)
class Base:
    """The base image: its name for the builder, its identity for the tags."""

    name: str
    identity: str


def ensure_images() -> dict[str, str]:
    """Builds what is missing and returns image name → tag."""
    base = _base()
    specs = load_catalogue()
    zones = sorted({spec.zone for spec in specs}, key=HEAVY_FIRST.index)
    tags = {zone: _deps_tag(zone, base) for zone in zones}
    missing = [zone for zone in zones if not _exists(tags[zone])]
    if missing:
        _build_zones(missing, tags, base)
    with ThreadPoolExecutor(AT_ONCE + 1) as pool:
        # Removing the discarded stages takes the disk a while; nobody needs to wait for it alone.
        forgotten = pool.submit(_forget_build_stages) if missing else None
        built = dict(
            zip([s.name for s in specs], pool.map(lambda s: _ensure_image(s, tags[s.zone]), specs), strict=True)
        )
        if forgotten:
            forgotten.result()
    return built


def image_tags() -> dict[str, str]:
    """The tags that the present checkout asks for, whether or not they are built; needs the base to be there."""
    base = _base()
    return {spec.name: _tag(spec, _context(spec), _deps_tag(spec.zone, base)) for spec in load_catalogue()}


def images_missing() -> bool:
    """Whether something must be built."""
    return not all(_exists(tag) for tag in image_tags().values())


def _base() -> Base:
    name = ensure_base()
    return Base(name, output(["docker", "image", "inspect", "-f", "{{.Id}}", name]))


def _build_zones(zones: list[str], tags: dict[str, str], base: Base) -> None:
    house = image_wheelhouse(target_of(base.name))
    with step("Completing the wheelhouse for the images"):
        for zone in zones:
            house.fill(zone)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda zone: _build_deps(zone, tags[zone], base, house), zones))


def _deps_tag(zone: str, base: Base) -> str:
    context = Context()
    context.add("Dockerfile", ROOT / "images" / "deps" / "Dockerfile")
    context.add("requirements.txt", lock_path(zone))
    return f"c2c-{zone}-deps:{context.digest(base.identity)}"


def _build_deps(zone: str, tag: str, base: Base, house: Wheelhouse) -> None:
    files = house.files_for(zone)
    context = Context()
    context.add("Dockerfile", ROOT / "images" / "deps" / "Dockerfile")
    context.add("requirements.txt", lock_path(zone))
    needs_tools = any(path.suffix != ".whl" for path in files)
    context.add("build-tools.txt", build_tools().encode() if needs_tools else b"")
    for path in files:
        context.add(f"wheels/{path.name}", path)
    with step(f"Building {tag} ({len(files)} packages)"):
        _docker_build(context, tag, {"BASE": base.name, "CLONE": HASH}, {"org.c2c.zone": zone})


def _context(spec: ImageSpec) -> Context:
    context = Context()
    context.add("Dockerfile", spec.dockerfile)
    context.add("app/.zone", f"{spec.zone}\n".encode())
    context.add_tree("app", ROOT, spec.source_files())
    if spec.files.is_dir():
        context.add_tree("files", spec.files, [path for path in sorted(spec.files.rglob("*")) if path.is_file()])
    return context


def _tag(spec: ImageSpec, context: Context, deps: str) -> str:
    return f"c2c-{spec.name}:{context.digest(deps, str(spec.uid), spec.user)}"


def _ensure_image(spec: ImageSpec, deps: str) -> str:
    context = _context(spec)
    tag = _tag(spec, context, deps)
    if not _exists(tag):
        with step(f"Building {tag}"):
            arguments = {"DEPS": deps, "UID": str(spec.uid), "USER_NAME": spec.user}
            _docker_build(context, tag, arguments, {"org.c2c.zone": spec.zone, "org.c2c.image": spec.name})
    return tag


def _docker_build(context: Context, tag: str, arguments: dict[str, str], labels: dict[str, str]) -> None:
    argv = ["docker", "build", "-q", "--force-rm", "--network", "none", "-t", tag, "--label", LABEL]
    for key, value in labels.items():
        argv += ["--label", f"{key}={value}"]
    for key, value in arguments.items():
        argv += ["--build-arg", f"{key}={value}"]
    piped: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen([*argv, "-"], **piped, env={**os.environ, **CLASSIC}) as builder:
        assert builder.stdin and builder.stdout
        # A builder that fails early stops reading; what it said is the message then.
        with suppress(BrokenPipeError):
            context.write(builder.stdin)
            builder.stdin.close()
        said = builder.stdout.read()
    if builder.returncode:
        raise SetupError(f"Building {tag} failed:\n{tail(said)}", BUILD_ADVICE)


def _exists(tag: str) -> bool:
    return bool(output(["docker", "image", "inspect", "-f", "{{.Id}}", tag]))


def _forget_build_stages() -> None:
    """Removes the discarded stages, which hold every wheel a second time."""
    filters = ["--filter", "label=org.c2c.stage=build", "--filter", f"label={LABEL}"]
    run(["docker", "image", "prune", "-f", *filters], what="Removing the build stages", advice=BUILD_ADVICE)


def main() -> int:
    """``python3 -m scripts.images``: builds what is missing and prints the tags."""
    try:
        for name, tag in ensure_images().items():
            say(f"{name}: {tag}")
            print(f"{name} {tag}")
    except SetupError as error:
        return fail(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
