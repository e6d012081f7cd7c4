"""Messages: what a notice or a morning's digest looks like as e-mail, and the outbox that it is put into.

A message holds no title, no comment and no value, only sentences of `table` and links that need a login. The outbox is
a folder; without a mail server messages stay in it as files, with one the service `post` sends them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from pathlib import Path

from enclave.core.digests import sha256_hex
from enclave.core.files import write_atomic
from enclave.core.settings import Settings
from enclave.notices.model import Notice
from services.web.waiting import Waiting

BASE = "/services/portal"
ENDING = ".eml"


@dataclass(frozen=True)
class Letter:
    """One message before it has an envelope: to whom, about what; `key` names it once and for all."""

    key: str
    name: str
    address: str
    subject: str
    lines: Sequence[str]


def letter_of(settings: Settings, notice: Notice, name: str, address: str) -> Letter:
    """One notice as a message of its own."""
    return Letter(notice.id, name, address, "Research enclave: something new for you", _lines(settings, [notice]))


def digest(
    settings: Settings, day: datetime, user: str, name: str, address: str,
    news: Sequence[Notice], items: Sequence[Waiting],
) -> Letter:  # fmt: skip
    """A working day's message: what is new, and what waits, what is due first."""
    lines = ["New since the last message:", "", *_lines(settings, news), ""] if news else []
    if items:
        lines += ["Waiting for you:", ""]
        lines += [f"- {_due(item, day)}: {settings.public_url}{BASE}{item.path}" for item in items]
    late = sum(item.due is not None and item.due < day for item in items)
    subject = f"Research enclave: {late} overdue" if late else f"Research enclave: {len(items)} waiting for you"
    return Letter(f"{day:%Y-%m-%d}-{user}", name, address, subject, lines)


def post(settings: Settings, letter: Letter) -> Path:
    """Put a message into the outbox; the same letter again is the same file, so nobody gets it twice from here."""
    name = sha256_hex(letter.key.encode())[:32]
    outbox = settings.paths.outbox
    written = outbox / f"{name}{ENDING}"
    if not any((folder / written.name).exists() for folder in (outbox, settings.paths.sent)):
        write_atomic(written, _message(settings, letter, name), mode=0o640)
    return written


def _message(settings: Settings, letter: Letter, name: str) -> bytes:
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = settings.mail_from
    message["To"] = letter.address
    message["Subject"] = letter.subject
    message["Message-ID"] = f"<{name}@{settings.public_host}>"
    message["Auto-Submitted"] = "auto-generated"
    ending = [
        "",
        "This message holds no contents on purpose; log in to see them.",
        f"When messages are sent: {settings.public_url}{BASE}/inbox/wishes",
    ]
    message.set_content("\n".join([f"Dear {letter.name},", "", *letter.lines, *ending]) + "\n")
    return message.as_bytes()


def _lines(settings: Settings, notices: Sequence[Notice]) -> list[str]:
    return [f"- {_told(notice)}\n  {settings.public_url}{BASE}{notice.path}" for notice in notices]


def _told(notice: Notice) -> str:
    return f"(for {notice.told_for}) {notice.text}" if notice.told_for else notice.text


def _due(item: Waiting, day: datetime) -> str:
    if item.due is None:
        return f"{item.kind}, since {item.since:%d %B}"
    return f"{item.kind}, {'overdue since' if item.due < day else 'due'} {item.due:%d %B}"
