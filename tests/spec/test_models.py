"""# Models and curves

A regression leaves when it has enough residual degrees of freedom and persons behind each printed category. Absorbed
fixed effects are no output. A category's standard error says how few persons stand behind it, so a coefficient of one
person is found although nobody printed its count.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

from c2c_research.disclosure import check_content
from tests.spec.rulebook import as_dict, found

RANDOM = np.random.default_rng(7)
STUDENTS = pd.DataFrame(
    {
        "gpa": RANDOM.normal(3, 0.5, 300),
        "region": RANDOM.choice(["north", "south", "valley"], 300),
        "units": RANDOM.integers(3, 18, 300),
    }
)
ONE_ALONE = STUDENTS.assign(region=["zone", *STUDENTS.region[1:]])


def test_a_regression_with_large_categories_passes_as_text_and_as_csv() -> None:
    summary = smf.ols("gpa ~ C(region) + units", STUDENTS).fit().summary()
    assert found(summary.as_text(), name="model.txt") == {}
    assert found(summary.as_csv(), name="model.csv") == {}


def test_the_coefficient_of_a_category_with_one_person_fails() -> None:
    summary = smf.ols("gpa ~ C(region) + units", ONE_ALONE).fit().summary()
    assert found(summary.as_text(), name="model.txt") == {"model": [(3, 1)]}


def test_robust_standard_errors_say_nothing_so_the_evidence_has_to() -> None:
    text = smf.ols("gpa ~ C(region) + units", ONE_ALONE).fit(cov_type="HC1").summary().as_text()
    assert found(text, name="model.txt") == {}
    evidence = json.dumps({"model": {"residual_dof": 295, "persons": 300, "terms": {"C(region)[T.zone]": 1}}})
    report = check_content("model.txt", text.encode(), context="kind: regression", evidence=evidence)
    assert set(as_dict(report)) == {"model"}


def test_a_small_reference_category_and_one_with_a_single_outcome_fail_by_the_evidence() -> None:
    text = (
        smf.logit("high ~ C(region) + units", STUDENTS.assign(high=(STUDENTS.gpa > 3).astype(int)))
        .fit(disp=0)
        .summary()
        .as_text()
    )
    model = {"residual_dof": 295, "persons": 300, "terms": {"C(region)[T.south]": 90, "C(region)[T.valley]": 95}}
    for more in ({"levels": {"C(region)[reference]": 4}}, {"separated": ["C(region)[T.south]"]}):
        evidence = json.dumps({"model": model | more})
        report = check_content("model.txt", text.encode(), context="kind: regression", evidence=evidence)
        assert set(as_dict(report)) == {"model"}


def test_a_model_of_group_means_is_a_table_of_means() -> None:
    few = STUDENTS.assign(region=["island"] * 6 + list(STUDENTS.region[6:]))
    assert found(smf.ols("gpa ~ C(region)", few).fit().summary().as_text(), name="model.txt").keys() == {"model"}
    assert found(smf.ols("gpa ~ C(region)", STUDENTS).fit().summary().as_text(), name="model.txt") == {}


def test_a_saturated_model_fails() -> None:
    alone = pd.DataFrame({"gpa": [3.1, 2.2, 3.8, 2.9, 3.3, 2.0], "person": list("abcdef"), "n": 1})
    model = smf.ols("gpa ~ C(person)", alone).fit()
    text = f"OLS\nNo. Observations: {int(model.nobs)}\nDf Residuals: {int(model.df_resid)}\nR-squared: 1.000\n"
    assert set(found(text, name="model.txt")) == {"model"}


def test_a_model_without_residual_degrees_of_freedom_fails() -> None:
    text = "No. Observations:   40   AIC: 9.7\nDf Residuals:   3   BIC: 9.9\n"
    assert set(found(text, name="model.txt")) == {"model"}


def test_residual_degrees_of_freedom_as_r_prints_them() -> None:
    text = "Residual standard error: 0.9 on 8 degrees of freedom\nMultiple R-squared: 0.75\n"
    assert set(found(text, name="model.txt")) == {"model"}


def test_a_list_of_residuals_is_the_data() -> None:
    rows = "".join(f"{index},{value:.4f}\n" for index, value in enumerate(RANDOM.normal(size=20)))
    assert found(f"obs,residual\n{rows}")["model"]


def test_a_daily_survival_curve_fails_and_one_by_term_passes() -> None:
    daily = "Time,Surv prob,num at risk,num events\n0,0.998,600,1\n1,0.995,594,2\n40,0.31,9,1\n"
    assert found(daily) == {"survival": [(0, 3), (1, 3), (2, 2), (2, 3)]}
    assert found("term,surv prob,num at risk,num events\n1,0.91,600,54\n2,0.84,540,42\n") == {}


def test_a_curve_alone_that_steps_at_single_events_fails_and_one_on_a_grid_passes() -> None:
    irregular = "".join(f"{index * 3 + index % 2},{1 - index * 0.01:.3f}\n" for index in range(50))
    grid = "".join(f"{index},{1 - index * 0.05:.3f}\n" for index in range(12))
    assert set(found(f"timeline,KM_estimate\n{irregular}")) == {"survival"}
    assert found(f"quarter,KM_estimate\n{grid}") == {}


def test_a_leverage_close_to_one_in_a_line_of_text_fails() -> None:
    assert found("Fitted 412 persons.\nMax leverage: 0.998\n", "fit.log") == {"model": []}
    assert found("Fitted 412 persons.\nMax leverage: 0.214\n", "fit.log") == {}
