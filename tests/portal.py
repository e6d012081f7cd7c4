"""The portal's application over a test's database, with clients for the operator, people and strangers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fastapi import FastAPI
from starlette.testclient import TestClient

from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.core.settings import Settings
from enclave.core.signing import Keyring, SigningKey
from enclave.people.web_sessions import csrf_token_for, open_session
from enclave.sandboxes.project_keys import MasterKey
from services.api.app import create_app
from services.api.context import Context
from services.api.csrf import HEADER
from services.api.hub import HubClient
from services.api.identity import SESSION_COOKIE
from services.portal.__main__ import OperatorListener
from tests.factories import SERVICES
from tests.images import register_image

BASE = "/services/portal"


@dataclass(frozen=True)
class Portal:
    """An application and its context."""

    app: FastAPI
    context: Context

    def operator(self, as_user: str | None = None) -> TestClient:
        """The client on the host's socket, in the demo acting as somebody."""
        headers = {"X-C2C-As": as_user} if as_user else {}
        return TestClient(OperatorListener(self.app), headers=headers, base_url="http://portal")

    def browser(self, name: str) -> TestClient:
        """A browser in which this person is logged in."""
        with self.context.database.write() as session:
            secret = open_session(session, name, self.context.clock.now(), timedelta(hours=1))
        client = TestClient(self.app, base_url="http://enclave.localhost:8000", follow_redirects=False)
        client.cookies.set(SESSION_COOKIE, secret, path=BASE)
        client.headers.update({HEADER: csrf_token_for(secret), "accept": "text/html"})
        return client

    def stranger(self) -> TestClient:
        """A browser in which nobody is logged in."""
        return TestClient(
            self.app, base_url="http://enclave.localhost:8000", follow_redirects=False, headers={"accept": "text/html"}
        )


def new_portal(folder: Path) -> tuple[Portal, FixedClock]:
    """A portal with a database, keys and a clock of its own: for what many tests of a file share."""
    import tests.models  # noqa: F401  (registers every mapped class)

    clock = FixedClock(datetime(2026, 8, 3, 9, tzinfo=UTC))
    database = Database(f"sqlite:///{folder / 'app.db'}")
    database.create_all()
    return make_portal(folder, database, make_keys(folder / "keys"), clock), clock


def make_keys(folder: Path) -> dict[str, SigningKey]:
    """A signing key a service, made in a folder as the set-up makes them."""
    (folder / "private").mkdir(parents=True)
    (folder / "public").mkdir()
    made = {name: SigningKey.create(folder / "private" / f"{name}.key", name) for name in SERVICES}
    for name, key in made.items():
        (folder / "public" / f"{name}.pub").write_text(key.public_text + "\n")
    return made


def make_portal(tmp_path: Path, database: Database, keys: dict[str, SigningKey], clock: FixedClock) -> Portal:
    """A portal in demo mode whose hub is not there: what needs the hub is tested with the real one."""
    settings = Settings(data_dir=tmp_path, demo=True, sandbox_image="c2c-sandbox")
    for folder in (settings.paths.app, settings.paths.blobs, settings.paths.bundles, settings.paths.events):
        folder.mkdir(parents=True, exist_ok=True)
    register_image(settings.paths.images, settings.sandbox_image)
    settings.paths.rooms_public_key.parent.mkdir(parents=True)
    MasterKey.ensure(settings.paths.guard / "rooms.key", settings.paths.rooms_public_key)
    context = Context(
        settings=settings,
        database=database,
        key=keys["portal"],
        keyring=Keyring({name: key.public_text for name, key in keys.items()}),
        hub=HubClient("http://127.0.0.1:9", "none"),
        clock=clock,
    )
    return Portal(create_app(context), context)
