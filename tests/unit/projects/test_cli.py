"""The commands of requests, projects, extracts and agreements, against a portal on the operator's socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.people.roles import Role
from tests.approved import form, make_edition, ready_extract
from tests.commands import Command, commands
from tests.factories import make_user
from tests.portal import Portal


@pytest.fixture
def c2c(portal: Portal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    with commands(portal, monkeypatch, capsys) as command:
        yield command


@pytest.fixture
def people(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        make_edition(session, clock)
        make_user(session, clock, "rosa", Role.RESEARCHER)
        make_user(session, clock, "mara", Role.RESEARCHER)
        make_user(session, clock, "office", Role.MANAGING_ENTITY)
        for code in ("cde", "edd"):
            make_user(session, clock, f"reviewer-{code}", Role.PROVIDER_REVIEWER, provider=code)


def _file(tmp_path: Path, **changes: Any) -> str:
    path = tmp_path / "request.yaml"
    path.write_text(yaml.safe_dump(form(**changes)))
    return str(path)


def test_from_agreements_to_an_extract_on_the_command_line(
    c2c: Command, people: None, tmp_path: Path, database: Database, clock: FixedClock
) -> None:
    assert len(c2c("agreement", "new", "all", "--activate")) == 10
    assert c2c("agreement", "new", "all", "--activate") == []
    request = c2c("request", "new", _file(tmp_path), "--as", "rosa")["id"]
    assert c2c("request", "pathway", request, "--as", "rosa")[0]["open"] is True
    assert c2c("request", "submit", request, "--as", "rosa")["state"] == "SUBMITTED"
    c2c("request", "return", request, "-r", "Please say who signs.", "--as", "office")
    c2c("request", "edit", request, _file(tmp_path, signatory="The President"), "--as", "rosa")
    c2c("request", "submit", request, "--as", "rosa")
    c2c("request", "forward", request, "--summary", "Asks for K-12 and wage records.", "--as", "office")
    c2c("request", "approve", request, "--as", "reviewer-cde")
    assert c2c("request", "approve", request, "--as", "reviewer-edd")["state"] == "APPROVED"
    assert [row["id"] for row in c2c("project", "list", "--as", "rosa")] == ["promise"]
    assert c2c("project", "member", "add", "promise", "mara", "--as", "rosa")["members"] == ["mara", "rosa"]
    assert c2c("project", "member", "remove", "promise", "mara")["members"] == ["rosa"]
    with database.write() as session:
        ready_extract(session, "promise", clock)
    (version,) = c2c("extract", "show", "promise")
    assert (version["state"], version["version"]) == ("READY", 1)
    assert c2c("extract", "build", "promise", "--wait", "0")["state"] == "QUEUED"
    assert c2c("extract", "revoke", "promise", "-v", "1", "-r", "A wrong column.")["state"] == "REVOKED"
    assert c2c("project", "suspend", "promise", "-r", "A question about its team.")["state"] == "SUSPENDED"
    assert c2c("project", "resume", "promise")["state"] == "ACTIVE"
    assert c2c("project", "close", "promise", "-r", "The work is done.")["state"] == "CLOSED"


def test_a_decline_and_a_withdrawal(c2c: Command, people: None, tmp_path: Path) -> None:
    c2c("agreement", "new", "all", "--activate")
    request = c2c("request", "new", _file(tmp_path), "--as", "rosa")["id"]
    c2c("request", "submit", request, "--as", "rosa")
    c2c("request", "forward", request, "--summary", "Asks for K-12 and wage records.", "--as", "office")
    reason = "Wages are finer than the purpose needs."
    assert c2c("request", "decline", request, "-r", reason, "--as", "reviewer-edd")["state"] == "DECLINED"
    other = c2c("request", "new", _file(tmp_path), "--as", "rosa")["id"]
    assert c2c("request", "withdraw", other, "-r", "No money.", "--as", "rosa")["state"] == "WITHDRAWN"
    assert len(c2c("request", "show", "--as", "rosa")) == 2


def test_a_pathway_with_a_gap_exits_with_one_and_bad_input_with_two(c2c: Command, people: None, tmp_path: Path) -> None:
    request = c2c("request", "new", _file(tmp_path), "--as", "rosa")["id"]
    ways = c2c("request", "pathway", request, "--as", "rosa", code=1)
    assert {way["missing"] for way in ways} == {"the provider has no agreement in force"}
    c2c("request", "submit", request, "--as", "rosa", code=2)
    broken = tmp_path / "broken.yaml"
    broken.write_text("- a list")
    c2c("request", "new", str(broken), "--as", "rosa", code=2)
    c2c("request", "approve", request, "--as", "rosa", code=2)
    c2c("extract", "show", "nothing", code=2)


def test_an_agreement_is_suspended_and_shown(c2c: Command, people: None) -> None:
    (made,) = c2c("agreement", "new", "edd", "--activate", "--expires", "2030-01-01")
    ended = c2c("agreement", "suspend", made["id"], "-r", "Under inspection.")
    assert (ended["state"], ended["revoked"]) == ("SUSPENDED", [])
    assert c2c("agreement", "show", made["id"])["reason"] == "Under inspection."
    assert c2c("agreement", "activate", made["id"])["state"] == "ACTIVE"
    assert c2c("agreement", "terminate", made["id"], "-r", "Left the data system.")["state"] == "TERMINATED"
