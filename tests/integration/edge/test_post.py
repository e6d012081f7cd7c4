"""The post as compose starts it: what lies in the outbox reaches a real mail server over TLS, and moves to `sent`."""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scripts.compose import compose
from scripts.images import image_tags
from scripts.state import prepare, service_uids
from scripts.stop import stop
from tests.integration.sandbox.house import wait_until

pytestmark = pytest.mark.engine
CA_INSIDE = "/c2c/mail/ca.pem"
WORDS = "A request waits for your word."


class Keeper:
    """Keeps what it takes."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    async def handle_DATA(self, _server, _session, envelope):  # type: ignore[no-untyped-def]
        self.taken.append(envelope.content)
        return "250 taken"


def bridge() -> str:
    """The host's address as every container with a network reaches it."""
    form = "{{(index .IPAM.Config 0).Gateway}}"
    asked = ["docker", "network", "inspect", "bridge", "-f", form]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


def certificate(folder: Path, address: str) -> tuple[Path, Path]:
    """A certificate for an address that signs itself, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    shown, secret = folder / "mail.crt", folder / "mail.key"
    shown.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return shown, secret


@pytest.fixture
def keeper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keeper]:
    """A mail server on the host, and a data folder that the set-up prepares for it."""
    if os.geteuid() != 0:
        pytest.skip("preparing a data folder needs root")
    address, kept = bridge(), Keeper()
    shown, secret = certificate(tmp_path, address)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(shown, secret)
    with socket.create_server((address, 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(kept, hostname=address, port=port, tls_context=tls, require_starttls=True)
    chosen = {"DATA_DIR": tmp_path / "data", "MAIL_SERVER": f"smtp://{address}:{port}", "MAIL_CA": CA_INSIDE}
    for name, value in chosen.items():
        monkeypatch.setenv(f"C2C_{name}", str(value))
    controller.start()
    try:
        prepare(image_tags(), demo=False)
        (tmp_path / "data" / "mail" / "ca.pem").write_bytes(shown.read_bytes())
        yield kept
    finally:
        controller.stop()
        stop(only_this=True)


def test_compose_starts_the_post_and_it_delivers_what_lies_in_the_outbox(keeper: Keeper, tmp_path: Path) -> None:
    assert "post" in compose("config", "--services", what="Listing the services").split()
    mail = tmp_path / "data" / "mail"
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "enclave@localhost", "olivia@example.org", "The enclave"
    message.set_content(WORDS)
    letter = mail / "outbox" / "1.eml"
    letter.write_bytes(bytes(message))
    os.chown(letter, service_uids()["worker"], -1)  # the worker writes it; its group is the post's by the folder
    compose("up", "-d", "--no-build", "post", what="Starting the post")
    wait_until(lambda: bool(keeper.taken), "nothing was delivered", 90)
    wait_until(lambda: (mail / "sent" / "1.eml").exists(), "it was not moved")
    assert WORDS.encode() in keeper.taken[0] and b"olivia@example.org" in keeper.taken[0]
    assert not letter.exists()
