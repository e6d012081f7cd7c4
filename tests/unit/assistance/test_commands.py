"""`c2c assistance`: break-glass by persons on the command line; the operator sees it and does nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.people.roles import Role
from tests.approved import approved_project, make_cast
from tests.commands import Command, commands
from tests.factories import make_actor
from tests.portal import Portal

ASK = ("assistance", "request", "promise", "rosa", "--reason", "The kernel dies.")


@pytest.fixture
def c2c(
    portal: Portal, database: Database, clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> Iterator[Command]:  # fmt: skip
    with database.write() as session:
        approved_project(session, make_cast(session, clock), clock)
        make_actor(session, clock, "admin", Role.ADMINISTRATOR)
    with commands(portal, monkeypatch, capsys) as command:
        yield command


def test_an_ask_is_made_approved_and_ended_by_two_persons(c2c: Command) -> None:
    ask = c2c(*ASK, "--hours", "2", "--as", "admin")["id"]
    assert c2c("assistance", "list", "--as", "rosa")[0]["id"] == ask
    assert c2c("assistance", "list", "--as", "stranger") == []
    assert c2c("assistance", "approve", ask, "--as", "rosa")["open"]
    assert c2c("assistance", "show", ask, "--as", "admin")["state"] == "OPEN"
    assert c2c("assistance", "end", ask, "--as", "rosa")["state"] == "ENDED"


def test_an_ask_is_refused_then_opened_by_a_second_person(c2c: Command) -> None:
    ask = c2c(*ASK, "--urgent", "--as", "admin")["id"]
    assert c2c("assistance", "refuse", ask, "--as", "rosa")["state"] == "REFUSED"
    c2c("assistance", "overrule", ask, "--why", "An incident.", "--as", "admin", code=2)
    opened = c2c("assistance", "overrule", ask, "--why", "An incident.", "--as", "office")
    assert (opened["overruled_by"], opened["open"]) == ("office", True)


# number, what the operator tries without being a person
TRIES = [
    (1, ASK),
    (2, ("assistance", "approve", "{ask}")),
    (3, ("assistance", "refuse", "{ask}")),
    (4, ("assistance", "overrule", "{ask}", "--why", "because")),
    (5, ("assistance", "withdraw", "{ask}")),
    (6, ("assistance", "look", "{ask}")),
    (7, ("assistance", "end", "{ask}")),
]


@pytest.mark.parametrize(("number", "words"), TRIES, ids=[str(each[0]) for each in TRIES])
def test_the_operator_sees_asks_and_answers_none(number: int, words: tuple[str, ...], c2c: Command) -> None:
    ask = c2c(*ASK, "--urgent", "--as", "admin")["id"]
    c2c(*(word.format(ask=ask) for word in words), code=2)
    assert [(each["id"], each["state"]) for each in c2c("assistance", "list")] == [(ask, "ASKED")]
