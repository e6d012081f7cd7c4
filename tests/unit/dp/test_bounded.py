"""In the bounded table one person can change what the policy declares and nothing else."""

from __future__ import annotations

import json
import math
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enclave.core.errors import Unprocessable
from enclave.dp import bounded
from enclave.dp.bounded import ensure_bounded
from enclave.dp.engine import counted
from enclave.dp.policy import policy_for
from enclave.dp.price import price
from enclave.dp.specification import parse_request
from tests.scale import examples
from tests.unit.dp.editions import EDITION, Row, completions, publish
from tests.unit.dp.world import count_body

POLICY = policy_for("k12_completion")


def build(root: Path, rows: list[Row]) -> Path:
    publish(root, rows)
    return ensure_bounded(root / "research" / "editions", root / "bounded", EDITION, POLICY).file


def read(file: Path) -> list[tuple[object, ...]]:
    with duckdb.connect() as database:
        return database.execute("SELECT person, academic_year, gpa FROM read_parquet(?)", [str(file)]).fetchall()


def contents(file: Path) -> list[tuple[object, ...]]:
    with duckdb.connect() as database:
        return database.execute("SELECT * FROM read_parquet(?) ORDER BY ALL", [str(file)]).fetchall()


def test_a_person_has_no_more_rows_than_the_policy_says(tmp_path: Path) -> None:
    rows = read(build(tmp_path, completions()))
    of_zero = [row for row in rows if row[0] == 0]
    assert len(of_zero) == 1
    assert len(rows) == 400


def test_numbers_are_clamped_whole_numbers(tmp_path: Path) -> None:
    odd = [9.9, -4.0, 3.456, float("nan"), float("inf"), None]
    base = completions(2)[0]
    rows = read(build(tmp_path, [{**base, "person_key": n, "gpa": value} for n, value in enumerate(odd)]))
    assert [gpa for _, _, gpa in sorted(rows)] == [500, 0, 346, 500, 500, None]


def test_rows_without_a_person_are_left_out(tmp_path: Path) -> None:
    assert read(build(tmp_path, [{**completions(2)[0], "person_key": None}, *completions(2)[:1]])) != []


def test_columns_that_the_policy_does_not_open_are_not_in_the_table(tmp_path: Path) -> None:
    file = build(tmp_path, [{**completions(2)[0], "last_name": "Canary"}])
    assert b"Canary" not in file.read_bytes()


def test_a_table_is_built_once_and_an_unfinished_build_is_not_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build(tmp_path, completions())
    stamp = first.stat().st_mtime_ns
    assert build(tmp_path, completions()[:5]).stat().st_mtime_ns == stamp
    monkeypatch.setattr(bounded, "write_atomic", _fails)
    with pytest.raises(OSError, match="disk full"):
        ensure_bounded(tmp_path / "research" / "editions", tmp_path / "other", EDITION, POLICY)
    assert [path.name for path in (tmp_path / "other" / EDITION).iterdir()] == []


def test_a_table_that_the_edition_does_not_have_is_refused(tmp_path: Path) -> None:
    publish(tmp_path, completions(), table="other")
    with pytest.raises(Unprocessable):
        ensure_bounded(tmp_path / "research" / "editions", tmp_path / "bounded", EDITION, POLICY)


def test_the_build_report_says_how_many_rows_were_cut(tmp_path: Path) -> None:
    report = json.loads((build(tmp_path, completions()).parent / "build.json").read_text())
    assert (report["rows"], report["rows_kept"]) == (402, 400)


person_rows = st.lists(
    st.fixed_dictionaries(
        {
            "person_key": st.integers(0, 6),
            "academic_year": st.sampled_from([2022, 2023, 2024]),
            "county_code": st.sampled_from(["01", "19", "99"]),
            "gpa": st.one_of(st.none(), st.floats(-10, 10)),
        }
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=person_rows, by_county=st.booleans(), one_year=st.booleans())
def test_removing_one_person_changes_every_statistic_by_at_most_its_sensitivity(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    rows: list[Row],
    by_county: bool,
    one_year: bool,
) -> None:
    monkeypatch.setattr(bounded.secrets, "randbits", lambda _bits: 12345)
    changes = {"by": count_body()["by"] if by_county else [], "where": count_body()["where"] if one_year else []}
    kinds = [{"kind": "count_persons"}, {"kind": "count_rows"}]
    kinds += [{"kind": kind, "column": "gpa"} for kind in ("sum", "mean", "variance", "histogram")]
    request = parse_request(count_body(measures=kinds, loss={"epsilon": 1}, **changes))
    plan = price(request.specification, POLICY, request.loss.stated())
    others = [row for row in rows if row["person_key"] != 0]
    vectors = []
    for each in (rows, [*others, {**rows[0], "person_key": None}]):
        file = build(tmp_path_factory.mktemp("edition"), each)
        vectors.append(counted(plan, POLICY, file)[1])
    for item in plan.statistics:
        key = (item.statistic.kind, item.statistic.column)
        distance = sum((a - b) ** 2 for a, b in zip(vectors[0][key], vectors[1][key], strict=True))
        assert distance <= item.statistic.squared_sensitivity
        assert math.isfinite(item.sigma)


def _fails(*_args: object) -> None:
    raise OSError("disk full")


@settings(max_examples=examples(6, 60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=person_rows, slices=st.integers(1, 5))
def test_a_table_bounded_in_slices_of_persons_is_the_table_bounded_at_once(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, rows: list[Row], slices: int
) -> None:
    monkeypatch.setattr(bounded.secrets, "randbits", lambda _bits: 12345)
    whole = contents(build(tmp_path_factory.mktemp("whole"), rows))
    monkeypatch.setattr(bounded, "ROWS_IN_SLICE", max(1, len(rows) // slices))
    assert contents(build(tmp_path_factory.mktemp("slices"), rows)) == whole


@settings(max_examples=examples(6, 60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=person_rows)
def test_persons_by_year_are_counted_as_the_persons_that_they_are(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row]
) -> None:
    file = build(tmp_path_factory.mktemp("edition"), rows)
    by = [{"column": "academic_year", "keys": [2022, 2023, 2024]}]
    request = parse_request(count_body(where=[], by=by, loss={"epsilon": 1}))
    plan = price(request.specification, POLICY, request.loss.stated())
    _, exact = counted(plan, POLICY, file)
    with duckdb.connect() as database:
        query = "SELECT count(DISTINCT person) FROM read_parquet(?) WHERE academic_year = ?"
        persons = [database.execute(query, [str(file), year]).fetchall()[0][0] for year in (2022, 2023, 2024)]
    assert exact["persons", None] == persons
