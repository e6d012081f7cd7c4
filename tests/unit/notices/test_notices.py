"""Who is told of what, once, in sentences without contents; mail, digests, absences and the pages of the inbox."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import Message
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.db import Database
from enclave.core.errors import BadInput
from enclave.notices import service, store
from enclave.notices.model import Notice, NoticeWish, ReadSoFar
from enclave.notices.states import MailWish, Weight
from enclave.people import service as people
from enclave.people.roles import Role
from enclave.projects import service as requests
from services.news.table import TABLE
from services.worker import notices as worker
from services.worker.app import Worker
from tests.approved import approved_project, make_cast
from tests.factories import OPERATOR, make_actor
from tests.portal import BASE, Portal

ROOT = Path(__file__).parents[3]
Cast = dict[str, Actor]


@pytest.fixture
def cast(portal: Portal) -> Cast:
    """The people around an approved request of rosa's."""
    settings = portal.context.settings
    for folder in (settings.paths.outbox, settings.paths.sent, settings.paths.unsent):
        folder.mkdir(parents=True)
    with portal.context.database.write() as session:
        found = make_cast(session, portal.context.clock)
        approved_project(session, found, portal.context.clock)
    return found


def work(portal: Portal) -> None:
    """Let the worker do everything that waits."""
    worker_ = Worker(portal.context, worker.JOBS[:2])
    while worker_.tick():
        pass


def told(portal: Portal, user: str) -> list[str]:
    """The sentences in somebody's inbox, newest first."""
    with portal.context.database.read() as session:
        return [row.text for row in store.inbox(session, user).notices]


def messages(portal: Portal) -> list[Message]:
    """What lies in the outbox."""
    found = sorted(portal.context.settings.paths.outbox.glob("*.eml"))
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in found]


def test_every_action_of_the_table_is_one_that_the_code_audits() -> None:
    source = "".join(
        path.read_text() for part in ("enclave", "output_review", "services") for path in (ROOT / part).rglob("*.py")
        if "news" not in path.parts
    )  # fmt: skip
    # exceptions, sizes and changes of a privacy budget are audited under names put together in code
    budgets = {"dp.budget_granted", "dp.budget_corrected"}
    made_of_parts = {"release.exception_granted", "release.exception_refused", *budgets}
    assert [name for name in TABLE if f'"{name}"' not in source and name not in made_of_parts] == []


def test_an_approval_is_told_to_those_concerned_and_to_nobody_else(portal: Portal, cast: Cast) -> None:
    work(portal)
    assert "is approved" in " ".join(told(portal, "rosa"))
    office = " ".join(told(portal, "office"))
    assert "waits to be checked and forwarded" in office and "is approved" not in office
    assert any("waits for a decision" in text for text in told(portal, "reviewer-cde"))
    assert told(portal, "stranger") == []


def test_nobody_is_told_of_what_they_did_themselves(portal: Portal, cast: Cast) -> None:
    work(portal)
    assert not [text for text in told(portal, "rosa") if "waits to be checked" in text]


def test_reading_the_trail_again_tells_nobody_twice(portal: Portal, cast: Cast) -> None:
    work(portal)
    before = {actor.name: told(portal, actor.name) for actor in cast.values()}
    with portal.context.database.write() as session:
        session.get_one(ReadSoFar, 1).seq = 0
    work(portal)
    assert {name: told(portal, name) for name in before} == before
    assert any(before.values())


def test_no_message_and_no_notice_holds_a_title(portal: Portal, cast: Cast) -> None:
    with portal.context.database.write() as session:
        title = requests.store.list_requests(session)[0].title
    work(portal)
    assert messages(portal)
    assert not [mail for mail in messages(portal) if title in mail.as_string()]
    assert not [text for actor in cast.values() for text in told(portal, actor.name) if title in text]


def test_each_notice_becomes_one_message_with_a_link(portal: Portal, cast: Cast) -> None:
    work(portal)
    for_rosa = [mail for mail in messages(portal) if mail["To"] == "rosa@example.org"]
    assert len(for_rosa) == len(told(portal, "rosa"))
    assert all("http://enclave.localhost:8000/services/portal/" in mail.get_content() for mail in for_rosa)
    assert len({mail["Message-ID"] for mail in messages(portal)}) == len(messages(portal))


