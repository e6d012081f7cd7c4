"""Passwords, locks, second factors, set-up links: who gets in, as tables that a reviewer can read."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pyotp
import pytest

from enclave.core.actors import Actor
from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.core.errors import BadInput, Conflict, NotAllowed, NotFound
from enclave.core.secret_box import SecretBox, UnreadableSecret
from enclave.people import login, second_factor, setup_links
from enclave.people import service as people
from enclave.people.model import SecondFactor, SetupLink
from enclave.people.passwords import ALLOWED_FAILURES, check_password, hash_password, password_fits
from tests.factories import OPERATOR, make_user

PASSWORD = "violet harbour counts seven owls"
ALICE = Actor("alice", frozenset({"researcher"}))


@pytest.fixture
def box(tmp_path: Path) -> SecretBox:
    return SecretBox.at(tmp_path / "secrets.key")


@pytest.fixture
def alice(database: Database, clock: FixedClock) -> Database:
    with database.write() as session:
        make_user(session, clock, "alice", password=PASSWORD)
    return database


# number, password, part of the advice ("" means it is taken)
PASSWORDS = [
    (1, "short", "15 characters"),
    (2, "fourteen chars", "15 characters"),
    (3, "passwordpassword", "do not belong together"),
    (4, "qwertyuiopasdfgh", "do not belong together"),
    (5, "123456789012345678", "do not belong together"),
    (6, "aaaaaaaaaaaaaaaaaaaa", "do not belong together"),
    (7, "alice.example@example.org", "do not belong together"),
    (8, "cradle career enclave", "do not belong together"),
    (9, "x" * 257, "at most 256"),
    (10, PASSWORD, ""),
    (11, "Zwölf Boxkämpfer jagen Viktor", ""),
    (12, "correct-lobster-iceberg-quilt", ""),
]


@pytest.mark.parametrize(("number", "password", "advice"), PASSWORDS)
def test_length_counts_and_common_words_do_not(number: int, password: str, advice: str) -> None:
    words = ("alice", "Alice Example", "alice.example@example.org")
    if not advice:
        check_password(password, words)
        return
    with pytest.raises(BadInput) as problem:
        check_password(password, words)
    assert advice in problem.value.advice


def test_one_password_typed_on_two_keyboards_is_the_same(alice: Database, clock: FixedClock) -> None:
    with alice.write() as session:
        user = people.get_user(session, "alice")
        user.password_hash = hash_password("caf\u00e9 au lait pour quinze")
        assert password_fits(user, "cafe\u0301 au lait pour quinze", clock.now())
        assert user.password_hash.startswith("$argon2id$")


def test_many_wrong_passwords_lock_the_account_for_a_while(alice: Database, clock: FixedClock, box: SecretBox) -> None:
    with alice.write() as session:
        assert login.authenticate(session, clock, box, "alice", PASSWORD) is not None
        for _ in range(ALLOWED_FAILURES):
            assert login.authenticate(session, clock, box, "alice", "wrong") is None
        assert login.authenticate(session, clock, box, "alice", PASSWORD) is None
        clock.advance(timedelta(minutes=16))
        assert login.authenticate(session, clock, box, "alice", PASSWORD) is not None


def test_nobody_and_the_suspended_cannot_log_in(alice: Database, clock: FixedClock, box: SecretBox) -> None:
    with alice.write() as session:
        people.suspend(session, OPERATOR, clock, "alice", "left")
        assert login.authenticate(session, clock, box, "alice", PASSWORD) is None
        assert login.authenticate(session, clock, box, "nobody", PASSWORD) is None
        assert login.vouched(session, clock, "alice@example.org") is None
        with pytest.raises(NotAllowed, match="suspended"):
            people.actor_for(session, "alice")


def test_an_account_without_a_password_takes_none(database: Database, clock: FixedClock, box: SecretBox) -> None:
    with database.write() as session:
        make_user(session, clock, "bob")
        assert login.authenticate(session, clock, box, "bob", "nobody has this password") is None
        assert login.authenticate(session, clock, box, "bob", "") is None


def enrolled(database: Database, clock: FixedClock, box: SecretBox) -> tuple[pyotp.TOTP, list[str]]:
    """Alice with an authenticator, and her recovery codes."""
    with database.write() as session:
        totp = pyotp.TOTP(second_factor.begin(session, clock, box, "alice"))
        codes = second_factor.confirm(session, ALICE, clock, box, totp.at(clock.now()))
    clock.advance(timedelta(minutes=5))
    return totp, codes


def test_digits_are_asked_for_after_enrolment_and_work_once(alice: Database, clock: FixedClock, box: SecretBox) -> None:
    totp, _ = enrolled(alice, clock, box)
    # number, seconds between the code and the login, accepted
    table = [(1, 0, True), (2, 0, False), (3, -30, False), (4, 30, True), (5, 90, False), (6, -120, False)]
    for number, seconds, accepted in table:
        code = totp.at(clock.now() + timedelta(seconds=seconds))
        with alice.write() as session:
            found = login.authenticate(session, clock, box, "alice", PASSWORD, code)
        assert (found is not None) is accepted, number


def test_without_digits_the_right_password_is_not_enough(alice: Database, clock: FixedClock, box: SecretBox) -> None:
    enrolled(alice, clock, box)
    with alice.write() as session:
        for code in ("", "000000", "abcdef", "12345678901234567890", "٠٠٠٠٠٠"):
            assert login.authenticate(session, clock, box, "alice", PASSWORD, code) is None
        assert people.get_user(session, "alice").failed_logins == 5


def test_begun_but_unfinished_enrolment_locks_nobody_out(alice: Database, clock: FixedClock, box: SecretBox) -> None:
    with alice.write() as session:
        secret = second_factor.begin(session, clock, box, "alice")
        assert second_factor.begin(session, clock, box, "alice") == secret
        assert login.authenticate(session, clock, box, "alice", PASSWORD) is not None
        with pytest.raises(BadInput, match="do not fit"):
            second_factor.confirm(session, ALICE, clock, box, "000000")


def test_a_recovery_code_works_once_and_new_ones_end_the_old(
    alice: Database, clock: FixedClock, box: SecretBox
) -> None:
    _, codes = enrolled(alice, clock, box)
    with alice.write() as session:
        assert len(set(codes)) == second_factor.RECOVERY_CODES
        assert login.authenticate(session, clock, box, "alice", PASSWORD, codes[0].upper()) is not None
        assert login.authenticate(session, clock, box, "alice", PASSWORD, codes[0]) is None
        assert second_factor.codes_left(session, "alice") == second_factor.RECOVERY_CODES - 1
        second_factor.renew_recovery_codes(session, ALICE, clock)
        assert login.authenticate(session, clock, box, "alice", PASSWORD, codes[1]) is None


def test_a_lost_phone_is_taken_away_with_a_reason(alice: Database, clock: FixedClock, box: SecretBox) -> None:
    enrolled(alice, clock, box)
    with alice.write() as session:
        with pytest.raises(Conflict):
            second_factor.begin(session, clock, box, "alice")
        with pytest.raises(BadInput):
            second_factor.remove(session, OPERATOR, clock, "alice", " ")
        second_factor.remove(session, OPERATOR, clock, "alice", "She called from her office number.")
        assert not second_factor.has_second_factor(session, "alice")
        assert login.authenticate(session, clock, box, "alice", PASSWORD) is not None


def test_a_secret_is_sealed_for_one_person_with_one_key(
    alice: Database, clock: FixedClock, box: SecretBox, tmp_path: Path
) -> None:
    with alice.write() as session:
        secret = second_factor.begin(session, clock, box, "alice")
        factor = session.get(SecondFactor, "alice")
        assert factor is not None and secret not in factor.sealed
        with pytest.raises(UnreadableSecret):
            box.open(factor.sealed, "second factor of bob")
        with pytest.raises(UnreadableSecret):
            SecretBox.at(tmp_path / "other.key").open(factor.sealed, "second factor of alice")
    assert SecretBox.at(tmp_path / "secrets.key") == box
    assert (tmp_path / "secrets.key").stat().st_mode & 0o077 == 0


def test_a_set_up_link_works_once_and_not_for_ever(alice: Database, clock: FixedClock, box: SecretBox) -> None:
    chosen = "seventeen quiet lanterns"
    with alice.write() as session:
        first = setup_links.make_link(session, OPERATOR, clock, "alice")
        second = setup_links.make_link(session, OPERATOR, clock, "alice")
        assert session.get(SetupLink, second) is None
        with pytest.raises(NotFound, match="does not work"):
            setup_links.use_link(session, clock, first, chosen)
        with pytest.raises(BadInput):
            setup_links.use_link(session, clock, second, "too short")
        setup_links.use_link(session, clock, second, chosen)
        with pytest.raises(NotFound):
            setup_links.use_link(session, clock, second, "eighteen loud lanterns")
        assert login.authenticate(session, clock, box, "alice", chosen) is not None
        late = setup_links.make_link(session, OPERATOR, clock, "alice")
        clock.advance(setup_links.LIFE)
        with pytest.raises(NotFound):
            setup_links.owner(session, clock, late)


def test_one_changes_ones_own_password_by_typing_the_present_one(
    alice: Database, clock: FixedClock, box: SecretBox
) -> None:
    with alice.write() as session:
        with pytest.raises(NotAllowed, match="present password"):
            people.change_password(session, ALICE, clock, "a guess at the present", "seventeen quiet lanterns")
        people.change_password(session, ALICE, clock, PASSWORD, "seventeen quiet lanterns")
        assert login.authenticate(session, clock, box, "alice", "seventeen quiet lanterns") is not None
