"""What a hub in wrong hands sends to the real guard: numbered attempts, none of which starts or reaches anything.

Each create request carries a fresh grant that the portal signed (the hub gets those), and differs from the profile in
one thing. Every refusal becomes an event that the worker takes into the audit trail.
"""

from __future__ import annotations

import copy
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from enclave.core.audit.model import AuditEvent
from enclave.core.signing import SigningKey
from enclave.sandboxes.grants import HEADER, Grant, seal_grant, to_header
from enclave.sandboxes.profiles import Places, container_name, container_request, profile_for
from enclave.sandboxes.project_keys import KeyStore
from enclave.sandboxes.room_jobs import ADDRESS, RoomJob, RoomTask, seal_job
from enclave.sandboxes.rooms import sandbox_id
from services.worker import guard_events
from tests.integration.sandbox.house import House, running_house
from tests.integration.sandbox.lab import sandbox_image

pytestmark = pytest.mark.engine
GRANT = Grant("lab", "rosa", "promise", "1")
Body = dict[str, Any]


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """An enclave whose hub is the one that forges."""
    if os.geteuid() != 0:
        pytest.skip("mounting the rooms of sandboxes needs root")
    with running_house(sandbox_image()) as house:
        paths = house.settings.paths
        KeyStore(paths.project_keys, paths.rooms_public_key).ensure("promise", house.context.clock)
        yield house


def _host(key: str, value: Any) -> Callable[[Body], None]:
    return lambda body: body["HostConfig"].__setitem__(key, value)


def _top(key: str, value: Any) -> Callable[[Body], None]:
    return lambda body: body.__setitem__(key, value)


def _bind(line: str) -> Callable[[Body], None]:
    return lambda body: body["HostConfig"]["Binds"].append(line)


# number, attempt, change of an otherwise right create request
CREATES: list[tuple[int, str, Callable[[Body], None]]] = [
    (1, "privileged", _host("Privileged", True)),
    (2, "the vault", _bind("VAULT:/vault:ro")),
    (3, "the engine's socket", _bind("/var/run/docker.sock:/s.sock")),
    (4, "the host's root", _bind("/:/host")),
    (5, "the enclave's keys", _bind("KEYS:/keys:ro")),
    (6, "a mount beside the binds", _host("Mounts", [{"Type": "bind", "Source": "/", "Target": "/host"}])),
    (7, "volumes of another container", _host("VolumesFrom", ["guard"])),
    (8, "a capability", _host("CapAdd", ["SYS_ADMIN"])),
    (9, "all capabilities kept", _host("CapDrop", [])),
    (10, "the host's network", _host("NetworkMode", "host")),
    (11, "the gateway's network", _host("NetworkMode", "container:gateway")),
    (12, "the host's processes", _host("PidMode", "host")),
    (13, "the host's ipc", _host("IpcMode", "host")),
    (14, "the host's users", _host("UsernsMode", "host")),
    (15, "the host's name", _host("UTSMode", "host")),
    (16, "a disk", _host("Devices", [{"PathOnHost": "/dev/vda", "PathInContainer": "/d", "CgroupPermissions": "rwm"}])),
    (17, "rules for devices", _host("DeviceCgroupRules", ["a *:* rwm"])),
    (18, "no filter", _host("SecurityOpt", ["no-new-privileges", "seccomp=unconfined"])),
    (19, "new privileges", _host("SecurityOpt", [])),
    (20, "another image", _top("Image", "busybox")),
    (21, "another entry point", _top("Entrypoint", ["/bin/sh"])),
    (22, "another command", _top("Cmd", ["sleep", "1000"])),
    (23, "root", _top("User", "0:0")),
    (24, "a variable that loads a library", lambda body: body["Env"].append("LD_PRELOAD=/workspace/x.so")),
    (25, "a kernel setting", _host("Sysctls", {"net.ipv4.ip_forward": "1"})),
    (26, "another control group", _host("CgroupParent", "/")),
    (27, "the host's control groups", _host("CgroupnsMode", "host")),
    (28, "another runtime", _host("Runtime", "other")),
    (29, "no limit of processes", _host("PidsLimit", -1)),
    (30, "more memory", _host("Memory", 1 << 40)),
    (31, "a writable root", _host("ReadonlyRootfs", False)),
    (32, "masks taken off", _host("MaskedPaths", [])),
    (33, "a port", _host("PortBindings", {"8888/tcp": [{"HostPort": "9999"}]})),
    (34, "a name server", _host("Dns", ["192.0.2.53"])),
    (35, "a hook at its health", _top("Healthcheck", {"Test": ["CMD", "true"]})),
    (36, "networks beside", _top("NetworkingConfig", {"EndpointsConfig": {"bridge": {}}})),
    (37, "another's labels", lambda body: body["Labels"].__setitem__("c2c.user", "olivia")),
    (38, "restart for ever", _host("RestartPolicy", {"Name": "always"})),
]

