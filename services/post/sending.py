"""Sending what lies in the outbox: a message that the server took is moved to `sent`, one it never will to `unsent`.

A server that is away, or that says "later" (4xx), is tried again; one that refuses a message (5xx) has it set aside
with its words beside it. Between the server's yes and the move a kill sends a message twice, with the same Message-ID.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import urlsplit

from enclave.core.logging import get_logger
from enclave.core.settings import Settings

TIMEOUT = 30.0
_PORTS = {"smtp": 587, "smtps": 465}
log = get_logger()


@contextmanager
def server(settings: Settings) -> Iterator[smtplib.SMTP]:
    """A connection that is encrypted and, where there is an account, logged in."""
    address = urlsplit(settings.mail_server)
    port = address.port or _PORTS[address.scheme]
    trust = ssl.create_default_context(cafile=str(settings.mail_ca) if settings.mail_ca else None)
    host = address.hostname or ""
    if address.scheme == "smtps":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=trust)
    else:
        connection = smtplib.SMTP(host, port, timeout=TIMEOUT)
    with connection:
        if address.scheme == "smtp":
            connection.starttls(context=trust)
        if settings.mail_user:
            connection.login(settings.mail_user, settings.mail_password.get_secret_value())
        yield connection


def waiting(settings: Settings) -> list[Path]:
    """Messages in the outbox, oldest first."""
    files = [path for path in settings.paths.outbox.glob("*.eml") if not path.name.startswith(".")]
    return sorted(files, key=lambda path: (path.stat().st_mtime, path.name))


def send_all(settings: Settings) -> int:
    """Send what waits over one connection; returns how many the server took."""
    files = waiting(settings)
    if not files:
        return 0
    with server(settings) as connection:
        return sum(_send(settings, connection, path) for path in files)


def _send(settings: Settings, connection: smtplib.SMTP, path: Path) -> bool:
    try:
        connection.send_message(message_from_bytes(path.read_bytes(), policy=policy.default))
    except smtplib.SMTPResponseException as problem:
        return _refused(settings, path, problem.smtp_code, problem.smtp_error)
    except smtplib.SMTPRecipientsRefused as problem:
        code, text = next(iter(problem.recipients.values()))
        return _refused(settings, path, code, text)
    path.replace(settings.paths.sent / path.name)
    log.info("mail_sent", message=path.stem)
    return True


def _refused(settings: Settings, path: Path, code: int, text: bytes | str) -> bool:
    words = text.decode(errors="replace") if isinstance(text, bytes) else text
    log.error("mail_refused", message=path.stem, code=code)
    if code >= 500:
        (settings.paths.unsent / f"{path.stem}.txt").write_text(f"{code} {words}\n")
        path.replace(settings.paths.unsent / path.name)
    return False
