"""Publication: attributes joined with person keys become an edition in the research store.

Promise: an edition appears whole or not at all, is never changed afterwards, and holds the person key and the elements
that active agreements open, and nothing else: no record id, no identity column. It carries a manifest signed by the
vault. Where a provider sends the same row in several years, the latest contribution counts.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from enclave.contributions.policies import Agreement, read_agreement
from enclave.contributions.schema import load_schema
from enclave.contributions.store import Contribution
from enclave.core.clock import Clock
from enclave.core.digests import sha256_file
from enclave.core.errors import Conflict, NotAllowed
from enclave.core.files import replace_dir_atomic, write_atomic
from enclave.core.signing import Keyring, SigningKey, seal
from enclave.linkage import record
from enclave.linkage.codebook import PublishedTable, published_tables
from enclave.linkage.contributed import accepted_until
from enclave.linkage.folder import MatchFolder
from enclave.linkage.journal import Journal
from enclave.linkage.matching import Progress
from enclave.linkage.record import MatchRun
from enclave.linkage.run import QUALITY, mark_published
from enclave.linkage.states import MatchRunState

MANIFEST_KIND = "edition.manifest"
_EDITION = re.compile(r"^(\d{4})r(\d+)$")


@dataclass(frozen=True)
class Publisher:
    """What a publication works with."""

    folder: MatchFolder
    editions: Path
    snapshot: Path
    journal: Journal
    key: SigningKey
    keyring: Keyring
    clock: Clock
    say: Progress = lambda _: None

    def publish(self, year: int) -> dict[str, Any]:
        """Publish the accepted match of a year as its next revision; the manifest's payload.

        A publication that was killed after the edition stood is told of again instead of made twice.
        """
        with self.folder.lock():
            run = record.get(self.folder, year)
            if run.state not in {MatchRunState.ACCEPTED, MatchRunState.PUBLISHED}:
                raise Conflict(
                    "The match of this year is not accepted.", f"Accept it first: c2c vault match accept --year {year}"
                )
            self._sweep()
            manifest = self._untold(run) or self._make(run)
            self._tell(run, manifest)
            return manifest

    def _untold(self, run: MatchRun) -> dict[str, Any] | None:
        if run.state is not MatchRunState.ACCEPTED:
            return None
        for edition in reversed(self._revisions(run.year)):
            manifest = self._manifest(edition)
            if manifest["match_run"] == run.id:
                return manifest
        return None

    def _make(self, run: MatchRun) -> dict[str, Any]:
        earlier = self._revisions(run.year)
        edition = f"{run.year}r{len(earlier) + 1}"
        contributions = [each for each in accepted_until(self.folder.vault, run.year) if each.id in run.contributions]
        making = self.editions / f".making-{edition}"
        making.mkdir(parents=True)
        tables = self._write_tables(contributions, making)
        codebook = {"edition": edition, "tables": [table["codebook"] for table in tables]}
        write_atomic(making / "codebook.json", json.dumps(codebook, indent=1, ensure_ascii=False).encode())
        manifest = self._describe(run, edition, earlier, contributions, tables, making)
        envelope = seal(MANIFEST_KIND, manifest, self.key, self.clock)
        write_atomic(making / "manifest.json", json.dumps(envelope, indent=1, ensure_ascii=False).encode())
        _make_read_only(making)
        replace_dir_atomic(making, self.editions / edition)
        (self.editions / edition).chmod(0o555)
        return manifest

    def _write_tables(self, contributions: Sequence[Contribution], making: Path) -> list[dict[str, Any]]:
        written = []
        with self.folder.database() as connection:
            _load_keys(connection, self.folder.crosswalk)
            for provider in sorted({each.provider for each in contributions}):
                agreement = self._agreement(provider)
                if agreement is None:
                    self.say(f"{provider}: left out, no active agreement")
                    continue
                sent = [each for each in contributions if each.provider == provider and _covers(agreement, each.year)]
                for table in published_tables(load_schema(provider), agreement.elements):
                    files = [(each.year, each.attributes(table.table.name)) for each in sent]
                    present = [(year, path) for year, path in files if path.is_file()]
                    if present:
                        self.say(f"{provider}: {table.table.name}")
                        written.append(_write_table(connection, table, present, making))
        return written

    def _agreement(self, provider: str) -> Agreement | None:
        try:
            agreement = read_agreement(self.snapshot, provider, self.keyring, self.clock)
        except NotAllowed:
            return None
        return agreement if agreement.state == "ACTIVE" else None

    def _describe(
        self, run: MatchRun, edition: str, earlier: list[str], contributions: Iterable[Contribution],
        tables: list[dict[str, Any]], making: Path,
    ) -> dict[str, Any]:  # fmt: skip
        quality = json.loads((self.folder.results(run.year, run.id) / QUALITY).read_text())
        return {
            "edition": edition, "year": run.year, "revision": int(edition.partition("r")[2]),
            "published_at": self.clock.now().isoformat(), "match_run": run.id, "model_version": run.model_version,
            "supersedes": earlier, "contributions": [each.id for each in contributions],
            "codebook_sha256": sha256_file(making / "codebook.json"), "persons": _persons(making),
            "quality": quality,
            "tables": [
                {name: value for name, value in table.items() if name != "codebook"}
                | {"columns": [column["name"] for column in table["codebook"]["columns"]]}
                for table in tables
            ],
        }  # fmt: skip

    def _tell(self, run: MatchRun, manifest: Mapping[str, Any]) -> None:
        folder = self.editions / manifest["edition"]
        described = json.loads((folder / "codebook.json").read_text())["tables"]
        counted = {(table["provider"], table["name"]): table for table in manifest["tables"]}
        tables = [
            entry | {
                "rows": counted[entry["provider"], entry["name"]]["rows"],
                "persons": counted[entry["provider"], entry["name"]]["persons"],
                "digest": counted[entry["provider"], entry["name"]]["sha256"],
            }
            for entry in described
        ]  # fmt: skip
        self.journal.tell(
            "edition.published", manifest["edition"], year=run.year, supersedes=manifest["supersedes"],
            counts={"persons": manifest["persons"], "tables": len(tables), "rows": sum(t["rows"] for t in tables)},
            digests={"manifest": sha256_file(folder / "manifest.json")}, quality=manifest["quality"],
            lineage={name: manifest[name] for name in ("match_run", "model_version", "contributions")},
            tables=tables,
        )  # fmt: skip
        mark_published(self.folder, self.journal, run.year, manifest["edition"])

    def _revisions(self, year: int) -> list[str]:
        found = [
            (int(name[2]), path.name)
            for path in self.editions.glob("*")
            if (name := _EDITION.match(path.name)) and int(name[1]) == year
        ]
        return [edition for _, edition in sorted(found)]

    def _manifest(self, edition: str) -> dict[str, Any]:
        manifest: dict[str, Any] = json.loads((self.editions / edition / "manifest.json").read_text())["payload"]
        return manifest

    def _sweep(self) -> None:
        """What a killed publication left behind."""
        self.editions.mkdir(parents=True, exist_ok=True)
        for path in self.editions.glob(".making-*"):
            shutil.rmtree(path)


def _covers(agreement: Agreement, year: int) -> bool:
    return agreement.first_year <= year <= agreement.last_year


def _load_keys(connection: duckdb.DuckDBPyConnection, crosswalk: Path) -> None:
    connection.execute(
        "CREATE TABLE keys AS SELECT provider, record_id, person_key FROM read_parquet(?)", [str(crosswalk)]
    )


def _write_table(
    connection: duckdb.DuckDBPyConnection, agreed: PublishedTable, files: Sequence[tuple[int, Path]], making: Path
) -> dict[str, Any]:
    """One table: rows of all contributions, of one key the latest, joined to person keys, sorted by them."""
    published = _gather(connection, agreed, files)
    target = making / published.provider / f"{published.table.name}.parquet"
    target.parent.mkdir(exist_ok=True)
    columns = ", ".join(f'"{column.name}"' for column in published.columns)
    connection.execute(
        f"COPY (SELECT person_key, {columns} FROM gathered JOIN keys USING (record_id) WHERE provider = $provider "
        f"ORDER BY person_key, {columns}) TO '{_quoted(target)}' (FORMAT parquet, COMPRESSION zstd)",
        {"provider": published.provider},
    )
    ((rows, persons),) = connection.execute(
        "SELECT count(*), count(DISTINCT person_key) FROM read_parquet(?)", [str(target)]
    ).fetchall()
    return {
        "provider": published.provider, "name": published.table.name, "rows": rows, "persons": persons,
        "path": f"{published.provider}/{target.name}", "sha256": sha256_file(target),
        "codebook": published.described(),
    }  # fmt: skip


def _gather(
    connection: duckdb.DuckDBPyConnection, agreed: PublishedTable, files: Sequence[tuple[int, Path]]
) -> PublishedTable:
    """``gathered``: record_id and the columns that are both agreed and there; NULL where an older file lacks one.

    Rows of one key are of the latest contribution; where a key column was never sent, only the latest file counts.
    """
    union = " UNION ALL BY NAME ".join(
        f"SELECT *, {year} AS sent_in FROM read_parquet('{_quoted(path)}')" for year, path in files
    )
    present = {row[0] for row in connection.execute(f"DESCRIBE {union}").fetchall()}
    published = agreed.limited_to(present)
    kept = ", ".join(f'"{column.name}"' for column in published.columns)
    key = ", ".join(f'"{name}"' for name in published.table.key if set(published.table.key) <= present)
    latest = (
        f"QUALIFY dense_rank() OVER (PARTITION BY {key} ORDER BY sent_in DESC) = 1"
        if key
        else (f"WHERE sent_in = {files[-1][0]}")
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE gathered AS SELECT record_id, {kept} FROM ({union}) {latest}")
    return published


def _persons(making: Path) -> int:
    files = [str(path) for path in making.glob("*/*.parquet")]
    if not files:
        raise Conflict(
            "No active agreement opens any element of this year, so there is nothing to publish.",
            "Look at the agreements, then publish again.",
        )
    with duckdb.connect() as connection:
        ((persons,),) = connection.execute(
            "SELECT count(DISTINCT person_key) FROM read_parquet(?, union_by_name=true)", [files]
        ).fetchall()
    return int(persons)


def _make_read_only(folder: Path) -> None:
    for path in folder.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
