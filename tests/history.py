"""Years of history in seconds: requests that were really made once, copied under other names.

Each *pattern* (a request in some state) went through the real services with the real checker. Copies are the pattern's
own rows with new ids, names, times and bytes, in every table that it touched, and an audit trail whose chain holds.
What is copied is therefore what the services write, at a hundred times their speed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from enclave.core.audit.model import AuditEvent
from enclave.core.audit.record import GENESIS
from enclave.core.db import Base, Database
from enclave.core.digests import canonical_json, sha256_hex
from enclave.core.ids import new_id
from output_review.model import (
    CheckReport,
    Claim,
    Comment,
    Exception_,
    FileGroup,
    OutputFile,
    ReleaseRecord,
    ReleaseRequest,
    Turn,
    Vote,
    binding_of,
)

OF_REQUEST: tuple[type[Base], ...] = (FileGroup, OutputFile, Claim, Turn, Comment)
OF_FILE: tuple[type[Base], ...] = (CheckReport, Exception_, Vote)
Row = dict[str, Any]


@dataclass(frozen=True)
class Pattern:
    """The rows of one request, by table."""

    rows: Mapping[str, list[Row]]

    @classmethod
    def of(cls, connection: Connection, request: str) -> Pattern:
        """What the services wrote about a request."""
        rows = {"release_request": _rows(connection, _table(ReleaseRequest), "id", [request])}
        for model in OF_REQUEST:
            rows[_table(model).name] = _rows(connection, _table(model), "request_id", [request])
        files = [row["id"] for row in rows["release_file"]]
        for model in OF_FILE:
            rows[_table(model).name] = _rows(connection, _table(model), "file_id", files)
        rows["release_record"] = _rows(connection, _table(ReleaseRecord), "request_id", [request])
        rows["audit_events"] = _rows(connection, _table(AuditEvent), "subject_id", [request])
        return cls(rows)


@dataclass
class Copier:
    """Copies of patterns, gathered until `write`."""

    seed: int = 7

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.rows: dict[str, list[Row]] = {}
        self.events: list[Row] = []

    def copy(self, pattern: Pattern, *, project: str, author: str, checkers: tuple[str, str], at: datetime) -> str:
        """One more request like the pattern: of another project, author and day."""
        [first] = pattern.rows["release_request"]
        ids = {first["id"]: new_id("rel")}
        for name, rows in pattern.rows.items():
            if name not in ("release_request", "release_record", "audit_events"):
                ids |= _new_ids([str(row["id"]) for row in rows])
        people = dict(
            zip(dict.fromkeys(row["checker"] for row in pattern.rows["release_claim"]), checkers, strict=False)
        )
        people[first["author"]] = author
        bindings = self._new_bindings(pattern)
        names = {**ids, **people, **bindings, first["project_id"]: project}
        shift = at - first["created_at"]
        for table, rows in pattern.rows.items():
            kept = self.events if table == "audit_events" else self.rows.setdefault(table, [])
            kept += [{key: _changed(value, names, shift) for key, value in row.items()} for row in rows]
        return ids[first["id"]]

    def write(self, database: Database) -> int:
        """Insert everything, and continue the audit chain in the order of time; returns the number of events."""
        with database.write() as session:
            connection = session.connection()
            for model in (ReleaseRequest, *OF_REQUEST, *OF_FILE, ReleaseRecord):
                rows = self.rows.get(_table(model).name)
                if rows:
                    connection.execute(insert(_table(model)), rows)
            events = list(self._chained(connection))
            if events:
                connection.execute(insert(_table(AuditEvent)), events)
        return len(events)

    def _chained(self, connection: Connection) -> Iterator[Row]:
        query = select(AuditEvent.seq, AuditEvent.hash).order_by(AuditEvent.seq.desc()).limit(1)
        last = connection.execute(query).one_or_none()
        seq, previous = (last.seq, last.hash) if last else (0, GENESIS)
        for row in sorted(self.events, key=lambda each: each["at"]):
            seq += 1
            content = {**row, "seq": seq, "at": row["at"].isoformat(), "previous": previous}
            content.pop("hash")
            previous = sha256_hex(canonical_json(content))
            yield {**row, "seq": seq, "previous": content["previous"], "hash": previous}

    def _new_bindings(self, pattern: Pattern) -> dict[str, str]:
        """Other bytes for every file: digest → digest, and so binding → binding."""
        found: dict[str, str] = {}
        for row in pattern.rows["release_file"]:
            found[row["sha256"]] = sha256_hex(self.random.randbytes(16))
            changed = binding_of(row["name"], row["kind"], found[row["sha256"]], row["sidecars"])
            found[row["binding"]] = changed
        return found


def _new_ids(ids: list[str]) -> dict[str, str]:
    """Other ids in the same order: what was said last stays last."""
    return dict(zip(sorted(ids), sorted(new_id(each.split("_")[0]) for each in ids), strict=True))


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


def _rows(connection: Connection, table: Table, column: str, values: list[str]) -> list[Row]:
    found = connection.execute(select(table).where(table.c[column].in_(values)))
    return [dict(row) for row in found.mappings()]


def _changed(value: Any, names: Mapping[str, str], shift: timedelta) -> Any:
    """The value with every known name in it replaced and every moment moved."""
    if isinstance(value, datetime):
        return value + shift
    if isinstance(value, str):
        if value.startswith("user:"):
            return "user:" + names.get(value[5:], value[5:])
        return names.get(value, value)
    if isinstance(value, list):
        return [_changed(each, names, shift) for each in value]
    if isinstance(value, dict):
        return {names.get(key, key): _changed(each, names, shift) for key, each in value.items()}
    return value
