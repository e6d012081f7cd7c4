"""The project's extract: what is in it, its codebook, loading and SQL.

Reads Parquet files below the extract's folder with DuckDB in this process; nothing is sent anywhere and nothing is
written. Loaded pandas frames remember which person each row belongs to, so that `crosstab` can count persons.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from c2c_research.errors import BadUse, NotInSandbox
from c2c_research.project import here

if TYPE_CHECKING:
    import duckdb

UNIT = "person_id"
_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")


def tables() -> list[str]:
    """The names of the extract's tables."""
    return sorted(_files())


def codebook(name: str | None = None) -> dict[str, Any]:
    """The codebook: of one table, or of the whole extract."""
    path = _folder() / "codebook.json"
    if not path.is_file():
        raise BadUse("This extract has no codebook.", "Ask the data steward to build the extract again.")
    book: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if name is None:
        return book
    _known(name)
    table: dict[str, Any] = book.get("tables", {}).get(name, {})
    return table


def load(name: str, columns: Sequence[str] | None = None, where: str | None = None, as_: str = "pandas") -> Any:
    """Load a table, or some columns and the rows that an SQL condition selects.

    `as_` is "pandas" (default), "arrow", "polars" or "duckdb" (a relation that is not computed yet).
    """
    _known(name)
    for column in columns or ():
        if not _NAME.match(column):
            raise BadUse(
                "A column's name has letters, digits and underscores only.", f"`c2c.codebook({name!r})` lists them."
            )
    chosen = ", ".join(f'"{column}"' for column in columns) if columns else "*"
    condition = f" WHERE {where}" if where else ""
    relation = sql(f'SELECT {chosen} FROM "{name}"{condition}', as_="duckdb")  # noqa: S608 — own extract, own process
    return _shape(relation, as_)


def sql(query: str, as_: str = "pandas") -> Any:
    """Run SQL over the extract's tables, in this process."""
    import duckdb

    try:
        return _shape(_connection().sql(query), as_)
    except duckdb.Error as problem:
        raise BadUse(
            f"The query does not run: {problem}", "`c2c.tables()` and `c2c.codebook()` name what there is."
        ) from problem


def _shape(relation: Any, as_: str) -> Any:
    if as_ == "duckdb":
        return relation
    if as_ == "arrow":
        return relation.to_arrow_table()
    if as_ == "polars":
        return relation.pl()
    if as_ == "pandas":
        from c2c_research.units import remember

        return remember(relation.df())
    raise BadUse(f"`as_` cannot be {as_!r}.", 'Use "pandas", "arrow", "polars" or "duckdb".')


def _connection() -> duckdb.DuckDBPyConnection:
    import duckdb

    connection = duckdb.connect()
    for name, path in _files().items():
        quoted = str(path).replace("'", "''")
        connection.execute(f"CREATE VIEW \"{name}\" AS SELECT * FROM read_parquet('{quoted}')")  # noqa: S608 — a path of ours
    return connection


def files() -> dict[str, Path]:
    """Table → its file."""
    return _files()


def _folder() -> Path:
    folder = here().data
    if not folder.is_dir():
        raise NotInSandbox("There is no extract in this sandbox.", "Restart the sandbox once the extract is READY.")
    return folder


def _files() -> dict[str, Path]:
    return {path.stem: path for path in sorted(_folder().glob("*.parquet")) if _NAME.match(path.stem)}


def _known(name: str) -> None:
    if name not in _files():
        raise BadUse(f"The extract has no table {name!r}.", f"It has: {', '.join(tables()) or 'none'}.")
