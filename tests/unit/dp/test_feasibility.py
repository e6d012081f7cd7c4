"""Feasibility counts: for anyone registered, from one purse, a question answered once; and the power of a study."""

from __future__ import annotations

import pytest
from statsmodels.stats.power import NormalIndPower

from enclave.core.errors import BadInput
from enclave.dp import planning, store
from enclave.dp.planning import DAILY, PLANNING
from enclave.dp.power import Design, smallest_change, smallest_difference
from tests.factories import make_user
from tests.portal import BASE, Portal
from tests.unit.dp.editions import EDITION
from tests.unit.dp.world import PROJECT, World, count_body

PAGE = f"{BASE}/feasibility"
API = f"{BASE}/api/feasibility"
FORM = {
    "dataset": "k12_completion", "by": "county_code", "column": ["county_code", "academic_year", ""],
    "value": ["01, 19", "2023", ""], "error": "30",
}  # fmt: skip


@pytest.fixture
def eve(world: World, portal: Portal) -> str:
    """Somebody registered, in no project."""
    with world.database.write() as session:
        return make_user(session, portal.context.clock, "eve").name


def test_somebody_without_a_project_counts_and_a_project_gets_the_same_for_nothing(
    world: World, portal: Portal, eve: str
) -> None:
    counted = portal.operator(eve).post(f"{API}/queries", json=count_body())
    assert counted.status_code == 200
    own = portal.operator("alice").post(f"{BASE}/api/projects/{PROJECT}/dp/queries", json=count_body()).json()
    assert (own["rows"], own["charged"]["rho"]) == (counted.json()["rows"], 0)
    with world.database.read() as session:
        assert store.charged(session, PLANNING, EDITION) > 0
        assert store.charged(session, PROJECT, EDITION) == 0


def test_only_persons_who_are_logged_in_count(world: World, portal: Portal) -> None:
    assert portal.stranger().post(f"{API}/queries", json=count_body()).status_code == 401
    assert portal.operator().post(f"{API}/queries", json=count_body()).status_code == 403


def test_a_day_has_so_many_new_questions_and_old_ones_stay_free(
    world: World, portal: Portal, eve: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "DAILY", 2)
    for error in (300, 301):
        body = count_body(loss={"error": error})
        assert portal.operator(eve).post(f"{API}/queries", json=body).status_code == 200
    assert portal.operator(eve).get(API).json()["left_today"] == 0
    third = portal.operator(eve).post(f"{API}/queries", json=count_body(loss={"error": 302}))
    assert (third.status_code, "come back tomorrow" in third.text) == (429, True)
    again = portal.operator(eve).post(f"{API}/queries", json=count_body(loss={"error": 300}))
    assert again.json()["cached"]


def test_the_page_shows_the_price_then_the_counts_then_what_a_study_can_see(
    world: World, portal: Portal, eve: str
) -> None:
    browser = portal.browser(eve)
    assert "Choose this table" in browser.get(PAGE).text
    assert "county code" in browser.get(PAGE, params={"dataset": "k12_completion"}).text
    priced = browser.post(PAGE, data={**FORM, "do": "price"})
    assert (priced.status_code, "It costs ε" in priced.text) == (200, True)
    counted = browser.post(PAGE, data={**FORM, "do": "ask"})
    assert counted.text.count("± 30") + counted.text.count("<td>&lt;11</td>") == 2
    assert "Charged ε" in counted.text
    assert f"{DAILY - 1} new questions left" in counted.text
    assert "Asked before, so free." in browser.post(PAGE, data={**FORM, "do": "ask"}).text
    assert "counting costs nothing" in browser.post(PAGE, data={**FORM, "do": "price"}).text
    seen = browser.get(PAGE, params={"first": "1000", "second": "1 000", "share": "40", "deviation": "2"})
    assert "goes to 46.2 %" in seen.text
    assert "difference of means that is found is 0.2506" in seen.text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"value": ["01, 19", "two thousand", ""]}, "cannot be read"),
        ({"value": ["01, 19", "2023.5", ""]}, "not a whole number"),
        ({"value": ["99", "2023", ""]}, "public keys"),
        ({"by": "school_code"}, "Name the keys"),
        ({"column": ["last_name", "", ""]}, "cannot be asked about"),
        ({"dataset": "passwords"}, "Open are"),
        ({"error": "0"}, "error"),
    ],
)
def test_a_form_that_cannot_be_asked_comes_back_with_what_to_do(
    world: World, portal: Portal, eve: str, change: dict[str, object], said: str
) -> None:
    answer = portal.browser(eve).post(PAGE, data={**FORM, **change, "do": "ask"})
    assert answer.status_code in (400, 422)
    assert said in answer.text
    assert 'name="do"' in answer.text or "Choose this table" in answer.text


def test_the_power_agrees_with_statsmodels() -> None:
    design = Design(800, 1_300)
    effect = NormalIndPower().solve_power(nobs1=800, ratio=1_300 / 800, alpha=0.05, power=0.8)
    assert smallest_difference(design, 3.0) == pytest.approx(3.0 * effect, rel=1e-4)
    change = smallest_change(design, 0.4)
    assert change is not None
    error = (0.4 * 0.6 / 800 + (0.4 + change) * (0.6 - change) / 1_300) ** 0.5
    assert change / error == pytest.approx(design.quantiles, rel=1e-6)
    assert smallest_change(Design(3, 3), 0.9) is None


@pytest.mark.parametrize("share", [0.0, 1.0, float("nan")])
def test_what_is_no_design_is_refused(share: float) -> None:
    with pytest.raises(BadInput):
        smallest_change(Design(100, 100), share)
    with pytest.raises(BadInput):
        smallest_difference(Design(100, 100), -share)
    with pytest.raises(BadInput):
        Design(1, 100)
