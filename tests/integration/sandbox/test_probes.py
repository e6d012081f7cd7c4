"""The probe suite: every attempt of `probes.py` from a kernel of a real sandbox, and whether policy's layer stopped it.

Then the floods (bounded, so that they harm the sandbox only) and what a researcher can do with their server's socket.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.sandbox.browser import browsing
from tests.integration.sandbox.house import PASSWORD, House, running_house
from tests.integration.sandbox.lab import enter_lab, open_and_start, run_in, sandbox_image
from tests.integration.sandbox.probes import LAYERS, PROBES, Probe

pytestmark = pytest.mark.engine
SOURCE = Path(__file__).with_name("probes.py")
CANARY = "c2c-canary-of-another-project"


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """An enclave with rosa's project, and another project beside it that she does not belong to."""
    if os.geteuid() != 0:
        pytest.skip("mounting the rooms of sandboxes needs root")
    with running_house(sandbox_image()) as house:
        paths = house.settings.paths
        for place in (paths.extracts / "other" / "1", paths.workspaces / "other" / "ben", paths.vault):
            place.mkdir(parents=True)
            (place / CANARY).write_text("of another project")
        yield house


@pytest.fixture(scope="module")
def kernel(house: House) -> str:
    """The id of a kernel in rosa's open lab."""
    return asyncio.run(open_and_start(house))


@pytest.fixture(scope="module")
def outcomes(house: House, kernel: str) -> dict[str, str]:
    """Number of a probe -> what happened."""
    asyncio.run(_meet("stranger", house))
    asyncio.run(run_in(house, kernel, f"GIVEN = {_given(house)!r}"))
    found: dict[str, str] = json.loads(asyncio.run(run_in(house, kernel, SOURCE.read_text())))
    return found


async def _meet(name: str, house: House) -> None:
    """Log a person in once, so that the hub knows them."""
    async with browsing(name, house.port) as browser:
        await browser.log_in(PASSWORD)


def _given(house: House) -> dict[str, str]:
    paths, hub = house.settings.paths, house.context.hub
    return {
        "canary": CANARY,
        "host": _address(),
        "port": str(house.port),
        "hub_port": house.settings.hub_url.rpartition(":")[2],
        "guard": str(paths.socket("guard")),
        "operator": str(paths.socket("operator")),
        "run": str(house.settings.run_dir),
        "vault": str(paths.vault),
        "keys": str(paths.public_keys.parent),
        "other_token": hub.user_token("stranger", "a probe", 600),
        "personal_token": hub.user_token("rosa", "a probe", 600),
    }


def _address() -> str:
    """This machine's own address; connecting a datagram socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.connect(("192.0.2.1", 9))
        except OSError:
            return "192.0.2.1"
        return str(one.getsockname()[0])


def test_the_table_is_numbered_through_and_names_known_layers() -> None:
    assert [probe.number for probe in PROBES] == list(range(1, len(PROBES) + 1))
    assert len(PROBES) >= 80
    assert {probe.layer for probe in PROBES} <= set(LAYERS)


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: f"{probe.number:03d} {probe.name}")
def test_probe_is_stopped_where_policy_says(probe: Probe, outcomes: dict[str, str]) -> None:
    outcome = outcomes[str(probe.number)]
    assert probe.holds(outcome), f"{probe.chapter}, {probe.name}: expected “{probe.layer}”, got {outcome}"


def test_only_documented_probes_reach_anything(outcomes: dict[str, str]) -> None:
    reached = {number for number, outcome in outcomes.items() if outcome.startswith("reached")}
    assert reached == {str(probe.number) for probe in PROBES if probe.layer == "documented"}


def test_a_stranger_meets_no_lab_whatever_serves_behind_its_socket(house: House, kernel: str) -> None:
    """A kernel renames the server's socket and serves its own answer: nobody without a session sees it."""
    asyncio.run(run_in(house, kernel, TAKE_OVER))

    async def story() -> tuple[int, int, str, str]:
        async with browsing("rosa", house.port) as nobody:
            outside, _ = await nobody.get("/api/status")
        async with browsing("rosa", house.port) as browser:
            await enter_lab(browser, open_lab=False)
            status, text = await browser.get("/api/status")
            async with browser.client.get(f"{browser.lab}/lab", headers={"Sec-Fetch-Dest": "iframe"}) as page:
                policy = page.headers.get("Content-Security-Policy", "")
                return outside, status, text, policy

    outside, inside, text, policy = asyncio.run(story())
    assert outside == 401
    assert inside == 200 and "served by the kernel" in text
    assert policy.startswith("sandbox ")


@pytest.mark.parametrize("target", ["/run/c2c/relay/relay.sock", "/var/run/docker.sock", "/workspace/own.sock"])
def test_a_link_in_the_sockets_place_is_not_followed(house: House, kernel: str, target: str) -> None:
    """The room is mounted `nosymfollow`; run after the kernel has taken the server's place."""
    link = house.room / "up" / "server.sock"
    link.unlink(missing_ok=True)
    link.symlink_to(target)
    os.lchown(link, 1000, 1000)

    async def story() -> int:
        async with browsing("rosa", house.port) as browser:
            await enter_lab(browser, open_lab=False)
            return (await browser.get("/api/status"))[0]

    assert asyncio.run(story()) in (502, 503)


TAKE_OVER = """
import os, socket, threading
up = "/run/c2c/up/"
os.rename(up + "server.sock", up + "moved.sock")
fake = socket.socket(socket.AF_UNIX)
fake.bind(up + "server.sock")
os.chmod(up + "server.sock", 0o660)
fake.listen(8)
def serve():
    while True:
        one, _ = fake.accept()
        one.recv(65536)
        body = b'{"answer": "served by the kernel"}'
        one.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nConnection: close\\r\\n"
                    b"Content-Length: " + str(len(body)).encode() + b"\\r\\n\\r\\n" + body)
        one.close()
threading.Thread(target=serve, daemon=True).start()
"""
