"""Writing provider files: columns in the order of the provider's schema, appended block by block.

A file is written beside its place and moved there at the end, so that a killed run leaves no half file that looks
whole.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from enclave.contributions.schema import Table

BAD_ROW_SHARE = 0.002
_OPTIONS = csv.WriteOptions(quoting_style="none", include_header=False, batch_size=65_536)


def as_text(values: Any) -> pa.Array:
    """An Arrow array that the CSV writer takes."""
    array = values if isinstance(values, pa.Array) else pa.array(values)
    return array.cast(pa.string()) if pa.types.is_dictionary(array.type) else array


class TableFile:
    """One growing CSV file of a provider table."""

    def __init__(self, folder: Path, table: Table) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.table = table
        self.rows = 0
        self.bad_rows = 0
        self._final = folder / f"{table.name}.csv"
        self._partial = folder / f".{table.name}.csv.partial"
        self._sink = self._partial.open("wb")
        self._sink.write((",".join(table.column_names) + "\n").encode())

    def append(self, columns: dict[str, Any], rng: np.random.Generator | None = None) -> None:
        """Append rows; with `rng`, also a few copies that a validation must set aside (an invalid cell each)."""
        data = pa.table({name: as_text(columns[name]) for name in self.table.column_names})
        csv.write_csv(data, self._sink, _OPTIONS)
        self.rows += data.num_rows
        if rng is not None and data.num_rows:
            count = int(data.num_rows * BAD_ROW_SHARE)
            self._append_bad(data.take(pa.array(rng.integers(0, data.num_rows, count))), rng)

    def _append_bad(self, data: pa.Table, rng: np.random.Generator) -> None:
        """Spoil one checked cell a row: a code outside its list, a date that does not exist, a word for a number."""
        wrong = {"code": "??", "date": "2023-02-30", "integer": "12O", "decimal": "n/a"}
        spoilable = [column for column in self.table.columns if column.type in wrong or column.pattern]
        texts = {name: pc.cast(data[name], pa.string()).to_pylist() for name in self.table.column_names}
        for row, pick in enumerate(rng.integers(0, len(spoilable), data.num_rows)):
            column = spoilable[pick]
            texts[column.name][row] = wrong.get(column.type, "#")
        csv.write_csv(pa.table({k: pa.array(v, pa.string()) for k, v in texts.items()}), self._sink, _OPTIONS)
        self.bad_rows += data.num_rows

    def close(self, finished: bool) -> None:
        """Put the file in its place, or remove it where the run did not finish."""
        self._sink.close()
        if finished:
            self._partial.replace(self._final)
        else:
            self._partial.unlink(missing_ok=True)


class Drop:
    """The provider drop of some years: `drop/<provider>/<year>/<table>.csv`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.files: dict[tuple[str, int, str], TableFile] = {}

    def file(self, provider: str, year: int, table: Table) -> TableFile:
        """The file of a table, opened when first asked for."""
        key = (provider, year, table.name)
        if key not in self.files:
            self.files[key] = TableFile(self._folder / provider / str(year), table)
        return self.files[key]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for file in self.files.values():
            file.close(finished=kind is None)
