"""Survival curves and Cox models of the library: close to what lifelines says, and without steps of few persons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter, KaplanMeierFitter

import c2c_research as c2c
from c2c_research.disclosure import check_content, check_paths
from c2c_research.errors import BadUse
from tests.scale import examples

RANDOM = np.random.default_rng(11)
PERSONS = 900


def students(persons: int = PERSONS) -> pd.DataFrame:
    passed = RANDOM.exponential(9, persons).round(1)
    return pd.DataFrame(
        {
            "person_id": np.arange(persons),
            "quarters": passed.clip(max=16),
            "graduated": (passed < 16).astype(int),
            "sex": RANDOM.choice(["F", "M"], persons),
            "gpa": RANDOM.normal(3, 0.5, persons),
        }
    )


STUDENTS = students()


def test_a_curve_follows_kaplan_and_meier_on_a_grid_and_passes_with_and_without_sidecar(tmp_path: Path) -> None:
    curve = c2c.survival("Surv(quarters, graduated) ~ 1", STUDENTS)
    fit = KaplanMeierFitter().fit(STUDENTS.quarters, STUDENTS.graduated)
    for time, shown in curve.frame["survival"].items():
        assert float(shown) == pytest.approx(float(fit.predict(float(str(time)))), abs=0.02)
    assert curve.check().status.word == "pass"
    path = curve.save(tmp_path / "curve.csv")
    assert check_paths([tmp_path]).status.word == "pass"
    assert check_content("curve.csv", path.read_bytes()).status.word == "pass"


def test_two_thousand_persons_in_two_groups_pass() -> None:
    curve = c2c.survival("Surv(quarters, graduated) ~ C(sex)", students(2000))
    assert [name for name in curve.frame.columns if name.startswith("survival")] == ["survival F", "survival M"]
    assert curve.check().status.word == "pass"


def test_a_group_of_few_is_not_drawn_and_said_to_be_left_out() -> None:
    few = STUDENTS.assign(sex=["X"] * 9 + list(STUDENTS.sex[9:]))
    curve = c2c.survival("Surv(quarters, graduated) ~ sex", few)
    assert not [name for name in curve.frame.columns if name.endswith(" X")]
    assert curve.advice() == ["X has too few persons for a curve: merge it with a like group."]
    with pytest.raises(BadUse, match="No group"):
        c2c.survival("Surv(quarters, graduated) ~ 1", STUDENTS.head(9))


@settings(max_examples=examples(60, 2_000), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 1)), min_size=1, max_size=150))
def test_no_step_of_any_curve_rests_on_one_to_ten_events_and_no_tail_on_few(rows: list[tuple[int, int]]) -> None:
    frame = pd.DataFrame(rows, columns=["quarters", "graduated"])
    try:
        curve = c2c.survival("Surv(quarters, graduated) ~ 1", frame, step=1)
    except BadUse:
        return
    before, seen = "1.000", 0
    for time, shown in curve.frame["survival"].items():
        happened = int(frame.graduated[frame.quarters <= float(str(time))].sum())
        assert (frame.quarters > float(str(time))).sum() >= 11
        if shown != before:
            assert happened - seen >= 11
            before, seen = str(shown), happened
    assert {finding.rule for finding in curve.check().findings} <= set()


def test_a_cox_model_is_lifelines_own_and_says_who_stands_behind_it() -> None:
    model: Any = c2c.survival("Surv(quarters, graduated) ~ C(sex) + gpa", STUDENTS, model="cox")
    frame = STUDENTS.assign(sex=(STUDENTS.sex == "M").astype(int)).drop(columns="person_id")
    fit = CoxPHFitter().fit(frame, "quarters", "graduated")
    assert float(model.frame.loc["gpa", "coef"]) == pytest.approx(fit.params_["gpa"], rel=1e-2)
    assert float(model.frame.loc["C(sex)[T.M]", "std err"]) == pytest.approx(fit.standard_errors_["sex"], rel=1e-2)
    assert model.check().status.word == "pass"
    assert model.facts.residual_dof == STUDENTS.graduated.sum() - 2


def test_a_cox_model_with_a_category_of_few_or_without_events_fails_until_it_is_hidden() -> None:
    few = STUDENTS.assign(sex=["X"] * 4 + list(STUDENTS.sex[4:]))
    model = c2c.survival("Surv(quarters, graduated) ~ C(sex) + gpa", few, model="cox")
    assert model.check().status.word == "fail"
    assert model.suppress().check().status.word == "pass"


@pytest.mark.parametrize(
    ("formula", "data", "says"),
    [
        ("quarters ~ sex", STUDENTS, "another form"),
        ("Surv(quarters, nothing) ~ sex", STUDENTS, "no column"),
        ("Surv(quarters, gpa) ~ sex", STUDENTS, "0 or 1"),
        ("Surv(quarters, graduated) ~ sex + gpa", STUDENTS, "no column"),
        ("Surv(quarters, graduated) ~ 1", pd.concat([STUDENTS, STUDENTS]), "several rows"),
    ],
)
def test_what_cannot_be_estimated_says_what_to_do(formula: str, data: pd.DataFrame, says: str) -> None:
    with pytest.raises(BadUse, match=says) as refusal:
        c2c.survival(formula, data)
    assert refusal.value.advice
