"""The context sidecar `t1.context.yaml` beside `t1.csv`, and the evidence that travels with a table.

A sidecar *declares* what a reader of the finished file cannot know: which columns are keys, what is counted, in which
population. It is untrusted: it can make the engine look closer, and it can say that a column is not a count; it
cannot make a small count that is shown as a count pass.

Evidence holds, for each cell, the number of distinct units behind it and the largest contributors. From a sandbox it
is *declared*, not verified.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from c2c_research.disclosure.findings import Cell
from c2c_research.disclosure.protection.hierarchies import BadHierarchy, Hierarchies, parse_hierarchies

KINDS = ("frequency", "magnitude", "rates", "summary", "regression", "survival")
PUBLICATION_FIELDS = ("denominator", "age_range", "race_groups", "geography", "months", "interactions")
ROUNDING_SCHEMES = ("midpoint-6", "drb")
COLUMN_ROLES = ("count", "rate", "mean", "magnitude", "statistic", "key", "code", "other")
UNITS = ("persons", "employers", "schools", "rows")


class BadContext(ValueError):
    """The sidecar cannot be used; the message says which field and what is expected."""


@dataclass(frozen=True)
class Contribution:
    """The largest two contributors of one magnitude cell and its total."""

    cell: Cell
    total: float
    largest: float
    second: float


@dataclass(frozen=True)
class ModelEvidence:
    """What a model's maker knew. `terms`: distinct persons behind each printed category; -1 where nobody said.

    `levels`: those behind categories that no coefficient is named after, such as the reference. `separated`: categories
    in which everybody has the same outcome.
    """

    residual_dof: int = -1
    persons: int = -1
    terms: Mapping[str, int] = field(default_factory=dict)
    levels: Mapping[str, int] = field(default_factory=dict)
    separated: tuple[str, ...] = ()
    leverage: float = 0.0
    saturated: bool = False


@dataclass(frozen=True)
class Evidence:
    """What the table's maker knew: distinct units behind cells (`counts`), under rates (`bases`), contributors."""

    counts: Mapping[Cell, int] = field(default_factory=dict)
    bases: Mapping[Cell, int] = field(default_factory=dict)
    contributions: tuple[Contribution, ...] = ()
    model: ModelEvidence | None = None


