"""Workspaces of a real project: quota, shared folder, snapshots, sealing, closing; floods that stay inside.

The story: rosa works and floods her room, takes a snapshot and gets it back, the project is suspended and sealed, goes
on, and is closed: nothing is left but the certificate.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from enclave.assistance import service as assistance
from enclave.core.actors import Actor
from enclave.core.audit import list_events
from enclave.core.errors import EnclaveError, NotAllowed, NotFound
from enclave.core.signing import open_envelope
from enclave.extracts import service as extracts
from enclave.extracts.store import extracts_of
from enclave.extracts.withdrawal import close_project
from enclave.people.roles import Role
from enclave.projects import membership
from enclave.sandboxes.volumes import volume_id
from enclave.workspaces import service, store
from enclave.workspaces.model import ProjectRoom
from services.api.assistance import look
from services.worker import labs, workspaces
from tests.factories import OPERATOR, make_actor
from tests.integration.sandbox.house import House, running_house, wait_until
from tests.integration.sandbox.lab import open_and_start, run_in, sandbox_image

pytestmark = pytest.mark.engine
ROSA = Actor("rosa", frozenset(), "user")


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """An enclave with rosa's project; workspaces of 64 MiB, labs of 1 GiB."""
    if os.geteuid() != 0:
        pytest.skip("mounting workspaces needs root")
    with running_house(sandbox_image()) as house:
        yield house


@pytest.fixture(scope="module")
def kernel(house: House) -> str:
    """The id of a kernel in rosa's lab."""
    return asyncio.run(open_and_start(house))


# number, flood, code that prints how it ended, what it must print
FLOODS = [
    (1, "processes", "FORK", "stopped: BlockingIOError, fewer than 128: True"),
    (2, "memory", "MEMORY", "killed: True"),
    (3, "workspace", "fill('/workspace/flood', 100)", "No space left on device after less than 64 MiB: True"),
    (4, "shared folder", "fill('/shared/flood', 100)", "No space left on device after less than 64 MiB: True"),
    (5, "scratch memory", "fill('/dev/shm/flood', 300)", "No space left on device after less than 256 MiB: True"),
    (6, "files", "NAMES", "No space left on device before 5000 files: True"),
    (7, "open files", "OPEN", "Too many open files before 4097: True"),
    (8, "socket folder", "fill('/run/c2c/up/flood', 3)", "No space left on device after less than 1 MiB: True"),
    (9, "log", "LOG", "written: True"),
]

TOOLS = """
import os, subprocess, sys
def fill(path, most):
    size, limit = 0, {"/workspace/flood": 64, "/shared/flood": 64, "/dev/shm/flood": 257, "/run/c2c/up/flood": 2}[path]
    try:
        with open(path, "wb", buffering=0) as stream:
            while size < most:
                stream.write(bytes(1 << 20)); size += 1
            os.fsync(stream.fileno())
        return "wrote it all"
    except OSError as problem:
        named = {"/run/c2c/up/flood": 1, "/dev/shm/flood": 256}.get(path, 64)
        return f"{problem.strerror} after less than {named} MiB: {size < limit}"
    finally:
        os.unlink(path)
FORK = '''
import os, signal, time
made = []
try:
    while len(made) < 400:
        child = os.fork()
        if child == 0:
            time.sleep(20); os._exit(0)
        made.append(child)
except OSError as problem:
    print(f"stopped: {type(problem).__name__}, fewer than 128: {len(made) < 128}")
for child in made:
    os.kill(child, signal.SIGKILL); os.waitpid(child, 0)
'''
def child(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=90)
def names():
    folder, made = "/workspace/names", 0
    os.mkdir(folder)
    try:
        while made < 6000:
            open(f"{folder}/{made}", "w").close(); made += 1
        return "made them all"
    except OSError as problem:
        return f"{problem.strerror} before 5000 files: {made < 5000}"
    finally:
        import shutil; shutil.rmtree(folder)
def opened():
    held = []
    try:
        while len(held) < 5000:
            held.append(os.open("/dev/null", os.O_RDONLY))
        return "opened them all"
    except OSError as problem:
        return f"{problem.strerror} before 4097: {len(held) < 4097}"
    finally:
        for each in held: os.close(each)
def flood(what):
    if what == "FORK": return child(FORK).stdout.strip()
    if what == "MEMORY":
        code = "held = []\\nwhile len(held) < 40: held.append(b'x' * (100 << 20))"
        return f"killed: {child(code).returncode == -9}"
    if what == "NAMES": return names()
    if what == "OPEN": return opened()
    if what == "LOG":
        with open("/proc/1/fd/1", "w") as out:
            for _ in range(300): out.write("x" * 100_000 + "\\n")
        return "written: True"
    return eval(what)
"""


