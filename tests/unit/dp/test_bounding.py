"""The share of rows that bounding cut: charged to the edition, noisy, told in public and with answers; never exact."""

from __future__ import annotations

import json
import statistics
from datetime import timedelta
from pathlib import Path

import pytest

from enclave.core.clock import FixedClock
from enclave.core.signing import open_envelope
from enclave.dp import bounding, cut_rows, store
from enclave.dp.bounded import connect, counted_rows, ensure_bounded
from enclave.dp.policy import load_policies, parse_policy
from enclave.dp.reconciliation import differences
from services.worker import bounding as worker
from tests.portal import BASE, Portal
from tests.unit.dp.editions import EDITION, completions, publish
from tests.unit.dp.world import PROJECT, World, count_body

TABLE = "k12_completion"
POLICY = parse_policy(
    {
        "table": TABLE, "title": "t", "providers": ["cde"],
        "rows": {"per_person": 3, "per_period": 2, "period": "year"},
        "columns": {"year": {"type": "integer", "keys": {"from": 2020, "to": 2026}}},
    }
)  # fmt: skip


def rows(person: int, **years: int) -> list[dict[str, int]]:
    return [{"person_key": person, "year": int(year[1:])} for year, many in years.items() for _ in range(many)]


def counted(root: Path, *people: list[dict[str, int]]) -> tuple[int, int]:
    folder = publish(root, [row for person in people for row in person])
    with connect() as database:
        return counted_rows(database, folder / EDITION, POLICY)


def test_rows_that_count_are_those_of_the_bounded_table_and_one_persons_cut_rows_are_bounded(tmp_path: Path) -> None:
    found = counted(tmp_path, rows(1, y2020=1), rows(2, y2020=4, y2021=1, y2022=2), rows(3, y2020=50))
    assert found == (1 + 3 + 2, 0 + 3 + 3)
    made = ensure_bounded(tmp_path / "research" / "editions", tmp_path / "bounded", EDITION, POLICY)
    build = json.loads((made.file.parent / "build.json").read_text())
    assert build["rows_kept"] == found[0]


@pytest.mark.parametrize("person", [rows(9, y2020=1), rows(9, y2020=2, y2021=2), rows(9, y2020=80), rows(9, y2023=9)])
def test_a_person_moves_both_counts_by_no_more_than_the_declared_sensitivity(
    tmp_path: Path, person: list[dict[str, int]]
) -> None:
    without = counted(tmp_path, rows(1, y2020=1), rows(2, y2020=4))
    extra = counted(tmp_path, rows(1, y2020=1), rows(2, y2020=4), person)
    moved = sum((after - before) ** 2 for before, after in zip(without, extra, strict=True))
    assert moved <= cut_rows.priced(POLICY).statistic.squared_sensitivity


def test_the_worker_reports_each_table_once_and_the_edition_pays(world: World, portal: Portal) -> None:
    assert worker.unreported(portal.context) == [f"{EDITION}/{TABLE}"]
    worker.report(portal.context, f"{EDITION}/{TABLE}")
    worker.report(portal.context, f"{EDITION}/{TABLE}")
    assert worker.unreported(portal.context) == []
    with world.database.read() as session:
        cap = store.cap(session, EDITION)
        assert cap is not None
        assert cap.charged == cut_rows.COST.nano_rho
        (entry,) = store.entries_of(session, bounding.WHOSE)
        told = bounding.reports(session, EDITION)[TABLE]
        assert entry.answer is not None
        receipt = open_envelope(
            entry.answer["receipt"], portal.context.keyring, "dp.receipt", portal.context.clock, ("data",)
        )
        assert receipt["loss"]["nano_rho"] == entry.cost
        assert list(differences(session)) == []
    assert abs(told["rows_kept"] - 400) <= 4 * told["half_width_rows"]
    page = portal.stranger().get(f"{BASE}/public/privacy").text
    assert "Rows that the bounds cut" in page
    assert TABLE.replace("_", " ") in page
    (edition,) = portal.stranger().get(f"{BASE}/api/public/privacy").json()
    assert edition["rows_cut"][0]["share_cut"] == told["share_cut"]
    assert edition["by"][0]["title"] == "Report of the rows that the bounds cut"


def test_an_answer_and_the_feasibility_page_say_how_much_was_cut(world: World, portal: Portal) -> None:
    worker.report(portal.context, f"{EDITION}/{TABLE}")
    answer = portal.operator("alice").post(f"{BASE}/api/projects/{PROJECT}/dp/queries", json=count_body()).json()
    (told,) = answer["rows_cut"]
    assert (told["table"], 0 <= told["share_cut"] <= 1) == (TABLE, True)
    page = portal.browser("alice").get(f"{BASE}/feasibility?dataset={TABLE}").text
    assert "At most 2 rows of a person count" in page


def test_the_report_is_unbiased_and_its_interval_covers(tmp_path: Path) -> None:
    from enclave.dp.noise import GaussianNoise

    policy = load_policies()[TABLE]
    folder = publish(tmp_path, completions(3000)) / EDITION
    item = cut_rows.priced(policy)
    with connect() as database:
        kept, cut = counted_rows(database, folder, policy)
    drawn = [cut_rows.told(folder, policy, item, GaussianNoise()) for _ in range(60)]
    spread = item.sigma / 60**0.5
    assert abs(statistics.fmean(each["rows_kept"] for each in drawn) - kept) < 5 * spread
    covered = sum(abs(each["share_cut"] - cut / (kept + cut)) <= each["half_width"] + 1e-4 for each in drawn)
    assert covered >= 48


def test_a_table_whose_agreement_has_ended_is_not_reported(world: World, portal: Portal, clock: FixedClock) -> None:
    clock.advance(timedelta(days=1000))
    assert worker.unreported(portal.context) == []
