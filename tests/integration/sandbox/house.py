"""Guard, gateway and hub as processes, the portal as a thread, over one data folder and the real engine."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import uvicorn

import tests.models  # noqa: F401  (registers every mapped class)
from enclave.core.clock import SystemClock
from enclave.core.db import Database
from enclave.core.settings import Settings
from enclave.core.signing import Keyring, SigningKey
from enclave.sandboxes.rooms import GATEWAY_UID, sandbox_id
from services.api.app import create_app
from services.api.context import Context
from services.api.hub import HubClient
from services.guard.mounts import close_room
from services.lab_sessions import hub_of
from tests.approved import approved_project, make_cast, ready_extract
from tests.factories import SERVICES, give_password
from tests.images import register_image

ROOT = Path(__file__).parents[3]
PASSWORD = "a password for tests"
NO_LABS = "none"
"""The image of a house in which nobody opens a lab."""
GUARD = ["-m", "services.guard"]
HUB = ["-m", "jupyterhub", "-f", str(ROOT / "jupyterhub_config.py")]
# The gateway refuses to be root; its modules are read before the change of user, wherever the checkout lies.
GATEWAY = [
    "-c",
    "import concurrent.futures.thread, encodings.idna, os, services.gateway.__main__ as gateway; os.setgroups([]); "
    f"os.setgid({GATEWAY_UID}); os.setuid({GATEWAY_UID}); gateway.main()",
]


@dataclass
class House:
    """A running enclave, as far as a lab needs it."""

    settings: Settings
    context: Context
    environment: dict[str, str]
    image: str
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    portal: tuple[uvicorn.Server, threading.Thread] | None = None

    @property
    def port(self) -> int:
        return self.settings.port

    @property
    def room(self) -> Path:
        """The room of rosa's lab."""
        return self.settings.run_dir / sandbox_id("rosa", "promise")

    def start(self, name: str, arguments: list[str], health: str) -> None:
        """Start a process and wait until it answers."""
        log = (self.settings.data_dir / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.settings.paths.hub,
            env=self.environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        wait_until(lambda: _answers(health), f"{name} did not start", 60)

    def stop(self, name: str) -> None:
        """Stop a process."""
        process = self.processes.pop(name)
        process.terminate()
        process.wait(20)

    def start_portal(self) -> None:
        """Start the portal, which is a thread, and wait until it listens."""
        port = int(self.settings.portal_url.rpartition(":")[2])
        config = uvicorn.Config(create_app(self.context), host="127.0.0.1", port=port, log_config=None)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        self.portal = server, thread
        thread.start()
        wait_until(lambda: server.started, "the portal did not start")

    def stop_portal(self) -> None:
        """Stop the portal; nobody answers at its port."""
        assert self.portal is not None
        server, thread = self.portal
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive(), "the portal did not stop"

    def start_hub(self) -> None:
        self.start("hub", HUB, f"{self.settings.hub_url}/hub/health")


@contextmanager
def running_house(image: str, **more: str) -> Iterator[House]:
    """An enclave with one approved project of rosa's whose extract is ready; `more` are further settings, as the
    environment names them. All gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="c2c-lab-"))
    folder.chmod(0o755)
    house = _prepared(folder, image, more)
    house.start_portal()
    try:
        house.start("guard", GUARD, f"unix:{house.settings.paths.socket('guard')}")
        house.start("gateway", GATEWAY, f"http://127.0.0.1:{house.port}/healthz")
        house.start_hub()
        yield house
    finally:
        for name in list(house.processes):
            house.stop(name)
            print((folder / f"{name}.log").read_text()[-4000:])  # shown when a test fails
        assert house.portal is not None
        house.portal[0].should_exit = True
        _clean(house)
        shutil.rmtree(folder)


def wait_until(done: object, problem: str, seconds: float = 30) -> None:
    """Wait until a callable says yes; fail with the problem's name otherwise."""
    assert callable(done)
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, problem
        time.sleep(0.1)


def _prepared(folder: Path, image: str, more: dict[str, str]) -> House:
    ports = dict(zip(("public", "control", "hub", "portal"), _free_ports(4), strict=True))
    mark = secrets.token_hex(4)
    values = {
        "C2C_DATA_DIR": str(folder),
        "C2C_PORT": str(ports["public"]),
        "C2C_GATEWAY_PORT": str(ports["public"]),
        "C2C_GATEWAY_API_URL": f"http://127.0.0.1:{ports['control']}",
        "C2C_HUB_URL": f"http://127.0.0.1:{ports['hub']}",
        "C2C_PORTAL_URL": f"http://127.0.0.1:{ports['portal']}",
        "C2C_HUB_TOKEN": secrets.token_hex(32),
        "C2C_PROXY_TOKEN": secrets.token_hex(32),
        "C2C_INSTANCE": f"c2c-t{mark}",
        "C2C_RUN_DIR": f"/run/c2c-t{mark}",
        "C2C_SANDBOX_IMAGE": image,
        "C2C_SANDBOX_MEMORY_MB": "1024",
        "C2C_WORKSPACE_MB": "64",
        "C2C_SECOND_FACTOR": "optional",
        **more,
    }
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("C2C_")},
        **values,
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    settings = Settings(**{name.removeprefix("C2C_").lower(): value for name, value in values.items()})
    _folders(settings)
    if image != NO_LABS:
        register_image(settings.paths.images, image, image=_engine_id(image))
    return House(settings, _context(settings), environment, image)


