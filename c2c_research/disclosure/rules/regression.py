"""A regression as printed: its sizes, and what its standard errors say about the persons behind each category.

Reads summaries of statsmodels, R, Stata and pyfixest, tables of coefficients, and JSON of the same words.

In ordinary least squares with an intercept and plain standard errors, the variance of a category's coefficient is
σ² / (SST·(1 − R²)), and SST of a 0/1 variable with n ones is at most n. So σ²/se² is a lower bound of n (and, for a
contrast, of the reference group's size): where it is large, the category is proven large; near 1 it is one person's.
σ² follows from the log-likelihood: SSR = N·exp(−2·llf/N − 1 − ln 2π). For a logit, n is at least 4/se².
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Cell
from c2c_research.disclosure.tables import Table

_NUMBER = r"\s*\"?\s*[:=|,]?\s*(-?\d[\d,]*(?:\.0+)?)(?![\d.])"
_RESIDUAL = re.compile(
    r"(?:df[ _]resid(?:ual)?s?|residual[ _]df|residual[ _]dof|degrees of freedom \(residual\)|dof[ _]resid(?:ual)?)"
    + _NUMBER, re.I
)  # fmt: skip
_ON_DEGREES = re.compile(r"\bon (\d[\d,]*) (?:residual )?degrees of freedom|\(df ?= ?(\d[\d,]*)\)", re.I)
# Stata prints the residual degrees of freedom with its F, and in the table of sums of squares; with clusters they are
# the clusters' number
_OF_F = re.compile(r"\bF\(\s*\d+\s*,\s*(\d[\d,]*)\s*\)\s*=")
_OF_SQUARES = re.compile(r"^\s*Residual\s*\|\s*\S+\s+(\d[\d,]*)\s+\S+", re.M)
_PERSONS = re.compile(
    r"(?:no\.? (?:of )?observations|number of obs(?:ervations)?|nobs|n[ _]obs|\bobservations|num\. ?obs\.?)" + _NUMBER,
    re.I,
)
_BARE_N = re.compile(r"(?<![\w.])N\s*[=:]\s*(\d[\d,]*)(?![\d.])")
_LIKELIHOOD = re.compile(r"log[- ]likelihood\s*[:=|,]?\s*(-?\d[\d,]*\.?\d*)", re.I)
_R2 = re.compile(r"(?<!adj\. )(?<!pseudo )(?<!adjusted )(?:\br-squared|\br2|\br\^2)\"?\s*[:=|,]\s*\"?([01]\.\d+)", re.I)
_SIGMA = re.compile(r"residual std(?:\.|andard) error\s*[:=|,]?\s*(\d+\.?\d*(?:e-?\d+)?)", re.I)
_CATEGORY = re.compile(r"\[T?\.?[^\]]+\]|^\d+b?\.\w+|=|::")
INTERCEPT = re.compile(r"^\(?(?:intercept|const|constant|_cons)\)?$", re.I)
_ROBUST = re.compile(
    r"covariance type\W+(?!nonrobust)(hc\d|hac|cluster|robust)|robust standard errors?|\bclustered\b", re.I
)


@dataclass(frozen=True)
class Term:
    """One printed coefficient."""

    name: str
    coefficient: float
    error: float
    cell: Cell
    where: str = ""

    @property
    def is_category(self) -> bool:
        return bool(_CATEGORY.search(self.name)) and ":" not in self.name.replace("::", "")


@dataclass(frozen=True)
class Regression:
    """What is printed of one or several models."""

    residual_dof: tuple[int, ...] = ()
    persons: tuple[int, ...] = ()
    r_squared: tuple[float, ...] = ()
    kind: str = ""
    sigma2: float | None = None
    robust: bool = False
    terms: tuple[Term, ...] = field(default=())

    @property
    def is_one(self) -> bool:
        return bool(self.terms) and len(set(self.persons)) <= 1

    def cell_sizes(self) -> dict[Cell, float] | None:
        """Persons behind each coefficient of a model of group means, from its standard errors; None for other models.

        With an intercept and the categories of one variable only, se² is σ²/n of the reference group for the
        intercept and σ²(1/n + 1/n of the reference) for the others.
        """
        first, *rest = self.terms or (None,)
        if first is None or not rest or not INTERCEPT.match(first.name) or self.robust or not self.sigma2:
            return None
        variables = {term.name.split("[")[0] for term in rest}
        if self.kind != "ols" or len(variables) != 1 or not all(term.is_category for term in rest) or not first.error:
            return None
        reference = self.sigma2 / first.error**2
        contrasts = {term.cell: term.error**2 / self.sigma2 - 1 / reference for term in rest}
        return {first.cell: reference} | {cell: 1 / part if part > 0 else math.inf for cell, part in contrasts.items()}

    def least_persons(self, term: Term) -> float | None:
        """A lower bound of the persons behind a category's coefficient; None where nothing can be said."""
        if self.robust or term.error <= 0:
            return None
        if self.kind == "logit":
            return 4 / term.error**2
        return self.sigma2 / term.error**2 if self.sigma2 is not None else None


