"""The researcher's library: `import c2c_research as c2c`.

Load the project's extract, make tables that know how many persons stand behind each cell, ask with differential
privacy, check outputs and submit them for review. Everything is imported when it is first used.
"""

from __future__ import annotations

from typing import Any

_HOMES = {
    "tables": ("c2c_research.data", "tables"),
    "codebook": ("c2c_research.data", "codebook"),
    "load": ("c2c_research.data", "load"),
    "sql": ("c2c_research.data", "sql"),
    "reference": ("c2c_research.shelf", "reference"),
    "imports": ("c2c_research.arrivals", "imports"),
    "read": ("c2c_research.transfer", "read"),
    "jobs": ("c2c_research.jobs", ""),
    "crosstab": ("c2c_research.tabulation", "crosstab"),
    "pivot_table": ("c2c_research.tabulation", "pivot_table"),
    "groupby": ("c2c_research.tabulation", "groupby"),
    "ols": ("c2c_research.regression", "ols"),
    "logit": ("c2c_research.regression", "logit"),
    "probit": ("c2c_research.regression", "probit"),
    "poisson": ("c2c_research.regression", "poisson"),
    "survival": ("c2c_research.curves", "survival"),
    "histogram": ("c2c_research.histograms", "histogram"),
    "bar": ("c2c_research.figures", "bar"),
    "line": ("c2c_research.figures", "line"),
    "models": ("c2c_research.side_by_side", "models"),
    "Result": ("c2c_research.result", "Result"),
    "outputs": ("c2c_research.outputs", ""),
    "dp": ("c2c_research.dp", ""),
    "disclosure": ("c2c_research.disclosure", ""),
}

__all__ = [
    "Result",
    "bar",
    "codebook",
    "crosstab",
    "disclosure",
    "dp",
    "groupby",
    "histogram",
    "imports",
    "jobs",
    "line",
    "load",
    "logit",
    "models",
    "ols",
    "outputs",
    "pivot_table",
    "poisson",
    "probit",
    "read",
    "reference",
    "sql",
    "survival",
    "tables",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"c2c has nothing called {name!r}; it offers {', '.join(__all__)}.")
    from importlib import import_module

    module, attribute = _HOMES[name]
    loaded = import_module(module)
    return getattr(loaded, attribute) if attribute else loaded


def __dir__() -> list[str]:
    return list(__all__)
