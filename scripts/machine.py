"""What the machine must offer before anything is built: Python, programs, disk, a free port."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from pathlib import Path

from scripts.clone import ROOT, port
from scripts.console import SetupError, say, step
from scripts.shell import has, output, run, succeeds

OLDEST_PYTHON = (3, 11)
NEEDED_GIB = 8
INSTALL_GUIDE = "docs/how-to/install.md"
FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")


def check_python() -> None:
    """The locks are compiled for 3.11; older interpreters cannot run them."""
    if sys.version_info[:2] < OLDEST_PYTHON:
        raise SetupError(
            f"Python {sys.version_info[0]}.{sys.version_info[1]} is too old; 3.11 or newer is needed.",
            "Install Python 3.11 and run again, or name it: make PYTHON=/path/to/python3.11 …",
        )


def check_disk(folders: list[Path]) -> None:
    """Wheels, images and data need room; a full disk in the middle of a build is the worse message."""
    for folder in folders:
        standing = next(parent for parent in (folder, *folder.parents) if parent.exists())
        free = shutil.disk_usage(standing).free / 2**30
        if free < NEEDED_GIB:
            raise SetupError(
                f"Only {free:.1f} GiB are free on the disk of {standing}; {NEEDED_GIB} GiB are needed.",
                "Free some space ('docker system df' shows what images hold) or set C2C_DATA_DIR to another folder.",
            )


def check_port() -> None:
    """Somebody else on our port would be a confusing message from the engine much later."""
    number = port()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except PermissionError:
            raise SetupError(f"Port {number} needs root.", "Set C2C_PORT to a port above 1023.") from None
        except OSError:
            raise SetupError(
                f"Port {number} on this machine is taken by another program.",
                f"Stop that program ('ss -ltnp sport = :{number}' names it) or choose another: C2C_PORT=8100 make demo",
            ) from None


def is_debian() -> bool:
    """Whether the distribution's packages can be installed with apt."""
    return has("apt-get") and Path("/etc/debian_version").exists()


def has_compose() -> bool:
    """Whether a compose is there, plugin or program."""
    return succeeds(["docker", "compose", "version"]) or has("docker-compose")


def engine_answers() -> bool:
    """Whether an engine answers: a client alone is not enough."""
    return bool(output(["docker", "version", "--format", "{{.Server.Version}}"]))


def missing_packages() -> list[str]:
    """Debian packages for what is not there by any other way."""
    wanted: list[str] = []
    if not succeeds([sys.executable, "-c", "import ensurepip, venv"]):
        wanted.append("python3-venv")
    if not has("docker") or not (engine_answers() or has("dockerd")):
        wanted.append("docker.io")
    if not has_compose():
        wanted.append("docker-compose")
    if not has("mmdebstrap") and not os.environ.get("BASE_IMAGE"):
        wanted.append("mmdebstrap")
    if not any(has(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        wanted.append("chromium")
    if not FONT.exists():
        wanted.append("fonts-dejavu-core")
    if not has("initdb") and not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        wanted.append("postgresql")  # the tests start a server of their own from it
    return wanted


def install_packages() -> None:
    """Installs what is missing from the distribution; does nothing elsewhere or without the right to."""
    wanted = missing_packages()
    if not wanted:
        return
    if not is_debian():
        say(f"Not a Debian system: going on with what is here (on Debian this would install {', '.join(wanted)})")
        return
    if os.geteuid() != 0:
        essential = [name for name in wanted if name in ("python3-venv", "docker.io", "docker-compose")]
        if essential:
            raise SetupError(
                f"Missing: {', '.join(essential)}; installing them needs root.",
                f"Run 'sudo apt-get install {' '.join(wanted)}' (see {INSTALL_GUIDE}), then run again.",
            )
        say(f"Not root: going on without {', '.join(wanted)}")
        return
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_MODE": "l"}
    advice = "Check the machine's package sources and network ('apt-get update' by hand), then run again: it resumes."
    with step(f"Installing {', '.join(wanted)} from the distribution's packages"):
        run(["apt-get", "-q", "update"], what="Reading the distribution's package lists", advice=advice, env=quiet)
        argv = ["apt-get", "-q", "-y", "--no-install-recommends", "install", *wanted]
        # Debian's docker.io needs iptables to publish a port and only recommends it in some releases.
        extra = [name for name in ("iptables", "ca-certificates") if "docker.io" in wanted]
        run([*argv, *extra], what="Installing packages", advice=advice, env=quiet, cwd=ROOT)
