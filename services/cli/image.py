"""`c2c image`: packages that researchers ask for, the images that hold them, and which image a project keeps.

Building happens here, on the host: wheels are downloaded by pip's own settings, the build itself has no network.
"""

from __future__ import annotations

import json as json_module
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from enclave.core.errors import Conflict, NotFound, Unavailable
from enclave.core.ids import check_slug
from enclave.core.settings import get_settings
from enclave.images.names import package_name, package_version
from services.cli.client import OperatorClient
from services.cli.output import AsOption, JsonOption, print_json, print_table, say, show

app = typer.Typer(no_args_is_help=True, help="Packages by an approved list, the images that hold them, and pins.")
ROOT = Path(__file__).parents[2]
_IMAGES = ("name", "tag", "kind", "built_at", "built_by", "added", "newest")
_PACKAGES = ("id", "state", "package", "version", "project", "requested_by", "purpose", "reason")
_PIN = ("project", "name", "tag", "image", "pinned_at", "pinned_by", "reason", "newer")
_HELD = ("name", "version", "licence", "added", "needed_by", "sha256")
_Reason = Annotated[str, typer.Option("--reason", "-r", help="Why; the researcher reads it.")]


@app.command("list")
def list_images(as_user: AsOption = None, json: JsonOption = False) -> None:
    """Every registered image, the newest first."""
    show(OperatorClient(as_user).get("/images"), json, _IMAGES, "No image yet; `make demo` builds the first.")


