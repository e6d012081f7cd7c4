"""Regressions that can leave: `c2c.ols`, `logit`, `probit`, `poisson`. A formula and a frame in, a table out.

What is kept of a fit is what a reader of a paper sees: coefficients, standard errors, sizes. There are no residuals,
fitted values or leverages by person; for diagnostics inside the sandbox use statsmodels itself. Numbers of rows and
persons are rounded to 10. Fixed effects (`fe=`) are absorbed and are no output.

statsmodels fits models without fixed effects, pyfixest those with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from c2c_research.design import Design, codes_of, design_of
from c2c_research.errors import BadUse
from c2c_research.model_evidence import ModelFacts, facts_of
from c2c_research.model_result import Estimates, ModelResult, model_result

if TYPE_CHECKING:
    import pandas as pd

    from c2c_research.design import Numbers

_COVARIANCES = ("iid", "HC0", "HC1", "HC2", "HC3")
Clusters = str | None


def ols(
    formula: str, data: pd.DataFrame, *, vcov: str = "iid", cluster: Clusters = None, fe: Any = None, unit: Any = None
) -> ModelResult:
    """Least squares. `vcov`: "iid", "HC0" to "HC3"; `cluster`: a column; `fe`: columns that are absorbed.

    `unit` names the person's column (`person_id` where the frame has it). Raises BadUse where it cannot be estimated.
    """
    return _fitted(_Call("ols", formula, vcov, cluster, _names(fe)), data, unit)


def logit(
    formula: str, data: pd.DataFrame, *, vcov: str = "iid", cluster: Clusters = None, unit: Any = None
) -> ModelResult:
    """Logistic regression of a 0/1 outcome; coefficients are log odds."""
    return _fitted(_Call("logit", formula, vcov, cluster), data, unit)


def probit(
    formula: str, data: pd.DataFrame, *, vcov: str = "iid", cluster: Clusters = None, unit: Any = None
) -> ModelResult:
    """Probit regression of a 0/1 outcome."""
    return _fitted(_Call("probit", formula, vcov, cluster), data, unit)


def poisson(
    formula: str, data: pd.DataFrame, *, vcov: str = "iid", cluster: Clusters = None, fe: Any = None, unit: Any = None
) -> ModelResult:
    """Poisson regression of a count or another outcome that is not negative."""
    return _fitted(_Call("poisson", formula, vcov, cluster, _names(fe)), data, unit)


@dataclass(frozen=True)
class _Call:
    """What was asked for."""

    kind: str
    formula: str
    vcov: str
    cluster: Clusters
    fe: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def binary(self) -> bool:
        return self.kind in ("logit", "probit")


def _fitted(call: _Call, data: pd.DataFrame, unit: Any) -> ModelResult:
    if call.vcov not in _COVARIANCES:
        raise BadUse(f"`vcov` is one of {', '.join(_COVARIANCES)}.", 'For clustered errors use `cluster="school"`.')
    also = (*((call.cluster,) if call.cluster else ()), *call.fe)
    design = design_of(call.formula, data, unit, also)
    _check_outcome(call, design)
    estimates, facts = _absorbing(call, design, data) if call.fe else _plain(call, design, data)
    return model_result(estimates, facts, design.of_rows)


def _check_outcome(call: _Call, design: Design) -> None:
    outcome = design.outcome
    if call.binary and not ((outcome == 0) | (outcome == 1)).all():
        raise BadUse(f"The outcome of a {call.kind} is 0 or 1.", "Make such a column first, or use `c2c.ols`.")
    if call.binary and outcome.min() == outcome.max():
        raise BadUse("The outcome is the same in all rows.", "There is nothing to estimate.")
    if call.kind == "poisson" and outcome.min() < 0:
        raise BadUse("The outcome of a Poisson regression is not negative.", "Use `c2c.ols`.")


# ------------------------------------------------------------- statsmodels


def _plain(call: _Call, design: Design, data: pd.DataFrame) -> tuple[Estimates, ModelFacts]:
    import numpy as np

    _check_rank(design)
    fit = _statsmodels(call, design, _clusters(call, design, data))
    residual_dof = len(design.outcome) - len(design.names)
    weighted = design.columns * np.sqrt(_weights(call, fit, design))[:, None] if call.kind != "ols" else None
    binary = bool(((design.outcome == 0) | (design.outcome == 1)).all())
    facts = facts_of(design, residual_dof, weighted, binary=binary)
    low, high = np.asarray(fit.conf_int()).T
    fits = {"R-squared": fit.rsquared} if call.kind == "ols" else {"Pseudo R-squared": fit.prsquared}
    estimates = Estimates(
        call.kind, call.formula, design.names, fit.params, fit.bse, fit.tvalues, fit.pvalues, low, high, fits,
        _errors(call), _outcome_name(call.formula),
    )  # fmt: skip
    return estimates, facts


def _statsmodels(call: _Call, design: Design, groups: Numbers | None) -> Any:
    import warnings

    import numpy as np
    import statsmodels.api as sm

    covariance: dict[str, Any] = {} if call.vcov == "iid" else {"cov_type": call.vcov}
    if groups is not None:
        covariance = {"cov_type": "cluster", "cov_kwds": {"groups": groups}}
    makers = {"ols": sm.OLS, "logit": sm.Logit, "probit": sm.Probit, "poisson": sm.Poisson}
    options = {"method": "qr"} if call.kind == "ols" else {"disp": 0, "maxiter": 100}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fit = makers[call.kind](design.outcome, design.columns).fit(**options, **covariance)
        except np.linalg.LinAlgError as problem:
            raise BadUse(
                "The model cannot be estimated.", "Leave out terms that say the same, or merge categories."
            ) from problem
    if call.kind != "ols" and not fit.mle_retvals["converged"]:
        raise BadUse(
            "The search for the estimates did not end: some category may have only one outcome.",
            "Merge small categories, or scale large numbers (thousands of dollars).",
        )
    return fit


def _weights(call: _Call, fit: Any, design: Design) -> Numbers:
    """The weights of the last least squares step of a likelihood's search."""
    import numpy as np
    from scipy.stats import norm

    line = design.columns @ fit.params
    if call.kind == "poisson":
        weights = np.exp(line)
    elif call.kind == "logit":
        share = 1 / (1 + np.exp(-line))
        weights = share * (1 - share)
    else:
        weights = norm.pdf(line) ** 2 / np.maximum(norm.cdf(line) * norm.sf(line), 1e-12)
    return np.asarray(weights)


