"""JupyterHub's other two plugs: who may log in is the portal's word, and the proxy is our gateway."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyterhub.auth import Authenticator
from jupyterhub.proxy import ConfigurableHTTPProxy

from enclave.core.errors import EnclaveError
from enclave.core.settings import get_settings
from enclave.sandboxes.portal_client import PortalClient


class PortalAuthenticator(Authenticator):  # type: ignore[misc]  # the base has no types
    """Asks the portal about every login; the hub knows no password and has no administrators."""

    async def authenticate(self, handler: Any, data: dict[str, str]) -> str | None:
        """The user's name, or None. A portal that does not answer lets nobody in."""
        name, password = data.get("username", ""), data.get("password", "")
        client = PortalClient.from_settings(get_settings())
        try:
            allowed = await asyncio.to_thread(client.authenticate, name, password)
        except EnclaveError:
            self.log.warning("The portal does not answer; nobody can log in.")
            return None
        return name if allowed else None


class GatewayProxy(ConfigurableHTTPProxy):  # type: ignore[misc]  # the base has no types
    """The gateway as the hub's proxy: it runs by itself and speaks the same REST API."""

    should_start = False
