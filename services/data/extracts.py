"""Extract jobs of the data service: build, verify, destroy."""

from __future__ import annotations

from enclave.core.errors import Unprocessable
from enclave.core.ids import check_slug
from enclave.differencing.store import destroy as destroy_sets
from enclave.extracts import build, destroy, manifest, verifier
from enclave.extracts.specification import parse
from enclave.extracts.stores import Stores
from services.data.context import DataContext, Handler, Payload


def stores_of(context: DataContext) -> Stores:
    """The folders of the research zone."""
    return Stores(context.paths.editions, context.paths.pseudonyms, context.paths.extracts)


def build_extract(context: DataContext, payload: Payload) -> Payload:
    """`extract.build`: `specification` → state, tables, risk, files, manifest digest."""
    specification = parse(payload.get("specification"))
    return build.build(specification, stores_of(context), context.key, context.keyring, context.clock)


def verify_extract(context: DataContext, payload: Payload) -> Payload:
    """`extract.verify`: `project`, `version` → whether signature, digests and every check still hold."""
    project, version = check_slug(str(payload.get("project"))), int(payload.get("version", 0))
    folder = stores_of(context).extract(project, version)
    if not folder.is_dir():
        raise Unprocessable("This version of the extract is not in the store.", "Build it again.")
    signed = manifest.read(folder, context.keyring, context.clock)
    problems = [f"{name}: not as signed." for name in manifest.changed_files(folder, signed)]
    if not problems:
        specification = parse(signed["specification"])
        report = verifier.verify(folder, specification, stores_of(context).project_pseudonyms(project))
        problems = report.problems
    return {"ok": not problems, "problems": problems, "files": signed["files"], "risk": signed["risk"]}


def destroy_extract(context: DataContext, payload: Payload) -> Payload:
    """`extract.destroy`: `project`, `versions`, `with_pseudonyms` → the signed certificate."""
    project = check_slug(str(payload.get("project")))
    versions = [int(version) for version in payload.get("versions", [])]
    certificate = destroy.destroy(
        project,
        versions,
        payload.get("with_pseudonyms") is True,
        stores_of(context),
        context.key,
        context.clock,
    )
    if payload.get("with_pseudonyms") is True:
        destroy_sets(context.paths.contributors / project)
    return {"certificate": certificate}


HANDLERS: dict[str, Handler] = {
    "extract.build": build_extract,
    "extract.verify": verify_extract,
    "extract.destroy": destroy_extract,
}