def test_a_kill_between_a_message_and_its_note_sends_no_second_one(portal: Portal, cast: Cast) -> None:
    work(portal)
    before = len(messages(portal))
    with portal.context.database.write() as session:
        for row in session.scalars(select(Notice)):
            row.mailed_at = None
    work(portal)
    assert len(messages(portal)) == before


def test_who_wants_no_mail_gets_it_about_the_safety_of_the_account_only(portal: Portal, cast: Cast) -> None:
    with portal.context.database.write() as session:
        service.wish(session, cast["rosa"], MailWish.NEVER)
        people.set_roles(session, OPERATOR, portal.context.clock, "rosa", ["researcher", "project_lead"])
    work(portal)
    bodies = [mail.get_content() for mail in messages(portal) if mail["To"] == "rosa@example.org"]
    assert len(bodies) == 1 and "Your roles were changed." in bodies[0]


def test_suspended_people_are_told_nothing(portal: Portal, cast: Cast) -> None:
    with portal.context.database.write() as session:
        people.suspend(session, OPERATOR, portal.context.clock, "rosa", "Left.")
    work(portal)
    assert told(portal, "rosa") == []


# ---------------------------------------------------------------- the message of a working day


def at(portal: Portal, when: datetime) -> None:
    clock = portal.context.clock
    clock.advance(when - clock.now())  # type: ignore[attr-defined]


def digests(portal: Portal) -> list[Message]:
    """Send the day's messages and return those to rosa."""
    for user in worker.due_digests(portal.context):
        worker.send_digest(portal.context, user)
    return [mail for mail in messages(portal) if mail["To"] == "rosa@example.org"]


def test_a_daily_message_comes_once_a_working_day_after_the_hour(portal: Portal, cast: Cast) -> None:
    with portal.context.database.write() as session:
        service.wish(session, cast["rosa"], MailWish.DAILY)
    work(portal)
    start = portal.context.clock.now()
    monday = (start + timedelta(days=7 - start.weekday())).replace(hour=9, minute=0)
    at(portal, monday)
    assert digests(portal) == []  # too early
    at(portal, monday.replace(hour=16))
    first = digests(portal)
    assert len(first) == 1 and "is approved" in first[0].get_content()
    assert len(digests(portal)) == 1  # not twice
    at(portal, monday + timedelta(days=5, hours=8))
    assert worker.due_digests(portal.context) == []  # Saturday
    at(portal, monday + timedelta(days=1, hours=8))
    assert len(digests(portal)) == 1  # Tuesday: nothing new, nothing waits


def test_what_was_read_in_the_portal_is_not_mailed_again(portal: Portal, cast: Cast) -> None:
    with portal.context.database.write() as session:
        service.wish(session, cast["rosa"], MailWish.DAILY)
    work(portal)
    with portal.context.database.write() as session:
        service.read_all(session, cast["rosa"], portal.context.clock)
    start = portal.context.clock.now()
    at(portal, (start + timedelta(days=7 - start.weekday())).replace(hour=16))
    assert digests(portal) == []


# ---------------------------------------------------------------- absences


def test_who_stands_in_is_told_too_but_never_about_the_account(portal: Portal, cast: Cast) -> None:
    clock, database = portal.context.clock, portal.context.database
    work(portal)
    with database.write() as session:
        make_actor(session, clock, "deputy", Role.MANAGING_ENTITY)
        now = clock.now()
        service.go_away(session, cast["office"], clock, since=now, until=now + timedelta(days=3), stand_in="deputy")
        record(session, cast["rosa"], "agreement.suspended", "participation_agreement", "x", clock, provider="cde")
        record(session, OPERATOR, "user.roles_changed", "user", "office", clock)
    work(portal)
    with database.read() as session:
        rows = store.inbox(session, "deputy").notices
        assert [row.text for row in rows if row.told_for == "office"] == []  # deputy is told in their own right
        assert [row for row in rows if row.weight == Weight.SECURITY and row.told_for] == []
        assert "office is away and named you to stand in." in [row.text for row in rows]
        assert store.stood_in_for(session, "deputy", clock.now()) == ["office"]


