"""What an edition holds of each table, by agreement, and how it is described."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from enclave.contributions.schema import Column, ProviderSchema, Table

PERSON_KEY = {
    "name": "person_key", "type": "integer", "kind": "person", "codes": {}, "max_route": "extract", "ceds": "",
    "description": "Stands for a person in this edition; every extract replaces it by a pseudonym of its own",
    "missing": "Never empty",
}  # fmt: skip


@dataclass(frozen=True)
class PublishedTable:
    """A table of a provider as far as the agreement lets it be published."""

    provider: str
    table: Table
    columns: tuple[Column, ...]
    routes: Mapping[str, str]

    def described(self) -> dict[str, Any]:
        """The codebook's entry, person key first."""
        return {
            "provider": self.provider,
            "name": self.table.name,
            "description": self.table.description,
            "columns": [PERSON_KEY, *(self._described(column) for column in self.columns)],
        }

    def limited_to(self, present: Collection[str]) -> PublishedTable:
        """Without the columns that no contribution has."""
        return replace(self, columns=tuple(column for column in self.columns if column.name in present))

    def _described(self, column: Column) -> dict[str, Any]:
        return {
            "name": column.name, "type": column.type.value, "kind": column.kind, "codes": dict(column.codes),
            "description": column.description, "ceds": column.ceds, "max_route": self.routes[column.name],
            "missing": column.missing_means,
        }  # fmt: skip


def published_tables(schema: ProviderSchema, elements: Mapping[str, str]) -> list[PublishedTable]:
    """The attribute tables with the columns that the agreement opens; what it does not name stays in the vault."""
    tables = []
    for table in schema.attribute_tables:
        routes = {
            column.name: elements.get(f"{table.name}.{column.name}", "none")
            for column in table.columns
            if column.kind != "record_id" and column.identity is None
        }
        open_columns = tuple(column for column in table.columns if routes.get(column.name, "none") != "none")
        if open_columns:
            tables.append(PublishedTable(schema.provider, table, open_columns, routes))
    return tables
