"""What anybody may know of privacy loss: what was spent of each edition, by whom, and audits of the mechanism."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.errors import BadInput
from enclave.dp import audits, bounding, purses, store
from enclave.dp.loss import DELTA, Loss
from enclave.dp.planning import PLANNING
from enclave.dp.policy import load_budgets
from enclave.editions import store as editions
from enclave.editions.states import EditionState
from enclave.projects.model import Project
from services.api.context import Context
from services.data_client import DataClient

AUDIT_TIMEOUT = 1_800.0
DRAWS = 200


def privacy(session: Session) -> list[dict[str, Any]]:
    """An entry a published or superseded edition, the newest first."""
    shown = (EditionState.PUBLISHED.value, EditionState.SUPERSEDED.value)
    return [_edition(session, row.id) for row in editions.list_editions(session) if row.state in shown]


def audit_mechanism(
    ctx: Context, actor: Actor, edition: str | None = None, draws: int = DRAWS, tables: Sequence[str] = ()
) -> dict[str, Any]:
    """Have the research store audit its mechanism (on all tables when none is named) and write the result down.

    It is written down for an edition, the open one when none is named.
    """
    with ctx.database.read() as session:
        newest = editions.latest_published(session)
        name = edition or (newest.id if newest else None)
        if name is None:
            raise BadInput("No edition is published yet.", "Audit the mechanism when the first one is.")
        editions.edition(session, name)
    client = DataClient(ctx.settings.paths.socket("data"), ctx.key, ctx.keyring, ctx.clock)
    result = client.call("dp.audit", timeout=AUDIT_TIMEOUT, draws=draws, tables=list(tables))
    with ctx.database.write() as session:
        audits.write_down(session, actor, ctx.clock, name, result)
    return {"edition": name, **result}


_TITLES = {
    PLANNING: "Feasibility counts of everybody",
    bounding.WHOSE: "Report of the rows that the bounds cut",
}
"""What is charged to no project."""


def _edition(session: Session, edition: str) -> dict[str, Any]:
    cap = store.cap(session, edition)
    total = cap.total if cap else load_budgets().edition_total.nano_rho
    charged = cap.charged if cap else 0
    return {
        "edition": edition,
        "delta": DELTA,
        "total": Loss(total).as_json(),
        "charged": Loss(charged).as_json(),
        "by": [_spender(session, *row) for row in store.spent_by_project(session, edition)],
        **purses.caps_json(session, edition),
        "rows_cut": [row for _, row in sorted(bounding.reports(session, edition).items())],
        "audit": audits.latest(session, edition),
    }


def _spender(session: Session, project: str, answers: int, nano_rho: int) -> dict[str, Any]:
    row = session.get(Project, project)
    title = _TITLES.get(project) or (row.title if row else project)
    return {"title": title, "answers": answers, "charged": Loss(nano_rho).as_json()}
