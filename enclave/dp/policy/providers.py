"""Providers' own rules for what is shown, read from `providers.yaml` and the public list `employers.yaml`.

The list is a site's: public numbers of employers, as its labor office publishes them. It is empty until the site fills
it; nothing of it is learned from an edition.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

FOLDER = Path(__file__).parent


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Employers(_Frozen):
    """Cells of the public list with fewer employers, or one with at least such a share of the value, are blank."""

    fewest: Annotated[int, Field(ge=2, le=10)]
    share: Annotated[float, Field(gt=0.5, le=1)]


class Cell(_Frozen):
    """A line of the public list."""

    naics: str | None = None
    county_code: str | None = None
    employers: Annotated[int, Field(ge=0)]
    largest_share: Annotated[float, Field(ge=0, le=1)]

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        named = (("naics", self.naics), ("county_code", self.county_code))
        return tuple((column, key) for column, key in named if key is not None)


class Rule(_Frozen):
    """The rule of one provider."""

    below: Annotated[int, Field(ge=2, le=100)] | None = None
    rates_from: Annotated[int, Field(ge=2, le=1000)] | None = None
    employers: Employers | None = None


class Shown(_Frozen):
    """What holds for a table: the strictest of its providers' rules, and the public cells that stay blank.

    `blank`: cells as pairs of column and key; a cell is blank with all that it contains.
    """

    below: int | None = None
    rates_from: int | None = None
    blank: tuple[tuple[tuple[str, str], ...], ...] = ()
    names: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As receipts state it: which rules, no cell."""
        return {"names": list(self.names), "below": self.below, "rates_from": self.rates_from}

    def beside(self, other: Shown) -> Shown:
        """Both rules at once."""
        return Shown(
            below=_largest(self.below, other.below),
            rates_from=_largest(self.rates_from, other.rates_from),
            blank=tuple(dict.fromkeys((*self.blank, *other.blank))),
            names=tuple(dict.fromkeys((*self.names, *other.names))),
        )


def shown_of(providers: Iterable[str], folder: Path = FOLDER) -> Shown:
    """The rules of a table with rows of these providers."""
    rules, found = load_rules(folder), Shown()
    for provider in providers:
        if provider in rules:
            found = found.beside(_shown(provider, rules[provider], folder))
    return found


@lru_cache
def load_rules(folder: Path = FOLDER) -> dict[str, Rule]:
    content = yaml.safe_load((folder / "providers.yaml").read_text())
    return {provider: Rule.model_validate(rule) for provider, rule in content.items()}


def _shown(provider: str, rule: Rule, folder: Path) -> Shown:
    names = [f"{provider}: <{rule.below}"] if rule.below else []
    names += [f"{provider}: n<{rule.rates_from}"] if rule.rates_from else []
    blank: tuple[tuple[tuple[str, str], ...], ...] = ()
    if rule.employers:
        names.append(f"{provider}: {rule.employers.fewest}/{rule.employers.share * 100:.0f}")
        blank = tuple(_blank(rule.employers, folder))
    return Shown(below=rule.below, rates_from=rule.rates_from, blank=blank, names=tuple(names))


def _blank(rule: Employers, folder: Path) -> Iterable[tuple[tuple[str, str], ...]]:
    for line in yaml.safe_load((folder / "employers.yaml").read_text()):
        cell = Cell.model_validate(line)
        if cell.employers < rule.fewest or cell.largest_share >= rule.share:
            yield cell.keys


def _largest(*values: int | None) -> int | None:
    return max((value for value in values if value is not None), default=None)
