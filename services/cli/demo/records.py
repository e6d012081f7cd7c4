"""Records for the demonstration: synthetic provider files, taken in, matched and published by the vault's own jobs."""

from __future__ import annotations

import json

from enclave.core.errors import Unavailable
from enclave.core.settings import get_settings
from services.cli.client import OperatorClient
from services.cli.demo.stages import stage, wait_for
from services.cli.vault_host import run_in_vault
from synthetic import generate

YEARS = (2024, 2025)
PROVIDERS = ("eld", "cde", "ccc", "csu", "uc", "nsc", "csac", "ctc", "edd", "cdss")
STEWARDS = ("dana", "diego")


def sign_agreements(client: OperatorClient) -> None:
    """Draw up and activate every provider's usual agreement; those that stand stay."""
    standing = {row["provider"] for row in client.get("/agreements") if row["state"] in ("ACTIVE", "SUSPENDED")}
    for provider in PROVIDERS:
        if provider not in standing:
            drawn = client.post("/agreements", {"usual": provider})
            client.post(f"/agreements/{drawn['id']}/activate")


def make_files(persons: int) -> None:
    """Invent the population once; a drop that is whole is left as it is."""
    root = get_settings().data_dir
    done = root / "drop" / "complete.json"
    if done.exists():
        return
    with stage(f"Inventing {persons:,} people and their records"):
        made = generate(root, persons, 1, list(YEARS))
        done.write_text(json.dumps({"persons": persons, "identity_rows": made.identity_rows}) + "\n")


def publish_years(client: OperatorClient) -> None:
    """Each year: take every provider's files in, match, accept by a second steward, publish."""
    published = {edition["year"] for edition in client.get("/editions") if edition["state"] != "DRAFT"}
    for year in YEARS:
        if year not in published:
            _publish(year, _match_state(client, year))
            wait_for(lambda year=year: _is_published(client, year), f"The edition of {year}", 240)  # type: ignore[misc]


def _publish(year: int, match: str) -> None:
    """Go on from where an interrupted run of this command, or its vault job, left the year's match."""
    if match not in ("UNDER_REVIEW", "ACCEPTED"):
        _take_in(year)
        with stage(f"{year}: matching the year's records"):
            _vault(["match", "run", "--year", str(year), "--steward", STEWARDS[0]])
    with stage(f"{year}: accepting and publishing the edition"):
        if match != "ACCEPTED":
            _vault(["match", "accept", "--year", str(year), "--steward", STEWARDS[1]])
        _vault(["editions", "publish", "--year", str(year)])


def _take_in(year: int) -> None:
    for provider in PROVIDERS:
        folder = get_settings().paths.drop / provider / str(year)
        if folder.is_dir():
            with stage(f"{year}: taking in the files of {provider}"):
                _vault(["intake", provider, f"/c2c/drop/{provider}/{year}", "--year", str(year)])


def _match_state(client: OperatorClient, year: int) -> str:
    """How far the vault says that the match of a year is; empty before it began."""
    runs = [run for run in client.get("/editions/matches") if run["year"] == year]
    return str(runs[0]["state"]) if runs else ""


def _vault(arguments: list[str]) -> None:
    code = run_in_vault([*arguments, "--json"], quiet=True)
    if code != 0:
        raise Unavailable(
            f"The vault's job “{' '.join(arguments[:2])}” did not finish (exit code {code}).",
            "Read the lines above, then run `make demo` again: it goes on where it stopped.",
        )


def _is_published(client: OperatorClient, year: int) -> bool | None:
    return any(edition["year"] == year for edition in client.get("/editions")) or None