@pytest.mark.parametrize(("number", "flood", "code", "expected"), FLOODS, ids=[flood[1] for flood in FLOODS])
def test_a_flood_stays_inside_and_the_kernel_lives(
    number: int, flood: str, code: str, expected: str, house: House, kernel: str
) -> None:
    asyncio.run(run_in(house, kernel, TOOLS))
    assert asyncio.run(run_in(house, kernel, f"print(flood({code!r}))")).strip() == expected
    assert asyncio.run(run_in(house, kernel, "6 * 7")) == "42"


def test_a_log_that_is_flooded_is_cut(house: House, kernel: str) -> None:
    mark = f"label=c2c.instance={house.settings.instance}"
    found = subprocess.run(["docker", "ps", "-q", "--filter", mark], capture_output=True, text=True, check=True)
    form = "{{.LogPath}}"
    path = subprocess.run(
        ["docker", "inspect", "-f", form, found.stdout.split()[0]], capture_output=True, text=True, check=True
    ).stdout.strip()
    size = sum(each.stat().st_size for each in Path(path).parent.glob("*.log*"))
    assert size < 12_000_000


def test_a_snapshot_comes_back_beside_todays_files(house: House, kernel: str) -> None:
    asyncio.run(run_in(house, kernel, "open('/workspace/a.txt', 'w').write('as it was')"))
    with house.context.database.write() as session:
        snapshot = service.want_snapshot(session, ROSA, "promise", "before a change", house.context.clock).id
    _work(house)
    asyncio.run(run_in(house, kernel, "open('/workspace/a.txt', 'w').write('changed')"))
    with house.context.database.write() as session:
        service.want_restore(session, ROSA, "promise", snapshot, house.context.clock)
    _work(house)
    read = f"open('/workspace/a.txt').read(), open('/workspace/restored/{snapshot}/a.txt').read()"
    assert asyncio.run(run_in(house, kernel, read)) == "('changed', 'as it was')"
    stored = house.settings.paths.snapshots / "promise" / "rosa" / f"{snapshot}.c2cs"
    assert b"as it was" not in stored.read_bytes()


def test_only_the_newest_snapshots_are_kept(house: House, kernel: str) -> None:
    for number in range(house.settings.snapshots_kept + 1):
        with house.context.database.write() as session:
            service.want_snapshot(session, ROSA, "promise", f"number {number}", house.context.clock)
        _work(house)
    folder = house.settings.paths.snapshots / "promise" / "rosa"
    assert len(list(folder.glob("*.c2cs"))) == house.settings.snapshots_kept


