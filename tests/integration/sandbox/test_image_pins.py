"""A package of one's own in one project's labs and reports, and in no other's; with the real engine, guard and hub."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from enclave.core.actors import Actor
from enclave.core.errors import NotFound
from enclave.core.signing import SigningKey
from enclave.images import service
from enclave.people.roles import Role
from enclave.people.service import actor_for
from enclave.sandboxes.grants import HEADER, Grant, seal_grant, to_header
from enclave.sandboxes.profiles import Places, container_name, container_request, profile_for
from enclave.sandboxes.rooms import sandbox_id
from services.engine_client import EngineClient
from services.pins import pin_to, registry_of
from services.starts import grant_for
from tests.approved import approved_project, ready_extract
from tests.factories import OPERATOR, make_actor
from tests.images import image_id, register_image
from tests.integration.sandbox.house import House, running_house
from tests.integration.sandbox.lab import open_and_start, run_in, sandbox_image
from tests.wheels import make_wheel

pytestmark = pytest.mark.engine
CAST = {"rosa": "rosa", "office": "office", "cde": "reviewer-cde", "edd": "reviewer-edd", "ccc": "reviewer-ccc"}
ROOT = Path(__file__).parents[3]
TRY = "import kelpforest, pandas; print('held', kelpforest.say())"


@dataclass(frozen=True)
class World:
    """A house, and the image that was built over its sandbox."""

    house: House
    image: dict[str, Any]

    def run(self, project: str, code: str, number: int) -> str:
        """What code prints in a sandbox of the project, as a report is run."""
        context = self.house.context
        worker, command = Actor.service("worker"), ("python", "-c", code)
        with context.database.write() as session:
            grant = grant_for(context, session, worker, "report", "rosa", project, f"run-{number}", command)
        engine = EngineClient(context.settings, self.key("worker"), context.clock)
        return engine.run(grant, 60, lambda: True).printed.decode()

    def key(self, name: str) -> SigningKey:
        return SigningKey.load(self.house.settings.paths.private_key(name))

    def create(self, image: str, asked: str | None = None) -> httpx.Response:
        """A create request to the guard under a fresh grant of the portal's for `image`."""
        settings, clock = self.house.settings, self.house.context.clock
        grant = Grant("lab", "rosa", "promise", "1", image=image)
        body = container_request(profile_for("lab", settings, image=asked or image), grant, Places.of(settings), {})
        name = container_name(Places.of(settings), sandbox_id("rosa", "promise"))
        headers = {HEADER: to_header(seal_grant(grant, self.key("portal"), clock))}
        transport = httpx.HTTPTransport(uds=str(settings.paths.socket("guard")))
        with httpx.Client(transport=transport, timeout=30) as client:
            return client.post("http://guard/containers/create", params={"name": name}, json=body, headers=headers)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two projects of rosa's; an image with one wheel, asked for, approved, built without a network, given to one."""
    if os.geteuid() != 0:
        pytest.skip("mounting the rooms of sandboxes needs root")
    links = tmp_path_factory.mktemp("links")
    make_wheel(links, "kelpforest", "def say():\n    return 'kelp'\n")
    with running_house(sandbox_image()) as house:
        (house.settings.paths.extracts / "other" / "1").mkdir(parents=True)
        name = f"t-{secrets.token_hex(4)}"
        try:
            yield World(house, _built(house, name, links))
        finally:
            _remove(name)


