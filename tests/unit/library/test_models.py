"""Models of the library: what they estimate, what stands behind them, and what leaves."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

import c2c_research as c2c
from c2c_research.disclosure import check_content, check_paths
from c2c_research.errors import BadUse

PERSONS = 800
RANDOM = np.random.default_rng(3)
STUDENTS = pd.DataFrame(
    {
        "person_id": np.arange(PERSONS),
        "gpa": RANDOM.normal(3, 0.5, PERSONS),
        "region": RANDOM.choice(["north", "south", "valley"], PERSONS),
        "school": RANDOM.integers(0, 40, PERSONS),
        "credits": RANDOM.poisson(6, PERSONS),
    }
)
STUDENTS["enrolled"] = (RANDOM.normal(STUDENTS.gpa - 3) > 0).astype(int)
STUDENTS["earnings"] = np.exp(9 + 0.2 * STUDENTS.gpa + RANDOM.normal(0, 0.5, PERSONS)).round()
ONE_ALONE = STUDENTS.assign(region=["zone", *STUDENTS.region[1:]])
FEW = STUDENTS.assign(region=["zone"] * 6 + list(STUDENTS.region[6:]))


def words(model: Any) -> str:
    return str(model.check().status.word)


def cell(model: Any, term: str, column: str) -> float:
    return float(model.frame.loc[term, column])


@pytest.mark.parametrize(
    ("ours", "peer"),
    [
        (
            lambda: c2c.ols("earnings ~ C(region) + gpa", STUDENTS),
            lambda: smf.ols("earnings ~ C(region) + gpa", STUDENTS).fit(),
        ),
        (
            lambda: c2c.ols("earnings ~ gpa", STUDENTS, vcov="HC1"),
            lambda: smf.ols("earnings ~ gpa", STUDENTS).fit(cov_type="HC1"),
        ),
        (
            lambda: c2c.ols("earnings ~ gpa", STUDENTS, cluster="school"),
            lambda: smf.ols("earnings ~ gpa", STUDENTS).fit(cov_type="cluster", cov_kwds={"groups": STUDENTS.school}),
        ),
        (lambda: c2c.logit("enrolled ~ gpa", STUDENTS), lambda: smf.logit("enrolled ~ gpa", STUDENTS).fit(disp=0)),
        (lambda: c2c.probit("enrolled ~ gpa", STUDENTS), lambda: smf.probit("enrolled ~ gpa", STUDENTS).fit(disp=0)),
        (lambda: c2c.poisson("credits ~ gpa", STUDENTS), lambda: smf.poisson("credits ~ gpa", STUDENTS).fit(disp=0)),
    ],
    ids=["ols", "robust", "clustered", "logit", "probit", "poisson"],
)  # fmt: skip
def test_estimates_are_those_of_statsmodels_and_pass(ours: Any, peer: Any) -> None:
    model, fit = ours(), peer()
    assert words(model) == "pass"
    for term in fit.params.index:
        assert cell(model, term, "coef") == pytest.approx(fit.params[term], rel=1e-3)
        assert cell(model, term, "std err") == pytest.approx(fit.bse[term], rel=1e-3)


@pytest.mark.parametrize("maker", [c2c.ols, c2c.poisson], ids=["ols", "poisson"])
def test_absorbed_fixed_effects_are_no_output_and_give_the_coefficients_of_dummies(maker: Any) -> None:
    absorbed = maker("credits ~ gpa", STUDENTS, fe="school", cluster="school")
    written = maker("credits ~ gpa + C(school)", STUDENTS)
    assert words(absorbed) == "pass"
    assert "school" not in "".join(name for name in absorbed.frame.index if name != "Fixed effects")
    assert cell(absorbed, "gpa", "coef") == pytest.approx(cell(written, "gpa", "coef"), rel=1e-3)
    assert absorbed.facts.residual_dof == PERSONS - 1 - 40


def test_a_category_of_one_person_fails_with_any_standard_errors_and_passes_once_hidden() -> None:
    for model in (
        c2c.ols("earnings ~ C(region) + gpa", ONE_ALONE),
        c2c.ols("earnings ~ C(region) + gpa", ONE_ALONE, vcov="HC1"),
        c2c.ols("earnings ~ C(region) + gpa", ONE_ALONE, fe="school"),
        c2c.poisson("credits ~ C(region) + gpa", ONE_ALONE),
    ):
        assert words(model) == "fail"
        assert any("C(region)[T.zone] has 1 person:" in sentence for sentence in model.advice())
        hidden = model.suppress()
        assert words(hidden) == "pass", hidden
        assert set(hidden.frame.loc["C(region)[T.zone]"]) == {"<11"}
        assert cell(hidden, "gpa", "coef") == cell(model, "gpa", "coef")


def test_sixty_rows_of_two_persons_are_two_persons() -> None:
    wages = pd.DataFrame(
        {"person_id": np.arange(660) // 2, "wage": RANDOM.lognormal(9, 0.4, 660), "x": RANDOM.normal(size=660)}
    )
    rare = wages.assign(
        rare=(wages.person_id < 2).astype(int), person_id=np.where(wages.index < 60, wages.index % 2, wages.person_id)
    )
    rare["rare"] = (rare.person_id < 2).astype(int)
    assert rare.rare.sum() == 60
    assert words(c2c.ols("wage ~ rare + x", rare)) == "fail"
    assert words(c2c.ols("wage ~ rare + x", rare.assign(person_id=np.arange(660)))) == "pass"


def test_a_small_reference_category_fails_although_no_coefficient_has_its_name() -> None:
    first = STUDENTS.assign(region=["alone"] * 5 + list(STUDENTS.region[5:]))
    model = c2c.ols("earnings ~ C(region) + gpa", first)
    assert words(model) == "fail"
    assert "C(region)[reference]" in model.check().findings[0].message
    assert words(model.suppress()) == "fail", "hiding a coefficient does not help against a small reference"


def test_a_saturated_design_is_a_table_of_means_and_each_of_its_cells_counts() -> None:
    groups = STUDENTS.assign(sex=np.where(STUDENTS.index % 2, "F", "M"))
    assert words(c2c.ols("gpa ~ C(region) * C(sex)", groups)) == "pass"
    small = groups.assign(region=np.where(groups.index < 30, "zone", groups.region))
    few = small.drop(index=[i for i in range(30) if i % 2 and i > 8])  # 5 F, 15 M in the zone
    model = c2c.ols("gpa ~ C(region) * C(sex)", few)
    assert words(model) == "fail"
    assert model.facts is not None and model.facts.saturated


def test_a_mean_that_one_person_dominates_does_not_leave_as_a_regression() -> None:
    rich = STUDENTS.assign(earnings=[1e10, *STUDENTS.earnings[1:]])
    assert words(c2c.ols("earnings ~ 1", STUDENTS)) == "pass"
    assert words(c2c.ols("earnings ~ 1", rich)) == "fail"


def test_a_logit_of_groups_with_few_in_one_outcome_fails() -> None:
    rare = STUDENTS.assign(enrolled=(STUDENTS.index % 100 == 0).astype(int))
    assert words(c2c.logit("enrolled ~ C(region)", rare)) == "fail"


def test_a_category_in_which_all_have_one_outcome_fails_or_is_refused() -> None:
    one = STUDENTS.assign(island=(STUDENTS.index < 40).astype(int))
    one.loc[one.island == 1, "enrolled"] = 1
    try:
        model = c2c.logit("enrolled ~ island + gpa", one)
    except BadUse as refusal:
        assert "one outcome" in str(refusal)
        return
    assert words(model) == "fail"
    assert words(model.suppress()) == "pass"


def test_one_extreme_value_of_a_covariate_fails() -> None:
    extreme = STUDENTS.assign(gpa=[1e6, *STUDENTS.gpa[1:]])
    model = c2c.ols("earnings ~ gpa", extreme)
    assert words(model) == "fail"
    assert "extreme values" in model.advice()[0]


def test_sizes_are_rounded_to_ten_so_that_two_models_do_not_show_one_person() -> None:
    model = c2c.ols("earnings ~ gpa", STUDENTS.iloc[:-3])
    shown = [model.frame.loc[name, "coef"] for name in ("Observations", "Persons", "Residual df")]
    assert shown == ["800", "800", "800"]


def test_few_residual_degrees_of_freedom_fail() -> None:
    model = c2c.ols("earnings ~ gpa + credits + C(region)", STUDENTS.head(14))
    assert words(model) == "fail"


def test_rows_without_a_value_are_left_out_of_estimates_and_of_evidence() -> None:
    holes = STUDENTS.assign(gpa=STUDENTS.gpa.where(STUDENTS.index >= 100))
    model = c2c.ols("earnings ~ gpa", holes, cluster="school")
    assert model.facts is not None
    assert (model.facts.observations, model.facts.persons) == (700, 700)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: c2c.ols("earnings ~ nothing", STUDENTS), "formula"),
        (lambda: c2c.ols("earnings ~ gpa", STUDENTS, vcov="HC9"), "vcov"),
        (lambda: c2c.ols("earnings ~ gpa", STUDENTS, cluster="nothing"), "no column"),
        (lambda: c2c.ols("earnings ~ gpa + I(gpa * 2)", STUDENTS), "say the same"),
        (lambda: c2c.ols("earnings ~ C(person_id)", STUDENTS.head(50)), "as many coefficients as rows"),
        (lambda: c2c.logit("gpa ~ earnings", STUDENTS), "0 or 1"),
        (lambda: c2c.ols("earnings ~ gpa", STUDENTS, fe="school", vcov="HC3"), "HC3"),
        (lambda: c2c.ols("earnings ~ gpa", STUDENTS, fe="school", vcov="HC0"), "HC0"),
        (lambda: c2c.models([]), "list of models"),
    ],
)  # fmt: skip
def test_what_cannot_be_estimated_says_what_to_do(call: Any, says: str) -> None:
    with pytest.raises(BadUse, match=says) as refusal:
        call()
    assert refusal.value.advice


@pytest.mark.parametrize("ending", ["csv", "md", "tex"])
def test_a_saved_model_passes_with_its_sidecar_and_without(ending: str, tmp_path: Path) -> None:
    both = c2c.models(
        [c2c.ols("earnings ~ C(region) + gpa", STUDENTS, vcov="HC1"), c2c.ols("earnings ~ gpa", STUDENTS)]
    )
    path = both.save(tmp_path / f"models.{ending}")
    assert check_paths([tmp_path]).status.word == "pass"
    bare = check_content(path.name, path.read_bytes())
    assert bare.status.word == "pass"
    assert not bare.questions


def test_models_side_by_side_are_as_bad_as_their_worst_and_keep_hidden_what_was() -> None:
    bad, good = c2c.ols("earnings ~ C(region) + gpa", FEW), c2c.ols("earnings ~ gpa", FEW)
    both = c2c.models([bad, good], names=["with regions", "plain"])
    assert words(both) == "fail"
    assert words(both.suppress()) == "pass"
    assert words(c2c.models([bad.suppress(), good])) == "pass"
    assert both.suppress().frame.loc["C(region)[T.zone] std err", "with regions"] == "<11"
    assert list(both.frame.loc["gpa std err"]) == [bad.frame.loc["gpa", "std err"], good.frame.loc["gpa", "std err"]]


def test_what_is_saved_holds_nothing_of_single_persons(tmp_path: Path) -> None:
    model = c2c.ols("earnings ~ C(region) + gpa", STUDENTS)
    model.save(tmp_path / "m.csv")
    assert len(model.to_csv().splitlines()) < 20
    assert set(json.loads((tmp_path / "m.evidence.json").read_text())["model"]) == {
        "residual_dof", "persons", "terms", "levels", "separated", "leverage", "saturated",
    }  # fmt: skip
    assert not [name for name in dir(model) if "resid" in name or "fitted" in name or "predict" in name]


def test_importing_the_library_loads_no_statistics() -> None:
    heavy = ["statsmodels", "pyfixest", "lifelines", "matplotlib", "patsy", "pandas"]
    code = f"import sys, c2c_research; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
