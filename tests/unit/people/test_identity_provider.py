"""What of an identity provider's word counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from enclave.core.settings import Settings
from enclave.sandboxes.identity_provider import NotVouched, email_of

ISSUER = "https://login.example.org"
GOOD = {"sub": "7", "email": "a@example.org", "email_verified": True, "iss": ISSUER, "amr": ["pwd", "mfa"]}

# number, claims of the ID token, demo, accepted
WORDS: list[tuple[int, dict[str, Any], bool, bool]] = [
    (1, GOOD, False, True),
    (2, {**GOOD, "amr": ["pwd"]}, False, False),
    (3, {**GOOD, "amr": ["pwd"], "acr": "mfa"}, False, True),
    (4, {**GOOD, "amr": "otp"}, False, True),
    (5, {key: value for key, value in GOOD.items() if key != "amr"}, False, False),
    (6, {key: value for key, value in GOOD.items() if key != "amr"}, True, True),
    (7, {**GOOD, "email_verified": False}, False, False),
    (8, {**GOOD, "email": ""}, False, False),
    (9, {key: value for key, value in GOOD.items() if key != "email"}, False, False),
    (10, {**GOOD, "iss": "https://elsewhere.example.org"}, False, False),
    (11, {}, False, False),
]


@pytest.mark.parametrize(("number", "claims", "demo", "accepted"), WORDS)
def test_a_provider_vouches_for_an_address_and_a_second_factor(
    number: int, claims: dict[str, Any], demo: bool, accepted: bool
) -> None:
    settings = Settings(data_dir=Path("unused"), demo=demo, oidc_issuer=ISSUER)
    state = {"access_token": "x", "oauth_user": claims}
    if accepted:
        assert email_of(state, settings) == "a@example.org"
        return
    with pytest.raises(NotVouched):
        email_of(state, settings)