def test_a_notice_for_one_person_reaches_who_stands_in(portal: Portal, cast: Cast) -> None:
    clock = portal.context.clock
    with portal.context.database.write() as session:
        make_actor(session, clock, "deputy", Role.MANAGING_ENTITY)
        now = clock.now()
        service.go_away(session, cast["office"], clock, since=now, until=now + timedelta(days=3), stand_in="deputy")
        record(session, OPERATOR, "assistance.asked", "assistance", "help_1", clock, member="office", project="promise")
    work(portal)
    with portal.context.database.read() as session:
        assert "office" in [row.told_for for row in store.inbox(session, "deputy").notices]


# number, who goes away, who would stand in, whether that fits
STAND_INS = [
    (1, "office", "deputy", True),
    (2, "office", "office", False),
    (3, "office", "rosa", False),
    (4, "office", "nobody-there", False),
    (5, "rosa", "deputy", False),
    (6, "office", "gone", False),
    (7, "office", "away", False),
    (8, "cde-one", "cde-two", True),
    (9, "cde-one", "cdss-one", False),
]


@pytest.mark.parametrize(("number", "who", "other", "fits"), STAND_INS)
def test_who_may_stand_in_for_whom(portal: Portal, cast: Cast, number: int, who: str, other: str, fits: bool) -> None:
    clock, now = portal.context.clock, portal.context.clock.now()
    with portal.context.database.write() as session:
        for name in ("deputy", "gone", "away"):
            cast[name] = make_actor(session, clock, name, Role.MANAGING_ENTITY)
        for name, provider in (("cde-one", "cde"), ("cde-two", "cde"), ("cdss-one", "cdss")):
            cast[name] = make_actor(session, clock, name, Role.PROVIDER_REVIEWER, provider=provider)
        people.suspend(session, OPERATOR, clock, "gone", "Left.")
        service.go_away(session, cast["away"], clock, since=now, until=now + timedelta(days=9), stand_in=None)
    with portal.context.database.write() as session:
        try:
            service.go_away(session, cast[who], clock, since=now, until=now + timedelta(days=2), stand_in=other)
        except Exception:
            assert not fits, number
        else:
            assert fits, number


def test_an_absence_ends_by_itself_and_by_hand(portal: Portal, cast: Cast) -> None:
    clock, database = portal.context.clock, portal.context.database
    now = clock.now()
    with database.write() as session:
        service.go_away(session, cast["office"], clock, since=now, until=now + timedelta(days=2), stand_in=None)
        assert store.absence_of(session, "office", now) is not None
        assert store.absence_of(session, "office", now + timedelta(days=2)) is None
        service.come_back(session, cast["office"], clock)
        assert store.planned_absence(session, "office", now) is None
        with pytest.raises(BadInput):
            service.go_away(session, cast["office"], clock, since=now, until=now, stand_in=None)
        with pytest.raises(BadInput):
            service.go_away(session, cast["office"], clock, since=now, until=now + timedelta(days=999), stand_in=None)


# ---------------------------------------------------------------- pages


def test_the_header_counts_and_following_a_notice_reads_it(portal: Portal, cast: Cast) -> None:
    work(portal)
    rosa = portal.browser("rosa")
    count = len(told(portal, "rosa"))
    assert f">{count}<span" in rosa.get(f"{BASE}/").text
    listed = rosa.get(f"{BASE}/inbox")
    assert listed.status_code == 200 and "is approved" in listed.text
    with portal.context.database.read() as session:
        newest, path = next((row.id, row.path) for row in store.inbox(session, "rosa").notices)
    answer = rosa.post(f"{BASE}/inbox/{newest}")
    assert answer.status_code == 303 and answer.headers["location"] == f"{BASE}{path}"
    with portal.context.database.read() as session:
        assert store.unread_count(session, "rosa") == count - 1
    stranger = portal.browser("office")
    assert stranger.post(f"{BASE}/inbox/{newest}").status_code == 404
    rosa.post(f"{BASE}/inbox/read", data={"until": newest})
    assert "Nothing unread." in rosa.get(f"{BASE}/inbox?unread=true").text


