"""How urgent a notice is, and how somebody wants their mail."""

from __future__ import annotations

from enum import StrEnum


class Weight(StrEnum):
    """ROUTINE goes by the person's own wish; SECURITY is mailed at once, whatever they wish."""

    ROUTINE = "ROUTINE"
    SECURITY = "SECURITY"


class MailWish(StrEnum):
    """When the inbox is also sent as e-mail."""

    AT_ONCE = "AT_ONCE"
    DAILY = "DAILY"
    NEVER = "NEVER"


WISHES: dict[MailWish, str] = {
    MailWish.AT_ONCE: "one message for each notice, within a minute",
    MailWish.DAILY: "one message a working day: what is new and what waits for me",
    MailWish.NEVER: "none, except about the safety of my account",
}
"""What the page says of each."""
