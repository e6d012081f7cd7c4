"""Budget pages and commands, as the office and a researcher meet them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn

from services.portal.__main__ import OperatorListener
from tests.factories import Role, make_user
from tests.portal import BASE, Portal
from tests.unit.dp.editions import EDITION
from tests.unit.dp.world import PROJECT, World, count_body, wait_until

PAGE = f"{BASE}/projects/{PROJECT}/budget"


def test_a_member_sees_what_is_left_and_how_to_ask(world: World, portal: Portal) -> None:
    shown = portal.browser("alice").get(PAGE)
    assert shown.status_code == 200
    assert "Nothing was asked yet." in shown.text
    assert "Grant more" not in shown.text
    portal.operator("alice").post(f"{BASE}/api/projects/{PROJECT}/dp/queries", json=count_body())
    assert "count persons of k12_completion" in portal.browser("alice").get(PAGE).text


def test_the_office_grants_with_a_reason_and_nobody_else(world: World, portal: Portal) -> None:
    with world.database.write() as session:
        make_user(session, portal.context.clock, "olga", Role.MANAGING_ENTITY)
        make_user(session, portal.context.clock, "eve")
    form = {"edition": EDITION, "purse": "explore", "epsilon": "4", "reason": "a revision of the paper"}
    granted = portal.browser("olga").post(PAGE, data=form)
    assert granted.status_code == 303
    assert portal.browser("alice").post(PAGE, data=form).status_code == 403
    assert portal.browser("olga").post(PAGE, data={**form, "reason": "x"}).status_code == 400
    assert portal.browser("eve").get(PAGE).status_code == 403


def test_a_stranger_reads_no_price(world: World, portal: Portal) -> None:
    for path in ("cost", "queries"):
        answer = portal.stranger().post(f"{BASE}/api/projects/{PROJECT}/dp/{path}", json=count_body())
        assert answer.status_code == 401


def test_another_projects_id_is_refused_alike_whether_it_exists_or_not(world: World, portal: Portal) -> None:
    answer = portal.operator("alice").post(f"{BASE}/api/projects/others/dp/queries", json=count_body())
    assert answer.status_code in (403, 404)
    assert "others" not in answer.text or answer.status_code == 404


@pytest.fixture
def command(world: World, portal: Portal) -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """The `c2c` command as a process, with the portal on the operator's socket."""
    socket = portal.context.settings.paths.socket("operator")
    socket.parent.mkdir(parents=True)
    server = uvicorn.Server(uvicorn.Config(OperatorListener(portal.app), uds=str(socket), log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started)
    environment = {**os.environ, "C2C_DATA_DIR": str(portal.context.settings.data_dir)}

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "services.cli.main", "budget", *arguments]
        return subprocess.run(line, env=environment, capture_output=True, text=True, check=False)

    yield call
    server.should_exit = True
    thread.join(10)


def test_the_command_shows_and_grants(command: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    assert command("grant", PROJECT, "--epsilon", "4", "--reason", "a larger study").returncode == 0
    shown = command("show", PROJECT, "--json")
    assert json.loads(shown.stdout)["purses"][0]["total"]["epsilon"] == pytest.approx(4, abs=1e-4)
    assert command("show", PROJECT, "--ledger").returncode == 0
    assert command("grant", PROJECT, "--epsilon", "3", "--reason", "a larger study").returncode == 2
    assert command("grant", PROJECT, "--epsilon", "3", "--reason", "a slip of the pen", "--correct").returncode == 0
    assert (
        command("grant", PROJECT, "--epsilon", "1", "--reason", "the first table", "--purse", "revision").returncode
        == 0
    )
    shown = json.loads(command("show", PROJECT, "--json").stdout)
    assert [purse["purse"] for purse in shown["purses"]] == ["explore", "release", "revision"]


def test_the_command_exports_a_ledger_and_verifies_it_offline(
    command: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    assert command("grant", PROJECT, "--epsilon", "4", "--reason", "a larger study").returncode == 0
    for scope in ([], ["--project", PROJECT]):
        file = tmp_path / "ledger.json"
        file.unlink(missing_ok=True)
        assert command("export", str(file), *scope).returncode == 0
        assert command("verify", str(file)).returncode == 0
        changed = tmp_path / "changed.json"
        changed.write_text(file.read_text().replace("a larger study", "a larger stud1"))
        assert command("verify", str(changed)).returncode == 1
    assert command("export", str(tmp_path / "ledger.csv")).returncode == 0
    assert "a larger study" in (tmp_path / "ledger.csv").read_text()
    assert command("verify", str(tmp_path / "ledger.csv")).returncode == 2
