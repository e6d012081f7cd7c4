"""The Docker engine: found, started or explained."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

from scripts.clone import data_dir
from scripts.console import SetupError, say, step
from scripts.machine import INSTALL_GUIDE, engine_answers
from scripts.shell import has, output, succeeds, tail

OLDEST_ENGINE = (20, 10)
START_SECONDS = 40
# The classic builder is asked for everywhere: a newer client without buildx would otherwise refuse to build.
CLASSIC = {"DOCKER_BUILDKIT": "0", "BUILDKIT_PROGRESS": "plain"}


def ensure_engine() -> None:
    """Leaves with an engine that answers and is new enough, or raises with the mend."""
    if not has("docker"):
        raise SetupError("No Docker client is installed.", f"Install Docker: see {INSTALL_GUIDE}.")
    if not engine_answers():
        _start()
    version = output(["docker", "version", "--format", "{{.Server.Version}}"])
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if numbers < OLDEST_ENGINE:
        raise SetupError(
            f"The Docker engine is {version}; 20.10 or newer is needed.", f"Upgrade it: see {INSTALL_GUIDE}."
        )
    say(f"Docker engine {version}")


def _start() -> None:
    if host := os.environ.get("DOCKER_HOST"):
        raise SetupError(f"No engine answers at DOCKER_HOST={host}.", "Start that engine, or unset DOCKER_HOST.")
    if os.geteuid() != 0 or not has("dockerd"):
        raise SetupError(
            "No Docker engine answers, and this user may not start one.",
            f"Start Docker or join its group ('sudo usermod -aG docker $USER', log in again): see {INSTALL_GUIDE}.",
        )
    log = data_dir() / "logs" / "dockerd.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with step("Starting the Docker engine"):
        if Path("/run/systemd/system").exists():
            succeeds(["systemctl", "start", "docker"])
            _wait(log, None)
        else:
            # A session of its own: the engine outlives this command and the terminal.
            with log.open("ab") as sink:
                daemon = subprocess.Popen(
                    ["dockerd"], stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True
                )
            _wait(log, daemon)


def _wait(log: Path, daemon: subprocess.Popen[bytes] | None) -> None:
    for _ in range(START_SECONDS * 2):
        if engine_answers():
            return
        if daemon and daemon.poll() is not None:
            break
        time.sleep(0.5)
    said = tail(log.read_bytes()) if log.exists() else "    (its log: journalctl -u docker)"
    raise SetupError(f"The Docker engine did not start:\n{said}", f"Mend what {log} says, and run again.")
