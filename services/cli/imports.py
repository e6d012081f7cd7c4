"""`c2c import`: files that come into labs. Every step needs a person: `--as USER` exists in the demo only."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from enclave.core.errors import BadInput
from output_review.imports.states import ImportKind
from services.cli.client import OperatorClient
from services.cli.output import AsOption, JsonOption, say, show

app = typer.Typer(no_args_is_help=True, help="Code, files of packages and public data that come into labs.")
_ROW = ("id", "state", "project", "kind", "name", "submitter", "title", "next_step")
_FACTS = ("id", "label", "next_step", "project", "submitter", "kind", "folder", "title", "purpose", "source", "licence",
          "open", "barriers", "decides", "decided_by", "reason", "delivered_at")  # fmt: skip
_FILE = ("name", "size", "status", "checked", "sha256")
ImportArgument = Annotated[str, typer.Argument(help="Id of the import.", metavar="IMPORT")]
ReasonOption = Annotated[str, typer.Option("--reason", "-r", help="Why; the other side reads it.")]


@app.command("list")
def list_imports(
    project: Annotated[str | None, typer.Option(help="Only this project's.")] = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only those that the person may decide about.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="How many; all when left out.")] = None,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Imports that concern a person, the newest first; the operator sees all."""
    found = OperatorClient(as_user).listing("/imports", "imports", limit, project=project, waiting=waiting)
    show(found if json else found["imports"], json, _ROW, "Nothing was brought in yet.")


@app.command("show")
def show_import(identity: ImportArgument, as_user: AsOption = None, json: JsonOption = False) -> None:
    """One import with its files and what the checker says."""
    _tell(OperatorClient(as_user).get(f"/imports/{identity}"), json)


@app.command()
def new(
    project: str,
    name: Annotated[str, typer.Argument(help="The folder below /imports in the labs.")],
    files: Annotated[list[Path], typer.Argument(help="Files and folders; a folder goes with all its files.")],
    kind: Annotated[ImportKind, typer.Option(help="CODE, PACKAGE_FILES or PUBLIC_DATA.")],
    title: Annotated[str, typer.Option(help="What it is.")],
    purpose: Annotated[str, typer.Option(help="What the project needs it for.")],
    source: Annotated[str, typer.Option(help="Web address where it is published.")] = "",
    licence: Annotated[str, typer.Option(help="SPDX identifier, “own work”, or the terms in words.")] = "",
    description: Annotated[str, typer.Option(help="What the files hold.")] = "",
    submit: Annotated[bool, typer.Option("--submit", help="Hand it in at once.")] = False,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Make an import with its files, as a member of the project."""
    client, sent = OperatorClient(as_user), _forms(files)
    words = {"title": title, "purpose": purpose, "source": source, "licence": licence, "description": description}
    made = client.post("/imports", words | {"project": project, "name": name, "kind": kind.value})
    made = client.post(f"/imports/{made['id']}/files", files=sent)
    _tell(client.post(f"/imports/{made['id']}/submit") if submit else made, json)


@app.command()
def add(
    identity: ImportArgument, files: Annotated[list[Path], typer.Argument(help="Files and folders.")],
    as_user: AsOption = None, json: JsonOption = False,
) -> None:  # fmt: skip
    """Add files to a draft, or replace those of the same name."""
    _tell(OperatorClient(as_user).post(f"/imports/{identity}/files", files=_forms(files)), json)


@app.command("take-out")
def take_out(
    identity: ImportArgument,
    file: Annotated[str, typer.Argument(help="Name or id of the file.")],
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Take a file out of a draft."""
    _tell(OperatorClient(as_user).delete(f"/imports/{identity}/files/{quote(file)}"), json)


@app.command()
def submit(identity: ImportArgument, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Hand a draft in, as its submitter."""
    _tell(OperatorClient(as_user).post(f"/imports/{identity}/submit"), json)


@app.command()
def approve(
    identity: ImportArgument,
    reason: Annotated[str, typer.Option("--reason", "-r", help="Needed where something is open.")] = "",
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Let it in as it stands now, as a checker (code) or data steward (data)."""
    client = OperatorClient(as_user)
    digest = client.get(f"/imports/{identity}")["digest"]
    _tell(client.post(f"/imports/{identity}/approve", {"digest": digest, "reason": reason}), json)


@app.command("return")
def give_back(
    identity: ImportArgument, reason: ReasonOption, as_user: AsOption = None, json: JsonOption = False
) -> None:
    """Send it back with what to mend."""
    _tell(OperatorClient(as_user).post(f"/imports/{identity}/return", {"reason": reason}), json)


@app.command()
def refuse(identity: ImportArgument, reason: ReasonOption, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Say no; final."""
    _tell(OperatorClient(as_user).post(f"/imports/{identity}/refuse", {"reason": reason}), json)


@app.command()
def withdraw(
    identity: ImportArgument,
    reason: Annotated[str, typer.Option("--reason", "-r", help="Needed of a data steward.")] = "",
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Take it back, as its submitter or a data steward; what was delivered leaves the labs."""
    _tell(OperatorClient(as_user).post(f"/imports/{identity}/withdraw", {"reason": reason}), json)


def _forms(paths: list[Path]) -> list[tuple[str, tuple[str, bytes]]]:
    """The files as a form's parts; a folder's under their path in it. Links are left out."""
    found: list[tuple[str, Path]] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(each for each in path.rglob("*") if each.is_file() and not each.is_symlink())
            found += [(str(each.relative_to(path)), each) for each in inside]
        elif path.is_file():
            found.append((path.name, path))
        else:
            raise BadInput(f"There is no file {path}.", "Name files or folders that are here.")
    if not found:
        raise BadInput("There are no files in it.", "Name a folder that holds the files.")
    return [("files", (name, path.read_bytes())) for name, path in found]


def _tell(shown: dict[str, Any], json: bool) -> None:
    show(shown, json, _FACTS)
    if json:
        return
    show(shown["files"], False, _FILE, "It has no files yet.")
    for file in shown["files"]:
        for finding in file["findings"]:
            say(f"{file['name']}: {finding['status']} {finding['rule']}: {finding['message']}")
