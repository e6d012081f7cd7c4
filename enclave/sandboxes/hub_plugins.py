"""JupyterHub's other two plugs: who may log in is the portal's word, and the proxy is our gateway."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyterhub.auth import Authenticator
from jupyterhub.proxy import ConfigurableHTTPProxy
from oauthenticator.generic import GenericOAuthenticator

from enclave.core.errors import EnclaveError
from enclave.core.settings import get_settings
from enclave.sandboxes.identity_provider import NotVouched, email_of
from enclave.sandboxes.portal_client import PortalClient

REFRESH_SECONDS = 15


class _PortalsWord(Authenticator):  # type: ignore[misc]  # the base has no types
    """The hub's own login lasts as long as the portal's session: one clock for both."""

    async def refresh_user(self, user: Any, handler: Any = None, **_: Any) -> bool:
        """Whether a login is still good. The labs' own calls go on; only what a browser asks is bound to a session."""
        path = handler.request.path if handler is not None else ""
        if handler is None or ("/hub/api/" in path and "/oauth2/" not in path):
            return True
        try:
            return await asyncio.to_thread(_portal().is_present, user.name)
        except EnclaveError:
            self.log.warning("The portal does not answer; logins are not renewed.")
            return False


class PortalAuthenticator(_PortalsWord):
    """Asks the portal about every login; the hub knows no password and has no administrators."""

    async def authenticate(self, handler: Any, data: dict[str, str]) -> str | None:
        """The user's name, or None. A portal that does not answer lets nobody in."""
        name, password, code = (data.get(field, "") for field in ("username", "password", "otp"))
        try:
            allowed = await asyncio.to_thread(_portal().authenticate, name, password, code)
        except EnclaveError:
            self.log.warning("The portal does not answer; nobody can log in.")
            return None
        return name if allowed else None


class ProviderAuthenticator(_PortalsWord, GenericOAuthenticator):  # type: ignore[misc]  # the base has no types
    """Logs people in at an OpenID Connect provider; who that is here, and whether they may, is the portal's word."""

    async def authenticate(self, handler: Any, data: Any = None, **options: Any) -> dict[str, Any] | None:
        """The user's name, or None for who has no active account or came without a second factor."""
        model = await GenericOAuthenticator.authenticate(self, handler, data, **options)
        settings = get_settings()
        try:
            email = email_of((model or {}).get("auth_state", {}), settings)
            name = await asyncio.to_thread(_portal().vouched, email)
        except NotVouched as problem:
            self.log.warning("A login at the identity provider was refused: %s", problem.message)
            return None
        except EnclaveError:
            self.log.warning("The portal does not answer; nobody can log in.")
            return None
        return {"name": name} if name else None


class GatewayProxy(ConfigurableHTTPProxy):  # type: ignore[misc]  # the base has no types
    """The gateway as the hub's proxy: it runs by itself and speaks the same REST API."""

    should_start = False


def _portal() -> PortalClient:
    return PortalClient.from_settings(get_settings())
