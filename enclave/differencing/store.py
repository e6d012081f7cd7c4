"""The project's contributor sets on disk: one file a table, one list of persons a project, one writer.

`persons.npy` gives every person that was ever sent a place in the project's dense index, in the order of arrival; a
place never changes. `tables/<binding>` holds a header (statistics with sizes and signatures) and the serialised bitmaps
of the table's cells. Sums of cells are kept as recipes, not as sets. Memory holds the headers; bitmaps are read when
the sieve leaves a pair to test. All goes with the project (see `destroy`).
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import re
import shutil
import struct
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from c2c_research.contributor_sets import Cell, CellSet, TableSets
from enclave.core.errors import BadInput, NotFound
from enclave.core.files import write_atomic
from enclave.differencing.nested import Known, SizeIndex, empty_signatures
from enclave.differencing.statistics import BUCKETS, Statistic, signature, statistics_of

_BINDING = re.compile(r"[0-9a-f]{64}")
_PERSONS = "persons.npy"


@dataclass(frozen=True)
class Kept:
    """A table as the store holds it: everything but the bitmaps."""

    path: Path
    start: int
    pieces: tuple[tuple[int, int], ...]
    statistics: tuple[tuple[str, tuple[int, ...], tuple[Cell, ...], int, tuple[int, ...]], ...]
    signatures: npt.NDArray[np.int32]
    rounding: int
    revision_of: str

    def members(self, number: int) -> BitMap:
        """The persons of a statistic, read from disk."""
        parts = self.statistics[number][4]
        handle = os.open(self.path, os.O_RDONLY)
        try:
            sets = [self._read(handle, part) for part in parts]
        finally:
            os.close(handle)
        return sets[0] if len(sets) == 1 else BitMap.union(*sets)

    def as_new(self) -> Iterator[Statistic]:
        """All statistics with their persons, for a comparison."""
        for number, (measure, years, cells, _, parts) in enumerate(self.statistics):
            yield Statistic(measure, years, cells, self.members(number), parts)

    def _read(self, handle: int, part: int) -> BitMap:
        offset, length = self.pieces[part]
        return BitMap.deserialize(os.pread(handle, length, self.start + offset))


class ProjectSets:
    """The store of one project. Writers hold its lock; a reader sees a table whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._tables: dict[str, Kept] = {}
        self._index: tuple[frozenset[str], SizeIndex] | None = None
        self._last_places: tuple[str, npt.NDArray[np.uint32]] | None = None

    def put(self, binding: str, sets: TableSets, persons: npt.NDArray[np.int64]) -> None:
        """Keep a table's sets; `persons` is the extract's person index that they count in. Twice is once."""
        if self.path(binding).is_file():
            return
        with self.locked():
            places = self._places(persons, sets.index_sha256)
            cells = tuple(_moved(each, places) for each in sets.cells)
            write_atomic(self.path(binding), _encoded(sets, cells), mode=0o600)

    def holds(self, binding: str) -> bool:
        return self.path(binding).is_file()

    def kept(self, binding: str) -> Kept:
        """A table's header. Raises NotFound."""
        if binding not in self._tables:
            path = self.path(binding)
            if not path.is_file():
                raise NotFound("The store has no contributor sets of this table.", "Send them again.")
            self._tables[binding] = _header(path)
        return self._tables[binding]

    def index(self, bindings: Collection[str]) -> SizeIndex:
        """The statistics of these tables, ready to be compared with; kept warm until the tables change."""
        wanted = frozenset(bindings)
        if self._index is None or self._index[0] != wanted:
            self._index = (wanted, self._built(sorted(wanted)))
        return self._index[1]

    def forget(self, bindings: Collection[str]) -> int:
        """Remove the sets of these tables; how many there were."""
        gone = 0
        for binding in bindings:
            self._tables.pop(binding, None)
            path = self.path(binding)
            gone += path.is_file()
            path.unlink(missing_ok=True)
        self._index = None
        return gone

    def path(self, binding: str) -> Path:
        if not _BINDING.fullmatch(binding):
            raise BadInput("This is not a binding.", "Give the 64 hexadecimal digits of a file's binding.")
        return self.folder / "tables" / binding

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One writer at a time."""
        (self.folder / "tables").mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("a+b") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def _places(self, persons: npt.NDArray[np.int64], index: str) -> npt.NDArray[np.uint32]:
        """The dense place of each person of an extract; new persons are appended. The last extract's stay at hand."""
        if index and self._last_places is not None and self._last_places[0] == index:
            return self._last_places[1]
        path = self.folder / _PERSONS
        known = np.load(path) if path.is_file() else np.empty(0, dtype=np.int64)
        fresh = np.setdiff1d(persons, known, assume_unique=True)
        if len(fresh):
            known = np.concatenate([known, fresh])
            temporary = path.with_suffix(".new.npy")
            np.save(temporary, known)
            temporary.replace(path)
        order = np.argsort(known, kind="stable")
        places: npt.NDArray[np.uint32] = order[np.searchsorted(known[order], persons)].astype(np.uint32)
        self._last_places = (index, places)
        return places

    def _built(self, bindings: Sequence[str]) -> SizeIndex:
        known: list[Known] = []
        sizes: list[int] = []
        signatures = [empty_signatures()]
        for binding in bindings:
            table = self.kept(binding)
            if table.rounding >= 5:
                continue
            for number, (measure, years, _, size, _) in enumerate(table.statistics):
                known.append(Known(binding, number, measure, years))
                sizes.append(size)
            signatures.append(table.signatures)
        every = np.concatenate(signatures)
        return SizeIndex(known, np.asarray(sizes, dtype=np.int64), every, lambda each: self._members(each))

    def _members(self, known: Known) -> BitMap:
        return self.kept(known.table).members(known.number)


