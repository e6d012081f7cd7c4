"""What the guard lets through: numbered tables, each line an attempt and its answer.

A hub in wrong hands can send anything to the guard. None of these attempts starts a container.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from enclave.core.clock import FixedClock
from enclave.core.errors import EnclaveError, NotAllowed, NotAuthenticated
from enclave.core.settings import Settings
from enclave.core.signing import Keyring, SigningKey
from enclave.sandboxes.grants import Grant, from_header, open_grant, seal_grant, to_header
from enclave.sandboxes.profiles import (
    ContainerRequest,
    Places,
    SandboxProfile,
    container_name,
    container_request,
    profile_for,
)
from enclave.sandboxes.rooms import sandbox_id
from services.guard.policy import OPERATIONS, check_create, operation_of

GRANT = Grant("lab", "rosa", "promise", "3")
PLACES = Places(Path("/srv/c2c"), Path("/run/c2c-t"), "c2c-t")
SETTINGS = Settings(sandbox_image="c2c-sandbox:1")
PROFILE: SandboxProfile = profile_for("lab", SETTINGS)
NAME = container_name(PLACES, sandbox_id("rosa", "promise"))
TOKEN = {"JUPYTERHUB_API_TOKEN": "0" * 32, "JUPYTERHUB_USER": "rosa"}


def request() -> ContainerRequest:
    return copy.deepcopy(container_request(PROFILE, GRANT, PLACES, TOKEN))


def test_the_profiles_own_request_passes() -> None:
    assert check_create(request(), NAME, GRANT, PROFILE, PLACES, NAME) == request()


def _host(key: str, value: Any) -> Callable[[ContainerRequest], None]:
    return lambda body: body["HostConfig"].__setitem__(key, value)


def _top(key: str, value: Any) -> Callable[[ContainerRequest], None]:
    return lambda body: body.__setitem__(key, value)


def _bind(line: str) -> Callable[[ContainerRequest], None]:
    return lambda body: body["HostConfig"]["Binds"].append(line)


def _rebind(place: int, line: str) -> Callable[[ContainerRequest], None]:
    return lambda body: body["HostConfig"]["Binds"].__setitem__(place, line)


def _env(line: str) -> Callable[[ContainerRequest], None]:
    return lambda body: body["Env"].append(line)


# number, attempt, change of an otherwise right request
CHANGES: list[tuple[int, str, Callable[[ContainerRequest], None]]] = [
    (1, "run privileged", _host("Privileged", True)),
    (2, "mount the vault", _bind("/srv/c2c/vault:/vault:ro")),
    (3, "mount the engine's socket", _bind("/var/run/docker.sock:/s.sock")),
    (4, "mount the host", _bind("/:/host")),
    (5, "mount another project's extract", _rebind(-1, "/srv/c2c/extracts/other/1:/data:ro")),
    (6, "mount the extract writable", _rebind(-1, "/srv/c2c/extracts/promise/3:/data:rw")),
    (7, "mount another's workspace", _rebind(0, "/srv/c2c/workspaces/promise/eve:/workspace:rw")),
    (8, "use the newer form of mounts", _host("Mounts", [{"Type": "bind", "Source": "/", "Target": "/host"}])),
    (9, "take another container's volumes", _host("VolumesFrom", ["portal"])),
    (10, "join a network", _host("NetworkMode", "bridge")),
    (11, "join the host's network", _host("NetworkMode", "host")),
    (12, "join the portal's network", _host("NetworkMode", "container:portal")),
    (13, "attach a network besides", _top("NetworkingConfig", {"EndpointsConfig": {"control": {}}})),
    (14, "enable the network", _top("NetworkDisabled", False)),
    (15, "publish a port", _host("PortBindings", {"8888/tcp": [{"HostPort": "80"}]})),
    (16, "keep capabilities", _host("CapDrop", [])),
    (17, "add a capability", _host("CapAdd", ["SYS_ADMIN"])),
    (18, "drop the system-call filter", _host("SecurityOpt", ["no-new-privileges"])),
    (19, "switch the filter off", _host("SecurityOpt", ["no-new-privileges", "seccomp=unconfined"])),
    (20, "allow new privileges", lambda b: b["HostConfig"]["SecurityOpt"].pop(0)),
    (21, "be root", _top("User", "0:0")),
    (22, "be no user in particular", lambda b: b.pop("User")),
    (23, "write to the image's files", _host("ReadonlyRootfs", False)),
    (24, "run programs from /tmp", _host("Tmpfs", {"/tmp": "rw,exec"})),
    (25, "share the host's processes", _host("PidMode", "host")),
    (26, "share the host's memory", _host("IpcMode", "host")),
    (27, "share the host's names", _host("UTSMode", "host")),
    (28, "leave the user namespace", _host("UsernsMode", "host")),
    (29, "get a device", _host("Devices", [{"PathOnHost": "/dev/sda", "PathInContainer": "/dev/sda"}])),
    (30, "get every device", _host("DeviceCgroupRules", ["a *:* rwm"])),
    (31, "use another runtime", _host("Runtime", "runc2")),
    (32, "set a kernel parameter", _host("Sysctls", {"kernel.shmmax": "1"})),
    (33, "have more memory", _host("Memory", 1 << 40)),
    (34, "have swap", _host("MemorySwap", -1)),
    (35, "have more processes", _host("PidsLimit", 0)),
    (36, "true for a number", _host("PidsLimit", True)),
    (37, "start again for ever", _host("RestartPolicy", {"Name": "always"})),
    (38, "log elsewhere", _host("LogConfig", {"Type": "syslog", "Config": {"syslog-address": "tcp://203.0.113.1:514"}})),
    (39, "join the host's control groups", _host("CgroupParent", "/")),
    (40, "run another image", _top("Image", "busybox")),
    (41, "run another command", _top("Cmd", ["sh"])),
    (42, "run before the command", _top("Entrypoint", ["sh"])),
    (43, "load a library first", _env("LD_PRELOAD=/workspace/x.so")),
    (44, "set a variable of ours", _env("C2C_PROJECT=other")),
    (45, "set a variable twice", _env("JUPYTERHUB_USER=eve")),
    (46, "hide a line in a variable", lambda b: b.__setitem__("Env", [*b["Env"][:-1], "JUPYTERHUB_USER=rosa\nX=1"])),
    (47, "wear another project's label", lambda b: b["Labels"].__setitem__("c2c.project", "other")),
    (48, "wear no label", _top("Labels", {})),
    (49, "declare a volume", _top("Volumes", {"/x": {}})),
    (50, "run a health check", _top("Healthcheck", {"Test": ["CMD", "sh"]})),
    (51, "say something nobody knows", _top("Surprise", 1)),
    (52, "say something nobody knows of the host", _host("Surprise", None)),
]  # fmt: skip


@pytest.mark.parametrize(("number", "attempt", "change"), CHANGES, ids=[f"{n}-{a}" for n, a, _ in CHANGES])
def test_no_changed_request_passes(number: int, attempt: str, change: Callable[[ContainerRequest], None]) -> None:
    body = request()
    change(body)
    with pytest.raises(NotAllowed):
        check_create(body, NAME, GRANT, PROFILE, PLACES, NAME)


def test_the_name_of_another_sandbox_does_not_pass() -> None:
    with pytest.raises(NotAllowed, match="name"):
        check_create(request(), "c2c-t-sbx-other", GRANT, PROFILE, PLACES, NAME)


def test_a_refusal_names_keys_and_no_values() -> None:
    body = request()
    body["HostConfig"]["Binds"].append("/secret/place:/x")
    with pytest.raises(NotAllowed) as refusal:
        check_create(body, NAME, GRANT, PROFILE, PLACES, NAME)
    assert "HostConfig.Binds" in refusal.value.message
    assert "secret" not in refusal.value.message


# number, method, path, query, body, operation or None
CALLS: list[tuple[int, str, str, dict[str, str], bytes, str | None]] = [
    (1, "GET", "/v1.41/_ping", {}, b"", "ping"),
    (2, "GET", "/version", {}, b"", "version"),
    (3, "POST", "/v1.41/containers/create", {"name": "x"}, b"{}", "create"),
    (4, "GET", "/v1.41/containers/c2c-t-sbx-1/json", {}, b"", "inspect"),
    (5, "POST", "/v1.41/containers/abc/start", {}, b"", "start"),
    (6, "POST", "/v1.41/containers/abc/stop", {"t": "5"}, b"", "stop"),
    (7, "DELETE", "/v1.41/containers/abc", {"v": "1"}, b"", "remove"),
    (8, "POST", "/v1.41/containers/abc/wait", {}, b"", "wait"),
    (80, "POST", "/c2c/room", {}, b"{}", "room"),
    (9, "GET", "/v1.41/containers/json", {"all": "1"}, b"", "list"),
    (10, "POST", "/v1.23/containers/abc/start", {}, b'{"Binds": ["/:/host"]}', None),
    (11, "POST", "/v1.41/containers/abc/exec", {}, b"{}", None),
    (12, "POST", "/v1.41/exec/abc/start", {}, b"{}", None),
    (13, "POST", "/v1.41/containers/abc/attach", {}, b"", None),
    (14, "PUT", "/v1.41/containers/abc/archive", {"path": "/"}, b"", None),
    (15, "GET", "/v1.41/containers/abc/archive", {"path": "/data"}, b"", None),
    (16, "GET", "/v1.41/containers/abc/export", {}, b"", None),
    (17, "POST", "/v1.41/containers/abc/update", {}, b"{}", None),
    (18, "POST", "/v1.41/containers/abc/rename", {"name": "x"}, b"", None),
    (19, "POST", "/v1.41/commit", {"container": "abc"}, b"", None),
    (20, "POST", "/v1.41/build", {}, b"", None),
    (21, "POST", "/v1.41/images/create", {"fromImage": "x"}, b"", None),
    (22, "GET", "/v1.41/images/json", {}, b"", None),
    (23, "POST", "/v1.41/networks/control/connect", {}, b"{}", None),
    (24, "POST", "/v1.41/volumes/create", {}, b"{}", None),
    (25, "GET", "/v1.41/secrets", {}, b"", None),
    (26, "POST", "/v1.41/swarm/init", {}, b"{}", None),
    (27, "GET", "/v1.41/info", {}, b"", None),
    (28, "POST", "/v1.41/containers/prune", {}, b"", None),
    (29, "DELETE", "/v1.41/containers/abc", {"link": "1"}, b"", None),
    (30, "POST", "/v1.41/containers/abc/start", {"checkpoint": "x"}, b"", None),
    (31, "GET", "/v1.41/containers/json", {"filters": "{}"}, b"", None),
    (32, "POST", "/v1.41/containers/../images/create", {}, b"", None),
    (33, "POST", "/v1.41/containers/a/b/start", {}, b"", None),
    (34, "DELETE", "/v1.41/containers/abc", {"v": "True", "link": "False", "force": "False"}, b"", "remove"),
    (35, "POST", "/session", {}, b"", None),
]  # fmt: skip


@pytest.mark.parametrize(("number", "method", "path", "query", "body", "operation"), CALLS)
def test_only_the_listed_calls_pass(
    number: int, method: str, path: str, query: dict[str, str], body: bytes, operation: str | None
) -> None:
    if operation is not None:
        assert operation_of(method, path, query, body)[0].name == operation
        return
    with pytest.raises(NotAllowed):
        operation_of(method, path, query, body)


def test_every_operation_of_the_guard_stands_in_the_table() -> None:
    tried = {operation for *_, operation in CALLS}
    assert {operation.name for operation in OPERATIONS} - tried == {"logs", "kill"}


# number, grant that nobody may get
GRANTS = [
    (1, Grant("lab", "rosa", "../vault", "1")),
    (2, Grant("lab", "rosa", "promise", "../../vault")),
    (3, Grant("lab", "rosa", "promise", "..")),
    (4, Grant("lab", "Rosa", "promise", "1")),
    (5, Grant("lab", "rosa/../eve", "promise", "1")),
    (6, Grant("lab", "rosa", "promise", "1", command=("sh",))),
    (7, Grant("lab", "rosa", "promise", "1", run="run_1")),
    (8, Grant("report", "rosa", "promise", "1", run="", command=("sh",))),
    (9, Grant("report", "rosa", "promise", "1", run="../x", command=("sh",))),
    (10, Grant("root", "rosa", "promise", "1")),
    (11, Grant("lab", "rosa", "promise", "1:/data:rw,/:/host")),
    (12, Grant("lab", "rosa", "promise", "1", image="c2c-sandbox:1")),
    (13, Grant("lab", "rosa", "promise", "1", image="sha256:abc")),
    (14, Grant("lab", "rosa", "promise", "1", image="../vault")),
    (15, Grant("job", "rosa", "promise", "1", run="", command=("sh",))),
    (16, Grant("job", "rosa", "promise", "1", run="job_1")),
    (17, Grant("job", "rosa", "promise", "1", run="../x", command=("sh",))),
]


@pytest.mark.parametrize(("number", "grant"), GRANTS)
def test_no_grant_names_another_place(
    number: int, grant: Grant, keys: dict[str, SigningKey], clock: FixedClock
) -> None:
    with pytest.raises(NotAuthenticated):
        seal_grant(grant, keys["portal"], clock)


def test_a_grant_travels_in_a_header(keys: dict[str, SigningKey], keyring: Keyring, clock: FixedClock) -> None:
    envelope = seal_grant(GRANT, keys["portal"], clock)
    opened = open_grant(from_header(to_header(envelope)), keyring, clock)
    assert (opened.user, opened.project, opened.extract) == ("rosa", "promise", "3")
    assert opened.nonce


@pytest.mark.parametrize("issuer", ["hub", "gateway", "guard", "data", "vault"])
def test_only_portal_and_worker_grant(
    issuer: str, keys: dict[str, SigningKey], keyring: Keyring, clock: FixedClock
) -> None:
    envelope = seal_grant(GRANT, keys[issuer], clock)
    with pytest.raises(NotAuthenticated):
        open_grant(envelope, keyring, clock)


def test_a_grant_ends_and_its_names_are_signed(
    keys: dict[str, SigningKey], keyring: Keyring, clock: FixedClock
) -> None:
    envelope = seal_grant(GRANT, keys["portal"], clock)
    changed = {**envelope, "payload": {**envelope["payload"], "project": "other"}}
    with pytest.raises(NotAuthenticated):
        open_grant(changed, keyring, clock)
    clock.advance(timedelta(minutes=3))
    with pytest.raises(NotAuthenticated):
        open_grant(envelope, keyring, clock)


@pytest.mark.parametrize("header", ["", "x", "e30=", "bnVsbA=="])
def test_a_request_without_a_grant_is_refused(header: str, keyring: Keyring, clock: FixedClock) -> None:
    with pytest.raises(EnclaveError):
        open_grant(from_header(header), keyring, clock)
