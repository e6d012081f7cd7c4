"""The sandbox's images: what is registered, what each holds; and the operator's word that one was built."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from enclave.core.errors import NotFound
from enclave.images import service
from enclave.people.permissions import Permission
from enclave.sandboxes.registry import Image, Package
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import newest
from services.pins import pin_to, registry_of

router = GuardedRouter(prefix="/images", tags=["images"])


class HeldPackage(BaseModel):
    """A release in an image; `added` beside the release's own, `needed_by` an approved one."""

    name: str
    version: str
    sha256: str
    licence: str
    added: bool
    needed_by: str

    @classmethod
    def of(cls, package: Package) -> HeldPackage:
        return cls(**vars(package))


class ImageView(BaseModel):
    """One image in a list; `newest` of its name."""

    id: str
    name: str
    tag: str
    kind: str
    base: str
    built_at: datetime
    built_by: str
    added: list[str]
    newest: bool


class ImageRecord(ImageView):
    """The same with all that it holds, and what to know about it."""

    packages: list[HeldPackage]
    warnings: list[str]


class BuiltBody(BaseModel):
    """The requests whose packages the image holds."""

    requests: list[str] = Field(default_factory=list, max_length=1000)


def view_of(image: Image, newest: bool) -> ImageView:
    """The list entry of an image."""
    return ImageView(**_common(image, newest))


def record_of(image: Image, newest: bool) -> ImageRecord:
    """The whole record of an image."""
    packages = [HeldPackage.of(each) for each in image.packages]
    return ImageRecord(**_common(image, newest), packages=packages, warnings=list(image.warnings))


def _common(image: Image, newest: bool) -> dict[str, object]:
    names = ("id", "name", "tag", "kind", "base", "built_at", "built_by")
    added = [f"{each.name} {each.version}" for each in image.added]
    return {**{name: getattr(image, name) for name in names}, "added": added, "newest": newest}


@router.get("", permission=Permission.SIGNED_IN, order=newest("built_at", "id"))
def list_images(ctx: Ctx, actor: CurrentActor) -> list[ImageView]:
    """Every registered image, the newest first."""
    images, seen = registry_of(ctx).images(), set[str]()
    views = []
    for image in images:
        views.append(view_of(image, image.name not in seen))
        seen.add(image.name)
    return views


@router.get("/{image}", permission=Permission.SIGNED_IN)
def show_image(ctx: Ctx, actor: CurrentActor, image: str) -> ImageRecord:
    """One image by name (the newest of it), tag or id."""
    registry = registry_of(ctx)
    found = registry.find(image)
    return record_of(found, registry.find(found.name).id == found.id)


@router.post("/{image}/built", permission=Permission.OPERATE)
def note_built(ctx: Ctx, actor: CurrentActor, image: str, body: BuiltBody) -> ImageRecord:
    """Put a registered image into the audit; requests for what it holds become BUILT. Twice changes nothing."""
    found = registry_of(ctx).get(image)
    if found is None:
        raise NotFound("There is no image of that id.", "Build and register it on the host: `c2c image build`.")
    with ctx.database.write() as session:
        added = [f"{each.name}=={each.version}" for each in found.added]
        service.note_built(session, actor, pin_to(found), body.requests, added, ctx.clock)
    return show_image(ctx, actor, image)
