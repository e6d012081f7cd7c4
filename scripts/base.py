"""The images' common base: the one the operator names, or a minimal Debian made from its packages."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess

from scripts.clone import LABEL
from scripts.console import SetupError, say, step
from scripts.machine import is_debian
from scripts.shell import has, output, run, succeeds, tail
from scripts.wheelhouse import Target

SUITE = "bookworm"
PACKAGES = ("python3", "python3-venv", "ca-certificates")
PULLABLE = "python:3.11-slim-bookworm"
PROBE = "import json,platform,sys;print(json.dumps([sys.version_info[:2],platform.libc_ver()[1]]))"


def recipe(packages: tuple[str, ...] = ()) -> list[str]:
    """How a base with these Debian packages beside Python's is made.

    Only what runs: no manuals, no translations, no set-user-id programs.
    """
    return [
        "mmdebstrap",
        "--variant=minbase",
        f"--include={','.join([*PACKAGES, *packages])}",
        "--dpkgopt=path-exclude=/usr/share/man/*",
        "--dpkgopt=path-exclude=/usr/share/doc/*",
        "--dpkgopt=path-exclude=/usr/share/locale/*",
        '--customize-hook=find "$1" -xdev -type f -perm /6000 -exec chmod a-s {} +',
        SUITE,
        "-",
    ]


def ensure_base(packages: tuple[str, ...] = ()) -> str:
    """Returns the name of a base image that is present, with Debian ``packages`` beside Python's.

    ``BASE_IMAGE`` wins when it is present or can be pulled; it must hold Python with ``venv``. Debian packages that
    an image names beyond that must then be in it already: nothing is installed into a base that the operator chose.
    """
    named = os.environ.get("BASE_IMAGE")
    if named and _present_or_pulled(named):
        return named
    if named:
        say(f"BASE_IMAGE '{named}' is neither here nor pullable: making a base from Debian's packages")
    if has("mmdebstrap"):
        return _bootstrap(packages)
    if not is_debian() and _present_or_pulled(PULLABLE):
        return PULLABLE
    raise SetupError(
        "No base image: mmdebstrap is missing and no image could be pulled.",
        f"Install mmdebstrap, or set BASE_IMAGE to a local image with Python 3.11, such as {PULLABLE}.",
    )


def target_of(base: str) -> Target:
    """What wheels must fit to load in the base."""
    argv = ["docker", "run", "--rm", "--network", "none", "--entrypoint", "python3", base, "-c", PROBE]
    raw = run(argv, what=f"Looking at the base image {base}", advice="Set BASE_IMAGE to an image that has Python 3.11.")
    python, glibc = json.loads(raw)
    numbers = (glibc or "2.28").split(".")
    return Target((python[0], python[1]), (int(numbers[0]), int(numbers[1])))


def _present_or_pulled(name: str) -> bool:
    if output(["docker", "image", "inspect", "-f", "{{.Id}}", name]):
        return True
    with step(f"Pulling {name}"):
        return succeeds(["docker", "pull", "-q", name])


def _bootstrap(packages: tuple[str, ...]) -> str:
    making_of = recipe(packages)
    tag = "c2c-base:" + hashlib.sha256("\0".join(making_of).encode()).hexdigest()[:12]
    if output(["docker", "image", "inspect", "-f", "{{.Id}}", tag]):
        return tag
    making = f"{tag}-making"
    with step(f"Making a base image from Debian {SUITE}'s packages{' with ' if packages else ''}{', '.join(packages)}"):
        maker = subprocess.Popen(making_of, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/")
        change = ["-c", f"LABEL {LABEL}", "-c", "CMD python3"]
        with subprocess.Popen(
            ["docker", "import", *change, "-", making],
            stdin=maker.stdout,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as importer:
            assert maker.stdout and maker.stderr
            maker.stdout.close()
            said = maker.stderr.read()
            complaint = importer.communicate()[1]
        maker.stderr.close()
        if maker.wait() or importer.returncode:
            succeeds(["docker", "image", "rm", making])
            raise SetupError(
                f"Making the base image failed:\n{tail(said + complaint)}",
                "Check that Debian's packages can be reached ('apt-get update') and the disk, or set BASE_IMAGE.",
            )
        # Only a whole image gets the name: a killed run leaves nothing that looks finished.
        run(["docker", "tag", making, tag], what="Naming the base image", advice="Run the same command again.")
        succeeds(["docker", "image", "rm", making])
    return tag
