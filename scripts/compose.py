"""Starts, watches and stops the services."""

from __future__ import annotations

import json
import re
import subprocess
import time
import urllib.error
import urllib.request

from scripts.clone import ROOT, compose_env, instance, port
from scripts.console import SetupError, say, step
from scripts.machine import INSTALL_GUIDE, check_port
from scripts.shell import output, run, succeeds, tail
from scripts.state import variables

SERVICES = ("gateway", "guard", "hub", "portal", "worker", "data", "checker")
HEALTHY_SECONDS = 150
LAST_ENGINE_OF_PYTHON_COMPOSE = 24


def compose_command() -> list[str]:
    """The compose to use: the plugin, or the program with engines that still speak its dialect."""
    if succeeds(["docker", "compose", "version"]):
        return ["docker", "compose"]
    version = output(["docker-compose", "version", "--short"])
    engine = output(["docker", "version", "--format", "{{.Server.Version}}"])
    major = int((re.match(r"\d+", engine) or ["0"])[0])
    if version and (not version.startswith("1.") or major <= LAST_ENGINE_OF_PYTHON_COMPOSE):
        return ["docker-compose"]
    raise SetupError(
        "No compose that fits this engine is installed.", f"Install the Docker compose plugin: see {INSTALL_GUIDE}."
    )


def compose(*arguments: str, what: str) -> str:
    """Runs compose for this instance."""
    place = ["--project-directory", str(ROOT), "-f", str(ROOT / "docker-compose.yml"), "--env-file", str(compose_env())]
    argv = [*compose_command(), "-p", instance(), *place, *arguments]
    advice = "Run '.venv/bin/c2c doctor', mend what it names, and run the same command again."
    # Variables of the shell would win over the file's: a relative C2C_DATA_DIR, for one.
    return run(argv, what=what, advice=advice, env=variables())


def start() -> None:
    """Starts what does not run and returns when every service answers."""
    if not _states().get("gateway", {}).get("Running"):
        check_port()
    with step("Starting the services"):
        compose("up", "-d", "--no-build", "--remove-orphans", what="Starting the services")
    with step("Waiting until every service answers"):
        _wait()


def _wait() -> None:
    deadline = time.monotonic() + HEALTHY_SECONDS
    while time.monotonic() < deadline:
        waiting = _not_ready()
        if not waiting:
            return
        time.sleep(1)
    for name in waiting:
        say(f"{name} said last:\n{_log(name)}")
    raise SetupError(
        f"After {HEALTHY_SECONDS} s these do not answer: {', '.join(waiting)}.",
        "Read the lines above; '.venv/bin/c2c doctor' names the usual causes.",
    )


def _not_ready() -> list[str]:
    states = _states()
    down = [name for name in SERVICES if not states.get(name, {}).get("Running")]
    if down:
        return down
    if not _answers("/hub/health"):
        return ["hub"]
    return [] if _answers("/services/portal/healthz") else ["portal"]


def _answers(path: str) -> bool:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port()}{path}", headers={"Host": f"enclave.localhost:{port()}"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _states() -> dict[str, dict[str, object]]:
    ids = output(["docker", "ps", "-aq", "--filter", f"label=com.docker.compose.project={instance()}"]).split()
    raw = json.loads(output(["docker", "inspect", *ids]) or "[]") if ids else []
    return {each["Config"]["Labels"]["com.docker.compose.service"]: each["State"] for each in raw}


def _log(service: str) -> str:
    filters = ["--filter", f"label=com.docker.compose.project={instance()}"]
    found = output(["docker", "ps", "-aq", *filters, "--filter", f"label=com.docker.compose.service={service}"]).split()
    if not found:
        return "    (it was never made)"
    done = subprocess.run(["docker", "logs", "--tail", "15", found[0]], capture_output=True, check=False)
    return tail(done.stdout + done.stderr)
