"""`c2c publication`: the publication gate. Every step needs a person: `--as USER` exists in the demo only."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from services.cli.client import OperatorClient
from services.cli.output import AsOption, JsonOption, say, show

app = typer.Typer(no_args_is_help=True, help="Publications that go to the providers for comment.")

_ROW = ("id", "state", "project", "author", "title", "venue", "due_at", "silent")
_FACTS = (*_ROW[:6], "link", "file_name", "releases", "providers", "silent", "revoked", "due_at")
_WORD = ("provider", "said_by", "text", "answer")
PublicationArgument = Annotated[str, typer.Argument(help="Id of the publication.", metavar="PUBLICATION")]


@app.command("list")
def list_publications(as_user: AsOption = None, json: JsonOption = False) -> None:
    """Publications that concern a person, the newest first; the operator sees all."""
    show(OperatorClient(as_user).get("/publications"), json, _ROW, "No publication was announced.")


@app.command("show")
def show_publication(publication: PublicationArgument, as_user: AsOption = None, json: JsonOption = False) -> None:
    """One publication, with what the providers said."""
    _tell(OperatorClient(as_user).get(f"/publications/{publication}"), json)


@app.command()
def announce(
    project: str,
    title: Annotated[str, typer.Option(help="Title of the manuscript or report.")],
    venue: Annotated[str, typer.Option(help="Where it is to appear.")],
    release: Annotated[list[str], typer.Option(help="A release that it rests on; repeat.")],
    link: Annotated[str, typer.Option(help="Where the providers can read it.")] = "",
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Make the draft of a publication, as a member of the project."""
    body = {"project": project, "title": title, "venue": venue, "releases": release, "link": link}
    _tell(OperatorClient(as_user).post("/publications", body), json)


@app.command()
def send(publication: PublicationArgument, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Give it to the named providers for comment."""
    _tell(OperatorClient(as_user).post(f"/publications/{publication}/send"), json)


@app.command()
def comment(
    publication: PublicationArgument,
    text: Annotated[str, typer.Option(help="The comment; without it: no comment.")] = "",
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Say something, once, as a reviewer of a named provider."""
    _tell(OperatorClient(as_user).post(f"/publications/{publication}/comments", {"text": text}), json)


@app.command()
def answer(
    publication: PublicationArgument,
    provider: Annotated[str, typer.Option(help="Whose comment.")],
    text: Annotated[str, typer.Option(help="The answer.")],
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Answer a comment, as the author."""
    body = {"provider": provider, "text": text}
    _tell(OperatorClient(as_user).post(f"/publications/{publication}/answers", body), json)


@app.command()
def withdraw(publication: PublicationArgument, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Not to be published, as the author; final."""
    _tell(OperatorClient(as_user).post(f"/publications/{publication}/withdraw"), json)


@app.command()
def download(
    publication: PublicationArgument,
    target: Annotated[Path, typer.Argument(help="Where the file goes.")],
    as_user: AsOption = None,
) -> None:
    """Download the attached manuscript."""
    OperatorClient(as_user).download(f"/publications/{publication}/file", target)
    say(f"Wrote {target}.")


def _tell(shown: dict[str, Any], json: bool) -> None:
    show(shown, json, _FACTS)
    if not json:
        show(shown["words"], False, _WORD, "No provider has said anything.")
