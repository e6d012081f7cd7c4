"""`c2c demo seed` and `c2c demo token`."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from enclave.core.files import write_atomic
from enclave.core.settings import get_settings
from services.cli.client import OperatorClient
from services.cli.demo import imports, outputs, packages, records, stories
from services.cli.demo.cast import add_people, cast
from services.cli.demo.stages import stage
from services.cli.output import JsonOption, print_json, print_table, say

app = typer.Typer(no_args_is_help=True, help="Fill the demonstration and get tokens for it.")
PersonsOption = Annotated[
    int, typer.Option(envvar="C2C_DEMO_PERSONS", min=1000, max=5_000_000, help="How many people to invent.")
]


@app.command()
def seed(persons: PersonsOption = 20_000) -> None:
    """Fill the running enclave through its own services; what is there already stays, so it can be run again."""
    client = OperatorClient()
    with stage("People and their training"):
        add_people(client)
    with stage("Agreements with ten data providers"):
        records.sign_agreements(client)
    records.make_files(persons)
    records.publish_years(client)
    stories.tell()
    outputs.tell()
    packages.tell()
    imports.tell()
    _write_summary(client)
    _show_people()


@app.command()
def token(
    user: str,
    project: Annotated[str | None, typer.Option(help="Check that the person belongs to this project.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Print an API token of a person of the demonstration, good for eight hours."""
    if project is not None:
        OperatorClient(user).get(f"/projects/{project}")
    made = OperatorClient().post(f"/demo/tokens/{user}")
    if as_json:
        print_json(made)
    else:
        print(made["token"])


def _write_summary(client: OperatorClient) -> None:
    settings = get_settings()
    projects = client.get("/projects")
    by_member = {person.name: [each["id"] for each in projects if person.name in each["members"]] for person in cast()}
    summary: dict[str, Any] = {
        "url": settings.public_url,
        "users": [
            {
                "name": person.name,
                "password": person.password,
                "otp_secret": None,
                "roles": person.roles,
                "projects": by_member[person.name],
            }
            for person in cast()
        ],
        "projects": [{"id": each["id"], "title": each["title"], "tables": each["tables"]} for each in projects],
    }
    write_atomic(settings.data_dir / "demo.json", (json.dumps(summary, indent=2) + "\n").encode())


def _show_people() -> None:
    say(f"\n[bold]{get_settings().public_url}[/] — log in as")
    rows = ((person.name, person.password, ", ".join(person.roles).replace("_", " ")) for person in cast())
    print_table(("name", "password", "who"), rows)
