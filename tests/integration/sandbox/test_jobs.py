"""Jobs with real containers and a real worker: they outlive lab, hub and gateway, and end with their project.

The story: rosa starts a notebook in her lab and closes everything; it goes on and speaks to the portal; two run at a
time; one is cancelled; the worker is killed with -9; the project is suspended.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from enclave.core.actors import Actor
from enclave.core.db import Session
from enclave.core.errors import Conflict
from enclave.jobs import service
from enclave.jobs.model import NotebookJob
from enclave.jobs.runner import command_of
from enclave.projects import membership
from enclave.sandboxes.volumes import volume_id
from enclave.workspaces.model import ProjectRoom
from services.engine_client import EngineClient
from services.lab_sessions import hub_of
from services.starts import grant_for
from tests.factories import OPERATOR
from tests.integration.sandbox.browser import browsing
from tests.integration.sandbox.house import GATEWAY, PASSWORD, House, running_house, wait_until
from tests.integration.sandbox.lab import open_and_start, run_in, sandbox_image

pytestmark = [pytest.mark.engine, pytest.mark.timeout(400)]
ROSA = Actor("rosa", frozenset(), "user")
WRITE = """
import nbformat, os
def write(name, *cells):
    note = nbformat.v4.new_notebook()
    note.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    note.cells = [nbformat.v4.new_code_cell("seconds = 0", metadata={"tags": ["parameters"]})]
    note.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(note, name)
write("sleep.ipynb", "import time; time.sleep(seconds)")
write("long.ipynb", "import os, time; time.sleep(seconds)",
      "print('sees', sorted(os.listdir('/data')), os.listdir('/sys/class/net'), os.path.isdir('/shared'))",
      "from c2c_research import _http; print('asks', _http.get('')['id'])",
      "try:\\n    __import__('c2c_research').jobs.run('long.ipynb')\\nexcept Exception as e:\\n    print('alone', e)")
"""


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """An enclave with rosa's project and a worker."""
    if os.geteuid() != 0:
        pytest.skip("mounting workspaces needs root")
    with running_house(sandbox_image()) as house:
        start_worker(house)
        yield house


def start_worker(house: House) -> int:
    """Start the worker as a process; its number."""
    log = (house.settings.data_dir / "worker.log").open("ab")
    house.processes["worker"] = subprocess.Popen(
        [sys.executable, "-m", "services.worker"], env=house.environment, stdout=log, stderr=log, start_new_session=True
    )
    log.close()
    return house.processes["worker"].pid


def row(house: House, job: str) -> NotebookJob:
    with house.context.database.read() as session:
        found = session.get_one(NotebookJob, job)
        session.expunge(found)
        return found


def becomes(house: House, job: str, *states: str, seconds: float = 60) -> NotebookJob:
    wait_until(lambda: row(house, job).state in states, f"{job} did not become {states}", seconds)
    return row(house, job)


def ask(house: House, seconds: int, notebook: str = "sleep.ipynb") -> str:
    """A job that sleeps, asked for as the portal's route does."""
    with house.context.database.write() as session:
        given = {"seconds": seconds}
        return service.request_job(session, ROSA, "promise", notebook, given, house.context.clock).id


def cancel(house: House, *jobs: str) -> None:
    with house.context.database.write() as session:
        for job in jobs:
            service.cancel(session, ROSA, "promise", job, house.context.clock)
    wait_until(lambda: all(row(house, job).cleared_at for job in jobs), "a sandbox was not removed")


def containers(house: House) -> dict[str, str]:
    """Id of the container of each job that the engine runs."""
    marks = [f"label=c2c.instance={house.settings.instance}", "label=c2c.profile=job"]
    shape = '{{.Label "c2c.run"}} {{.ID}}'
    argv = ["docker", "ps", "--no-trunc", "--format", shape, *(part for mark in marks for part in ("--filter", mark))]
    lines = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split("\n")
    return dict(line.split(" ", 1) for line in lines if line)


def test_a_job_goes_on_without_lab_hub_and_gateway_and_speaks_for_itself(house: House) -> None:
    kernel = asyncio.run(open_and_start(house))
    asyncio.run(run_in(house, kernel, WRITE))
    code = "import c2c_research as c2c; job = c2c.jobs.run('long.ipynb', {'seconds': 15}); print(job.id)"
    job = asyncio.run(run_in(house, kernel, code)).strip()
    becomes(house, job, "RUNNING")
    hub_of(house.context).stop("rosa", "promise")
    wait_until(lambda: not house.room.exists(), "the lab did not stop", 60)
    for name in ("hub", "gateway"):
        house.stop(name)
    assert containers(house).keys() == {job}
    assert (house.settings.volumes_dir / volume_id("promise", "rosa")).is_dir()
    house.start("gateway", GATEWAY, f"http://127.0.0.1:{house.port}/healthz")
    ended = becomes(house, job, "FINISHED", "FAILED")
    assert (ended.state, ended.reason) == ("FINISHED", "")
    wait_until(lambda: not (house.settings.volumes_dir / volume_id("promise", "rosa")).exists(), "not closed again")
    house.start_hub()
    kernel = asyncio.run(open_and_start(house))
    copy = asyncio.run(run_in(house, kernel, f"print(open('{ended.output}').read())"))
    for words in ("sees ['students.csv'] ['lo'] True", "asks promise", "alone A sandbox may not call this."):
        assert words in copy, copy
    listed = asyncio.run(run_in(house, kernel, "print(list(__import__('c2c_research').jobs.status().state))"))
    assert listed == "['FINISHED']\n"


