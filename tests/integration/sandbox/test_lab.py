"""A researcher's lab behind the gateway, on the real engine, hub and portal.

The story: rosa logs in, opens the lab of her project, works, tries every way out; the hub is restarted under her;
she is suspended and thrown out; the operator stops her lab and nothing of it is left.
"""

from __future__ import annotations

import asyncio
import errno
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator

import docker
import docker.errors
import pytest

from enclave.core.signing import open_envelope
from enclave.people import service as people
from enclave.sandboxes.grants import HEADER, Grant, seal_grant, to_header
from enclave.sandboxes.profiles import Places, container_name, container_request, profile_for
from enclave.sandboxes.rooms import sandbox_id
from services import lab_sessions
from services.worker import labs
from tests.factories import OPERATOR
from tests.integration.sandbox.browser import browsing
from tests.integration.sandbox.house import PASSWORD, House, running_house, wait_until
from tests.integration.sandbox.lab import enter_lab, open_and_start, run_in, sandbox_image

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """The enclave of this story."""
    if os.geteuid() != 0:
        pytest.skip("mounting the rooms of sandboxes needs root")
    with running_house(sandbox_image()) as house:
        yield house


@pytest.fixture(scope="module")
def kernel(house: House) -> str:
    """The id of a kernel in rosa's open lab, which outlives the single tests."""
    return asyncio.run(open_and_start(house))


def test_a_member_opens_the_lab_and_computes(house: House, kernel: str) -> None:
    assert asyncio.run(run_in(house, kernel, "1 + 1")) == "2"
    code = "kept = 41; print(open('/data/students.csv').read())"
    assert "person_id,grade" in asyncio.run(run_in(house, kernel, code))


def test_only_the_loopback_is_there(house: House, kernel: str) -> None:
    code = "import socket; print([name for _, name in socket.if_nameindex()])"
    assert asyncio.run(run_in(house, kernel, code)).strip() == "['lo']"


RELAY = """
import http.client, os, socket
class Relay(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(os.environ["C2C_RELAY"])
def ask(path, method="GET"):
    relay = Relay("relay")
    token = os.environ["JUPYTERHUB_API_TOKEN"]
    relay.request(method, path, headers={"Authorization": f"token {token}", "X-C2C-As": "office"})
    return relay.getresponse().status
print(ask("/hub/api/user"), ask("/services/portal/api/projects/promise/no-such-thing"),
      ask("/services/portal/api/projects/promise/members", "POST"),
      ask("/services/portal/api/projects/other/x"), ask("/services/portal/api/users"),
      ask("/hub/api/users/rosa/tokens", "POST"), ask("/internal/lab-access?user=rosa&project=promise"))
"""


def test_the_relay_reaches_the_own_project_only(house: House, kernel: str) -> None:
    assert asyncio.run(run_in(house, kernel, RELAY)).split() == ["403", "404", "403", "403", "403", "403", "403"]


def test_a_link_in_place_of_the_socket_is_not_followed(house: House, kernel: str) -> None:
    code = "import os; os.symlink('/var/run/docker.sock', '/run/c2c/up/link.sock'); print('made')"
    assert "made" in asyncio.run(run_in(house, kernel, code))
    with socket.socket(socket.AF_UNIX) as caller, pytest.raises(OSError) as refusal:
        caller.connect(str(house.room / "up" / "link.sock"))
    assert refusal.value.errno == errno.ELOOP


def test_files_leave_by_no_address_of_the_lab(house: House, kernel: str) -> None:
    async def story() -> None:
        async with browsing("rosa", house.port) as browser:
            await enter_lab(browser)
            for path in ("/files/a.csv", "/nbconvert/html/a.ipynb", "/view/a.html", "/terminals/1", "/metrics"):
                assert (await browser.get(path))[0] == 403, path
            assert (await browser.get("/api/contents"))[0] == 200
            navigation = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
            assert (await browser.get("/api/contents", **navigation))[0] == 403
            async with browser.client.get(f"{browser.lab}/lab", headers={"Sec-Fetch-Dest": "iframe"}) as page:
                assert page.headers["Content-Security-Policy"].startswith("sandbox ")
                assert "Content-Disposition" not in page.headers

    asyncio.run(story())


def test_only_its_owner_comes_in(house: House, kernel: str) -> None:
    async def story() -> None:
        async with browsing("rosa", house.port) as nobody:
            assert (await nobody.get("/lab"))[0] == 302
            assert (await nobody.get("/lab", **{"Sec-Fetch-Dest": "iframe"}))[0] == 401
            assert (await nobody.get("/api/contents", Cookie="c2c-lab=e30"))[0] == 401
        async with browsing("stranger", house.port) as stranger:
            status, _, page = await stranger.log_in(PASSWORD)
            assert status == 200 and "You belong to no project." in page
            stranger_form = await stranger.go(
                f"{stranger.portal}/sessions/promise/open", method="POST", data={"csrf": _csrf(page)}
            )
            assert stranger_form[0] == 403 and "You do not belong to this project." in stranger_form[2]

    asyncio.run(story())


