"""Which host name means what: hub and portal on one origin, each researcher's labs on another."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

from enclave.core.errors import NotFound

_USER = r"[a-z][a-z0-9-]{0,29}"
_LAB_PATH = re.compile(rf"/user/(?P<user>{_USER})/(?P<project>{_USER})(?P<rest>/.*)")


class Zone(StrEnum):
    """Where a request goes."""

    HUB = "hub"
    PORTAL = "portal"
    LAB = "lab"
    ENTER = "enter"
    FRONT = "front"
    MOVED = "moved"


@dataclass(frozen=True)
class Place:
    """A zone; for a lab also whose, of which project and the address inside it."""

    zone: Zone
    user: str = ""
    project: str = ""
    rest: str = ""


def place_of(host: str, raw_path: str, public_host: str) -> Place:
    """Where a request belongs by its Host header and undecoded path; NotFound for what has no place."""
    name = host_name(host)
    path = plain_path(raw_path)
    if name == public_host:
        return _public(path)
    user, _, parent = name.partition(".")
    if parent == public_host and re.fullmatch(_USER, user):
        return _lab(user, path)
    if _is_loopback(name):
        return Place(Zone.MOVED)
    raise NotFound("The enclave does not answer under this name.", f"Go to the portal on {public_host}.")


def host_name(host: str) -> str:
    """A Host header without its port, in lower case."""
    return re.sub(r":[0-9]+$", "", host.strip().lower())


def plain_path(raw_path: str) -> str:
    """The decoded path; NotFound when it could mean another place to the server behind."""
    path = unquote(raw_path)
    hidden = re.search(r"%2f|%5c|%00|%25(2f|2e|5c)", raw_path, re.IGNORECASE)
    odd = "\\" in path or "//" in path or re.search(r"[\x00-\x1f\x7f]", path)
    if hidden or odd or any(part in (".", "..") for part in path.split("/")) or not path.startswith("/"):
        raise NotFound("There is no such address.", "Go to the portal's first page.")
    return path


def _public(path: str) -> Place:
    if path.startswith("/services/portal/") or path == "/services/portal":
        return Place(Zone.PORTAL)
    if path.startswith("/hub/") or path == "/hub":
        return Place(Zone.HUB)
    if path in ("/", "/favicon.ico"):
        return Place(Zone.FRONT)
    raise NotFound("There is no such address.", "Go to the portal's first page.")


def _lab(user: str, path: str) -> Place:
    if path == "/_c2c/enter":
        return Place(Zone.ENTER, user)
    found = _LAB_PATH.fullmatch(path)
    if found is None or found["user"] != user:
        raise NotFound("There is no such address in a lab.", "Open the lab from the portal.")
    return Place(Zone.LAB, user, found["project"], found["rest"])


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False
