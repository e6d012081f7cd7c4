"""Imports in the demonstration: a program that lies in the labs, and a public table that waits for a data steward."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from services.cli.client import OperatorClient
from services.cli.demo.stages import stage, wait_for

AUTHOR, PROJECT, CHECKER = "alice", "college-going", "olivia"
SECONDS = 60
_PROGRAM = b'''"""Codes of the extract in words, as the project's papers write them."""

SEGMENTS = {"ccc": "Community college", "csu": "State university", "uc": "University of California"}


def segment(code: str) -> str:
    """The name of a segment; its code where there is none."""
    return SEGMENTS.get(code, code)
'''
_COUNTIES = Path(__file__).parents[3] / "reference" / "california_counties.csv"


def tell() -> None:
    """Bring a program in and let it be approved; bring a table in and let it wait."""
    with stage("Imports: a program in the labs, a table that waits"):
        program = _brought(
            "segments", "CODE", "segments.py", _PROGRAM, title="Names of segments",
            purpose="The same names in every table of the paper.", licence="own work",
        )  # fmt: skip
        if _state(program, "CHECKED", "APPROVED", "DELIVERED") == "CHECKED":
            digest = OperatorClient(CHECKER).get(f"/imports/{program}")["digest"]
            OperatorClient(CHECKER).post(f"/imports/{program}/approve", {"digest": digest})
        _state(program, "DELIVERED")
        table = _brought(
            "counties", "PUBLIC_DATA", "counties.csv", _COUNTIES.read_bytes(), title="Counties of California",
            purpose="Merging county names to the extract's codes.", licence="Public domain",
            source="https://www.census.gov/library/reference/code-lists/ansi.html",
            description="County codes and names as the Census Bureau lists them; no person is in it.",
        )  # fmt: skip
        _state(table, "CHECKED", "APPROVED", "DELIVERED")


def _brought(name: str, kind: str, file: str, data: bytes, **words: Any) -> str:
    """The import of this name, submitted; its id. An earlier telling's is taken up where it stands."""
    author = OperatorClient(AUTHOR)
    known = author.get("/imports", project=PROJECT)["imports"]
    row = next((each for each in known if each["name"] == name and each["state"] != "WITHDRAWN"), None)
    if row is None:
        row = author.post("/imports", words | {"project": PROJECT, "name": name, "kind": kind})
    if row["state"] == "DRAFT":
        author.post(f"/imports/{row['id']}/files", files=[("files", (file, data))])
        author.post(f"/imports/{row['id']}/submit")
    return str(row["id"])


def _state(identity: str, *states: str) -> str:
    """Wait until the import is in one of these states; which."""

    def look() -> str | None:
        state = str(OperatorClient(AUTHOR).get(f"/imports/{identity}")["state"])
        return state if state in states else None

    return wait_for(look, "The import", SECONDS)
