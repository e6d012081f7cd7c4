"""The register of images: what a name means, and what the guard starts of what the engine holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from enclave.core.errors import NotAllowed, NotFound, Unavailable
from enclave.core.settings import Settings
from enclave.sandboxes.grants import Grant
from enclave.sandboxes.profiles import Places, container_request, profile_for
from enclave.sandboxes.registry import Registry
from services.guard.policy import check_create
from tests.images import image_id, register_image

PLACES = Places(Path("/srv/c2c"), Path("/run/c2c-t"), "c2c-t")
OLD, NEW, MORE = (image_id(tag) for tag in ("c2c-sandbox:1", "c2c-sandbox:2", "c2c-more:1"))


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """Two releases and one image with a package."""
    register_image(tmp_path, "c2c-sandbox:1", built_at="2026-01-01T00:00:00Z")
    register_image(tmp_path, "c2c-sandbox:2", built_at="2026-02-01T00:00:00Z")
    register_image(tmp_path, "c2c-more:1", name="more", added=("linearmodels==7.1",))
    return Registry(tmp_path)


# number, what is typed, the image that is meant
NAMES = [
    (1, "sandbox", NEW),
    (2, "more", MORE),
    (3, "c2c-sandbox:1", OLD),
    (4, OLD, OLD),
    (5, OLD[7:19], OLD),
    (6, OLD[:19], OLD),
    (7, OLD[7:10], None),
    (8, "sandbo", None),
    (9, "", None),
    (10, "sha256:", None),
    (11, "../keys/portal", None),
]


@pytest.mark.parametrize(("number", "text", "meant"), NAMES)
def test_a_name_means_the_newest_and_a_digest_itself(
    number: int, text: str, meant: str | None, registry: Registry
) -> None:
    if meant is None:
        with pytest.raises(NotFound):
            registry.find(text)
    else:
        assert registry.find(text).id == meant


# number, what a grant names, may it start
STARTS = [
    (1, OLD, True),
    (2, MORE, True),
    (3, image_id("c2c-vault:1"), False),
    (4, "sha256:" + "0" * 64, False),
    (5, "c2c-sandbox:1", False),
    (6, "c2c-vault:1", False),
    (7, "busybox", False),
    (8, "sha256:../../keys/public/portal", False),
    (9, "", False),
]


@pytest.mark.parametrize(("number", "image", "may"), STARTS)
def test_the_guard_starts_registered_images_only(number: int, image: str, may: bool, registry: Registry) -> None:
    if may:
        registry.check_registered(image)
    else:
        with pytest.raises(NotAllowed):
            registry.check_registered(image)


# number, the grant's image, the request's image, may it start
REQUESTS = [
    (1, OLD, OLD, True),
    (2, OLD, NEW, False),
    (3, OLD, "c2c-sandbox:1", False),
    (4, OLD, "c2c-sandbox:2", False),
    (5, "", "c2c-sandbox:2", True),
    (6, "", OLD, False),
]


@pytest.mark.parametrize(("number", "granted", "asked", "may"), REQUESTS)
def test_a_sandbox_is_made_of_exactly_the_grants_image(number: int, granted: str, asked: str, may: bool) -> None:
    settings = Settings(sandbox_image="c2c-sandbox:2")
    grant = Grant("lab", "rosa", "promise", "1", image=granted)
    profile = profile_for("lab", settings, image=granted)
    body = container_request(profile, grant, PLACES, {}) | {"Image": asked}
    if may:
        assert check_create(body, "n", grant, profile, PLACES, "n")["Image"] == asked
    else:
        with pytest.raises(NotAllowed, match="Image"):
            check_create(body, "n", grant, profile, PLACES, "n")


def test_after_a_rollback_the_settings_say_which_release_is_the_present_one(registry: Registry, tmp_path: Path) -> None:
    assert Registry(tmp_path, "c2c-sandbox:1").find("sandbox").id == OLD


def test_a_release_that_was_never_registered_says_so(registry: Registry) -> None:
    assert registry.release("c2c-sandbox:1").id == OLD
    with pytest.raises(Unavailable, match="not registered"):
        registry.release("c2c-sandbox:3")
