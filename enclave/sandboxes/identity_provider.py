"""An OpenID Connect provider in place of passwords: where it is, and what of its word counts.

The provider must vouch for an e-mail address and, outside the demo, for a second factor: by a value of the ID token's
`amr` (RFC 8176) or `acr` claim that the settings name. The token comes straight from the provider over TLS
(OpenID Connect Core 1.0 §3.1.3.7).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from enclave.core.errors import NotAllowed, Unavailable
from enclave.core.settings import Settings


class NotVouched(NotAllowed):
    """The provider's word is not enough."""

    code = "not_vouched"


def provider_options(settings: Settings) -> dict[str, Any]:
    """The options of the hub's authenticator, read from the provider's discovery document.

    Raises Unavailable when the provider does not answer; the hub then starts again later.
    """
    address = f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        answer = httpx.get(address, timeout=20)
        answer.raise_for_status()
        known = answer.json()
        places = {name: known[name] for name in ("issuer", "authorization_endpoint", "token_endpoint")}
    except (httpx.HTTPError, ValueError, KeyError) as problem:
        advice = "Check C2C_OIDC_ISSUER and the hub's way to it."
        raise Unavailable("The identity provider does not answer.", advice) from problem
    if places["issuer"].rstrip("/") != settings.oidc_issuer.rstrip("/"):
        raise Unavailable("The identity provider has another name than was set.", "Check C2C_OIDC_ISSUER.")
    return {
        "authorize_url": places["authorization_endpoint"],
        "token_url": places["token_endpoint"],
        "client_id": settings.oidc_client_id,
        "client_secret": settings.oidc_client_secret.get_secret_value(),
        "oauth_callback_url": f"{settings.public_url}/hub/oauth_callback",
        "login_service": settings.oidc_label,
        "scope": ["openid", "email"],
        "username_claim": "sub",
        "userdata_from_id_token": True,
        "extra_authorize_params": {"prompt": "login"},
        "enable_pkce": True,
    }


def email_of(auth_state: Mapping[str, Any], settings: Settings) -> str:
    """The e-mail address for which the ID token vouches; NotVouched where that is not enough."""
    claims = next((part for part in auth_state.values() if isinstance(part, Mapping) and "sub" in part), {})
    email = claims.get("email")
    if not isinstance(email, str) or not email or claims.get("email_verified") is False:
        raise NotVouched("no verified e-mail address", "Release the e-mail claim to the enclave.")
    if claims.get("iss", settings.oidc_issuer).rstrip("/") != settings.oidc_issuer.rstrip("/"):
        raise NotVouched("the token is another provider's", "Check C2C_OIDC_ISSUER.")
    if settings.second_factor_required and not _is_strong(claims, settings.oidc_strong):
        raise NotVouched("no second factor", "Ask for one at the provider, or add its value to C2C_OIDC_STRONG.")
    return email


def _is_strong(claims: Mapping[str, Any], wanted: str) -> bool:
    values = {value.strip() for value in wanted.split(",") if value.strip()}
    amr = claims.get("amr")
    given = set(amr) if isinstance(amr, list) else {amr}
    return bool(values & (given | {claims.get("acr")}))
