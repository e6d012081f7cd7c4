"""Models: enough residual degrees of freedom, and persons behind each printed category; no model that repeats its data.

A category's persons come from the evidence, from counts printed beside it, or from its standard error (`regression`).
Saturated designs, a leverage near 1, and lists of residuals or fitted values repeat single persons' values. Absorbed
fixed effects are no output. Sources: ACRO; Handbook on Statistical Disclosure Control for Outputs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Cell, Finding, Status
from c2c_research.disclosure.leaves import small_leaves_in
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.rules.regression import INTERCEPT, Regression, all_text, regression_of
from c2c_research.disclosure.rules.shared import finding, many
from c2c_research.disclosure.tables import Table

_RESIDUALS = frozenset(["resid", "residual", "residuals", "fitted", "fittedvalues", "yhat", "leverage", "hat", "cooks"])
# a category whose bound is below the first is one or two persons; below the second somebody has to look
_ONE_OR_TWO, _HALF = 3.0, 0.5
_SEPARATED = 15.0
_LEVERAGE = re.compile(r"\b(?:leverage|hat[ _]?value)s?\b[^\n\d]{0,20}(0?\.\d+|1(?:\.0+)?)(?![\d.])", re.IGNORECASE)
_ONE_PERSON, _FEW_PERSONS = (0.75, 1.05), 8.0
_SAMPLES = re.compile(r"(?:\b|\\n)samples\s*=\s*(\d+)")
_WEIGHTS = re.compile(r"\bweights:\s*\[([\d., ]{1,400})\]")


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    dof, persons = int(rule.number("residual_dof", 10)), int(rule.number("persons", 11))
    found = regression_of(document)
    yield from _sizes(document, found, rule, dof, persons)
    yield from _leaves(document, rule, persons)
    yield from _declared(document, rule, dof, persons)
    if not (document.context.evidence.model and document.context.evidence.model.terms):
        yield from _categories(found, rule, persons)
    if any(rule.number("leverage", 0.99) < float(said) <= 1 for said in _LEVERAGE.findall(document.text)):
        yield finding(rule, "The text tells a leverage close to 1: one person determines a fitted value.")
    for table in document.tables:
        cells = _residuals(table)
        if cells:
            yield finding(
                rule, f"Residuals or fitted values of single persons: {many(len(cells), 'cell')}.", table.where, cells
            )
        high = _leverages(table, rule.number("leverage", 0.99))
        if high:
            yield finding(rule, f"Leverages close to 1: {many(len(high), 'cell')}.", table.where, high)


def _leaves(document: Document, rule: Rule, persons: int) -> Iterator[Finding]:
    """Leaves and nodes of decision trees, as scikit-learn, R and graphviz print them: their persons, and a class's."""
    text = all_text(document)
    sizes = [float(number) for number in _SAMPLES.findall(text)]
    for inside in _WEIGHTS.findall(text):
        sizes.extend(float(number) for number in re.findall(r"\d+\.?\d*", inside))
    small = max(sum(0 < size < persons for size in sizes), small_leaves_in(text, persons))
    if small:
        yield finding(rule, f"Nodes of a tree with fewer than {persons} persons: {small}.")


def _sizes(document: Document, found: Regression, rule: Rule, dof: int, persons: int) -> Iterator[Finding]:
    few = any(number < dof for number in found.residual_dof)
    if not few and not found.residual_dof and found.is_one and len(found.terms) > 1:
        few = any(0 < number - len(found.terms) < dof or number <= len(found.terms) for number in found.persons)
    if few:
        yield finding(rule, f"A model has fewer than {dof} residual degrees of freedom.")
    if not few and any(_is_overfitted(table, dof) for table in document.tables):
        yield finding(rule, f"A model has fewer than {dof} residual degrees of freedom.")
    if any(0 < number < persons for number in found.persons):
        yield finding(rule, f"A model rests on fewer than {persons} persons.")
    if any(share >= 0.9995 for share in found.r_squared):
        yield finding(rule, "A model fits its data exactly: its coefficients are its data.")


def _is_overfitted(table: Table, dof: int) -> bool:
    """A table of models side by side, one of whose columns has nearly as many coefficients as observations.

    Each coefficient has its standard error in brackets beneath it or beside it.
    """
    for row in table.count_rows:
        for column, value in enumerate(table.values[row]):
            above = [values[column] for values in table.values[:row]]
            errors = sum(each.text.startswith(("(", "[")) and each.number is not None for each in above)
            if errors > 1 and value.is_integer and 0 < (value.number or 0) < errors + 1 + dof:
                return True
    return False


