"""Several models in one table, a column each, as papers show them: a coefficient, its standard error below.

The table's evidence is the worst of its models: one file, one verdict. What was hidden in a model stays hidden here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from c2c_research.errors import BadUse
from c2c_research.model_evidence import together
from c2c_research.model_result import ERROR, ModelResult, frame_of, model_context


def models(given: Sequence[ModelResult], names: Sequence[str] | None = None) -> ModelResult:
    """Put models side by side. `names` heads their columns: "(1)", "(2)" … where it is not given."""
    estimates = [each.estimates for each in given if isinstance(each, ModelResult) and each.estimates is not None]
    if not given or len(estimates) < len(given):
        raise BadUse("Give a list of models.", '`c2c.models([c2c.ols(…), c2c.ols(…)]).save("models.csv")`.')
    heads = list(names) if names is not None else [f"({place})" for place in range(1, len(given) + 1)]
    if len(heads) != len(given) or len(set(heads)) != len(heads):
        raise BadUse("Each model needs a name of its own.", "Leave `names` out for (1), (2) …")
    header = ("term", *heads)
    columns = [dict(_lines(each)) for each in given]
    rows = tuple((name, *(column.get(name, "") for column in columns)) for name in _order(columns))
    context = model_context(header, any(each.context.get("unit") == "rows" for each in given), *estimates)
    if any("suppressed" in each.context for each in given):
        context["suppressed"] = next(each.context["suppressed"] for each in given if "suppressed" in each.context)
    facts = together([each.facts for each in given if each.facts is not None])
    return ModelResult(frame_of(header, rows), header, rows, context, facts=facts)


def _lines(model: ModelResult) -> Iterable[tuple[str, str]]:
    terms = set(model.estimates.names) if model.estimates else set()
    for name, first, second, *_ in model.rows:
        yield name, first
        if name in terms:
            yield f"{name}{ERROR}", second


def _order(columns: Sequence[dict[str, str]]) -> list[str]:
    """All names: first the coefficients of every model, then what describes them."""
    every = dict.fromkeys(name for column in columns for name in column)
    terms = {name for name in every if f"{name}{ERROR}" in every or name.endswith(ERROR)}
    return [name for name in every if name in terms] + [name for name in every if name not in terms]