def _check_rank(design: Design) -> None:
    import numpy as np

    if len(design.outcome) <= len(design.names):
        raise BadUse(
            "The model has as many coefficients as rows.", "Use fewer terms, merge categories, or absorb them by `fe=`."
        )
    scale = np.sqrt((design.columns**2).sum(axis=0))
    scaled = design.columns / np.where(scale > 0, scale, 1.0)
    if np.linalg.matrix_rank(scaled.T @ scaled, tol=1e-10, hermitian=True) < len(design.names):
        raise BadUse("Some terms of the formula say the same.", "Leave one of them out.")


def _clusters(call: _Call, design: Design, data: pd.DataFrame) -> Numbers | None:
    if call.cluster is None:
        return None
    groups = codes_of(data[call.cluster].to_numpy()[design.rows])
    if groups.max() < 1:
        raise BadUse("There is one cluster only.", "Clustered errors need many clusters; 30 or more is usual.")
    return groups


# ------------------------------------------------------------- pyfixest


def _absorbing(call: _Call, design: Design, data: pd.DataFrame) -> tuple[Estimates, ModelFacts]:
    """Fixed effects are absorbed. Rows alone in one are left out: they say nothing about the coefficients."""
    import numpy as np

    fit, tidy = _pyfixest(call, design, data)
    used = np.ones(len(design.rows), dtype=bool)
    used[list(fit._na_index)] = False
    inside = design.without_intercept().only(used)
    names = tuple(map(str, tidy.index))
    unknown = [name for name in names if name not in inside.names]
    if unknown:
        raise BadUse(f"{unknown[0]} cannot be followed to its persons.", "Write categories as `C(column)`.")
    columns = [inside.names.index(name) for name in names]
    printed = Design(
        inside.outcome, inside.columns[:, columns], names, inside.persons, inside.rows, inside.levels, inside.of_rows
    )
    absorbed = sum(int(codes_of(data[name].to_numpy()[inside.rows]).max()) + 1 for name in call.fe)
    dof = len(printed.outcome) - len(names) - absorbed
    facts = facts_of(printed, dof, weighted=np.asarray(fit._X, dtype=float))
    fits = {"R-squared within": fit._r2_within} if call.kind == "ols" else {}
    coef, error, statistic, p_value, low, high = (tidy.iloc[:, place].to_numpy() for place in range(6))
    estimates = Estimates(
        call.kind, call.formula, names, coef, error, statistic, p_value, low, high, fits, _errors(call),
        _outcome_name(call.formula), call.fe,
    )  # fmt: skip
    return estimates, facts


def _pyfixest(call: _Call, design: Design, data: pd.DataFrame) -> tuple[Any, Any]:
    import warnings

    import pyfixest

    rows = data.reset_index(drop=True).iloc[design.rows].reset_index(drop=True)
    maker = pyfixest.feols if call.kind == "ols" else pyfixest.fepois
    vcov: Any = {"CRV1": call.cluster} if call.cluster else call.vcov
    if vcov in ("HC0", "HC2", "HC3"):
        raise BadUse("HC0, HC2 and HC3 are not there with fixed effects.", 'Use `vcov="HC1"` or `cluster=`.')
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fit = maker(f"{call.formula} | {' + '.join(call.fe)}", rows, vcov=vcov)
        except (ValueError, KeyError, NotImplementedError) as problem:
            raise BadUse(
                "The model cannot be estimated with these fixed effects.", "Try it with fewer terms."
            ) from problem
    return fit, fit.tidy()


# ------------------------------------------------------------- words


def _errors(call: _Call) -> str:
    if call.cluster:
        return f"clustered by {call.cluster}"
    return "iid" if call.vcov == "iid" else call.vcov


def _outcome_name(formula: str) -> str:
    return formula.partition("~")[0].strip()


def _names(given: Any) -> tuple[str, ...]:
    if given is None:
        return ()
    return (given,) if isinstance(given, str) else tuple(given)
