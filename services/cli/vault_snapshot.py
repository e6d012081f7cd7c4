"""The signed snapshot of agreements and stewards that a vault job trusts; fetched anew before each job."""

from __future__ import annotations

import json

from enclave.core.files import write_atomic
from enclave.core.settings import get_settings
from services.cli.client import OperatorClient


def refresh_snapshot() -> None:
    """Ask the portal for the present snapshot and put it where vault jobs look for it."""
    settings = get_settings()
    inbox = settings.paths.vault_inbox
    if settings.host_data_dir is not None:
        inbox = settings.host_data_dir / inbox.relative_to(settings.data_dir)
    envelope = OperatorClient().get("/operator/vault-snapshot")
    write_atomic(inbox / "snapshot.json", json.dumps(envelope).encode(), mode=0o644)