@dataclass(frozen=True)
class Publication:
    """What a public table says of itself for a publication score; 0 or -1 where nothing is declared.

    `denominator`: persons of the population; `age_range`: years that an age group spans (0: no age); `race_groups`: 0
    where the table has none; `geography`: persons living in the smallest area; `months`: of time in one figure;
    `interactions`: variables crossed beside events, time and population. Source: CalHHS Data De-Identification
    Guidelines, edition 2.0.
    """

    denominator: int = -1
    age_range: float = -1
    race_groups: int = -1
    geography: int = -1
    months: float = -1
    interactions: int = -1

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields that a score needs and nobody declared."""
        return tuple(name for name in PUBLICATION_FIELDS if getattr(self, name) < 0)


@dataclass(frozen=True)
class Context:
    """A validated sidecar. Empty where nothing was declared. `columns`: header (lower case) → what it holds."""

    table: str = ""
    rows: tuple[str, ...] = ()
    across: tuple[str, ...] = ()
    kind: str = ""
    counts: tuple[str, ...] = ()
    cells_are_counts: bool = False
    rates: tuple[str, ...] = ()
    population: str = ""
    revision_of: str = ""
    unit: str = "persons"
    total_rows: str = ""
    total_columns: str = ""
    suppressed: frozenset[str] = frozenset()
    rounding_base: int = 0
    rounding_scheme: str = ""
    structural: frozenset[str] = frozenset()
    publication: Publication = field(default_factory=Publication)
    merge: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    hierarchies: Hierarchies = field(default_factory=dict)
    top_code: float = 0.0
    statistic: str = ""
    evidence: Evidence = field(default_factory=Evidence)
    columns: Mapping[str, str] = field(default_factory=dict)
    declared: bool = False


def parse_context(text: str, evidence_text: str = "") -> Context:
    """Read a sidecar's YAML (and its evidence's JSON). Raises BadContext with a sentence for the author."""
    import yaml

    try:
        data = yaml.safe_load(text) if text.strip() else {}
    except yaml.YAMLError as problem:
        raise BadContext("The sidecar is not valid YAML; compare it with the example in the guide.") from problem
    if not isinstance(data, dict):
        raise BadContext("The sidecar has to be a YAML mapping such as `kind: frequency`.")
    return context_from(data, _evidence_data(data, evidence_text))


def context_from(data: Mapping[str, Any], evidence: Mapping[str, Any] | None = None) -> Context:
    """Validate a sidecar given as a mapping."""
    kind = str(data.get("kind", "") or "")
    if kind and kind not in KINDS:
        raise BadContext(f"`kind` is one of {', '.join(KINDS)}.")
    unit = str(data.get("unit", "persons") or "persons")
    if unit not in UNITS:
        raise BadContext(f"`unit` is one of {', '.join(UNITS)}.")
    totals = data.get("totals") or {}
    rounding = data.get("rounding") or {}
    if not isinstance(totals, dict) or not isinstance(rounding, dict):
        raise BadContext("`totals` and `rounding` are mappings, such as `totals: {rows: Total}`.")
    counts = _texts(data, "counts")
    return Context(
        table=str(data.get("table", "") or ""),
        rows=_texts(data, "rows"),
        across=_texts(data, "across"),
        kind=kind,
        counts=tuple(name for name in counts if name != "cells"),
        cells_are_counts="cells" in counts,
        rates=_texts(data, "rates"),
        population=str(data.get("population", "") or ""),
        revision_of=str(data.get("revision_of", "") or ""),
        unit=unit,
        total_rows=str(totals.get("rows", "") or ""),
        total_columns=str(totals.get("columns", "") or ""),
        suppressed=frozenset(text.strip().lower() for text in _texts(data, "suppressed")),
        rounding_base=0 if str(rounding.get("base")) in ROUNDING_SCHEMES else int(_number(rounding, "base")),
        rounding_scheme=_scheme(rounding),
        structural=frozenset(text.strip().lower() for text in _texts(data, "structural")),
        publication=_publication(data.get("publication")),
        merge=_merge(data.get("merge")),
        hierarchies=_hierarchies(data),
        top_code=_number(data, "top_code"),
        statistic=str(data.get("statistic", "") or ""),
        evidence=_evidence(evidence or {}),
        columns=_columns(data.get("columns")),
        declared=True,
    )


def _scheme(rounding: Mapping[str, Any]) -> str:
    named = str(rounding.get("scheme") or rounding.get("base") or "")
    if rounding.get("scheme") and named not in ROUNDING_SCHEMES:
        raise BadContext(f"`rounding: {{scheme: …}}` is one of {', '.join(ROUNDING_SCHEMES)}.")
    return named if named in ROUNDING_SCHEMES else ""


def _publication(data: Any) -> Publication:
    if data is None:
        return Publication()
    if not isinstance(data, dict) or set(data) - set(PUBLICATION_FIELDS):
        raise BadContext(f"`publication` is a mapping of {', '.join(PUBLICATION_FIELDS)}.")
    numbers = {name: _number(data, name) for name in data}
    whole = ("denominator", "race_groups", "geography", "interactions")
    return Publication(**{name: int(n) if name in whole else n for name, n in numbers.items()})  # type: ignore[arg-type]  # by name


def _merge(data: Any) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """`merge: {race: {Other: [Pacific Islander, Filipino]}}`: what may be put together, by column."""
    if data is None:
        return {}
    try:
        return {
            str(column): {str(into): tuple(map(str, members)) for into, members in tree.items()}
            for column, tree in data.items()
        }
    except (AttributeError, TypeError) as problem:
        raise BadContext(
            "`merge` names columns, and for each what goes into what: `{race: {Other: [a, b]}}`."
        ) from problem


def _texts(data: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = data.get(name)
    if value is None:
        return ()
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    return (str(value),)


def _columns(data: Any) -> dict[str, str]:
    """`columns: {x: count, y: mean}`: what single columns hold."""
    if data is None:
        return {}
    if not isinstance(data, dict) or not all(value in COLUMN_ROLES for value in data.values()):
        raise BadContext(f"`columns` maps a column's name to one of {', '.join(COLUMN_ROLES)}.")
    return {" ".join(str(name).split()).lower(): value for name, value in data.items()}


def _number(data: Mapping[str, Any], name: str) -> float:
    try:
        return float(data.get(name) or 0)
    except (TypeError, ValueError) as problem:
        raise BadContext(f"`{name}` has to be a number.") from problem


def _hierarchies(data: Mapping[str, Any]) -> Hierarchies:
    try:
        return parse_hierarchies(data.get("hierarchies"))
    except BadHierarchy as problem:
        raise BadContext(str(problem)) from problem


def _evidence_data(data: Mapping[str, Any], text: str) -> Mapping[str, Any]:
    if text.strip():
        try:
            loaded = json.loads(text)
        except ValueError as problem:
            raise BadContext("The evidence beside the table is not valid JSON; save the table again.") from problem
        return loaded if isinstance(loaded, dict) else {}
    inline = data.get("evidence")
    return inline if isinstance(inline, dict) else {}


def _evidence(data: Mapping[str, Any]) -> Evidence:
    try:
        return Evidence(
            counts={(int(r), int(c)): int(n) for r, c, n in data.get("counts", ())},
            bases={(int(r), int(c)): int(n) for r, c, n in data.get("bases", ())},
            contributions=tuple(
                Contribution((int(r), int(c)), float(total), float(first), float(second))
                for r, c, total, first, second in data.get("contributions", ())
            ),
            model=_model(data.get("model")),
        )
    except (AttributeError, TypeError, ValueError) as problem:
        raise BadContext("The evidence beside the table has another shape than expected; save it again.") from problem


def _model(data: Any) -> ModelEvidence | None:
    if not data:
        return None
    return ModelEvidence(
        residual_dof=int(data.get("residual_dof", -1)),
        persons=int(data.get("persons", -1)),
        terms={str(name): int(number) for name, number in dict(data.get("terms") or {}).items()},
        levels={str(name): int(number) for name, number in dict(data.get("levels") or {}).items()},
        separated=tuple(map(str, data.get("separated") or ())),
        leverage=float(data.get("leverage", 0)),
        saturated=bool(data.get("saturated", False)),
    )