def _engine_id(image: str) -> str:
    asked = ["docker", "image", "inspect", "-f", "{{.Id}}", image]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


def _folders(settings: Settings) -> None:
    paths = settings.paths
    for place in (paths.app, paths.hub, paths.events, paths.workspaces, paths.outbox, paths.extracts / "promise" / "1"):
        place.mkdir(parents=True)
    (paths.extracts / "promise" / "1" / "students.csv").write_text("person_id,grade\n1,9\n2,10\n")
    private = paths.private_key("portal").parent
    private.mkdir(parents=True)
    paths.public_keys.mkdir()
    for name in SERVICES:
        key = SigningKey.create(private / f"{name}.key", name)
        (paths.public_keys / f"{name}.pub").write_text(key.public_text + "\n")
    os.chown(paths.private_key("gateway"), GATEWAY_UID, GATEWAY_UID)


def _context(settings: Settings) -> Context:
    database, clock = Database(settings.database), SystemClock()
    database.create_all()
    with database.write() as session:
        cast = make_cast(session, clock)
        approved_project(session, cast, clock)
        ready_extract(session, "promise", clock)
        for name in ("rosa", "stranger"):
            give_password(session, name, PASSWORD)
    return Context(
        settings=settings,
        database=database,
        key=SigningKey.load(settings.paths.private_key("portal")),
        keyring=Keyring.load(settings.paths.public_keys),
        hub=HubClient(settings.hub_url, settings.hub_token.get_secret_value()),
        clock=clock,
    )


def _answers(health: str) -> bool:
    if health.startswith("unix:"):
        return Path(health.removeprefix("unix:")).exists()
    try:
        return httpx.get(health, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def _clean(house: House) -> None:
    mark = f"label=c2c.instance={house.settings.instance}"
    found = subprocess.run(
        ["docker", "ps", "-aq", "--filter", mark], capture_output=True, text=True, check=True
    ).stdout.split()
    if found:
        subprocess.run(["docker", "rm", "-f", *found], check=True, capture_output=True)
    for room in house.settings.run_dir.glob("sbx-*"):
        close_room(room)
    for volume in house.settings.volumes_dir.glob("vol-*"):
        close_room(volume)
    close_room(house.settings.volumes_dir)
    close_room(house.settings.run_dir)
    house.context.database.dispose()
    hub_of(house.context).close()
    house.context.hub._client.close()
