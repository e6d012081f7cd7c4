"""Caps on privacy loss: what a project opens with, and what an edition gives over all projects."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from enclave.dp.loss import FEMTO, Loss, from_rho

FILE = Path(__file__).parent / "budgets.yaml"


class BudgetPolicy(BaseModel):
    """Rho of a project's purses at its first question, of feasibility counts, and of an edition over all projects.

    `person_cap`: over all yearly editions, because the same people are in them. `bounding`: the report of the share of
    rows that the contribution bounds cut, an edition.
    `delta_of_keys`: for questions whose groups are learned from data, a purse and an edition over all projects.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    opening: dict[str, float]
    planning: float
    bounding: float
    person_cap: float
    edition_cap: float
    reserved_for_revisions: float
    delta_of_keys: dict[str, float]

    def opens_with(self, purse: str) -> Loss:
        """What a purse holds before any grant."""
        if purse == "revision":
            return Loss(0)  # opened by a grant alone; its questions name their keys
        rho = from_rho({"planning": self.planning, "bounding": self.bounding}.get(purse) or self.opening[purse])
        return Loss(rho.nano_rho, round(self.delta_of_keys["purse"] * FEMTO))

    @property
    def kept_for_revisions(self) -> Loss:
        """What of an edition only questions about its revisions may spend, after a grant with a reason."""
        return Loss(from_rho(self.edition_cap).nano_rho - self.edition_total.nano_rho)

    @property
    def person_total(self) -> Loss:
        """What all yearly editions together may lose about one person."""
        return Loss(from_rho(self.person_cap).nano_rho, round(self.delta_of_keys["person"] * FEMTO))

    @property
    def edition_total(self) -> Loss:
        """What all projects together may spend on an edition; the rest is kept for its revisions."""
        share = 1 - self.reserved_for_revisions
        rho = from_rho(round(self.edition_cap * share, 9))
        return Loss(rho.nano_rho, round(self.delta_of_keys["edition"] * share * FEMTO))


@lru_cache
def load_budgets(path: Path = FILE) -> BudgetPolicy:
    """The budgets of a YAML file."""
    return BudgetPolicy.model_validate(yaml.safe_load(path.read_text()))
