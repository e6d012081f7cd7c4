"""A project's image: pinned at its first start, read at every later one. Labs, jobs and reports all come by here."""

from __future__ import annotations

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.images import service, store
from enclave.images.service import Pin
from enclave.sandboxes.registry import Image, Registry
from services.api.context import Context


def registry_of(ctx: Context) -> Registry:
    """The register of images that the operator writes."""
    return Registry(ctx.settings.paths.images, ctx.settings.sandbox_image)


def pin_to(image: Image) -> Pin:
    """An image of the register as the domain takes it."""
    return Pin(image.id, image.name, image.tag)


def image_for_start(ctx: Context, session: Session, project: str, actor: Actor) -> str:
    """The id of the image that the project starts on; its first start pins this release's.

    Unavailable when the project has none yet and this release's was never registered.
    """
    row = store.pin_of(session, project)
    if row is None:
        release = registry_of(ctx).release(ctx.settings.sandbox_image)
        row = service.first_pin(session, actor, project, pin_to(release), ctx.clock)
    return row.image
