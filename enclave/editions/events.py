"""The form of a vault event, checked before anything is done with it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from enclave.core.errors import BadInput

EVENT_TYPE = (
    r"(contribution\.(received|validated|rejected|accepted|superseded|withdrawn)|match_run\.[a-z_]+|edition\.[a-z]+)"
)


class ColumnOfEvent(BaseModel):
    """A column of the catalogue."""

    model_config = ConfigDict(extra="ignore")

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")
    type: Literal["text", "integer", "decimal", "date", "code"]
    description: str = Field(max_length=500)
    missing: str = Field(default="", max_length=300)
    codes: dict[str, str] = {}
    kind: str = "attribute"
    max_route: Literal["extract", "aggregate", "dp"] = "extract"


class TableOfEvent(BaseModel):
    """A table of the catalogue."""

    model_config = ConfigDict(extra="ignore")

    provider: str = Field(pattern=r"^[a-z]{2,10}$")
    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")
    description: str = Field(default="", max_length=1000)
    rows: int = Field(ge=0)
    persons: int = Field(ge=0)
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    columns: list[ColumnOfEvent]


class Event(BaseModel):
    """One event: what happened to which subject, with counts and digests; of an edition also the catalogue."""

    model_config = ConfigDict(extra="ignore")

    id: str = Field(min_length=5, max_length=60)
    type: str = Field(pattern=f"^{EVENT_TYPE}$")
    subject: str = Field(min_length=1, max_length=60)
    year: int | None = None
    provider: str | None = Field(default=None, max_length=10)
    revision: int | None = None
    runner: str = Field(default="", max_length=60)
    accepted_by: str = Field(default="", max_length=60)
    supersedes: list[str] = []
    counts: dict[str, Any] = {}
    digests: dict[str, str] = {}
    quality: dict[str, Any] = {}
    lineage: dict[str, Any] = {}
    tables: list[TableOfEvent] = []

    @property
    def subject_type(self) -> str:
        return self.type.partition(".")[0]

    @property
    def happened(self) -> str:
        return self.type.partition(".")[2]


def parse(payload: dict[str, Any]) -> Event:
    """The event, or BadInput when it has not the form."""
    try:
        return Event.model_validate(payload)
    except ValidationError as problem:
        raise BadInput(
            "A vault event has not the form that it should have.", "Look at the vault's version."
        ) from problem
