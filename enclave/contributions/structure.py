"""Whether a delivery has the right files with the right columns, before any row is read.

Problems name tables, and columns of the schema. A column that the schema does not know is named by its position only: a
file without a header would else show its first row's values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from enclave.contributions.delivery import Delivery
from enclave.contributions.reading import UnreadableFile, read_header
from enclave.contributions.schema import ProviderSchema


@dataclass
class Structure:
    """What the first lines say: table → header, and what is wrong with them."""

    headers: dict[str, list[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def elements(self, schema: ProviderSchema) -> list[str]:
        """The delivered elements, `table.column`, that the schema knows."""
        known = schema.elements()
        named = (f"{table}.{column}" for table, header in self.headers.items() for column in header)
        return [element for element in named if element in known]


def read_structure(delivery: Delivery, schema: ProviderSchema) -> Structure:
    """Read the first line of every file."""
    structure = Structure()
    known = {table.name: set(table.column_names) for table in schema.tables}
    for name, delivered in delivery.files.items():
        if name not in known:
            structure.problems.append(
                f"{delivered.path.name}: {schema.name} has no such table; it has {', '.join(known)}."
            )
            continue
        try:
            header = read_header(delivered.path, delivered.encoding)
        except UnreadableFile as problem:
            structure.problems.append(f"{delivered.path.name}: {problem}")
            continue
        structure.problems += [f"{delivered.path.name}: {problem}" for problem in _wrong_columns(header, known[name])]
        structure.headers[name] = header
    return structure


def missing_parts(structure: Structure, delivery: Delivery, expected: Mapping[str, list[str]]) -> list[str]:
    """Tables and columns that are agreed and not there."""
    problems = [f"{table}.csv is missing." for table in expected if table not in delivery.files]
    for table, header in structure.headers.items():
        absent = [column for column in expected.get(table, []) if column not in header]
        if absent:
            problems.append(f"{table}.csv: missing columns: {', '.join(absent)}.")
    return problems


def _wrong_columns(header: list[str], known: set[str]) -> list[str]:
    if not known & set(header):
        return ["the first line names no column of the schema; is the header missing?"]
    strange = [str(position) for position, name in enumerate(header, 1) if name not in known]
    repeated = sorted({name for name in header if name in known and header.count(name) > 1})
    problems = []
    if strange:
        problems.append(f"columns that the schema does not have, at position {', '.join(strange)}.")
    if repeated:
        problems.append(f"columns that stand twice: {', '.join(repeated)}.")
    return problems
