"""HTTP to a service of this machine over its unix socket."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import httpx

_TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""There is no TLS on a unix socket. Without it httpx reads all of the machine's certificates for every client, which
takes the processor longer than most answers."""


def over_socket(path: Path, *, keep: bool = True, **options: Any) -> httpx.Client:
    """A client whose every call goes to the service at `path`; a host in an address is a name for logs only.

    `keep=False` leaves no connection open between calls. Options are those of `httpx.Client`; close it, or use it as a
    context.
    """
    limits = httpx.Limits() if keep else httpx.Limits(max_keepalive_connections=0)
    transport = httpx.HTTPTransport(uds=str(path), verify=_TRUSTS_NOBODY, limits=limits)
    return httpx.Client(transport=transport, **options)
