"""Checks of what the Docker engine holds: itself, images, services, networks, clocks."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime

from services.cli.diagnosis.finding import Finding, ok, warn, wrong
from services.cli.diagnosis.installation import SERVICES, Installation, docker

OLDEST = (20, 10)
CLOCK_SECONDS = 5


def engine(installation: Installation) -> Finding:
    """An engine answers and is new enough."""
    version = docker("version", "--format", "{{.Server.Version}}")
    if not version:
        return wrong("engine", "No Docker engine answers.", "Start it, or run `make demo`, which starts one as root.")
    if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < OLDEST:
        return wrong("engine", f"The engine is {version}.", "Upgrade it to 20.10 or newer.")
    return ok("engine", f"Docker engine {version}")


def images(installation: Installation) -> Finding:
    """Every image that the services name is here."""
    named = {value for name, value in installation.variables.items() if name.startswith("C2C_IMAGE_")}
    if not named:
        return warn("images", "The set-up has not named any image yet.", "Run `make demo`.")
    missing = sorted(tag for tag in named if docker("image", "inspect", "-f", "{{.Id}}", tag) is None)
    if missing:
        return wrong("images", f"Missing: {', '.join(missing)}", "Run `make images`.")
    return ok("images", f"{len(named)} images are here")


def runtime(installation: Installation) -> Finding:
    """The engine has the runtime that sandboxes are set to run in."""
    name = installation.variables.get("C2C_SANDBOX_RUNTIME") or installation.settings.sandbox_runtime
    if not name:
        return ok("runtime", "Sandboxes run in the engine's own runtime")
    known = sorted(json.loads(docker("info", "--format", "{{json .Runtimes}}") or "{}") or {})
    if name not in known:
        mend = (
            "Register it in the engine's daemon.json and restart the engine, or set C2C_SANDBOX_RUNTIME to one it has"
        )
        return wrong(
            "runtime", f"The engine has no runtime “{name}”: no sandbox starts.", f"{mend} ({', '.join(known)})."
        )
    return ok("runtime", f"Sandboxes run in “{name}”")


def services(installation: Installation) -> Finding:
    """Every service runs and none restarts again and again."""
    states = {name: each["State"] for name, each in installation.containers.items()}
    down = [name for name in SERVICES if not states.get(name, {}).get("Running")]
    if down:
        stopped = [str(installation.containers[name]["Name"]).lstrip("/") for name in down if name in states]
        look = f"; `docker logs --tail 30 {stopped[0]}` shows why it stopped." if stopped else "."
        return wrong("services", f"Not running: {', '.join(down)}", f"Run `make demo`{look}")
    restless = [name for name in SERVICES if installation.containers[name].get("RestartCount", 0) > 3]
    if restless:
        return warn("services", f"Restarted often: {', '.join(restless)}", "Read their logs with `docker logs`.")
    return ok("services", f"{len(SERVICES)} services run")


def networks(installation: Installation) -> Finding:
    """Only the gateway is published and only on this machine; the control network leads nowhere."""
    published = [name for name, each in installation.containers.items() if each["HostConfig"].get("PortBindings")]
    if set(published) - {"gateway"}:
        return wrong("networks", f"Published ports: {', '.join(published)}", "Use the compose file of this checkout.")
    control = docker("network", "inspect", "-f", "{{.Internal}}", f"{installation.instance}_control")
    if control is None:
        return warn("networks", "The control network is not there.", "Run `make demo`.")
    if control != "true":
        return wrong("networks", "The control network is not internal.", "Run `make stop`, then `make demo`.")
    for name in ("guard", "data", "checker"):
        mode = installation.containers.get(name, {}).get("HostConfig", {}).get("NetworkMode", "none")
        if mode != "none":
            return wrong("networks", f"{name} has a network.", "Use the compose file of this checkout.")
    return ok("networks", "Only the gateway is published; control leads nowhere; guard, data and checker have none")


def sandboxes(installation: Installation) -> Finding:
    """No sandbox has a network."""
    label = f"label=c2c.instance={installation.instance}"
    ids = (docker("ps", "-q", "--filter", label) or "").split() if installation.instance else []
    modes = (docker("inspect", "-f", "{{.HostConfig.NetworkMode}}", *ids) or "").split() if ids else []
    if any(mode != "none" for mode in modes):
        return wrong(
            "sandboxes", "A sandbox has a network.", "Stop it at once: `c2c session list`, `c2c session stop`."
        )
    return ok("sandboxes", f"{len(ids)} run, none with a network")


def clocks(installation: Installation) -> Finding:
    """Signed calls live for a minute, so engine and host must agree on the time."""
    text = docker("info", "--format", "{{.SystemTime}}")
    if not text:
        return warn("clocks", "The engine does not tell its time.", "Start the engine.")
    # The engine writes nanoseconds; Python reads microseconds.
    apart = abs(datetime.fromisoformat(re.sub(r"(\.\d{6})\d*", r"\1", text)).timestamp() - time.time())
    if apart > CLOCK_SECONDS:
        return wrong("clocks", f"Engine and host differ by {apart:.0f} s.", "Set both by NTP.")
    return ok("clocks", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; engine and host agree")
