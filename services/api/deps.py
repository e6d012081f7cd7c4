"""The names that route modules import."""

from services.api.context import Context
from services.api.identity import Ctx, CurrentActor, MaybeActor
from services.api.routing import GuardedRouter

__all__ = ["Context", "Ctx", "CurrentActor", "GuardedRouter", "MaybeActor"]
