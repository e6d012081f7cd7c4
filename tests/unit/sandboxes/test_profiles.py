"""The profile is the room that nothing leaves: its lines, and the filter's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from enclave.core.errors import NotAllowed
from enclave.core.settings import Settings
from enclave.sandboxes.grants import Grant
from enclave.sandboxes.profiles import (
    HUB_VARIABLES,
    Places,
    container_request,
    profile_for,
    seccomp_text,
)
from enclave.sandboxes.rooms import Room, sandbox_id
from enclave.sandboxes.seccomp import GROUPS, KEPT_OUT, RULES, filter_profile
from enclave.sandboxes.volumes import volume_id

PLACES = Places(Path("/srv/c2c"), Path("/run/c2c-t"), "c2c-t")
VOLUMES = "/run/c2c-t-volumes"
LAB = Grant("lab", "rosa", "promise", "3")
JOB = Grant("job", "rosa", "promise", "3", "job_1", ("python", "-m", "c2c_research.running"))
REPORT = Grant("report", "worker", "promise", "3", "run_1", ("papermill", "a.ipynb", "b.ipynb"))

# number, key of HostConfig, value
LINES = [
    (1, "NetworkMode", "none"),
    (2, "CapDrop", ["ALL"]),
    (3, "ReadonlyRootfs", True),
    (4, "PidsLimit", 128),
    (5, "IpcMode", "private"),
    (6, "Init", True),
    (7, "Memory", 2048 * 1024 * 1024),
    (8, "MemorySwap", 2048 * 1024 * 1024),
]


@pytest.mark.parametrize("grant", [LAB, REPORT, JOB], ids=["lab", "report", "job"])
@pytest.mark.parametrize(("number", "key", "value"), LINES)
def test_every_sandbox_has_the_line(number: int, key: str, value: object, grant: Grant) -> None:
    body = container_request(profile_for(grant.profile, Settings()), grant, PLACES, {})
    assert body["HostConfig"][key] == value
    assert body["User"] == "1000:1000"
    assert body["HostConfig"]["SecurityOpt"][0] == "no-new-privileges"


def test_a_lab_sees_its_own_folders_and_no_others() -> None:
    body = container_request(profile_for("lab", Settings()), LAB, PLACES, {})
    room = Room(PLACES.run / sandbox_id("rosa", "promise"))
    assert body["HostConfig"]["Binds"] == [
        f"{VOLUMES}/{volume_id('promise', 'rosa')}/files:/workspace:rw",
        f"{VOLUMES}/{volume_id('promise', '_shared')}/files:/shared:rw",
        f"{room.up}:/run/c2c/up:rw",
        f"{room.relay}:/run/c2c/relay:ro",
        "/srv/c2c/reference:/reference:ro",
        "/srv/c2c/imports/promise:/imports:ro",
        "/srv/c2c/extracts/promise/3:/data:ro",
    ]


def test_a_job_has_the_folders_of_its_lab_and_a_room_of_its_own() -> None:
    body = container_request(profile_for("job", Settings()), JOB, PLACES, {})
    lab = container_request(profile_for("lab", Settings()), LAB, PLACES, {})
    rooms = {f"{Room(PLACES.run / sandbox_id('rosa', 'promise', run)).up}:/run/c2c/up:rw" for run in ("", "job_1")}
    assert (body["Cmd"], len(rooms)) == (["python", "-m", "c2c_research.running"], 2)
    same = set(body["HostConfig"]["Binds"]) & set(lab["HostConfig"]["Binds"])
    assert {bind.split(":")[1] for bind in same} == {"/workspace", "/shared", "/reference", "/imports", "/data"}
    assert not any("TOKEN" in line for line in body["Env"])


def test_a_report_runs_its_command_in_a_folder_of_its_own() -> None:
    body = container_request(profile_for("report", Settings()), REPORT, PLACES, {})
    assert body["Cmd"] == ["papermill", "a.ipynb", "b.ipynb"]
    assert body["HostConfig"]["Binds"][0] == f"{VOLUMES}/{volume_id('promise', '_runs')}/files/run_1:/workspace:rw"


@pytest.mark.parametrize("name", ["LD_PRELOAD", "PYTHONPATH", "PATH", "HOME", "C2C_PROJECT", "JUPYTERHUB_SSL_KEYFILE"])
def test_the_hub_sets_no_variable_that_changes_a_program(name: str) -> None:
    assert name not in HUB_VARIABLES
    with pytest.raises(NotAllowed, match=name):
        container_request(profile_for("lab", Settings()), LAB, PLACES, {name: "x"})


def test_sandbox_ids_are_short_lower_case_and_differ() -> None:
    ids = {sandbox_id(*names) for names in (("rosa", "a"), ("rosa", "b"), ("eve", "a"), ("rosa", "a", "run_1"))}
    assert len(ids) == 4
    assert all(name == name.lower() and len(name) == 24 for name in ids)
    assert len(str(Room(Path("/run/c2c-0123456789") / ids.pop()).relay / "relay.sock")) < 100


def _allowed() -> set[str]:
    groups = json.loads(seccomp_text())["syscalls"]
    return {name for group in groups if group["action"] == "SCMP_ACT_ALLOW" for name in group["names"]}


FORBIDDEN = """
add_key bpf chroot clone3 fanotify_init init_module io_uring_enter io_uring_setup kexec_load keyctl mknod mknodat mount
name_to_handle_at open_by_handle_at perf_event_open pidfd_getfd pivot_root process_vm_readv process_vm_writev ptrace
reboot request_key setgid setgroups setns setuid swapon umount2 unshare userfaultfd
"""


@pytest.mark.parametrize("call", FORBIDDEN.split())
def test_the_filter_does_not_allow(call: str) -> None:
    assert call not in _allowed()


def test_the_filter_names_socket_families_and_reasons() -> None:
    groups = json.loads(seccomp_text())["syscalls"]
    families = {group["args"][0]["value"] for group in groups if group["names"] == ["socket"]}
    assert families == {1, 2, 10, 16}
    clone = next(group for group in groups if group["names"] == ["clone"])
    assert clone["args"] == [{"index": 0, "op": "SCMP_CMP_MASKED_EQ", "value": 0x7E020000, "valueTwo": 0}]


def test_every_call_of_the_filter_is_justified_exactly_once() -> None:
    plain = [call for group in GROUPS for call in group.calls]
    conditional = {rule.call for rule in RULES}
    kept_out = [call for calls in KEPT_OUT.values() for call in calls]
    assert len(plain) == len(set(plain)) and len(kept_out) == len(set(kept_out))
    assert not set(plain) & conditional
    assert not (set(plain) | conditional) & set(kept_out)
    assert {name for group in filter_profile()["syscalls"] for name in group["names"]} == {*plain, *conditional}
    assert all(len(why) > 15 for why in (*KEPT_OUT, *(group.why for group in GROUPS), *(rule.why for rule in RULES)))


@pytest.mark.parametrize(
    ("number", "size", "memory", "cpus", "pids"),
    [(1, "small", 1024, 1.0, 128), (2, "standard", 2048, 2.0, 128), (3, "large", 8192, 8.0, 256)],
)
def test_a_projects_size_sets_memory_processors_and_processes(
    number: int, size: str, memory: int, cpus: float, pids: int
) -> None:
    profile = profile_for("lab", Settings(), size)
    host = container_request(profile, LAB, PLACES, {})["HostConfig"]
    assert (host["Memory"], host["MemorySwap"]) == (memory * 1024 * 1024,) * 2
    assert (host["NanoCpus"], host["PidsLimit"]) == (cpus * 1e9, pids)
    assert "Runtime" not in host


def test_the_engines_runtime_is_passed_through() -> None:
    host = container_request(profile_for("lab", Settings(sandbox_runtime="runsc")), LAB, PLACES, {})["HostConfig"]
    assert host["Runtime"] == "runsc"
