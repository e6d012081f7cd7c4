"""`c2c keys`: the services' signing keys."""

from __future__ import annotations

import typer

from enclave.core.files import write_atomic
from enclave.core.settings import get_settings
from enclave.core.signing import SigningKey
from services.cli.output import say

app = typer.Typer(no_args_is_help=True, help="The services' signing keys.")
SERVICES = ("portal", "worker", "hub", "gateway", "guard", "data", "vault", "checker")


@app.callback()
def _group() -> None:
    """The services' signing keys."""


@app.command()
def make() -> None:
    """Make the keys that are missing; those that exist stay."""
    paths = get_settings().paths
    paths.public_keys.mkdir(parents=True, exist_ok=True)
    made = 0
    for service in SERVICES:
        private = paths.private_key(service)
        private.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        if not private.exists():
            SigningKey.create(private, service)
            made += 1
        text = SigningKey.load(private).public_text
        write_atomic(paths.public_keys / f"{service}.pub", f"{text}\n".encode())
    say(f"{made} keys made, {len(SERVICES) - made} were there.")