def test_wishes_and_absence_are_kept_by_the_page(portal: Portal, cast: Cast) -> None:
    office = portal.browser("office")
    assert office.post(f"{BASE}/inbox/wishes/mail", data={"mail": "DAILY"}).status_code == 303
    day = portal.context.clock.now().date()
    form = {"since": str(day), "until": str(day + timedelta(days=3)), "stand_in": ""}
    assert office.post(f"{BASE}/inbox/wishes/absence", data=form).status_code == 303
    shown = office.get(f"{BASE}/inbox/wishes").text
    assert "You are away" in shown and 'value="DAILY" checked' in shown
    assert office.post(f"{BASE}/inbox/wishes/absence", data=form | {"until": "soon"}).status_code == 400
    assert office.post(f"{BASE}/inbox/wishes/back").status_code == 303
    assert "You are away" not in office.get(f"{BASE}/inbox/wishes").text


def test_a_long_inbox_has_pages(portal: Portal, cast: Cast) -> None:
    with portal.context.database.write() as session:
        for number in range(store.PAGE + 7):
            service.tell(session, portal.context.clock, "rosa", 10_000 + number, f"Event {number}.", "/projects")
    with portal.context.database.read() as session:
        first = store.inbox(session, "rosa")
        second = store.inbox(session, "rosa", first.older)
        seen = [row.id for row in (*first.notices, *second.notices)]
    assert len(seen) == len(set(seen)) == store.PAGE + 7 and second.older is None


def test_the_wish_row_is_one_a_person(portal: Portal, cast: Cast, database: Database) -> None:
    with database.write() as session:
        service.wish(session, cast["rosa"], MailWish.DAILY)
        service.wish(session, cast["rosa"], MailWish.NEVER)
        assert [row.mail for row in session.scalars(select(NoticeWish))] == ["NEVER"]


# ---------------------------------------------------------------- the post


@pytest.fixture
def mail_server(portal: Portal, tmp_path: Path) -> Iterator[list[bytes]]:
    """A real SMTP server with STARTTLS that keeps what it takes; it refuses addresses at `gone.example`."""
    taken: list[bytes] = []

    class Keeper:
        async def handle_RCPT(self, _server, _session, envelope, address, _options):  # type: ignore[no-untyped-def]
            if address.endswith("@gone.example"):
                return "550 no such mailbox"
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(self, _server, _session, envelope):  # type: ignore[no-untyped-def]
            taken.append(envelope.content)
            return "250 taken"

    certificate, key = make_certificate(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Keeper(), hostname="127.0.0.1", port=port, tls_context=tls, require_starttls=True)
    controller.start()
    settings = portal.context.settings
    settings.mail_server, settings.mail_ca = f"smtp://localhost:{port}", certificate
    yield taken
    controller.stop()


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for localhost."""
    from datetime import UTC

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate, secret = folder / "mail.crt", folder / "mail.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, secret


def test_the_post_sends_over_tls_and_sets_aside_what_is_refused(
    portal: Portal, cast: Cast, mail_server: list[bytes]
) -> None:
    from services.post.sending import send_all

    with portal.context.database.write() as session:
        people.get_user(session, "office").email = "office@gone.example"
    work(portal)
    settings = portal.context.settings
    refused = sum(mail["To"] == "office@gone.example" for mail in messages(portal))
    total = len(messages(portal))
    assert refused and send_all(settings) == total - refused == len(mail_server)
    assert messages(portal) == []
    assert len(list(settings.paths.sent.glob("*.eml"))) == total - refused
    assert "550" in next(settings.paths.unsent.glob("*.txt")).read_text()
    assert send_all(settings) == 0


def test_a_mail_server_that_is_away_loses_nothing(portal: Portal, cast: Cast) -> None:
    from services.post.sending import send_all

    work(portal)
    before = len(messages(portal))
    portal.context.settings.mail_server = "smtp://127.0.0.1:9"
    with pytest.raises(OSError):
        send_all(portal.context.settings)
    assert len(messages(portal)) == before
