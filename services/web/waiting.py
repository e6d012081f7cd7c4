"""What waits for somebody: each domain's page module tells through a function `waiting(session, actor, clock)`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.clock import Clock


@dataclass(frozen=True)
class Waiting:
    """A thing that somebody must do next: what, where, since when, until when.

    `text` may hold a title that people wrote; `kind` says the same without it, for messages that leave the portal.
    """

    text: str
    path: str
    since: datetime
    due: datetime | None = None

    @property
    def kind(self) -> str:
        """What sort of thing waits, from where it is done."""
        return _KINDS.get(self.path.split("/")[1], "Something")


_KINDS = {
    "review": "Outputs to review",
    "releases": "Outputs of yours",
    "requests": "A data request",
    "projects": "A project",
    "publications": "A publication to comment on",
    "vetoes": "A release that a provider may refuse",
    "imports": "Files to bring into labs",
    "assistance": "A question about a workspace",
}
"""Part of the portal → what waits there, in words without a title."""

Source = Callable[[Session, Actor, Clock], list[Waiting]]


@lru_cache
def _sources() -> tuple[Source, ...]:
    import services.web

    names = sorted(info.name for info in pkgutil.iter_modules(services.web.__path__))
    modules = [importlib.import_module(f"services.web.{name}") for name in names]
    return tuple(module.waiting for module in modules if callable(getattr(module, "waiting", None)))


def waiting_for(session: Session, actor: Actor, clock: Clock) -> list[Waiting]:
    """Everything that waits for this person, what is due first, then oldest first."""
    items = [item for source in _sources() for item in source(session, actor, clock)]
    return sorted(items, key=lambda item: (item.due is None, item.due or item.since, item.since))