def _built(house: House, name: str, links: Path) -> dict[str, Any]:
    context = house.context
    with context.database.write() as session:
        cast = {each: actor_for(session, user) for each, user in CAST.items()}
        approved_project(session, cast, context.clock, project="other", title="Another study")
        ready_extract(session, "other", context.clock)
        dana = make_actor(session, context.clock, "dana", Role.DATA_STEWARD)
        row = service.ask(session, cast["rosa"], "promise", "KelpForest", "Kelp for the paper.", context.clock)
        request = service.approve(session, dana, row.id, context.clock).id
    order = {
        "name": name, "base": "sandbox", "wanted": [["kelpforest", ""]], "find_links": [str(links)], "no_index": True,
        "plan": False, "by": "operator", "requests": [request],
    }  # fmt: skip
    environment = {**os.environ, "C2C_DATA_DIR": str(house.settings.data_dir)}
    done = subprocess.run(
        [sys.executable, "-m", "scripts.packages"], input=json.dumps(order).encode(), stdout=subprocess.PIPE, cwd=ROOT,
        env=environment, check=True,
    )  # fmt: skip
    image: dict[str, Any] = json.loads(done.stdout)
    with context.database.write() as session:
        found = pin_to(registry_of(context).find(name))
        service.note_built(session, OPERATOR, found, [request], ["kelpforest==1.0"], context.clock)
        service.move_pin(session, dana, "promise", found, "Forests of kelp.", context.clock)
    return image


def _remove(name: str) -> None:
    listed = ["docker", "image", "ls", "-q", f"c2c-{name}"]
    for image in subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split():
        subprocess.run(["docker", "image", "rm", "-f", image], capture_output=True, check=False)


def test_the_lab_of_the_pinned_project_imports_the_package(world: World) -> None:
    kernel = asyncio.run(open_and_start(world.house))
    assert "held kelp" in asyncio.run(run_in(world.house, kernel, TRY))
    mark = f"label=c2c.sandbox={sandbox_id('rosa', 'promise')}"
    asked = ["docker", "ps", "--no-trunc", "--filter", mark, "--format", "{{.Image}}"]
    running = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
    assert [each.removeprefix("sha256:") for each in running] == [world.image["id"].removeprefix("sha256:")]


def test_reports_of_the_pinned_project_have_it_and_another_projects_do_not(world: World) -> None:
    assert "held kelp" in world.run("promise", TRY, 1)
    probe = "import importlib.util as u, pandas; print('found', u.find_spec('kelpforest'))"
    assert world.run("other", probe, 2).strip() == "found None"


def test_the_image_is_the_sandbox_with_exactly_one_package_more(world: World) -> None:
    added = [each for each in world.image["packages"] if each["added"]]
    assert [(each["name"], each["version"], each["licence"]) for each in added] == [("kelpforest", "1.0", "MIT")]
    base = registry_of(world.house.context).get(world.image["base"])
    assert base is not None and base.tag == world.house.image
    layers = [_layers(image) for image in (world.image["base"], world.image["id"])]
    assert layers[1][: len(layers[0])] == layers[0] and len(layers[1]) == len(layers[0]) + 1


def _layers(image: str) -> list[str]:
    asked = ["docker", "image", "inspect", "-f", "{{json .RootFS.Layers}}", image]
    layers: list[str] = json.loads(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)
    return layers


def test_the_guard_starts_no_image_that_is_not_registered(world: World) -> None:
    asked = ["docker", "image", "ls", "--no-trunc", "-q"]
    on_the_engine = set(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split())
    registered = {image.id for image in registry_of(world.house.context).images()}
    stranger = sorted(on_the_engine - registered)[0]
    for image in (stranger, image_id("nowhere")):
        answer = world.create(image)
        assert (answer.status_code, "not registered" in answer.json()["message"]) == (403, True)
    answer = world.create(world.image["base"], asked=world.image["id"])
    assert (answer.status_code, "Image" in answer.json()["message"]) == (403, True)


def test_an_image_that_is_gone_says_what_to_do(world: World) -> None:
    gone = register_image(world.house.settings.paths.images, "c2c-gone:1", name="gone", added=("kelpforest==2",))
    answer = world.create(gone)
    assert answer.status_code == 404
    assert "no longer on this machine" in answer.json()["error"]["message"]
    assert "c2c image pin" in answer.json()["error"]["advice"]
    context = world.house.context
    with context.database.write() as session:
        found = pin_to(registry_of(context).find("gone"))
        service.move_pin(session, OPERATOR, "other", found, "A test of the door.", context.clock)
    with pytest.raises(NotFound, match="no longer on this machine"):
        world.run("other", TRY, 3)
