"""Which persons stand behind each cell of an additive table, written beside it and sealed for the data zone.

Differencing is about persons: only their sets can tell whether one table counts the persons of another and a few more.
The sets are made here, where the data is, and encrypted at once to the key that the extract's signed manifest brings;
nobody between here and the data zone can read them, and it gives back findings alone. Tables of other tools, of rows
without persons, and extracts that were built before there was such a key have no sets: they are compared by what they
show. Evidence from a sandbox is declared, not verified: the data zone compares its counts with the table's.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from c2c_research.errors import BadUse, NotInSandbox
from c2c_research.evidence import Label, aligned

if TYPE_CHECKING:
    from c2c_research.contributor_sets import CellSet, TableSets
    from c2c_research.disclosure.findings import Cell

YEARS = ("academic_year", "year")
PERSONS = "persons"


@dataclass(frozen=True)
class Backing:
    """The columns that one measure of a table was made of, and the labels of its cells (None on a margin)."""

    measure: str
    cells: tuple[tuple[Cell, Label | None, Label | None], ...]
    rows: tuple[Any, ...]
    columns: tuple[Any, ...]
    persons: Any
    values: Any = None
    years: Any = None


@dataclass(frozen=True)
class Extract:
    """What the extract's manifest says that sets need."""

    project: str
    version: int
    key: bytes


def sealed_sets(
    backings: Sequence[Backing], table: bytes, shown: Callable[[Cell], bool], context: dict[str, Any]
) -> bytes | None:
    """The encrypted contributor file of a table; None where there is nothing to say or nobody to say it to."""
    from c2c_research.contributor_sets import seal

    extract = _extract()
    if extract is None or not backings:
        return None
    sets = _table_sets(backings, table, shown, context, extract)
    return seal(extract.key, sets.encode()) if sets is not None else None


def person_index() -> Any:
    """The sorted distinct persons of all tables of the extract, as 64-bit integers."""
    from c2c_research import data

    return _index(tuple(sorted(str(path) for path in data.files().values())))


@lru_cache(maxsize=2)
def _index(paths: tuple[str, ...]) -> Any:
    import duckdb
    import numpy as np

    connection = duckdb.connect()
    parts = []
    for path in paths:
        quoted = path.replace("'", "''")
        columns = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM '{quoted}'").fetchall()}  # noqa: S608
        if "person_id" in columns:
            parts.append(f"SELECT person_id FROM '{quoted}'")  # noqa: S608 — a path of ours
    if not parts:
        return np.empty(0, dtype=np.int64)
    query = f"SELECT DISTINCT person_id FROM ({' UNION ALL '.join(parts)}) WHERE person_id IS NOT NULL"  # noqa: S608
    return np.sort(connection.sql(query).fetchnumpy()["person_id"].astype(np.int64))


def _extract() -> Extract | None:
    from c2c_research.project import here

    try:
        payload = json.loads((here().data / "manifest.json").read_bytes())["payload"]
        return Extract(payload["project"], int(payload["version"]), base64.b64decode(payload["contributors_key"]))
    except (NotInSandbox, OSError, ValueError, KeyError, TypeError):
        return None


def _table_sets(
    backings: Sequence[Backing], table: bytes, shown: Callable[[Cell], bool], context: dict[str, Any], extract: Extract
) -> TableSets | None:
    from c2c_research.contributor_sets import TableSets

    try:
        index = person_index()
    except BadUse:
        return None
    cells: list[CellSet] = []
    for backing in backings:
        found = list(_cell_sets(backing, index, shown))
        if not found:
            return None
        cells.extend(found)
    return TableSets(
        extract.project,
        extract.version,
        hashlib.sha256(index.tobytes()).hexdigest(),
        hashlib.sha256(table).hexdigest(),
        tuple(cells),
        int((context.get("rounding") or {}).get("base") or 0),
        str(context.get("revision_of") or ""),
    )


def _cell_sets(backing: Backing, index: Any, shown: Callable[[Cell], bool]) -> Iterator[CellSet]:
    """One set a cell; nothing where the units are not persons of the extract."""
    import numpy as np
    import pandas as pd
    from pyroaring import BitMap

    from c2c_research.contributor_sets import CellSet

    names = [*(f"r{i}" for i in range(len(backing.rows))), *(f"c{i}" for i in range(len(backing.columns)))]
    parts = dict(zip(names, [*backing.rows, *backing.columns], strict=True)) | {"unit": backing.persons}
    parts |= {name: part for name, part in (("value", backing.values), ("year", backing.years)) if part is not None}
    frame = aligned(parts)
    frame = frame.dropna(subset=[name for name in frame.columns if name != "year"])
    if not pd.api.types.is_integer_dtype(frame["unit"]) or not len(index):
        return
    places = np.minimum(np.searchsorted(index, frame["unit"].to_numpy()), len(index) - 1)
    if not (index[places] == frame["unit"].to_numpy()).all():
        return
    years = frame["year"].to_numpy() if "year" in frame else None
    groups = {
        key if isinstance(key, tuple) else (key,): at
        for key, at in frame.groupby(names, observed=True, sort=False).indices.items()
    }
    nobody = np.empty(0, dtype=np.int64)
    for cell, row, column in backing.cells:
        at = (*_texts(row, len(backing.rows)), *_texts(column, len(backing.columns)))
        if None in at:
            yield CellSet(at, cell, backing.measure, shown(cell), None)
            continue
        rows = groups.get((*(row or ()), *(column or ())), nobody)
        behind = BitMap(np.unique(places[rows]).astype(np.uint32))
        seen = () if years is None else tuple(sorted({int(year) for year in pd.unique(years[rows]) if year == year}))
        yield CellSet(at, cell, backing.measure, shown(cell), behind, seen)


def _texts(label: Label | None, size: int) -> tuple[str | None, ...]:
    return (None,) * size if label is None else tuple(str(part) for part in label)


def write_beside(target: Path, sealed: bytes | None) -> None:
    """Write the sealed sets beside their table, and remove those of an older table of the name."""
    from c2c_research.contributor_sets import SUFFIX

    path = target.with_name(f"{target.stem}{SUFFIX}")
    if sealed is None:
        path.unlink(missing_ok=True)
    else:
        path.write_bytes(sealed)