@app.command("show")
def show_image(
    image: Annotated[str, typer.Argument(help="Name (the newest of it), tag, id, or a project with --project.")],
    project: Annotated[
        bool, typer.Option("--project", help="The argument is a project: show what it runs on.")
    ] = False,
    every: Annotated[bool, typer.Option("--all", help="List what the release brings as well.")] = False,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """What an image holds: packages with version, licence and the digest of their wheels."""
    found = OperatorClient(as_user).get(f"/projects/{image}/image" if project else f"/images/{image}")
    if json:
        print_json(found)
        return
    show(found, False, _PIN if project else (*_IMAGES, "id", "base", "warnings"))
    listed = [row for row in found["packages"] if every or row["added"]]
    print_table(_HELD, ([row[name] for name in _HELD] for row in listed))
    if not every:
        say(f"and {len(found['packages']) - len(listed)} of the release; --all lists them.")


@app.command()
def packages(
    project: Annotated[str | None, typer.Option(help="Only this project's.")] = None,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Packages that were asked for, with where each stands."""
    found = OperatorClient(as_user).get("/packages", project=project)
    show(found, json, _PACKAGES, "Nobody has asked for a package; see `c2c image request --help`.")


@app.command()
def request(
    project: str,
    package: Annotated[str, typer.Argument(help="The package's name as its index has it.")],
    purpose: Annotated[str, typer.Option(help="What the project needs it for.")],
    version: Annotated[str, typer.Option(help="One exact version; left out: the newest that fits.")] = "",
    licence: Annotated[str, typer.Option(help="Its licence, as far as you know.")] = "",
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Ask for a package, as a member of the project."""
    body = {"project": project, "package": package, "purpose": purpose, "version": version, "licence": licence}
    show(OperatorClient(as_user).post("/packages", body), json, _PACKAGES)


@app.command()
def approve(
    request_id: str,
    reason: Annotated[str, typer.Option("--reason", "-r", help="A note; it stands in the audit.")] = "",
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Put a package on the approved list; the next image that is built holds it."""
    show(OperatorClient(as_user).post(f"/packages/{request_id}/approve", {"reason": reason}), json, _PACKAGES)


@app.command()
def refuse(request_id: str, reason: _Reason, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Refuse a package, also one that was approved and cannot be built."""
    show(OperatorClient(as_user).post(f"/packages/{request_id}/refuse", {"reason": reason}), json, _PACKAGES)


@app.command()
def withdraw(request_id: str, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Take one's own request back."""
    show(OperatorClient(as_user).post(f"/packages/{request_id}/withdraw"), json, _PACKAGES)


@app.command()
def pin(
    project: str,
    image: Annotated[str, typer.Argument(help="Name (the newest of it), tag or id.")],
    reason: _Reason,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Give a project another image, for its labs' next start and its reports."""
    body = {"image": image, "reason": reason}
    show(OperatorClient(as_user).post(f"/projects/{project}/image", body), json, (*_PIN, "packages") if json else _PIN)
    say(f"{project} has it from its next start on; a lab that runs keeps its own until it is stopped.")


@app.command()
def build(
    name: Annotated[str, typer.Argument(help="A name for the image, such as sandbox-survival.")],
    base: Annotated[str, typer.Option(help="sandbox or sandbox-r of this release.")] = "sandbox",
    only: Annotated[list[str] | None, typer.Option(help="Only this approved package; repeat for several.")] = None,
    find_links: Annotated[list[Path] | None, typer.Option(help="A folder with wheels of one's own; repeat.")] = None,
    no_index: Annotated[bool, typer.Option("--no-index", help="Take wheels from these folders alone.")] = False,
    plan: Annotated[bool, typer.Option("--plan", help="Say what would come in, and build nothing.")] = False,
    json: JsonOption = False,
) -> None:
    """Build the approved packages over a sandbox's image, and register it; projects get it by `c2c image pin`."""
    client = OperatorClient()
    named = _named(only or [])
    listed = client.get("/packages/approved")
    if plan and named:  # what is not decided on yet may be looked at
        listed += [row for row in client.get("/packages") if row["state"] == "REQUESTED"]
    chosen = _chosen(listed, named)
    order = {
        "name": check_slug(name),
        "base": base,
        "wanted": _requirements(chosen, named),
        "find_links": [str(folder.resolve()) for folder in find_links or []],
        "no_index": no_index,
        "plan": plan,
        "by": get_settings().operator_name,
        "requests": [row["id"] for row in chosen],
    }
    made = _scripts("scripts.packages", order)
    if not plan:
        made = client.post(f"/images/{made['id']}/built", {"requests": order["requests"]})
        say(f"{made['tag']} is built. Give it to a project: c2c image pin PROJECT {name} --reason WHY")
    if json:
        print_json(made)
        return
    added = [row for row in made["packages"] if plan or row["added"]]
    print_table(_HELD, ([row.get(field) for field in _HELD] for row in added))


@app.command()
def register(
    name: Annotated[str, typer.Argument(help="A name for it, such as sandbox-stata.")],
    tag: Annotated[str, typer.Argument(help="Its tag on this machine's engine.")],
    json: JsonOption = False,
) -> None:
    """Register an image that the site made itself over a sandbox's, so that projects can be pinned to it."""
    order = {"name": check_slug(name), "tag": tag, "by": get_settings().operator_name}
    made = _scripts("scripts.registry", order)
    show(OperatorClient().post(f"/images/{made['id']}/built", {"requests": []}), json, _IMAGES)


def _named(only: list[str]) -> dict[str, str]:
    """The packages that `--only` names, each with its version or an empty text."""
    parts = [name.partition("==") for name in only]
    return {package_name(name): package_version(version) for name, _, version in parts}


def _chosen(approved: list[dict[str, Any]], only: dict[str, str]) -> list[dict[str, Any]]:
    """The approved requests to build; NotFound for a package that is not on the list."""
    if missing := sorted(set(only) - {row["package"] for row in approved}):
        raise NotFound(
            f"Not on the approved list: {', '.join(missing)}.", "See `c2c image packages`, and have it approved first."
        )
    if not only:
        return approved
    named = [row for row in approved if row["package"] in only]
    return [row for row in named if row["version"] in ("", only[row["package"]] or row["version"])]


def _requirements(chosen: list[dict[str, Any]], only: dict[str, str]) -> list[tuple[str, str]]:
    """Each package once, in the version that is asked for; Conflict where two are."""
    versions: dict[str, set[str]] = {}
    for row in chosen:
        versions.setdefault(row["package"], set()).add(row["version"] or only.get(row["package"], ""))
    if twice := sorted(package for package, found in versions.items() if len(found - {""}) > 1):
        raise Conflict(
            f"Approved in two versions: {', '.join(twice)}.", "Choose: `--only NAME==VERSION`, for every package."
        )
    return sorted((package, max(found)) for package, found in versions.items())


def _scripts(module: str, order: dict[str, Any]) -> Any:
    """Run a script of the set-up with an order in JSON; it says on standard error what it does and what is wrong."""
    if not (ROOT / "scripts").is_dir():
        raise Unavailable("Images are built in a checkout of the enclave.", "Run this on the host.")
    environment = {**os.environ, "C2C_DATA_DIR": str(get_settings().data_dir.resolve())}
    done = subprocess.run(
        [sys.executable, "-m", module],
        input=json_module.dumps(order).encode(),
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=environment,
        check=False,
    )
    if done.returncode:
        raise typer.Exit(2)
    return json_module.loads(done.stdout)
