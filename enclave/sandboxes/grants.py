"""Grants: the signed word, good for two minutes, that a sandbox may start, for whom and with which data.

The hub and the worker ask the engine through the guard; the guard believes neither about users, projects and
extracts, only the grant. A hub in wrong hands can therefore start nothing that the portal has not just allowed.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import Any

from enclave.core.clock import Clock
from enclave.core.digests import canonical_json
from enclave.core.errors import NotAuthenticated
from enclave.core.ids import new_id
from enclave.core.signing import Envelope, Keyring, SigningKey, open_envelope, seal
from enclave.sandboxes.registry import is_image_id
from enclave.sandboxes.sizes import SizeName

HEADER = "X-C2C-Grant"
KIND = "sandbox.grant"
ISSUERS = frozenset({"portal", "worker"})
LIFE = timedelta(minutes=2)
_NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")
_VERSION = re.compile(r"[a-z0-9][a-z0-9_.-]{0,59}")


@dataclass(frozen=True)
class Grant:
    """What may start.

    `profile` is `lab`, `report` or `job`; `extract` the version folder below the project's extracts, empty for a
    project that has none yet; `run` the id of a report run or job and `command` what it runs, both empty for a lab;
    `size` is the project's, `image` the engine's id of the image that the project is pinned to; empty: the one that the
    guard's own settings name.
    """

    profile: str
    user: str
    project: str
    extract: str = ""
    run: str = ""
    command: tuple[str, ...] = ()
    size: str = SizeName.STANDARD
    image: str = ""
    nonce: str = ""

    def check(self) -> None:
        """Raise NotAuthenticated for names that could mean another place than they say."""
        named = _NAME.fullmatch(self.user) and _NAME.fullmatch(self.project)
        placed = (not self.extract or _VERSION.fullmatch(self.extract)) and ".." not in self.extract
        runs = not self.run or (_VERSION.fullmatch(self.run) and ".." not in self.run)
        alone = self.profile == "lab" and not self.run and not self.command
        report = self.profile in ("report", "job") and bool(self.run) and bool(self.command)
        sized = self.size in set(SizeName)
        pictured = not self.image or is_image_id(self.image)
        if not (named and placed and runs and sized and pictured and (alone or report)):
            raise NotAuthenticated("The grant names no sandbox.", "Ask the portal for a new one.")


def seal_grant(grant: Grant, key: SigningKey, clock: Clock) -> Envelope:
    """Sign a grant; each is good once."""
    grant.check()
    payload = {**asdict(grant), "command": list(grant.command), "nonce": grant.nonce or new_id("grant")}
    return seal(KIND, payload, key, clock, LIFE)


def open_grant(envelope: Any, keyring: Keyring, clock: Clock) -> Grant:
    """The grant inside an envelope that holds, else NotAuthenticated."""
    payload = open_envelope(envelope, keyring, KIND, clock, ISSUERS)
    texts = {name: value for name, value in payload.items() if name != "command"}
    command = payload.get("command")
    known = set(payload) == {field.name for field in fields(Grant)}
    if not known or not all(isinstance(value, str) for value in texts.values()):
        raise NotAuthenticated("The grant has another form.", "Use services of the same version.")
    if not isinstance(command, list) or not all(isinstance(part, str) for part in command):
        raise NotAuthenticated("The grant has another form.", "Use services of the same version.")
    grant = Grant(**texts, command=tuple(command))
    grant.check()
    return grant


def to_header(envelope: Envelope) -> str:
    """An envelope as the value of the header `X-C2C-Grant`."""
    return base64.urlsafe_b64encode(canonical_json(envelope)).decode()


def from_header(text: str) -> Any:
    """What a header's value says; checked by `open_grant` only."""
    try:
        return json.loads(base64.urlsafe_b64decode(text))
    except ValueError as problem:
        raise NotAuthenticated("The request carries no grant.", "Ask the portal first.") from problem
