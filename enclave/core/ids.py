"""Identities: sortable random ids for records, slugs for what people type and read in an address."""

from __future__ import annotations

import re
import secrets
import time

from enclave.core.errors import BadInput

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_SLUG = re.compile(r"^[a-z](?:[a-z0-9-]{0,28}[a-z0-9])?$")


def new_id(prefix: str) -> str:
    """`prefix_` and 26 characters: 48 bits of milliseconds, then 80 random bits, in Crockford's base 32 (ULID).

    Ids made later sort after ids made earlier, to the millisecond.
    """
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    digits = []
    for _ in range(26):
        value, digit = divmod(value, 32)
        digits.append(_ALPHABET[digit])
    return f"{prefix}_{''.join(reversed(digits))}"


def check_slug(text: str) -> str:
    """Return `text` when it is a slug: 1–30 of a–z, 0–9 and hyphen, first a letter, last no hyphen."""
    if not _SLUG.match(text):
        raise BadInput(
            f"“{text[:40]}” cannot be used as a short name.",
            "Use 1 to 30 lower-case letters, digits and hyphens, beginning with a letter.",
        )
    return text
