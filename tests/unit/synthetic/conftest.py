"""One synthetic California for the tests of this folder, and the same people seen from inside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

import synthetic
from synthetic import generator
from synthetic.generator import Block

PERSONS, SEED = 40_000, 3


@dataclass
class California:
    """What was written, and questions to it in SQL: `{cde}` stands for the CDE's newest files, and so on."""

    made: synthetic.Generated

    def ask(self, query: str, year: int = 2025) -> list[tuple[Any, ...]]:
        with duckdb.connect() as connection:
            return connection.execute(query.format(drop=self.made.drop, truth=self.made.truth, year=year)).fetchall()


def csv(provider: str, table: str) -> str:
    """A relation over a provider's file, as text, for `California.ask`."""
    return f"read_csv('{{drop}}/{provider}/{{year}}/{table}.csv', all_varchar=true)"


@pytest.fixture(scope="session")
def california(tmp_path_factory: pytest.TempPathFactory) -> California:
    folder: Path = tmp_path_factory.mktemp("california")
    return California(synthetic.generate(folder, PERSONS, SEED, (2024, 2025)))


@pytest.fixture(scope="session")
def block() -> Block:
    """The clean lives behind the files of `california`."""
    return generator.build_block(0, PERSONS, PERSONS, SEED, 2025, 0)
