"""The pathway check: for each element, on which basis it can be had, or what is missing.

It runs when a request is written, so that a request without a way is told so before anyone reads it, and once more when
it is submitted, approved and compiled: an agreement may have ended in between.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from enclave.agreements import store as agreements
from enclave.agreements.model import ParticipationAgreement
from enclave.agreements.policies import in_force
from enclave.agreements.states import Route
from enclave.core.errors import Unprocessable
from enclave.projects.form import RequestForm


@dataclass(frozen=True)
class ElementPathway:
    """One element's way. ``missing`` is empty when it is open."""

    provider: str
    table: str
    column: str
    data_class: str
    basis: str
    instrument: str
    reviewing_body: str
    missing: str

    @property
    def element(self) -> str:
        """The element's full name."""
        return f"{self.provider}.{self.table}.{self.column}"

    @property
    def is_open(self) -> bool:
        """Whether the element can be had by extract."""
        return not self.missing

    def as_json(self) -> dict[str, Any]:
        """For the API."""
        return asdict(self) | {"element": self.element, "open": self.is_open}


def check_form(session: Session, form: RequestForm, now: datetime) -> list[ElementPathway]:
    """The way of every element of the form, cohort conditions included."""
    return check_elements(session, form.elements, form.years, now)


def check_elements(
    session: Session, elements: Iterable[tuple[str, str, str]], years: tuple[int, int], now: datetime
) -> list[ElementPathway]:
    """The way of each (provider, table, column) for these years."""
    wanted = tuple(elements)
    standing = {provider: agreements.standing(session, provider) for provider in {each[0] for each in wanted}}
    return [_way(standing[provider], provider, table, column, years, now) for provider, table, column in wanted]


def check_all_open(ways: list[ElementPathway]) -> None:
    """Raise Unprocessable naming the elements without a way, and why."""
    closed = [way for way in ways if not way.is_open]
    if closed:
        reasons = "; ".join(f"{way.element}: {way.missing}" for way in closed[:8])
        more = f" (and {len(closed) - 8} more)" if len(closed) > 8 else ""
        raise Unprocessable(
            f"{len(closed)} of the elements have no pathway. {reasons}{more}.",
            "Take them out, narrow the years, or ask the office about an aggregate or DP route.",
        )


def _way(
    agreement: ParticipationAgreement | None,
    provider: str,
    table: str,
    column: str,
    years: tuple[int, int],
    now: datetime,
) -> ElementPathway:
    data_class = agreement.classes.get(table, "") if agreement else ""
    path = agreement.pathways.get(data_class, {}) if agreement else {}
    return ElementPathway(
        provider,
        table,
        column,
        data_class,
        path.get("basis", ""),
        path.get("instrument", ""),
        path.get("reviewing_body", ""),
        _missing(agreement, table, column, path, years, now),
    )


def _missing(
    agreement: ParticipationAgreement | None,
    table: str,
    column: str,
    path: dict[str, str],
    years: tuple[int, int],
    now: datetime,
) -> str:
    if agreement is None or not in_force(agreement, now):
        return "the provider has no agreement in force"
    route = agreement.route(table, column)
    if f"{table}.{column}" not in agreement.elements:
        return "the agreement does not name it"
    if route < Route.EXTRACT:
        return f"the agreement opens it to {route.label} use only" if route else "the agreement closes it"
    if not path or Route.named(path["route"]) < Route.EXTRACT:
        return "there is no legal pathway for its data class"
    if years[0] < agreement.year_from or years[1] > agreement.year_to:
        return f"the agreement covers {agreement.year_from} to {agreement.year_to}"
    return ""
