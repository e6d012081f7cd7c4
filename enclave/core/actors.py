"""Who acts: a person, the operator on the host, a service or a vault job."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

ActorKind = Literal["user", "operator", "service", "vault"]


@dataclass(frozen=True)
class Actor:
    """The one a use case is done for; its name stands in the audit as `kind:name`."""

    name: str
    roles: frozenset[str] = field(default_factory=frozenset)
    kind: ActorKind = "user"

    @classmethod
    def service(cls, name: str) -> Actor:
        """A process of ours acting on its own, such as the worker."""
        return cls(name, kind="service")

    @property
    def label(self) -> str:
        """How the audit writes this actor."""
        return f"{self.kind}:{self.name}"

    def has(self, *roles: str) -> bool:
        """Whether the actor holds at least one of these roles."""
        return not self.roles.isdisjoint(roles)