def destroy(folder: Path) -> int:
    """Remove a project's sets and list of persons; how many files there were."""
    if not folder.is_dir():
        return 0
    files = sum(path.is_file() for path in folder.rglob("*"))
    shutil.rmtree(folder)
    return files


def _moved(each: CellSet, places: npt.NDArray[np.uint32]) -> CellSet:
    """A cell's set in the project's places instead of the extract's."""
    if each.members is None:
        return each
    members = BitMap()
    if len(each.members):
        if int(each.members.max()) >= len(places):
            raise BadInput("The contributor sets name persons that the extract does not have.", "Save the table again.")
        members = BitMap(np.sort(places[np.frombuffer(each.members.to_array(), dtype=np.uint32)]))
        members.run_optimize()
    return CellSet(each.at, each.cell, each.measure, each.shown, members, each.years)


def _encoded(sets: TableSets, cells: Sequence[CellSet]) -> bytes:
    bodies = [b"" if each.members is None else bytes(each.members.serialize()) for each in cells]
    starts = np.cumsum([0, *map(len, bodies)]).tolist()
    found = statistics_of(cells)
    signatures = np.asarray([signature(each.members) for each in found], dtype=np.int32).reshape(-1, BUCKETS)
    header: dict[str, Any] = {
        "pieces": [[start, len(body)] for start, body in zip(starts, bodies, strict=False)],
        "statistics": [
            [each.measure, each.years, each.cells, len(each.members), each.parts] for each in found
        ],
        "signatures": base64.b64encode(signatures.tobytes()).decode(),
        "rounding": sets.rounding,
        "revision_of": sets.revision_of,
    }  # fmt: skip
    text = json.dumps(header, separators=(",", ":")).encode()
    return struct.pack("<I", len(text)) + text + b"".join(bodies)


def _header(path: Path) -> Kept:
    with path.open("rb") as stream:
        (size,) = struct.unpack("<I", stream.read(4))
        header = json.loads(stream.read(size))
    signatures = np.frombuffer(base64.b64decode(header["signatures"]), dtype=np.int32).reshape(-1, BUCKETS)
    statistics = tuple(
        (measure, tuple(years), tuple((row, column) for row, column in cells), size_, tuple(parts))
        for measure, years, cells, size_, parts in header["statistics"]
    )
    pieces = tuple((start, length) for start, length in header["pieces"])
    return Kept(path, 4 + size, pieces, statistics, signatures, header["rounding"], header["revision_of"])
