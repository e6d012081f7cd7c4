"""A fitted model as a table that can leave: shows itself with its findings, checks, repairs and saves itself.

One row a coefficient; then the rows that describe the model, with their value in the first column of numbers. Numbers
of observations and persons are rounded to 10, and so are the residual degrees of freedom, which would give them away.
The evidence beside the file holds what a checker needs: exact residual degrees of freedom, persons behind each
category, the largest leverage.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from c2c_research.model_evidence import ModelFacts
from c2c_research.result import Result

DIGITS = 4
ERROR = " std err"
ROUGHLY = 10
_MARKER = "<11"
_P_VALUE = 3
COLUMNS = ("coef", "std err", "statistic", "p-value", "low", "high")


@dataclass(frozen=True)
class Estimates:
    """The printed part of a fit. `low` and `high` bound the 95 % interval."""

    kind: str
    formula: str
    names: tuple[str, ...]
    coef: Any
    error: Any
    statistic: Any
    p_value: Any
    low: Any
    high: Any
    fits: Mapping[str, float] = field(default_factory=dict)
    errors: str = "iid"
    outcome: str = ""
    absorbed: tuple[str, ...] = ()

    def rows(self) -> Iterable[tuple[str, tuple[float, ...]]]:
        """(name, its six numbers) of each coefficient."""
        parts = (self.coef, self.error, self.statistic, self.p_value, self.low, self.high)
        numbers = zip(*(map(float, part) for part in parts), strict=True)
        return zip(self.names, numbers, strict=True)


@dataclass(frozen=True, repr=False)
class ModelResult(Result):
    """A model. `estimates` are unrounded numbers of what is printed; `facts` is its evidence."""

    estimates: Estimates | None = None
    facts: ModelFacts | None = None

    def suppress(self) -> ModelResult:
        """Hide the coefficients of categories with too few persons, or with one outcome only.

        What describes the model as a whole stays: a saturated design, or too few degrees of freedom, needs another one.
        """
        left = self._facts.hidden
        if left is None:
            return self
        gone = (set(self._facts.terms) - set(left.terms)) | set(self._facts.separated)
        rows = tuple(
            (row[0], *(_MARKER if text else "" for text in row[1:])) if row[0].removesuffix(ERROR) in gone else row
            for row in self.rows
        )
        context = {**self.context, "suppressed": [_MARKER]}
        return replace(self, rows=rows, frame=frame_of(self.header, rows), facts=left, context=context)

    def round(self, base: int = 3) -> ModelResult:
        """Numbers of coefficients to so many significant digits (here `base` counts digits)."""
        rows = tuple((row[0], *(_again(text, base) for text in row[1:])) if _is_term(row) else row for row in self.rows)
        return replace(self, rows=rows, frame=frame_of(self.header, rows))

    def to_markdown(self) -> str:
        """The table in Markdown."""
        return markdown(self.header, self.rows)

    def to_latex(self) -> str:
        """The table in LaTeX (booktabs)."""
        return latex(self.header, self.rows)

    def texts(self) -> Mapping[str, Any]:
        return {**super().texts(), ".md": self.to_markdown, ".tex": self.to_latex}

    def advice(self) -> list[str]:
        """How to mend what is found, naming categories; for the researcher, not for the file."""
        facts, found = self._facts, []
        for name, number in {**facts.terms, **facts.levels}.items():
            if 0 < number < self._threshold:
                persons = "person" if number == 1 else "persons"
                found.append(f"{name} has {number} {persons}: merge it with a like category, or use .suppress().")
        found.extend(f"{name} has one outcome only: merge it with a like category." for name in facts.separated)
        if facts.saturated:
            found.append(
                "The model is a table of means, and some of its cells cannot be shown: use fewer interactions."
            )
        if facts.leverage > 0.99 and not found:
            found.append("One person determines a fitted value: look for extreme values, and top-code or log them.")
        return found

    @property
    def _facts(self) -> ModelFacts:
        assert self.facts is not None
        return self.facts

    @property
    def _threshold(self) -> int:
        from c2c_research.disclosure.policy import load_pack

        return load_pack(self.policy).threshold("persons")

    def _evidence_parts(self) -> dict[str, Any]:
        return {**super()._evidence_parts(), "model": self._facts.as_evidence()}


def model_result(estimates: Estimates, facts: ModelFacts, of_rows: bool) -> ModelResult:
    """The table of one model."""
    rows = [
        (name, *(f"{n:.4f}" if place == _P_VALUE else significant(n) for place, n in enumerate(numbers)))
        for name, numbers in estimates.rows()
    ]
    rows += [(name, text, *[""] * (len(COLUMNS) - 1)) for name, text in described(estimates, facts)]
    header = ("term", *COLUMNS)
    return ModelResult(
        frame_of(header, rows), header, tuple(rows), model_context(header, of_rows, estimates), estimates=estimates,
        facts=facts,
    )  # fmt: skip


def described(estimates: Estimates, facts: ModelFacts) -> list[tuple[str, str]]:
    """The rows about a model as a whole."""
    rows = [
        ("Outcome", estimates.outcome),
        ("Model", estimates.kind),
        ("Standard errors", estimates.errors),
        ("Observations", str(roughly(facts.observations))),
        ("Persons", str(roughly(facts.persons))),
        ("Residual df", str(roughly(facts.residual_dof))),
        *((name, f"{number:.3f}") for name, number in estimates.fits.items()),
    ]
    if estimates.absorbed:
        rows.insert(3, ("Fixed effects", ", ".join(estimates.absorbed)))
    return rows


def model_context(header: Sequence[str], of_rows: bool, *models: Estimates) -> dict[str, Any]:
    """The sidecar."""
    context: dict[str, Any] = {
        "rows": [header[0]],
        "kind": "regression",
        "columns": {name.lower(): "statistic" for name in header[1:]},
        "statistic": ", ".join(dict.fromkeys(each.kind for each in models)),
        "formulas": [each.formula for each in models],
    }
    return context | ({"unit": "rows"} if of_rows else {})


def frame_of(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Any:
    """The table as a pandas frame of texts, as it is saved."""
    import pandas as pd

    return pd.DataFrame([list(row) for row in rows], columns=list(header)).set_index(header[0])


def significant(number: float, digits: int = DIGITS) -> str:
    """A number with so many significant digits; nothing where it is not finite."""
    if not math.isfinite(number):
        return ""
    if number == 0:
        return "0.0"
    places = digits - 1 - math.floor(math.log10(abs(number)))
    return f"{number:.{digits - 1}e}" if places > 9 else f"{round(number, places):.{max(0, places)}f}"


def roughly(number: int) -> int:
    """To the nearest 10."""
    return ROUGHLY * ((number + ROUGHLY // 2) // ROUGHLY)


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A pipe table."""
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "".join(f"| {' | '.join(text.replace('|', chr(92) + '|') for text in line)} |\n" for line in lines)


def latex(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A tabular in booktabs' manner."""
    body = "".join(f"{' & '.join(map(_escaped, row))} \\\\\n" for row in rows)
    head = f"{' & '.join(map(_escaped, header))} \\\\\n"
    shape = "l" + "r" * (len(header) - 1)
    return f"\\begin{{tabular}}{{{shape}}}\n\\toprule\n{head}\\midrule\n{body}\\bottomrule\n\\end{{tabular}}\n"


def _escaped(text: str) -> str:
    special = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return "".join(special.get(c, f"\\{c}" if c in "&%$#_{}" else c) for c in text)


def _is_term(row: Sequence[str]) -> bool:
    return len(row) > 2 and bool(row[2])


def _again(text: str, digits: int) -> str:
    try:
        return significant(float(text), digits)
    except ValueError:
        return text