# number, method, address: calls of the engine that no profile needs; NAME is a container of somebody else's
CALLS = [
    (50, "POST", "/containers/NAME/exec"),
    (51, "POST", "/exec/abc/start"),
    (52, "POST", "/containers/NAME/attach"),
    (53, "GET", "/containers/NAME/archive?path=/c2c/keys"),
    (54, "PUT", "/containers/NAME/archive?path=/"),
    (55, "GET", "/containers/NAME/export"),
    (56, "POST", "/commit?container=NAME"),
    (57, "POST", "/build"),
    (58, "POST", "/images/create?fromImage=busybox"),
    (59, "POST", "/images/load"),
    (60, "POST", "/containers/NAME/update"),
    (61, "POST", "/containers/NAME/rename?name=x"),
    (62, "POST", "/containers/NAME/stop"),
    (63, "DELETE", "/containers/NAME?force=1"),
    (64, "GET", "/containers/NAME/json"),
    (65, "GET", "/containers/NAME/logs?stdout=1"),
    (66, "POST", "/networks/create"),
    (67, "POST", "/volumes/create"),
    (68, "POST", "/swarm/init"),
    (69, "POST", "/plugins/pull"),
    (70, "GET", "/info"),
    (71, "GET", "/events"),
    (72, "POST", "/v1.12/containers/create"),
    (73, "GET", "/images/json"),
    (74, "POST", "/containers/../containers/create"),
    (75, "POST", "/containers/prune"),
]


@pytest.fixture(scope="module")
def guard(house: House) -> Iterator[httpx.Client]:
    """The guard's socket, as the hub has it."""
    transport = httpx.HTTPTransport(uds=str(house.settings.paths.socket("guard")))
    with httpx.Client(transport=transport, base_url="http://guard", timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def neighbour(house: House) -> Iterator[str]:
    """A running container that is no sandbox of this enclave."""
    name = f"{house.settings.instance}-neighbour"
    argv = ["docker", "run", "-d", "--name", name, "--network", "none", "--entrypoint", "sleep", house.image, "600"]
    subprocess.run(argv, check=True, capture_output=True)
    yield name
    subprocess.run(["docker", "rm", "-f", name], check=True, capture_output=True)


@pytest.mark.parametrize(("number", "attempt", "change"), CREATES, ids=[each[1] for each in CREATES])
def test_a_forged_container_is_refused(
    number: int, attempt: str, change: Callable[[Body], None], house: House, guard: httpx.Client
) -> None:
    settings, places = house.settings, Places.of(house.settings)
    body = copy.deepcopy(container_request(profile_for("lab", settings), GRANT, places, {}))
    change(body)
    for word, path in (("VAULT", settings.paths.vault), ("KEYS", settings.paths.public_keys.parent)):
        body["HostConfig"]["Binds"] = [line.replace(word, str(path)) for line in body["HostConfig"]["Binds"]]
    header = to_header(seal_grant(GRANT, house.context.key, house.context.clock))
    name = container_name(places, sandbox_id("rosa", "promise"))
    answer = guard.post("/v1.41/containers/create", params={"name": name}, json=body, headers={HEADER: header})
    assert answer.status_code == 403, answer.text
    assert "differs from the profile" in answer.text


@pytest.mark.parametrize(("number", "method", "path"), CALLS)
def test_a_call_that_no_profile_needs_is_refused(
    number: int, method: str, path: str, guard: httpx.Client, neighbour: str
) -> None:
    answer = guard.request(method, path.replace("NAME", neighbour), json={} if method == "POST" else None)
    assert answer.status_code == 403, answer.text


def test_the_hub_asks_nothing_of_workspaces(house: House, guard: httpx.Client) -> None:
    job = RoomJob(RoomTask.LOOK, "promise", "rosa")
    hub = SigningKey.load(house.settings.paths.private_key("hub"))
    assert guard.post(ADDRESS, json=seal_job(job, hub, house.context.clock)).status_code == 403
    used = seal_job(job, house.context.key, house.context.clock)
    guard.post(ADDRESS, json=used)
    assert guard.post(ADDRESS, json=used).status_code == 403


def test_nothing_was_started_and_every_refusal_stands_in_the_audit_trail(house: House, neighbour: str) -> None:
    mark = f"label=c2c.instance={house.settings.instance}"
    left = subprocess.run(["docker", "ps", "-aq", "--filter", mark], capture_output=True, text=True, check=True)
    assert left.stdout == ""
    for event in guard_events.pending(house.context):
        guard_events.run(house.context, event)
    with house.context.database.read() as session:
        actions = list(
            session.scalars(select(AuditEvent.action).where(AuditEvent.subject_type == guard_events.SUBJECT))
        )
    assert actions.count("sandbox.refused") >= len(CREATES) + len(CALLS) + 2
    state = subprocess.run(["docker", "inspect", neighbour], capture_output=True, text=True, check=True).stdout
    assert json.loads(state)[0]["State"]["Running"]
