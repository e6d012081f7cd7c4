"""The page on provider files, printed from the schemas."""

from __future__ import annotations

from collections.abc import Iterator

from enclave.contributions.making import SET_ASIDE_LIMIT
from enclave.contributions.schema import PROVIDERS, Column, ProviderSchema, Table, load_schema


def provider_files_page() -> str:
    """What each provider's yearly files hold, table by table, as Markdown."""
    lines = [
        "# Provider files",
        "",
        "A delivery is a folder with one comma-separated `<table>.csv` a table; the first line names the columns, in "
        "any order. Text is UTF-8 (with or without a byte order mark), UTF-16 with one, or Windows-1252. Dates are "
        "written 2024-09-30. An empty cell is a missing value. The file of a year is cumulative: it holds the history "
        "up to that year.",
        "",
        "Identity stands in the roster `person` alone and never leaves the vault. Bad rows are set aside with file, "
        f"line, column and rule while they are at most {SET_ASIDE_LIMIT:.0%} of a file; with more the delivery is "
        "rejected. Columns that the provider's agreement does not name must be left out.",
    ]
    for provider in PROVIDERS:
        lines += ["", *_provider_lines(load_schema(provider))]
    return "\n".join(lines)


def _provider_lines(schema: ProviderSchema) -> Iterator[str]:
    yield f"## {schema.name} (`{schema.provider}`)"
    for table in schema.tables:
        yield ""
        yield from _table_lines(table)


def _table_lines(table: Table) -> Iterator[str]:
    yield f"### `{table.name}.csv`"
    yield ""
    yield f"{table.description}. Key: {', '.join(f'`{name}`' for name in table.key)}."
    yield ""
    yield "| column | type | required | class | what | CEDS element |"
    yield "|---|---|---|---|---|---|"
    for column in table.columns:
        required = "yes" if column.required else ""
        yield (
            f"| `{column.name}` | {_type(column)} | {required} | {column.kind} | {column.description} | {column.ceds} |"
        )


def _type(column: Column) -> str:
    limits = [f"from {column.min}"] if column.min is not None else []
    limits += [f"to {column.max}"] if column.max is not None else []
    if len(column.codes) > 20:
        limits.append(f"{len(column.codes)} codes")
    elif column.codes:
        limits.append(", ".join(f"`{code}`" for code in column.codes))
    if column.pattern is not None:
        limits.append(f"`{column.pattern}`")
    return " ".join([column.type.value, *limits]).replace("|", r"\|")
