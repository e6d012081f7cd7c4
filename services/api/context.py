"""What every route and every background job works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from enclave.core.clock import Clock, SystemClock
from enclave.core.db import Database
from enclave.core.secret_box import SecretBox
from enclave.core.settings import Settings
from enclave.core.signing import Keyring, SigningKey
from services.api.hub import HubClient


@dataclass(frozen=True)
class Context:
    """The process's settings, clock, database, keys and its client of the hub."""

    settings: Settings
    database: Database
    key: SigningKey
    keyring: Keyring
    hub: HubClient
    clock: Clock = field(default_factory=SystemClock)

    @cached_property
    def secrets(self) -> SecretBox:
        """What opens the short secrets of the application database."""
        return SecretBox.at(self.settings.paths.secrets_key)

    @classmethod
    def from_settings(cls, settings: Settings, service: str) -> Context:
        """The context of a service as the settings describe it."""
        return cls(
            settings=settings,
            database=Database(settings.database),
            key=SigningKey.load(settings.paths.private_key(service)),
            keyring=Keyring.load(settings.paths.public_keys),
            hub=HubClient(settings.hub_url, settings.hub_token.get_secret_value()),
        )
