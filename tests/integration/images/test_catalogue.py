"""What `images/images.toml` says, held against the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from enclave.sandboxes.rooms import GATEWAY_UID, SANDBOX_UID
from scripts.catalogue import ImageSpec, load_catalogue
from scripts.clone import ROOT
from scripts.locks import read_lock
from scripts.state import folders, service_uids

OURS = {"c2c_research", "enclave", "output_review", "services", "synthetic"}
ENTRY_POINTS = {
    "gateway": ["services/gateway/__main__.py"],
    "guard": ["services/guard/__main__.py"],
    "control": ["services/portal/__main__.py", "services/worker/__main__.py", "jupyterhub_config.py"],
    "data": ["services/data/__main__.py"],
    "checker": ["services/checker/__main__.py"],
    "vault": ["services/cli/vault.py"],
    "sandbox": ["c2c_research/cli.py"],
    "sandbox-r": ["c2c_research/cli.py"],
}
SPECS = {spec.name: spec for spec in load_catalogue(optional=True)}


@pytest.mark.parametrize("name", SPECS)
def test_every_module_that_an_image_runs_is_in_the_image(name: str) -> None:
    held = set(SPECS[name].source_files())
    missing = {path.relative_to(ROOT).as_posix() for path in reached(SPECS[name]) if path not in held}
    assert not missing


@pytest.mark.parametrize("name", SPECS)
def test_every_image_has_a_readme_that_names_its_zone_and_what_it_may_reach(name: str) -> None:
    text = (ROOT / "images" / name / "README.md").read_text()
    assert "**Zone:**" in text
    assert "may reach" in text.lower()


def test_the_vaults_code_is_in_the_vaults_image_alone() -> None:
    for name, spec in SPECS.items():
        parts = {path.relative_to(ROOT).as_posix() for path in spec.source_files()}
        held = {part for part in parts if part.startswith(("enclave/contributions/", "enclave/linkage/"))}
        assert not held or name == "vault"


def test_the_sandbox_holds_nothing_but_the_researchers_library() -> None:
    tops = {path.relative_to(ROOT).parts[0] for path in SPECS["sandbox"].source_files()}
    assert tops <= {"c2c_research", "notebooks"}


def test_images_on_demand_are_left_out_of_a_plain_build() -> None:
    assert "sandbox-r" not in {spec.name for spec in load_catalogue()}


def test_the_image_with_r_differs_from_the_sandbox_in_its_base_and_tutorials_alone() -> None:
    plain, with_r = SPECS["sandbox"], SPECS["sandbox-r"]
    assert (plain.zone, plain.uid, plain.sources, plain.dockerfile) == (
        with_r.zone, with_r.uid, with_r.sources, with_r.dockerfile
    )  # fmt: skip
    assert set(plain.files) < set(with_r.files)
    assert set(plain.debian) < set(with_r.debian)


def test_users_are_those_that_the_guard_gives_folders_to() -> None:
    assert SPECS["sandbox"].uid == SANDBOX_UID
    assert SPECS["gateway"].uid == GATEWAY_UID


def test_only_the_guard_runs_as_root() -> None:
    assert [name for name, uid in service_uids().items() if uid == 0] == ["guard"]


def test_no_store_is_open_to_other_users_of_the_machine() -> None:
    public = {"research", "reference", "sockets", "keys", "keys/public", "workspaces"}
    closed = [folder for folder in folders(0, 0) if folder.path not in public]
    assert all(folder.mode.endswith("0") for folder in closed)


@pytest.mark.parametrize("zone", sorted({spec.zone for spec in SPECS.values()}))
def test_a_zones_pins_are_those_of_the_checkouts_own_lock(zone: str) -> None:
    whole = read_lock("dev")
    assert all(whole[name].version == pin.version for name, pin in read_lock(zone).items())


@pytest.mark.parametrize("zone", ["dev", *sorted({spec.zone for spec in SPECS.values()})])
def test_every_locked_release_is_hashed(zone: str) -> None:
    assert all(pin.digests for pin in read_lock(zone).values())


def reached(spec: ImageSpec) -> set[Path]:
    """The modules of ours that the image's entry points import, by reading their import statements."""
    seen: set[Path] = set()
    waiting = [ROOT / entry for entry in ENTRY_POINTS[spec.name]]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        assert path.is_file(), f"the entry point {path.relative_to(ROOT)} is not there"
        seen.add(path)
        waiting.extend(_imports(path))
    return seen


def _imports(path: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            if name.partition(".")[0] in OURS:
                yield from _files(name)


def _files(module: str) -> Iterator[Path]:
    parts = module.split(".")
    for count in range(1, len(parts) + 1):
        place = ROOT.joinpath(*parts[:count])
        if place.with_suffix(".py").is_file():
            yield place.with_suffix(".py")
        elif (place / "__init__.py").is_file():
            yield place / "__init__.py"
