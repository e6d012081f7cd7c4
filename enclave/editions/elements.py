"""Elements: the columns that a request may name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from enclave.editions.model import EditionTable


@dataclass(frozen=True)
class Element:
    """One column of one provider's table, as the element picker of a request shows it."""

    provider: str
    table: str
    column: str
    description: str
    type: str
    codes: dict[str, str]
    kind: str
    max_route: str

    @property
    def name(self) -> str:
        """``table.column``, the name under which agreements list it."""
        return f"{self.table}.{self.column}"

    @property
    def key(self) -> str:
        """``provider/table.column``: two colleges have tables of one name, so the provider is part of the key."""
        return f"{self.provider}/{self.name}"


def elements_of(tables: Iterable[EditionTable]) -> list[Element]:
    """The elements of some tables in their own order; the person key is no element, every extract has it."""
    return [_element(table, column) for table in tables for column in table.columns if column["name"] != "person_key"]


def _element(table: EditionTable, column: dict[str, Any]) -> Element:
    return Element(
        provider=table.provider,
        table=table.name,
        column=str(column["name"]),
        description=str(column["description"]),
        type=str(column["type"]),
        codes=dict(column.get("codes") or {}),
        kind=str(column.get("kind", "attribute")),
        max_route=str(column.get("max_route", "extract")),
    )
