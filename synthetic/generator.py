"""The synthetic Californian: provider files for some years, and the truth about them.

`generate` writes under its folder

- `drop/<provider>/<year>/<table>.csv`: what providers would hand over. The file of a year is **cumulative**: it holds
  everything from the first academic year of the history up to that year, so that an edition needs one contribution a
  provider, and the next year brings new persons, new rows, and records that changed (a move, a marriage);
- `truth/truth.parquet` (provider, record_id, true_person) and `truth/truth.json` (planted effects, planted disclosure
  traps, rows planted as bad). The truth never lies in the drop: no provider knows it.

People are made in blocks, each from its own random stream, so memory stays bounded and the same seed, number of persons
and years give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from enclave.contributions.schema import PROVIDERS, load_schema
from synthetic import college, places, schooling, truths, work
from synthetic.population import People, people
from synthetic.records import Records, records, roster
from synthetic.tables import Rows
from synthetic.writing import Drop

BLOCK = 100_000
HISTORY_YEARS = 10
LIMITS = (1_000, 5_000_000)
_TRUTH = pa.schema([("provider", pa.string()), ("record_id", pa.string()), ("true_person", pa.int64())])
Tables = dict[str, dict[str, Rows]]


@dataclass
class Generated:
    """Where a run wrote, and how much: (provider, year, table) → good rows."""

    drop: Path
    truth: Path
    plan: Path
    rows: dict[tuple[str, int, str], int] = field(default_factory=dict)
    bad_rows: dict[tuple[str, int, str], int] = field(default_factory=dict)

    @property
    def identity_rows(self) -> int:
        return sum(count for (_, _, table), count in self.rows.items() if table == "person")


@dataclass
class Block:
    """One block of people with everything that happened to them, before records and errors."""

    folk: People
    path: schooling.Schooling
    stays: college.Spell
    tables: Tables


def generate(
    out_dir: Path | str,
    persons: int = 20_000,
    seed: int = 1,
    years: Sequence[int] = (2024, 2025),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Generated:
    """Write the files of `persons` people for the contribution `years`; ValueError outside 1,000 to 5,000,000."""
    if not LIMITS[0] <= persons <= LIMITS[1]:
        raise ValueError(f"Choose between {LIMITS[0]:,} and {LIMITS[1]:,} persons.")
    if not years or sorted(set(years)) != list(years):
        raise ValueError("Give the contribution years in rising order, each once.")
    out = Path(out_dir)
    result = Generated(out / "drop", out / "truth" / "truth.parquet", out / "truth" / "truth.json")
    result.truth.parent.mkdir(parents=True, exist_ok=True)
    tally = truths.Tally()
    with Drop(result.drop) as drop, pq.ParquetWriter(result.truth, _TRUTH) as truth:
        for number, start in enumerate(range(0, persons, BLOCK)):
            size = min(BLOCK, persons - start)
            block = build_block(start, size, persons, seed, years[-1], number)
            scores, wages = block.tables["cde"]["k12_assessment"], block.tables["edd"]["ui_wage"]
            tally.add(block.folk, block.path, block.stays, scores, wages, years[-1])
            _write_block(drop, truth, block, seed, years, number)
            progress(start + size, persons)
    for key, file in drop.files.items():
        result.rows[key], result.bad_rows[key] = file.rows, file.bad_rows
    plan = truths.plan(persons, seed, list(years), tally, result.bad_rows)
    result.plan.write_text(json.dumps(plan, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return result


def build_block(start: int, size: int, persons: int, seed: int, last_year: int, number: int) -> Block:
    """The lives of one block of people."""
    rng = np.random.default_rng([seed, number])
    since = last_year - HISTORY_YEARS + 1
    folk = people(rng, start, size, seed, last_year)
    if start == 0:
        truths.plant_tiny_district(folk, last_year)
    path = schooling.schooling(rng, folk)
    if start == 0:
        truths.plant_one_person(path, last_year)
    stays = college.spells(rng, folk, path, last_year)
    pool = places.employers(max(300, persons // 50))
    window = (since, last_year)
    tables: Tables = {
        "eld": {"early_learning": schooling.early_learning(rng, folk, *window)},
        "cde": {
            "k12_enrollment": schooling.enrollment(rng, folk, path, *window),
            "k12_assessment": schooling.assessment(rng, folk, path, *window),
            "k12_completion": schooling.completion(folk, path, *window),
        },
        "csac": {"fin_aid": college.aid(rng, folk, path, stays, *window)},
        "ctc": {"credential": college.credentials(rng, folk, stays, *window)},
        "edd": {"ui_wage": work.wages(rng, folk, path, stays, pool, *window)},
        "cdss": {"dss_participation": work.participation(rng, folk, *window)},
    }
    for system, name in enumerate(college.SYSTEMS):
        tables[name] = {
            "ps_enrollment": college.enrollment(rng, folk, stays, system, *window),
            "ps_award": college.awards(rng, folk, stays, system, *window),
        }
    return Block(folk, path, stays, tables)


def _write_block(
    drop: Drop, truth: pq.ParquetWriter, block: Block, seed: int, years: Sequence[int], number: int
) -> None:
    for stream, provider in enumerate(PROVIDERS):
        rng = np.random.default_rng([seed, number, 1000 + stream])
        held = records(rng, block.folk, provider, list(block.tables[provider].values()), seed)
        for year in years:
            inside, identity = roster(block.folk, held, seed, year, number)
            columns = {**identity, "record_id": held.record_id.take(pa.array(inside))}
            drop.file(provider, year, load_schema(provider).roster).append(columns, rng)
            _write_attributes(drop, block, provider, held, year, rng)
        _write_truth(truth, block.folk, held, years[-1])


def _write_attributes(
    drop: Drop, block: Block, provider: str, held: Records, year: int, rng: np.random.Generator
) -> None:
    schema = load_schema(provider)
    for name, rows in block.tables[provider].items():
        known = rows.keep(rows.year <= year)
        columns: dict[str, Any] = {**known.columns, "record_id": held.record_id.take(pa.array(held.at(known)))}
        drop.file(provider, year, schema.table(name)).append(columns, rng)


def _write_truth(truth: pq.ParquetWriter, folk: People, held: Records, last_year: int) -> None:
    inside = np.flatnonzero(held.first_seen <= last_year)
    truth.write_table(pa.table({
        "provider": pa.array([held.provider] * len(inside), pa.string()),
        "record_id": held.record_id.take(pa.array(inside)), "true_person": folk.serial[held.person[inside]],
    }, schema=_TRUTH))  # fmt: skip
