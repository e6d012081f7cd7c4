"""Providers' own rules: what is shown of a noisy number, that it is free, and that what is withheld is nowhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from c2c_research.dp import PrivateAnswer, consistent
from enclave.core.signing import open_envelope
from enclave.dp import rules
from enclave.dp.joins import policy_of
from enclave.dp.noise import GaussianNoise
from enclave.dp.policy import Shown, TablePolicy, load_policies, policy_for
from enclave.dp.policy.providers import load_rules, shown_of
from enclave.dp.price import Priced, price
from enclave.dp.receipts import canonical_csv
from enclave.dp.shape import Table, shape
from enclave.dp.specification import parse_request
from enclave.dp.vectors import Answer
from services.private_answers import answer_question
from tests.unit.dp.editions import unruled
from tests.unit.dp.world import PROJECT, World, count_body

STRICT = Shown(below=11, rates_from=20, blank=((("naics", "21"), ("county_code", "02")), (("naics", "11"),)))
INSIDE = {"naics": "21", "county_code": "02"}

SHOWN: list[tuple[str, Any, Any, int | None, dict[str, str], str]] = [
    ("a count below the limit", "count_persons", (10, 5, "ok"), 10, {}, "<11"),
    ("a count of nobody", "count_rows", (0, 5, "imprecise"), 0, {}, "<11"),
    ("a count at the limit", "count_persons", (11, 5, "ok"), 11, {}, "ok"),
    ("a bin below the limit", "histogram", (3, 5, "ok"), 3, {}, "<11"),
    ("a mean of few", "mean", (2.5, 0.1, "ok"), 19, {}, "n<20"),
    ("a mean of enough", "mean", (2.5, 0.1, "ok"), 20, {}, "ok"),
    ("a deviation of few", "stddev", (2.5, 0.1, "ok"), 7, {}, "n<20"),
    ("a quantile of few", "quantile", (2.5, 0.1, "ok"), 19, {}, "n<20"),
    ("a mean that noise has taken already", "mean", (None, None, "too_few"), 3, {}, "too_few"),
    ("a sum", "sum", (900, 5, "ok"), None, {}, "ok"),
    ("a cell of the public list", "sum", (900, 5, "ok"), None, INSIDE, "3/80"),
    ("a part of a cell of the list", "mean", (900, 5, "ok"), 90, {**INSIDE, "quarter": "1"}, "3/80"),
    ("another county", "sum", (900, 5, "ok"), None, {**INSIDE, "county_code": "03"}, "ok"),
    ("more than the cell", "sum", (900, 5, "ok"), None, {"naics": "21"}, "ok"),
    ("an industry that is blank everywhere", "count_persons", (90, 5, "ok"), 90, {"naics": "11", "county_code": "19"},
     "3/80"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "estimate", "size", "keys", "status"), [row[1:] for row in SHOWN],
                         ids=[row[0] for row in SHOWN])  # fmt: skip
def test_what_is_shown_of_a_number(
    kind: Any, estimate: Any, size: int | None, keys: dict[str, str], status: str
) -> None:
    found = rules.apply(STRICT, kind, estimate, size, keys)
    assert found[2] == status
    assert found == (estimate if status in ("ok", "too_few") else (None, None, status))


def test_the_strictest_rule_of_all_providers_of_a_table_holds() -> None:
    assert (policy_for("k12_completion").shown.below, policy_for("k12_completion").shown.rates_from) == (11, 20)
    both = shown_of(["edd"]).beside(Shown(below=5)).beside(Shown(below=30, rates_from=10))
    assert (both.below, both.rates_from) == (30, 10)
    assert set(load_rules()) <= {provider for policy in load_policies().values() for provider in policy.providers}


def test_the_public_list_says_which_cells_of_employers_stay_blank(tmp_path: Path) -> None:
    (tmp_path / "providers.yaml").write_text("edd: {employers: {fewest: 3, share: 0.8}}")
    (tmp_path / "employers.yaml").write_text(
        """
        - {naics: "21", county_code: "02", employers: 2, largest_share: 0.5}
        - {naics: "22", county_code: "02", employers: 9, largest_share: 0.8}
        - {naics: "23", county_code: "02", employers: 9, largest_share: 0.79}
        - {naics: "11", employers: 1, largest_share: 1}
        """
    )
    shown = shown_of(["edd"], tmp_path)
    assert shown.blank == ((("naics", "21"), ("county_code", "02")), (("naics", "22"), ("county_code", "02")),
                           (("naics", "11"),))  # fmt: skip
    assert shown.names == ("edd: 3/80",)


def test_a_joined_tables_rule_holds_too() -> None:
    body = {"dataset": "ui_wage", "by": [{"column": "k12_completion.gender"}], "measures": [{"kind": "count_persons"}],
            "loss": {"error": 50}}  # fmt: skip
    policy = policy_of(parse_request(body).specification)
    assert policy.shown.below == 11
    assert set(policy.shown.names) == {"edd: 3/80", "cde: <11", "cde: n<20"}


def test_conditions_fix_keys_as_groups_do() -> None:
    where = [{"column": "naics", "op": "=", "value": "21"}, {"column": "county_code", "op": "in", "value": ["02"]},
             {"column": "quarter", "op": "in", "value": [1, 2]}]  # fmt: skip
    body = {"dataset": "ui_wage", "where": where, "measures": [{"kind": "count_rows"}], "loss": {"error": 50}}
    assert rules.fixed(parse_request(body).specification) == INSIDE


def test_a_rule_changes_neither_price_nor_noise() -> None:
    ruled = policy_for("k12_completion")
    request = parse_request(count_body())
    plans = [price(request.specification, policy, request.loss.stated()) for policy in (ruled, unruled(ruled))]
    assert plans[0] == plans[1]
    noisy = Answer((("01",), ("19",)), {("persons", None): [7, 200]})
    tables = [shape(noisy, plans[0], policy) for policy in (ruled, unruled(ruled))]
    assert [row["value"] for row in tables[0].rows] == [None, 200]
    assert [row["value"] for row in tables[1].rows] == [7, 200]
    assert ruled.digest != unruled(ruled).digest


def test_a_table_shows_the_limit_in_place_of_a_count() -> None:
    row = {"county_code": "01", "measure": "count_persons", "value": None, "half_width": None, "status": "<11"}
    mean = {**row, "measure": "mean(gpa)", "status": "n<20"}
    table = Table(tuple(row), (row, mean))
    assert canonical_csv(table).decode().splitlines()[1:] == ["01,count_persons,<11,,<11", "01,mean(gpa),,,n<20"]


def test_what_was_withheld_is_in_no_answer_receipt_file_or_log(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    noisy: list[int] = []
    draw = GaussianNoise.add

    def seen(self: GaussianNoise, values: list[int], priced: Priced) -> list[int]:
        noisy.extend(drawn := [value % 11 - 90_000 for value in draw(self, values, priced)])
        return drawn

    monkeypatch.setattr(GaussianNoise, "add", seen)
    found = answer_question(world.database, world.client, world.alice, PROJECT, parse_request(count_body()))
    assert [(row["value"], row["half_width"], row["status"]) for row in found["rows"]] == [(None, None, "<11")] * 2
    receipt = open_envelope(found["receipt"], world.client.keyring, "dp.receipt", world.client.clock, {"data"})
    assert receipt["provider_rules"] == {"names": ["cde: <11", "cde: n<20"], "below": 11, "rates_from": 20}
    kept = [path.read_text() for path in (world.context.paths.bounded / "answers").glob("*.json")]
    printed = capsys.readouterr()
    everything = "".join([json.dumps(found), *kept, printed.out, printed.err])
    assert noisy
    assert not [value for value in noisy if str(value) in everything]


def answered(rows: list[dict[str, Any]], groups: tuple[str, ...], sigma: float) -> PrivateAnswer:
    said = {"dataset": "k12_completion", "where": [], "measures": [{"kind": "count_persons"}]}
    payload = {"entry": "x", "specification": said, "time": "2026-01-01", "provider_rules": {"names": [], "below": 11},
               "statistics": [{"kind": "persons", "sensitivity_squared": 1, "sigma": sigma}]}  # fmt: skip
    columns = (*groups, "measure", "value", "half_width", "status")
    return PrivateAnswer(columns, tuple(rows), {"epsilon": 1.0, "delta": 1e-6}, {"epsilon": 1.0}, {"payload": payload})


def cell(county: str, value: int | None, status: str = "ok") -> dict[str, Any]:
    key = {"county_code": county} if county else {}
    return {**key, "measure": "count_persons", "value": value, "half_width": 9 if value else None, "status": status}


def test_the_client_prints_the_limit_and_keeps_numbers_numeric() -> None:
    shown = answered([cell("01", None, "<11"), cell("19", 200)], ("county_code",), 4)
    assert "<11" in repr(shown)
    assert "&lt;11" in shown._repr_html_()
    assert shown.frame["value"].sum() == 200
    assert list(shown.table["value"]) == ["<11", 200]


def test_adjusted_counts_below_the_limit_are_withheld_as_well() -> None:
    cells = answered(
        [cell("01", None, "<11"), cell("02", 14), cell("03", None, "3/80"), cell("19", 200)], ("county_code",), 4
    )
    done, total = consistent(cells, answered([cell("", 300)], (), 1))
    statuses = [row["status"] for row in done.rows]
    assert statuses[2] == "3/80"
    assert done.rows[2]["value"] is None
    assert all(row["value"] is None or row["value"] >= 11 for row in done.rows)
    assert abs((total.value or 0) - 300) <= 1
    low, _ = consistent(answered([cell("01", 12), cell("19", 200)], ("county_code",), 4),
                        answered([cell("", 190)], (), 1))  # fmt: skip
    assert low.rows[0]["status"] == "<11"


def test_a_policy_states_its_rules() -> None:
    assert isinstance(policy_for("ui_wage"), TablePolicy)
    assert policy_for("ps_award").shown == Shown()
