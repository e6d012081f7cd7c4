"""Report pages: the catalogue, a form with its parameters, a run, and who may see which."""

from __future__ import annotations

from enclave.core.actors import Actor
from tests.portal import BASE, Portal
from tests.unit.dp.world import PROJECT


def test_the_catalogue_shows_a_form_and_a_run_follows(agenda: Actor, portal: Portal) -> None:
    rita = portal.browser("rita")
    assert "College-going of a high-school class" in rita.get(f"{BASE}/reports").text
    form = rita.get(f"{BASE}/reports/college-going").text
    assert 'name="cohort_year"' in form
    assert f"<option>{PROJECT}</option>" in form
    given = {"project": PROJECT, "cohort_year": "2019", "by": "gender", "horizon": "1"}
    asked = rita.post(f"{BASE}/reports/college-going", data=given)
    assert asked.status_code == 303
    path = asked.headers["location"].partition("?")[0]
    shown = rita.get(path).text
    assert "gender" in shown
    assert "Cancel the run" in shown
    assert rita.post(f"{path}/cancel").status_code == 303
    assert "cancelled" in rita.get(path).text
    assert rita.get(f"{BASE}/reports").text.count(PROJECT) == 1


def test_a_wrong_parameter_is_said_in_words(agenda: Actor, portal: Portal) -> None:
    answer = portal.browser("rita").post(f"{BASE}/reports/college-going", data={"project": PROJECT, "by": "name"})
    assert answer.status_code == 400
    assert "Choose one of" in answer.text


def test_researchers_run_no_reports_and_strangers_see_none(agenda: Actor, portal: Portal) -> None:
    assert portal.browser("alice").get(f"{BASE}/reports").status_code == 403
    assert portal.operator("alice").post(f"{BASE}/api/reports/college-going/runs", json={}).status_code == 403
    assert portal.stranger().get(f"{BASE}/api/reports/runs").status_code == 401


def test_the_api_lists_catalogue_and_runs(agenda: Actor, portal: Portal) -> None:
    operator = portal.operator()
    assert [each["name"] for each in operator.get(f"{BASE}/api/reports").json()] == ["college-going"]
    made = operator.post(f"{BASE}/api/reports/college-going/runs", json={"parameters": {"cohort_year": 2020}})
    assert made.status_code == 201
    assert made.json()["parameters"]["cohort_year"] == 2020
    assert [run["id"] for run in operator.get(f"{BASE}/api/reports/runs").json()] == [made.json()["id"]]
    assert operator.get(f"{BASE}/api/reports/none").status_code == 404
