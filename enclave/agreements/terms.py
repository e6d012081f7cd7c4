"""The terms that an agreement is drawn up from: a document, checked before a row is made.

One file a provider stands in ``defaults/``: the usual terms of California's partners in the data system, from which the
office starts. Their legal bases are the published ones (FERPA studies and audit/evaluation exceptions 34 CFR
99.31(a)(3) and (6), unemployment insurance confidentiality 20 CFR 603, Welfare and Institutions Code 10850).
"""

from __future__ import annotations

from importlib.resources import files
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from enclave.agreements.states import PartyKind
from enclave.core.errors import NotFound, Unprocessable

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Code = Annotated[str, Field(pattern=r"^[a-z]{2,8}$")]
RouteName = Literal["extract", "aggregate", "dp", "none"]


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Pathway(_Document):
    """How data of a class may be had from the provider: on which basis, by which paper, past which body."""

    basis: str
    instrument: str
    reviewing_body: str
    route: RouteName


class TableTerms(_Document):
    """A table's data class and its columns by the furthest route that is open to them."""

    data_class: Name
    extract: tuple[Name, ...] = ()
    aggregate: tuple[Name, ...] = ()
    dp: tuple[Name, ...] = ()
    none: tuple[Name, ...] = ()


class ExtractPolicy(_Document):
    """The provider's own limits on extracts; ``None`` means measured and reported, not refused."""

    minimum_k: int | None = Field(default=None, ge=1)
    maximum_unique_share: float | None = Field(default=None, ge=0, le=1)
    wage_step: int = Field(default=100, ge=1)
    wage_top: int = Field(default=150_000, ge=1_000)


class Terms(_Document):
    """The whole of an agreement's terms."""

    provider: Code
    name: str
    kind: PartyKind
    signatory: str
    permitted_uses: tuple[str, ...] = Field(min_length=1)
    years: tuple[int, int]
    retention_years: int = Field(ge=1, le=50)
    pathways: dict[Name, Pathway]
    tables: dict[Name, TableTerms]
    extract_policy: ExtractPolicy = ExtractPolicy()
    duties: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _once(self) -> Terms:
        if self.years[0] > self.years[1]:
            raise ValueError("the first year is after the last")
        for table in self.tables.values():
            columns = [*table.extract, *table.aggregate, *table.dp, *table.none]
            if len(columns) != len(set(columns)):
                raise ValueError("a column has two routes")
        return self

    @property
    def elements(self) -> dict[str, str]:
        """``table.column`` → furthest route."""
        return {
            f"{name}.{column}": route
            for name, table in self.tables.items()
            for route in ("extract", "aggregate", "dp", "none")
            for column in getattr(table, route)
        }

    @property
    def classes(self) -> dict[str, str]:
        """Table → data class."""
        return {name: table.data_class for name, table in self.tables.items()}


def parse(document: Any) -> Terms:
    """The terms in a document, or Unprocessable with the fields at fault."""
    try:
        return Terms.model_validate(document)
    except ValidationError as error:
        fields = sorted({".".join(str(step) for step in item["loc"]) or "whole" for item in error.errors()})
        raise Unprocessable("The terms are not valid.", f"Correct these fields: {', '.join(fields[:12])}.") from None


def usual(code: str) -> Terms:
    """The usual terms of a provider of the data system."""
    if code not in known():
        raise NotFound("There are no usual terms for this provider.", f"Choose one of: {', '.join(known())}.")
    return parse(yaml.safe_load((files(__package__) / "defaults" / f"{code}.yaml").read_text("utf-8")))


def known() -> list[str]:
    """Codes of the providers whose usual terms are kept here."""
    folder = files(__package__) / "defaults"
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))
