"""Providers' own rules on an answer: what is shown of a number after the noise. Post-processing, free of charge.

| rule | what it looks at | what is shown instead |
|---|---|---|
| counts `below` 11 | the noisy count | status `<11`, no value and no half-width |
| `rates_from` 20 | the noisy count behind a mean, variance, deviation or quantile | status `n<20`, no value |
| employers, 3/80 | the keys of the cell and a public list | status `3/80`, no value |

A rule reads noisy numbers and public policy only, so it costs nothing (Dwork and Roth 2014, proposition 2.1). The value
that it takes away is kept nowhere: it is gone before an answer is digested, signed and written.
"""

from __future__ import annotations

from collections.abc import Mapping

from enclave.dp.policy import Shown
from enclave.dp.specification import MeasureKind, Specification

Estimate = tuple[float | int | None, float | int | None, str]
RATES = frozenset({"mean", "variance", "stddev", "quantile"})
COUNTS = frozenset({"count_persons", "count_rows", "histogram"})


def fixed(specification: Specification) -> dict[str, str]:
    """The keys that conditions fix for every cell."""
    found = {}
    for condition in specification.where:
        values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        if condition.op in ("=", "in") and len(values) == 1:
            found[condition.column] = str(values[0])
    return found


def apply(shown: Shown, kind: MeasureKind, estimate: Estimate, size: int | None, keys: Mapping[str, str]) -> Estimate:
    """The estimate as the rules let it be shown. `size`: the noisy count behind it, where there is one."""
    if any(all(keys.get(column) == key for column, key in cell) for cell in shown.blank):
        return None, None, "3/80"
    if shown.below and kind in COUNTS and size is not None and size < shown.below:
        return None, None, f"<{shown.below}"
    if shown.rates_from and kind in RATES and estimate[0] is not None and size is not None and size < shown.rates_from:
        return None, None, f"n<{shown.rates_from}"
    return estimate