def _declared(document: Document, rule: Rule, dof: int, persons: int) -> Iterator[Finding]:
    """What the evidence says."""
    said = document.context.evidence.model
    if said is None:
        return
    if said.saturated:
        yield finding(rule, "The design is saturated: every coefficient is a mean of a cell.")
    if 0 <= said.residual_dof < dof:
        yield finding(rule, f"The evidence names {said.residual_dof} residual degrees of freedom.")
    if 0 <= said.persons < persons:
        yield finding(rule, f"The evidence names fewer than {persons} persons.")
    if said.leverage > rule.number("leverage", 0.99):
        yield finding(rule, "One person determines a fitted value (leverage close to 1).")
    levels = sorted(name for name, number in said.levels.items() if 0 < number < persons)
    if levels:
        yield finding(
            rule, f"Categories of 1 to {persons - 1} persons that others are compared with: {', '.join(levels)}."
        )
    small = {name for name, number in said.terms.items() if 0 < number < persons}
    for table in document.tables:
        cells = _printed(table, small)
        if cells:
            names = len({row for row, _ in cells})
            saw = f"Printed categories with 1 to {persons - 1} persons: {many(names, 'coefficient')}."
            yield finding(rule, saw, table.where, cells)
        one_sided = _printed(table, set(said.separated))
        if one_sided:
            names = len({row for row, _ in one_sided})
            saw = f"Categories in which everybody has the same outcome: {many(names, 'coefficient')}."
            yield finding(rule, saw, table.where, one_sided)


def _printed(table: Table, names: set[str]) -> list[Cell]:
    """The numbers in the rows of these coefficients."""
    return [
        (row, column)
        for row, texts in enumerate(table.rows)
        if texts and texts[0].strip() in names
        for column in range(1, table.width)
        if table.values[row][column].mark is Mark.NUMBER
    ]


def _categories(found: Regression, rule: Rule, persons: int) -> Iterator[Finding]:
    """Categories whose standard errors say how few persons stand behind them."""
    if not found.is_one:
        return
    few: list[Cell] = []
    unsure: list[Cell] = []
    sizes = found.cell_sizes()
    if sizes is not None:
        yield from _means(sizes, found, rule, persons)
        return
    for term in found.terms:
        if not term.is_category:
            bound = found.least_persons(term) if found.kind == "ols" and not INTERCEPT.match(term.name) else None
            # a variable of 0 and 1 is not called so: one that is 1 for one person has σ²/se² just below 1
            if bound is not None and _ONE_PERSON[0] <= bound <= _ONE_PERSON[1]:
                few.append(term.cell)
            elif bound is not None and bound < _FEW_PERSONS and ":" not in term.name:
                unsure.append(term.cell)
            continue
        if found.kind == "logit" and abs(term.coefficient) > _SEPARATED and term.error > 100:
            few.append(term.cell)
            continue
        least = found.least_persons(term)
        if least is None or least >= persons or found.kind == "logit":
            continue
        if least < _ONE_OR_TWO:
            few.append(term.cell)
        elif least < _HALF * persons * 0.8:
            unsure.append(term.cell)
    where = found.terms[0].where
    if few:
        saw = f"Coefficients that rest on one or two persons: {many(len(few), 'cell')}."
        yield finding(rule, saw, where, few)
    if unsure:
        saw = f"Coefficients that may rest on fewer than {persons} persons: {many(len(unsure), 'cell')}."
        yield finding(
            rule, f"{saw} Say the persons behind each category in the evidence.", where, unsure, Status.REVIEW
        )


def _means(sizes: dict[Cell, float], found: Regression, rule: Rule, persons: int) -> Iterator[Finding]:
    """A model whose only terms are one variable's categories is a table of means; its cells obey the count rule."""
    where = found.terms[0].where
    small = [cell for cell, number in sizes.items() if number < persons - 0.5]
    if small:
        saw = f"A model of group means, some of fewer than {persons} persons: {many(len(small), 'cell')}."
        yield finding(rule, saw, where, small)


def _residuals(table: Table) -> list[Cell]:
    """Columns of residuals or fitted values by row, where the rows are no groups."""
    if len(table.rows) < 5 or any(_is_group_size(table, c) for c in range(table.width)):
        return []
    columns = [
        column
        for column, name in enumerate(table.header)
        if set(lexicon.words(name)) & _RESIDUALS and not set(lexicon.words(name)) & {"df", "std", "mean", "error", "se"}
    ]
    return [
        (row, column)
        for column in columns
        for row, value in enumerate(table.column(column))
        if value.mark is Mark.NUMBER
    ]


def _is_group_size(table: Table, column: int) -> bool:
    """A count of its row's group, and no running number of observations."""
    numbers = [value.number for value in table.column(column) if value.number is not None]
    running = all(later - earlier == 1 for earlier, later in pairwise(numbers))
    return bool(set(lexicon.words(table.header[column])) & lexicon.COUNT_STRONG) and not running


def _leverages(table: Table, limit: float) -> list[Cell]:
    columns = [c for c, name in enumerate(table.header) if set(lexicon.words(name)) & {"leverage", "hat"}]
    return [
        (row, column)
        for column in columns
        for row, value in enumerate(table.column(column))
        if value.number is not None and limit < value.number <= 1
    ]
