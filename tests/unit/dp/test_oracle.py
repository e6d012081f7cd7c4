"""A second, independent engine agrees: smartnoise-sql over the same bounded table, fed with SQL of ours alone."""

from __future__ import annotations

import warnings
from pathlib import Path

import duckdb
import pytest

from enclave.dp.bounded import ensure_bounded
from enclave.dp.engine import GaussianNoise, answer
from enclave.dp.policy import policy_for
from enclave.dp.price import price
from enclave.dp.shape import shape
from enclave.dp.specification import parse_request
from tests.unit.dp.editions import EDITION, completions, publish
from tests.unit.dp.world import count_body

POLICY = policy_for("k12_completion")
METADATA = {
    "": {
        "dp": {
            "bounded": {
                "row_privacy": False, "max_ids": 1, "censor_dims": False, "clamp_counts": False,
                "person": {"type": "int", "private_id": True},
                "gender": {"type": "string"},
                "gpa": {"type": "int", "lower": 0, "upper": 500},
            }
        }
    }
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
def test_smartnoise_gives_the_same_counts_and_sums_within_both_errors(tmp_path: Path) -> None:
    editions = publish(tmp_path, completions(4001))
    file = ensure_bounded(editions, tmp_path / "bounded", EDITION, POLICY).file
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import snsql

        with duckdb.connect() as database:
            query = "SELECT person, gender, gpa FROM read_parquet(?) WHERE academic_year = 2023"
            frame = database.execute(query, [str(file)]).df()
        reader = snsql.from_df(frame, privacy=snsql.Privacy(epsilon=2.0, delta=1e-6), metadata=METADATA)
        theirs = reader.execute("SELECT gender, COUNT(DISTINCT person), SUM(gpa) FROM dp.bounded GROUP BY gender")
    measures = [{"kind": "count_persons"}, {"kind": "sum", "column": "gpa"}]
    by = [{"column": "gender", "keys": ["F"]}]
    request = parse_request(count_body(measures=measures, by=by, loss={"epsilon": 2.0}))
    plan = price(request.specification, POLICY, request.loss.stated())
    count, total = shape(answer(plan, POLICY, file, GaussianNoise()), plan, POLICY).rows
    (_, their_count, their_sum) = next(row for row in theirs[1:] if row[0] == "F")
    assert abs(their_count - count["value"]) < 3 * count["half_width"] + 30
    assert abs(their_sum / 100 - total["value"]) < 3 * total["half_width"] + 200
