"""Takes a table of the extract into a file that R, Stata or another program reads; the file stays in the workspace.

`person_id` and the other codes of 63 bits are written as text to CSV and Stata, whose numbers have 53 bits; Feather
keeps them. In Stata's format the codebook's descriptions become variable labels and its codes value labels. Limit:
Stata's format needs the whole table in memory; CSV and Feather are written as a stream.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from c2c_research import data
from c2c_research.errors import BadUse

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

KINDS = ("csv", "dta", "feather")
_LABEL = 80  # characters of a variable label in Stata's format
_EXACT = 2**53


def read(
    name: str, file: str | Path, columns: Sequence[str] | None = None, where: str | None = None, to: str | None = None
) -> Path:
    """Write a table, or some columns and the rows that an SQL condition selects, to `file`; returns its path.

    `to` is "csv", "dta" or "feather"; left out, the file's own ending says it.
    """
    target = Path(file)
    kind = to or target.suffix.removeprefix(".")
    if kind not in KINDS:
        raise BadUse(f"A table cannot be written as {kind!r}.", f"Use one of {', '.join(KINDS)}.")
    relation = data.load(name, columns, where, as_="duckdb")
    _WRITERS[kind](relation, target, data.codebook(name).get("columns", {}))
    return target


def _csv(relation: duckdb.DuckDBPyRelation, target: Path, book: dict[str, Any]) -> None:
    relation.to_csv(str(target), header=True)


def _feather(relation: duckdb.DuckDBPyRelation, target: Path, book: dict[str, Any]) -> None:
    import pyarrow as pa

    batches = relation.to_arrow_reader(100_000)
    with pa.OSFile(str(target), "wb") as sink, pa.ipc.new_file(sink, batches.schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


def _dta(relation: duckdb.DuckDBPyRelation, target: Path, book: dict[str, Any]) -> None:
    frame = relation.df()
    for column in frame.columns:
        frame[column] = _for_stata(frame[column], book.get(column, {}).get("codes") or {})
    labels = {column: _label(book.get(column, {}))[:_LABEL] for column in frame.columns if _label(book.get(column, {}))}
    frame.to_stata(target, write_index=False, version=118, variable_labels=labels)


def _for_stata(values: pd.Series[Any], codes: dict[str, str]) -> pd.Series[Any]:
    """A column in a type that Stata has: coded text with value labels, long numbers and dates without loss."""
    import pandas as pd

    if codes and not pd.api.types.is_numeric_dtype(values):
        present = [code for code in codes if (values == code).any()]
        if set(values.dropna().unique()) <= set(codes):
            return values.astype(pd.CategoricalDtype(present)).cat.rename_categories({c: codes[c] for c in present})
    if pd.api.types.is_integer_dtype(values) and values.abs().max() >= _EXACT:
        return values.astype(str)
    if pd.api.types.is_extension_array_dtype(values.dtype) and pd.api.types.is_numeric_dtype(values):
        return values.astype("float64")
    return values.astype(object).where(values.notna(), "") if values.dtype == object else values


def _label(entry: dict[str, Any]) -> str:
    return str(entry.get("description") or entry.get("label") or "")


_WRITERS = {"csv": _csv, "dta": _dta, "feather": _feather}
