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
from scripts.registry import register_releases
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
    """A base image: its name for the builder, its identity for the tags."""

    name: str
    identity: str


@dataclass(frozen=True)
class Ground:
    """What an image stands on: a zone's wheels over a base with these Debian packages."""

    zone: str
    debian: tuple[str, ...]

    @property
    def order(self) -> tuple[int, int]:
        """The heaviest first."""
        return HEAVY_FIRST.index(self.zone), -len(self.debian)


def ensure_images(*names: str) -> dict[str, str]:
    """Builds what is missing of the named images (none named: every installation's) and returns image name → tag."""
    specs = specs_of(names)
    bases = {ground: base_of(ground) for ground in sorted(map(ground_of, specs), key=lambda g: g.order)}
    tags = {ground: _deps_tag(ground.zone, base) for ground, base in bases.items()}
    missing = [ground for ground in bases if not exists(tags[ground])]
    if missing:
        _build_grounds(missing, tags, bases)
    with ThreadPoolExecutor(AT_ONCE + 1) as pool:
        # Removing the discarded stages takes the disk a while; nobody needs to wait for it alone.
        forgotten = pool.submit(_forget_build_stages) if missing else None
        made = pool.map(lambda s: _ensure_image(s, tags[ground_of(s)]), specs)
        built = dict(zip([s.name for s in specs], made, strict=True))
        if forgotten:
            forgotten.result()
    return built


def image_tags(*names: str) -> dict[str, str]:
    """The tags that the present checkout asks for, whether or not they are built; needs the bases to be there."""
    return {s.name: _tag(s, _context(s), _deps_tag(s.zone, base_of(ground_of(s)))) for s in specs_of(names)}


def images_missing() -> bool:
    """Whether something must be built."""
    return not all(exists(tag) for tag in image_tags().values())


def ensure_bases() -> None:
    """Makes the bases of every installation's images."""
    for packages in sorted({spec.debian for spec in load_catalogue()}):
        ensure_base(packages)


def specs_of(names: tuple[str, ...]) -> list[ImageSpec]:
    """The catalogue's entries of these names (none: every installation's); SetupError for an unknown one."""
    known = {spec.name: spec for spec in load_catalogue(optional=True)}
    if unknown := sorted(set(names) - set(known)):
        raise SetupError(f"There is no image {', '.join(unknown)}.", f"images/images.toml has: {', '.join(known)}.")
    return [known[name] for name in names] or load_catalogue()


def ground_of(spec: ImageSpec) -> Ground:
    """What the image stands on."""
    return Ground(spec.zone, spec.debian)


def base_of(ground: Ground) -> Base:
    """The base of a ground, made when it is missing."""
    name = ensure_base(ground.debian)
    return Base(name, output(["docker", "image", "inspect", "-f", "{{.Id}}", name]))


def _build_grounds(missing: list[Ground], tags: dict[Ground, str], bases: dict[Ground, Base]) -> None:
    house = image_wheelhouse(target_of(bases[missing[0]].name))
    with step("Completing the wheelhouse for the images"):
        for ground in missing:
            house.fill(ground.zone)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda g: _build_deps(g.zone, tags[g], bases[g], house), missing))


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
        docker_build(context, tag, {"BASE": base.name, "CLONE": HASH}, {"org.c2c.zone": zone})


def _context(spec: ImageSpec) -> Context:
    context = Context()
    context.add("Dockerfile", spec.dockerfile)
    context.add("app/.zone", f"{spec.zone}\n".encode())
    context.add_tree("app", ROOT, spec.source_files())
    for place, path in spec.files.items():
        context.add(f"files/{place}", path)
    return context


def _tag(spec: ImageSpec, context: Context, deps: str) -> str:
    return f"c2c-{spec.name}:{context.digest(deps, str(spec.uid), spec.user)}"


def _ensure_image(spec: ImageSpec, deps: str) -> str:
    context = _context(spec)
    tag = _tag(spec, context, deps)
    if not exists(tag):
        with step(f"Building {tag}"):
            arguments = {"DEPS": deps, "UID": str(spec.uid), "USER_NAME": spec.user}
            docker_build(context, tag, arguments, {"org.c2c.zone": spec.zone, "org.c2c.image": spec.name})
    return tag


def docker_build(context: Context, tag: str, arguments: dict[str, str], labels: dict[str, str]) -> None:
    """Builds a context without a network, by the classic builder; SetupError with the last lines when it fails."""
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


def exists(tag: str) -> bool:
    """Whether the engine has an image of that name."""
    return bool(output(["docker", "image", "inspect", "-f", "{{.Id}}", tag]))


def _forget_build_stages() -> None:
    """Removes the discarded stages, which hold every wheel a second time."""
    filters = ["--filter", "label=org.c2c.stage=build", "--filter", f"label={LABEL}"]
    run(["docker", "image", "prune", "-f", *filters], what="Removing the build stages", advice=BUILD_ADVICE)


def main() -> int:
    """``python3 -m scripts.images [NAME…]``: builds what is missing and prints the tags."""
    try:
        built = ensure_images(*sys.argv[1:])
        for name, tag in built.items():
            say(f"{name}: {tag}")
            print(f"{name} {tag}")
        register_releases(built)
    except SetupError as error:
        return fail(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