def test_a_helper_reads_text_with_consent_and_nothing_after_the_end(house: House, kernel: str) -> None:
    context = house.context
    asyncio.run(run_in(house, kernel, "import os; os.makedirs('/workspace/code', exist_ok=True)"))
    asyncio.run(run_in(house, kernel, "open('/workspace/code/a.py', 'w').write('stuck <here>')"))
    asyncio.run(run_in(house, kernel, "os.symlink('/data/students.csv', '/workspace/code/link')"))
    with context.database.write() as session:
        admin = make_actor(session, context.clock, "admin", Role.ADMINISTRATOR)
        ask = assistance.ask(session, admin, "promise", "rosa", "It is stuck.", 1, context.clock, urgent=False).id
    with pytest.raises(NotAllowed):
        look(context, admin, ask, "code/a.py")
    with context.database.write() as session:
        assistance.consent(session, ROSA, ask, context.clock)
    assert {entry.name for entry in look(context, admin, ask, "code").entries or []} == {"a.py", "link"}
    assert look(context, admin, ask, "code/a.py").text == "stuck <here>"
    with pytest.raises(NotFound):  # the extract is not the workspace
        look(context, admin, ask, "code/link")
    with context.database.write() as session:
        assistance.end(session, ROSA, ask, context.clock)
    with pytest.raises(NotAllowed):
        look(context, admin, ask, "code/a.py")
    with context.database.read() as session:
        looked = [event.details["path"] for event in list_events(session, action="assistance.looked").events]
    assert looked == ["code/link", "code/a.py", "code"]


def test_a_suspended_project_stops_and_is_sealed_within_a_minute(house: House, kernel: str) -> None:
    place = house.settings.volumes_dir / volume_id("promise", "rosa")
    assert place.exists()
    began = time.monotonic()
    with house.context.database.write() as session:
        membership.suspend_project(session, OPERATOR, "promise", "A question is open.", house.context.clock)
    for lab in labs.pending(house.context):
        labs.run(house.context, lab)
    wait_until(lambda: not place.exists(), "the workspace was not closed", 60)
    assert workspaces.pending_rest(house.context) == ["promise"]
    workspaces.put_to_rest(house.context, "promise")
    assert time.monotonic() - began < 60
    with house.context.database.read() as session:
        room = session.get_one(ProjectRoom, "promise")
        assert room.sealed_at is not None
    at_rest = house.settings.paths.workspaces / "promise" / "rosa.img"
    if at_rest.exists():  # this machine keeps volumes
        assert b"as it was" not in at_rest.read_bytes()
    assert workspaces.pending_rest(house.context) == []


def test_a_resumed_project_finds_its_files(house: House) -> None:
    with house.context.database.write() as session:
        membership.resume_project(session, OPERATOR, "promise", house.context.clock)
    kernel = asyncio.run(open_and_start(house))
    assert asyncio.run(run_in(house, kernel, "open('/workspace/a.txt').read()")) == "'changed'"


def test_a_closed_project_leaves_a_certificate_that_lists_each_place(house: House) -> None:
    context, paths = house.context, house.settings.paths
    with context.database.write() as session:
        close_project(session, OPERATOR, "promise", "The study has ended.", context.clock)
    for lab in labs.pending(context):
        labs.run(context, lab)
    wait_until(lambda: not house.room.exists(), "the lab did not stop", 60)
    with context.database.write() as session:
        for extract in extracts_of(session, "promise"):
            extracts.finish_destroying(
                session, Actor.service("worker"), extract.id, {"payload": {"places": []}}, context.clock
            )
    wait_until(lambda: _rested(house), "the project was not destroyed", 30)
    with context.database.read() as session:
        kept = session.get_one(ProjectRoom, "promise").certificate
        assert store.kept_in(session, "promise") == []
    assert kept is not None
    payload = open_envelope(kept, context.keyring, workspaces.KIND, context.clock, {"portal"})
    named = {place["place"] for place in payload["places"]}
    assert {
        "extract version 1",
        "workspace of rosa",
        "shared folder",
        "key of the project",
        workspaces.BACKUPS,
    } <= named
    assert sum(name.startswith("snapshot rosa/") for name in named) == house.settings.snapshots_kept
    for folder in (paths.workspaces, paths.snapshots):
        assert not (folder / "promise").exists()
    assert not (paths.project_keys / "promise.json").exists()


def _work(house: House) -> None:
    """What the worker does with the snapshots that wait."""
    for snapshot in workspaces.pending_snapshots(house.context):
        workspaces.work_on_snapshot(house.context, snapshot)


def _rested(house: House) -> bool:
    try:
        workspaces.put_to_rest(house.context, "promise")
    except EnclaveError:
        return False
    return True
