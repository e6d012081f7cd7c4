"""Imports in real containers: what is delivered while a sandbox runs is there, read-only, in this project alone; what
is withdrawn leaves it.
"""

from __future__ import annotations

import io
import json
import os
import threading
from collections.abc import Iterator

import pytest

from enclave.core.actors import Actor
from enclave.people.roles import Role
from enclave.people.service import actor_for
from enclave.sandboxes.grants import Grant
from output_review.imports import service, store
from output_review.imports.service import Said
from output_review.imports.states import ImportKind
from services.checker.server import listen
from services.engine_client import EngineClient
from services.imports import add_file
from services.starts import grant_for
from services.worker import imports as worker
from tests.approved import approved_project, ready_extract
from tests.factories import OPERATOR, make_actor
from tests.integration.sandbox.house import House, running_house, wait_until
from tests.integration.sandbox.lab import sandbox_image

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]
CODE = b"*! version 1.0\nprogram define reghelp\nend\n"
# A sandbox that waits for the files, tries to change them, lists them as a researcher would, and waits till they go.
LOOK = """
import os, subprocess, sys, time
def until(what):
    end = time.monotonic() + 60
    while not what() and time.monotonic() < end: time.sleep(0.2)
def tries(step):
    try: step(); return "done"
    except OSError as problem: return problem.strerror
place = "/imports/helpers/reghelp.ado"
print("before", os.listdir("/imports"), flush=True)
until(lambda: os.path.exists(place))
print("reads", open(place).readline().strip())
print("writes", tries(lambda: open(place, "w")), tries(lambda: os.unlink(place)), tries(lambda: os.mkdir("/imports/x")))
print("lists", subprocess.run(["c2c", "imports", "--json"], capture_output=True, text=True).stdout.strip(), flush=True)
until(lambda: not os.path.exists(place))
print("after", os.listdir("/imports"), flush=True)
"""


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """An enclave with two projects of rosa's, a checker that listens, and an output checker."""
    if os.geteuid() != 0:
        pytest.skip("mounting workspaces needs root")
    with running_house(sandbox_image()) as house:
        with house.context.database.write() as session:
            named = {"rosa": "rosa", "office": "office", **{code: f"reviewer-{code}" for code in ("cde", "edd", "ccc")}}
            cast = {each: actor_for(session, name) for each, name in named.items()}
            approved_project(session, cast, house.context.clock, project="second")
            ready_extract(session, "second", house.context.clock)
            make_actor(session, house.context.clock, "chris", Role.OUTPUT_CHECKER)
        (house.settings.paths.extracts / "second" / "1").mkdir(parents=True)
        with listen(house.settings.paths.socket("checker")) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            yield house
            server.shutdown()
            thread.join()


def test_what_is_delivered_is_seen_by_running_sandboxes_read_only_and_by_no_other_project(house: House) -> None:
    engine = EngineClient(house.settings, house.context.key, house.context.clock)
    names = {project: engine.name_of("rosa", project, "look") for project in ("promise", "second")}
    for project, name in names.items():
        engine.create(name, _grant(house, project, LOOK))
        engine.start(name)
    try:
        wait_until(lambda: all("before" in _printed(engine, name) for name in names.values()), "no sandbox started")
        identity = _delivered(house)
        wait_until(lambda: "lists" in _printed(engine, names["promise"]), "the files did not arrive", 60)
        engine.remove(names["second"])
        with house.context.database.write() as session:
            service.withdraw(session, Actor("rosa", frozenset(), "user"), house.context.clock, identity)
        _work(house)
        wait_until(lambda: "after" in _printed(engine, names["promise"]), "the files did not leave", 60)
        said = dict(line.split(" ", 1) for line in _printed(engine, names["promise"]).splitlines())
    finally:
        for name in names.values():
            engine.remove(name)
    refused = "Read-only file system"
    assert (said["before"], said["reads"], said["after"]) == ("[]", "*! version 1.0", "[]")
    assert said["writes"] == " ".join([refused] * 3)
    listed = json.loads(said["lists"])
    assert [(each["name"], each["licence"], each["files"]) for each in listed] == [("helpers", "MIT", ["reghelp.ado"])]


def test_another_projects_sandbox_has_an_empty_folder_while_the_first_has_files(house: House) -> None:
    engine = EngineClient(house.settings, house.context.key, house.context.clock)
    _delivered(house)
    code = "import os; print(sorted(os.listdir('/imports')))"
    printed = {
        project: engine.run(_grant(house, project, code), 60, lambda: True).printed.decode().strip()
        for project in ("promise", "second")
    }
    assert printed == {"promise": "['helpers']", "second": "[]"}


def _grant(house: House, project: str, code: str) -> Grant:
    command = ("python", "-c", code)
    with house.context.database.write() as session:
        return grant_for(house.context, session, OPERATOR, "report", "rosa", project, "look", command)


def _delivered(house: House) -> str:
    """An import that went the whole way through the real services."""
    ctx, rosa = house.context, Actor("rosa", frozenset({Role.RESEARCHER}), "user")
    said = Said("Helpers", "Clustered errors.", source="https://example.org/p", licence="MIT")
    with ctx.database.write() as session:
        row = service.create(
            session, rosa, ctx.clock, "promise", kind=ImportKind.PACKAGE_FILES, name="helpers", said=said
        )  # fmt: skip
        identity = row.id
    add_file(ctx, rosa, identity, "reghelp.ado", io.BytesIO(CODE))
    with ctx.database.write() as session:
        service.submit(session, rosa, ctx.clock, identity)
    _work(house)
    with ctx.database.write() as session:
        digest = store.get(session, identity).content
        service.approve(session, actor_for(session, "chris"), ctx.clock, identity, digest, "")
    _work(house)
    return identity


def _work(house: House) -> None:
    for job in worker.JOBS:
        for item in job.pending(house.context):
            job.run(house.context, item)


def _printed(engine: EngineClient, name: str) -> str:
    return engine._printed(name).decode()