def test_two_run_at_a_time_the_guard_holds_it_too_and_a_cancelled_one_makes_room(house: House) -> None:
    first, second, third = (ask(house, 300) for _ in range(3))
    for job in (first, second):
        becomes(house, job, "RUNNING")
    wait_until(lambda: containers(house).keys() == {first, second}, "two did not run")
    context = house.context
    engine = EngineClient(house.settings, context.key, context.clock)
    waits = row(house, third)
    with context.database.write() as session:
        grant = grant_for(context, session, OPERATOR, "job", "rosa", "promise", third, command_of(waits))
    with pytest.raises(Conflict, match="runs 2 jobs already"):
        engine.create(engine.name_of("rosa", "promise", third), grant)
    assert row(house, third).state == "QUEUED"
    cancel(house, first)
    becomes(house, third, "RUNNING")
    wait_until(lambda: containers(house).keys() == {second, third}, "the third did not run")
    cancel(house, second, third)
    assert containers(house) == {}


def test_a_worker_that_was_killed_finds_what_runs_and_what_ended_meanwhile(house: House) -> None:
    short, long = ask(house, 8), ask(house, 300)
    wait_until(lambda: containers(house).keys() == {short, long}, "two did not run")
    before = containers(house)
    os.kill(house.processes["worker"].pid, signal.SIGKILL)
    house.processes.pop("worker").wait(10)
    wait_until(lambda: short not in containers(house), "the short one did not end", 60)
    assert {row(house, job).state for job in (short, long)} == {"RUNNING"}
    start_worker(house)
    assert becomes(house, short, "FINISHED", "FAILED").state == "FINISHED"
    assert containers(house) == {long: before[long]}
    assert row(house, long).state == "RUNNING"
    cancel(house, long)


def test_a_portal_that_was_started_again_finds_its_jobs_and_they_find_it(house: House) -> None:
    short, long = ask(house, 3), ask(house, 15, "long.ipynb")
    wait_until(lambda: containers(house).keys() == {short, long}, "two did not run")
    before = containers(house)
    house.stop_portal()
    assert becomes(house, short, "FINISHED", "FAILED").state == "FINISHED"  # while there is no portal
    house.start_portal()
    assert containers(house) == {long: before[long]}
    ended = becomes(house, long, "FINISHED", "FAILED")
    assert (ended.state, ended.reason) == ("FINISHED", "")  # its second cell asked the portal
    page = asyncio.run(jobs_page(house))
    assert "seconds = 3" in page and "seconds = 15" in page and "running for" not in page


async def jobs_page(house: House) -> str:
    """The project's page of jobs as rosa's browser shows it."""
    async with browsing("rosa", house.port) as browser:
        assert (await browser.log_in(PASSWORD))[0] == 200
        status, _, page = await browser.go(f"{browser.portal}/projects/promise/jobs")
        assert status == 200
        return page


def test_a_suspended_project_stops_its_job_with_the_reason_and_is_sealed_within_a_minute(house: House) -> None:
    job = ask(house, 300)
    becomes(house, job, "RUNNING")
    wait_until(lambda: bool(containers(house)), "it did not run")
    began = time.monotonic()
    with house.context.database.write() as session:
        membership.suspend_project(session, OPERATOR, "promise", "A question is open.", house.context.clock)
    ended = becomes(house, job, "STOPPED")
    wait_until(lambda: containers(house) == {}, "the container was not removed")
    stopped = time.monotonic() - began
    wait_until(lambda: _sealed(house), "the workspaces were not sealed", 60)
    print(json.dumps({"stopped": round(stopped, 1), "sealed": round(time.monotonic() - began, 1)}))
    assert ended.reason == "The project is suspended. Ask the office."
    assert time.monotonic() - began < 60


def _sealed(house: House) -> bool:
    with house.context.database.read() as session:
        return _sealed_at(session) and not (house.settings.volumes_dir / volume_id("promise", "rosa")).exists()


def _sealed_at(session: Session) -> bool:
    return session.get_one(ProjectRoom, "promise").sealed_at is not None
