"""What every job handler of the data service is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from enclave.core.clock import Clock, SystemClock
from enclave.core.settings import Paths, Settings
from enclave.core.signing import Keyring, SigningKey


@dataclass(frozen=True)
class DataContext:
    """The places, the key and the clock of the data service."""

    paths: Paths
    key: SigningKey
    keyring: Keyring
    clock: Clock

    @classmethod
    def load(cls, settings: Settings) -> DataContext:
        """Read the key and the keyring below the data folder."""
        paths = settings.paths
        keyring = Keyring.load(paths.public_keys)
        return cls(paths, SigningKey.load(paths.private_key("data")), keyring, SystemClock())


Payload = dict[str, Any]
Handler = Callable[[DataContext, Payload], Payload]
"""A job: gets the payload of the signed envelope, gives the result; raises EnclaveError to refuse."""
