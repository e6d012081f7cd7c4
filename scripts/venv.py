"""The checkout's virtual environment: exactly the releases of the lock, installed from downloaded, hashed files."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.clone import PYTHON, ROOT, VENV
from scripts.console import say, step
from scripts.locks import lock_path, read_lock
from scripts.shell import output, run
from scripts.wheelhouse import NETWORK_ADVICE, fill_build_tools, host_wheelhouse

STAMP = VENV / ".c2c-lock"
ADVICE = "Run 'rm -rf .venv' and the same command again; when it fails again, check the disk and pip's settings."


def download() -> None:
    """Makes the environment and downloads what the lock names, so that installing needs no network."""
    if _current():
        return
    if VENV.exists() and not _usable():
        say("The virtual environment was made by another Python: making it anew")
        shutil.rmtree(VENV)
    if not PYTHON.exists():
        with step("Making the virtual environment"):
            run([sys.executable, "-m", "venv", str(VENV)], what="Making the virtual environment", advice=ADVICE)
    with step("Downloading the locked packages"):
        _install_build_tools()
        host_wheelhouse().fill("dev")


def ensure_venv() -> None:
    """Leaves with ``.venv`` holding the lock's releases and the ``c2c`` command; ``download`` must have run."""
    if _current():
        return
    folder = host_wheelhouse().folder
    with step("Installing the locked packages"):
        _pip("install", "-r", str(lock_path("dev")), "--no-deps", "--no-build-isolation", folder=folder)
        _remove_strangers()
        argv = [str(PYTHON), "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
        run([*argv, "-e", str(ROOT)], what="Installing the project itself", advice=ADVICE)
    STAMP.write_text(_wanted())


def _current() -> bool:
    return STAMP.exists() and STAMP.read_text() == _wanted() and PYTHON.exists()


def _wanted() -> str:
    project = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    lock = hashlib.sha256(lock_path("dev").read_bytes()).hexdigest()
    return f"{sys.version_info[0]}.{sys.version_info[1]} {ROOT} {lock} {project}\n"


def _usable() -> bool:
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return output([str(PYTHON), "-c", "import sys, pip; print('%d.%d' % sys.version_info[:2])"]) == here


def _install_build_tools() -> None:
    house = host_wheelhouse()
    lock = fill_build_tools(house)
    _pip("install", "-r", str(lock), "--no-deps", folder=house.folder)


def _pip(command: str, *arguments: str, folder: Path) -> None:
    argv = [str(PYTHON), "-m", "pip", command, "-q", "--require-hashes", "--no-index", "--find-links", str(folder)]
    run([*argv, *arguments], what="Installing the locked packages", advice=f"{NETWORK_ADVICE} {ADVICE}")


def _remove_strangers() -> None:
    """Takes out releases that an earlier lock installed and this one does not name."""
    listed = subprocess.run(
        [str(PYTHON), "-m", "pip", "list", "--format=freeze", "--exclude-editable"],
        capture_output=True,
        text=True,
        check=True,
    )
    names = {line.split("==")[0] for line in listed.stdout.splitlines() if "==" in line}
    kept = set(read_lock("dev")) | {"pip", "c2c-enclave"}
    strangers = sorted(name for name in names if name.lower().replace("_", "-").replace(".", "-") not in kept)
    if strangers:
        run(
            [str(PYTHON), "-m", "pip", "uninstall", "-q", "-y", *strangers], what="Removing old packages", advice=ADVICE
        )