def test_a_page_of_the_lab_cannot_act_at_hub_or_portal(house: House, kernel: str) -> None:
    async def story() -> None:
        async with browsing("rosa", house.port) as browser:
            await enter_lab(browser)
            for url in (f"{browser.portal}/sessions", f"http://enclave.localhost:{house.port}/hub/api/user"):
                async with browser.client.get(url, headers={"Origin": browser.origin}) as answer:
                    assert answer.status == 403

    asyncio.run(story())


def test_a_persons_token_opens_no_lab_and_starts_none(house: House, kernel: str) -> None:
    token = house.context.hub.user_token("rosa", "a test", 60)
    owner = house.context.hub.owner_of(token)
    assert owner is not None and (owner.name, owner.server) == ("rosa", None)

    async def story() -> None:
        headers = {"Authorization": f"token {token}"}
        api = f"http://enclave.localhost:{house.port}/hub/api"
        async with browsing("rosa", house.port) as browser:
            for path in ("/users/rosa/servers/other", "/users/rosa/servers/promise", "/users/rosa/tokens"):
                async with browser.client.post(api + path, headers=headers, json={}) as answer:
                    assert answer.status in (403, 404), path
            assert (await browser.get("/api/contents", **headers))[0] == 401

    asyncio.run(story())


def test_a_restarted_hub_keeps_the_kernel(house: House, kernel: str) -> None:
    house.stop("hub")
    house.start_hub()
    assert asyncio.run(run_in(house, kernel, "kept + 1")) == "42"


def test_a_suspended_person_is_out_within_seconds(house: House, kernel: str) -> None:
    context = house.context

    async def story() -> float:
        async with browsing("rosa", house.port) as browser:
            await enter_lab(browser)
            async with browser.channels(kernel) as channels:
                with context.database.write() as session:
                    people.suspend(session, OPERATOR, context.clock, "rosa", "A test of the door.")
                began = time.monotonic()
                async for _ in channels:
                    pass
                assert channels.close_code == 1008
            assert (await browser.get("/api/contents"))[0] == 403
            return time.monotonic() - began

    seconds = asyncio.run(story())
    assert labs.pending(context) == ["rosa/promise"]
    with context.database.write() as session:
        people.reinstate(session, OPERATOR, context.clock, "rosa")
    assert seconds < 5


def test_a_hub_in_wrong_hands_starts_nothing_else(house: House) -> None:
    client = docker.APIClient(base_url=f"http+unix://{house.settings.paths.socket('guard')}", version="1.41")
    places, settings = Places.of(house.settings), house.settings
    grant = Grant("lab", "rosa", "promise", "1")
    name = container_name(places, sandbox_id("rosa", "promise"))

    def create(change: dict[str, object], header: str) -> int:
        body = container_request(profile_for("lab", settings), grant, places, {})
        body["HostConfig"] |= change
        answer = client.post(
            client._url("/containers/create"), json=body, params={"name": name}, headers={HEADER: header}
        )
        return int(answer.status_code)

    def fresh(issuer: str) -> str:
        key = type(house.context.key).load(settings.paths.private_key(issuer))
        return to_header(seal_grant(grant, key, house.context.clock))

    assert create({}, "") == 403
    assert create({}, fresh("hub")) == 403
    assert create({"Privileged": True}, fresh("portal")) == 403
    vault = {"Binds": [f"{settings.paths.vault}:/data:ro"]}
    assert create(vault, fresh("portal")) == 403
    used = fresh("portal")
    assert create({}, used) in (201, 409)
    assert create({}, used) == 403
    with pytest.raises(docker.errors.APIError, match="403"):
        client.exec_create(name, "sh")
    events = [json.loads(path.read_text()) for path in sorted(settings.paths.events.glob("*.json"))]
    refused = [
        open_envelope(event, house.context.keyring, "guard.event", house.context.clock, {"guard"}) for event in events
    ]
    assert sum(event["type"] == "sandbox.refused" for event in refused) >= 5
    client.close()


def test_the_operator_lists_and_stops_the_lab(house: House, kernel: str) -> None:
    labs = lab_sessions.visible_labs(house.context, OPERATOR)
    assert [(lab.user, lab.project, lab.state) for lab in labs] == [("rosa", "promise", "ready")]
    lab_sessions.stop_lab(house.context, OPERATOR, "rosa", "promise")
    wait_until(lambda: not house.room.exists(), "the room was not closed", 40)
    wait_until(lambda: lab_sessions.visible_labs(house.context, OPERATOR) == [], "the lab is still listed", 20)
    left = subprocess.run(
        ["docker", "ps", "-aq", "--filter", f"label=c2c.instance={house.settings.instance}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert left.stdout == ""


def _csrf(page: str) -> str:
    """The token of the log-out form, which every page has."""
    return page.partition('name="csrf" value="')[2].partition('"')[0]