def regression_of(document: Document) -> Regression:
    """Everything that a document prints about models."""
    text = all_text(document)
    dof = [*_integers(_RESIDUAL, text), *(int(a or b) for a, b in _commaless(_ON_DEGREES.findall(text)))]
    if not _ROBUST.search(text):
        dof += [*_integers(_OF_F, text), *_integers(_OF_SQUARES, document.text)]
    dof += [number for table in document.tables for number in _in_columns(table, _DOF_HEADERS)]
    persons = _integers(_PERSONS, text)
    persons = persons or _integers(_BARE_N, text)
    terms = tuple(term for table in document.tables for term in terms_of(table))
    r_squared = tuple(float(number) for number in _R2.findall(text))
    kind = "logit" if re.search(r"\blogit\b|\blogistic\b", text, re.I) else "ols"
    known_dof = dof or [number - len(terms) for number in persons[:1] if terms]
    sigma2 = _sigma2(text, persons, known_dof) if kind == "ols" else None
    return Regression(
        tuple(dof), tuple(persons), r_squared, kind, sigma2, bool(_ROBUST.search(text)), tuple(dict.fromkeys(terms))
    )


_DOF_HEADERS = frozenset(["df resid", "df residual", "residual df", "residual dof", "dof resid", "dofresid", "dfresid"])


def _in_columns(table: Table, names: frozenset[str]) -> Iterator[int]:
    """Whole numbers of the columns that are called so: a table with one line a model."""
    for column, name in enumerate(table.header):
        if " ".join(lexicon.words(name)) in names:
            yield from (int(value.number) for value in table.column(column) if value.number is not None)


def _commaless(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(a.replace(",", ""), b.replace(",", "")) for a, b in pairs]


def _sigma2(text: str, persons: list[int], dof: list[int]) -> float | None:
    """Residual variance: printed, or from the log-likelihood of one ordinary least squares model."""
    printed = _SIGMA.findall(text)
    if len(printed) == 1:
        return float(printed[0]) ** 2
    likelihood = [float(number.replace(",", "")) for number in _LIKELIHOOD.findall(text)]
    if len(set(likelihood)) != 1 or len(set(persons)) != 1 or len(set(dof)) != 1 or dof[0] <= 0 or persons[0] <= 0:
        return None
    if not re.search(r"\bols\b|least squares", text, re.I):
        return None
    exponent = -2 * likelihood[0] / persons[0] - 1 - math.log(2 * math.pi)
    return persons[0] * math.exp(exponent) / dof[0] if exponent < 300 else None


def terms_of(table: Table) -> Iterator[Term]:
    """Rows of a name, a coefficient and its standard error, known by their headers or by their quotient."""
    header = [name.strip().lower() for name in table.header]
    place = next((i for i, name in enumerate(header) if name in _COEFFICIENT), None)
    error = next((i for i, name in enumerate(header) if name in _ERROR), None)
    for row, values in enumerate(table.values):
        numbers = [i for i, value in enumerate(values) if value.mark is Mark.NUMBER and i > 0]
        if place is None and len(numbers) < 4:
            continue
        first = place if place is not None else numbers[0]
        second = error if error is not None else (first + 1)
        if second >= len(values) or values[first].number is None or values[second].number is None:
            continue
        coefficient, spread = float(values[first].number or 0), float(values[second].number or 0)
        if error is None and not _is_quotient(
            coefficient, spread, values[second + 1].number if second + 1 < len(values) else None
        ):
            continue
        yield Term(table.rows[row][0].strip(), coefficient, spread, (row, first), table.where)


_COEFFICIENT = frozenset(["coef", "coef.", "coefficient", "estimate", "beta", "b", "coefficients"])
_ERROR = frozenset(["std err", "std. err.", "std.err.", "std. error", "se", "std_err", "std error", "bse", "std_error"])


def _is_quotient(coefficient: float, spread: float, statistic: float | None) -> bool:
    """Is the third number the coefficient over its standard error, as rounding allows?"""
    if not spread or statistic is None:
        return False
    return abs(coefficient / spread - statistic) <= 0.05 * abs(statistic) + 0.02


def all_text(document: Document) -> str:
    """Prose and tables, line by line."""
    lines = [document.text]
    for table in document.tables:
        lines.append(" ".join(table.header))
        lines.extend(" ".join(row) for row in table.rows)
    return "\n".join(lines)


def _integers(pattern: re.Pattern[str], text: str) -> list[int]:
    return [int(float(match.replace(",", ""))) for match in pattern.findall(text)]
