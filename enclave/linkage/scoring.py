"""Training, freezing and applying the match model with Splink on DuckDB.

Promise: a frozen model (parameters and name frequencies, one folder) scores a pair the same in every later year.
Caution: one ``DuckDBAPI`` a Linker, since Splink caches frequency tables on it by column name.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from splink import DuckDBAPI, Linker, block_on

from enclave.core.errors import BadInput
from enclave.core.files import write_atomic
from enclave.linkage import model

MODEL_FILE = "model.json"
SAMPLED_PAIRS = 400_000
FIRST_NAMES_ALIKE = "l.first_formal = r.first_formal"
SURE_RULES = (
    "l.ssn = r.ssn",
    f"l.ssid = r.ssid AND {FIRST_NAMES_ALIKE}",
    f"l.dob = r.dob AND l.last_name = r.last_name AND {FIRST_NAMES_ALIKE}",
)
SURE_RULES_RECALL = 0.7


class Scorer:
    """Scores pairs of the table ``records`` of one connection; trained here or loaded frozen."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, frozen: Path | None = None) -> None:
        self.connection = connection
        connection.execute("SET disabled_optimizers = 'join_order'")
        self._api = DuckDBAPI(connection)
        self._records = self._api.register("records", table_name="identity_records", dataset_display_name="records")
        settings = _frozen_settings(frozen) if frozen else model.settings()
        with _quiet():
            self._linker = Linker(self._records, settings, log_level=None)
        self._set_frequencies(frozen)
        if frozen is None:
            self._train()

    def _train(self) -> None:
        """u of the common levels from random pairs (seeded), the share of matches from sure rules."""
        with _quiet():
            training = self._linker.training
            training.estimate_probability_two_random_records_match(list(SURE_RULES), recall=SURE_RULES_RECALL)
            training.estimate_u_using_random_sampling(
                max_pairs=SAMPLED_PAIRS, seed=model.SEED, min_count_per_level=None, num_chunks=1
            )

    def _set_frequencies(self, frozen: Path | None) -> None:
        tables = self._linker.table_management
        for column in model.TERM_FREQUENCY_COLUMNS:
            if frozen is None:
                tables.compute_tf_table(column)
                continue
            name = f"frozen_tf_{column}"
            self.connection.execute(
                f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM read_parquet(?)",
                [str(_frequencies(frozen, column))],
            )
            tables.register_term_frequency_lookup(self._api.register(name, table_name=f"{name}_lookup"), column)

    def freeze(self, folder: Path) -> None:
        """Write parameters and frequencies to ``folder``; what ``Scorer(…, frozen=folder)`` reads."""
        folder.mkdir(parents=True, exist_ok=True)
        for column in model.TERM_FREQUENCY_COLUMNS:
            table = self._linker.table_management.compute_tf_table(column)
            target = _quoted(_frequencies(folder, column))
            self.connection.execute(f"COPY (FROM {table.physical_name}) TO '{target}' (FORMAT parquet)")
        frozen = {"version": model.MODEL_VERSION, "settings": self._linker.misc.save_model_to_json()}
        write_atomic(folder / MODEL_FILE, json.dumps(frozen, indent=1, sort_keys=True).encode())

    def pairs(self) -> int:
        """All records against each other into ``pairs``; the number of pairs kept."""
        with _quiet():
            scored = self._linker.inference.predict(threshold_match_weight=model.KEPT_FROM_WEIGHT, warning_mode="never")
        return self._keep([scored.physical_name])

    def pairs_of_new(self) -> int:
        """Only pairs with at least one record of ``new_records`` (uids) into ``pairs``; the number kept."""
        self.connection.execute(
            "CREATE OR REPLACE TABLE records_new AS SELECT * FROM records WHERE uid IN (SELECT uid FROM new_records)"
        )
        self.connection.execute(
            "CREATE OR REPLACE TABLE records_standing AS "
            "SELECT * FROM records WHERE uid NOT IN (SELECT uid FROM new_records)"
        )
        new = self._api.register("records_new", table_name="part_new")
        standing = self._api.register("records_standing", table_name="part_standing")
        lowest = model.KEPT_FROM_WEIGHT
        with _quiet():
            predict = self._linker.inference
            between = predict.predict_between(standing, new, threshold_match_weight=lowest, warning_mode="never")
            within = predict.predict_within(new, threshold_match_weight=lowest, warning_mode="never")
        return self._keep([between.physical_name, within.physical_name])

    def pairs_inside(self, table: str) -> str:
        """Every pair inside a ``component`` of ``table`` (records plus that column), scored; the result's table."""
        part = self._api.register(table, table_name=f"{table}_inside")
        with _quiet():
            scored = self._linker.inference.predict_within(
                part,
                blocking_rules_to_generate_predictions=[block_on("component")],
                threshold_match_weight=None,
                warning_mode="never",
            )
        return str(scored.physical_name)

    def _keep(self, tables: list[str]) -> int:
        union = " UNION ALL ".join(f"SELECT uid_l, uid_r, match_weight FROM {table}" for table in tables)
        self.connection.execute(
            "CREATE OR REPLACE TABLE pairs AS "
            f"SELECT least(uid_l, uid_r) AS uid_l, greatest(uid_l, uid_r) AS uid_r, match_weight FROM ({union})"
        )
        for table in tables:
            self.connection.execute(f"DROP TABLE IF EXISTS {table}")
        (count,) = self.connection.execute("SELECT count(*) FROM pairs").fetchall()[0]
        return int(count)


def _frozen_settings(folder: Path) -> dict[str, object]:
    try:
        frozen = json.loads((folder / MODEL_FILE).read_text())
    except (OSError, ValueError) as error:
        raise BadInput(
            "The frozen match model cannot be read.", "Run the match with --full to train a new one."
        ) from error
    if frozen.get("version") != model.MODEL_VERSION:
        raise BadInput(
            "The frozen match model is of another version of the software.",
            "Run the match with --full to train a new one.",
        )
    return dict(frozen["settings"])


def _frequencies(folder: Path, column: str) -> Path:
    return folder / f"frequencies-{column}.parquet"


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


@contextmanager
def _quiet() -> Iterator[None]:
    """Splink logs and warns with values of names; neither may reach a log of ours."""
    logger = logging.getLogger("splink")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)
