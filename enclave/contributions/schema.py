"""Provider schemas: the columns that a provider's yearly files must have.

Vocabulary: a *roster* is the one table of a provider that carries identity (one row a person record, keyed by the
provider's own `record_id`); an *attributes* table carries what happened, and a record id. A column's *class* says what
it is: `record_id`, `identity:<standard column>`, `attribute`, `institution`, `employer` or `geography`.

The same files feed the intake, the linkage, the codebook of an edition and the synthetic generator.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

IDENTITY_COLUMNS = (
    "first_name", "middle_name", "last_name", "suffix", "date_of_birth", "sex", "ssn", "ssid",
    "street", "city", "zip", "phone", "email", "parent_name",
)  # fmt: skip
"""The standard identity columns, in the order of `identity.parquet`."""

PROVIDERS = ("cde", "ccc", "csu", "uc", "nsc", "csac", "ctc", "edd", "cdss", "eld")

_FOLDER = Path(__file__).parent / "schemas"
_COLUMN_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


class ColumnType(StrEnum):
    """How a column's text is read."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    CODE = "code"


class TableRole(StrEnum):
    """Whether a table says who (roster) or what happened (attributes)."""

    ROSTER = "roster"
    ATTRIBUTES = "attributes"


class Column(BaseModel):
    """One column: its type, its limits and what it means."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    name: str
    type: ColumnType
    kind: str = Field(alias="class", pattern=r"record_id|attribute|institution|employer|geography|identity:[a-z_]+")
    description: str
    ceds: str
    required: bool = False
    missing: str = Field(default="", max_length=200)
    codes: dict[str, str] = {}
    pattern: str | None = None
    min: int | float | str | None = None
    max: int | float | str | None = None
    max_length: int = 200

    @model_validator(mode="after")
    def _hangs_together(self) -> Column:
        if not _COLUMN_NAME.fullmatch(self.name):
            raise ValueError(f"{self.name}: a column name is lower-case letters, digits and underscores")
        if (self.type is ColumnType.CODE) != bool(self.codes):
            raise ValueError(f"{self.name}: a code column, and only a code column, lists its codes")
        if self.kind.startswith("identity:") and self.identity not in IDENTITY_COLUMNS:
            raise ValueError(f"{self.name}: {self.identity} is no standard identity column")
        if self.required and self.missing:
            raise ValueError(f"{self.name}: a required column is never empty, so an empty cell has no meaning")
        if self.pattern is not None and not _is_pattern(self.pattern):
            raise ValueError(f"{self.name}: the pattern is no regular expression")
        return self

    @property
    def missing_means(self) -> str:
        """What an empty cell says, for the codebook: the provider's words, or what the schema enforces."""
        if self.required:
            return "Never empty: the intake sets rows without a value aside"
        return self.missing or "The provider sent no value"

    @property
    def identity(self) -> str | None:
        """The standard identity column that this column fills, if any."""
        return self.kind.removeprefix("identity:") if self.kind.startswith("identity:") else None


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


class Table(BaseModel):
    """One file of a provider: its role, its key and its columns in order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    role: TableRole
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @model_validator(mode="after")
    def _keeps_identity_in_rosters(self) -> Table:
        names = self.column_names
        if len(set(names)) != len(names) or not set(self.key) <= set(names):
            raise ValueError(f"{self.name}: column names are unique and the key is made of columns")
        if [column.name for column in self.columns if column.kind == "record_id"] != ["record_id"]:
            raise ValueError(f"{self.name}: exactly one column, named record_id, has the class record_id")
        has_identity = any(column.identity for column in self.columns)
        if has_identity != (self.role is TableRole.ROSTER):
            raise ValueError(f"{self.name}: identity columns belong in the roster and nowhere else")
        return self

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        return {column.name: column for column in self.columns}[name]


class ProviderSchema(BaseModel):
    """All tables that a provider contributes in a year."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str
    name: str
    tables: tuple[Table, ...]

    @model_validator(mode="after")
    def _has_one_roster(self) -> ProviderSchema:
        if sum(table.role is TableRole.ROSTER for table in self.tables) != 1:
            raise ValueError(f"{self.provider}: exactly one table is the roster")
        return self

    @property
    def roster(self) -> Table:
        return next(table for table in self.tables if table.role is TableRole.ROSTER)

    @property
    def attribute_tables(self) -> tuple[Table, ...]:
        return tuple(table for table in self.tables if table.role is TableRole.ATTRIBUTES)

    def table(self, name: str) -> Table:
        """The table of that name; KeyError where there is none."""
        return {table.name: table for table in self.tables}[name]

    def elements(self) -> dict[str, str]:
        """`table.column` → the widest route that an agreement should offer: identity none, all else extract.

        Record ids are no element: without them there is no record.
        """
        return {
            f"{table.name}.{column.name}": "none" if column.identity else "extract"
            for table in self.tables
            for column in table.columns
            if column.kind != "record_id"
        }


def parse_schema(document: Mapping[str, Any], shared_codes: Mapping[str, Mapping[str, str]]) -> ProviderSchema:
    """A schema from its YAML document; raises ValueError where the document does not hang together."""

    def column(name: str, spec: Mapping[str, Any]) -> dict[str, Any]:
        codes = spec.get("codes", {})
        return {**spec, "name": name, "codes": shared_codes[codes] if isinstance(codes, str) else codes}

    tables = [
        {**spec, "name": name, "columns": [column(key, value) for key, value in spec["columns"].items()]}
        for name, spec in document["tables"].items()
    ]
    return ProviderSchema.model_validate({**document, "tables": tables})


@cache
def load_schema(provider: str) -> ProviderSchema:
    """The schema of a provider, validated; KeyError for a provider that has none."""
    if provider not in PROVIDERS:
        raise KeyError(provider)
    document = yaml.safe_load((_FOLDER / f"{provider}.yaml").read_text(encoding="utf-8"))
    return parse_schema(document, _shared_codes())


@cache
def _shared_codes() -> dict[str, dict[str, str]]:
    codes: dict[str, dict[str, str]] = yaml.safe_load((_FOLDER / "codes.yaml").read_text(encoding="utf-8"))
    return codes
