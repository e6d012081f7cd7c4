"""The portal's menu: what a person's roles open."""

from __future__ import annotations

from dataclasses import dataclass

from enclave.core.actors import Actor
from enclave.people.permissions import Permission, holds

BASE = "/services/portal"


@dataclass(frozen=True)
class Entry:
    """One entry of the menu."""

    label: str
    path: str
    current: bool = False


_ENTRIES: tuple[tuple[str, str, Permission | None], ...] = (
    ("Home", "/", Permission.SIGNED_IN),
    ("Data", "/editions", Permission.CATALOGUE_READ),
    ("Feasibility", "/feasibility", Permission.SIGNED_IN),
    ("Requests", "/requests", Permission.SIGNED_IN),
    ("Projects", "/projects", Permission.SIGNED_IN),
    ("Outputs", "/releases", Permission.SIGNED_IN),
    ("Review", "/review", Permission.REVIEW),
    ("Calibration", "/calibration", Permission.CALIBRATION_READ),
    ("Imports", "/imports", Permission.IMPORTS_DECIDE),
    ("Reports", "/reports", Permission.REPORTS_RUN),
    ("Uses of data", "/uses", Permission.USES_READ),
    ("Publications", "/publications", Permission.PUBLICATIONS),
    ("Agreements", "/agreements", Permission.AGREEMENTS_MANAGE),
    ("People", "/people", Permission.PEOPLE_READ),
    ("Packages", "/packages", Permission.IMAGES_MANAGE),
    ("Sessions", "/sessions", Permission.SIGNED_IN),
    ("Audit", "/audit", Permission.AUDIT_READ),
    ("Released", "/public", None),
    ("Help", "/help", None),
)


_WITHIN = {"/assistance": "/sessions", "/vetoes": "/uses", "/privacy": "/editions", "/duty": "/review"}
"""Pages that have no entry of their own, and the entry that is marked on them."""


def menu_for(actor: Actor | None, path: str) -> list[Entry]:
    """The entries for a person (None: nobody is logged in), the current one marked."""
    here = path.removeprefix(BASE) or "/"
    here = next((target for part, target in _WITHIN.items() if here.startswith(part)), here)
    entries = []
    for label, target, permission in _ENTRIES:
        if permission is None or (actor is not None and holds(actor, permission)):
            current = here == target or (target != "/" and here.startswith(f"{target}/"))
            entries.append(Entry(label, f"{BASE}{target}", current))
    return entries
