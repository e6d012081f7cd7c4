"""What a project's purses and the caps hold, and how the managing entity changes a purse.

The purse `revision` is empty until a grant: it pays from the part of an edition that is kept for its revisions, and
from nothing else. A grant too many is taken back by a correction, down to what is used already.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.clock import Clock
from enclave.core.errors import BadInput
from enclave.dp import access, ledger, store
from enclave.dp.caps import EVERY, REVISION
from enclave.dp.loss import DELTA, Loss, from_epsilon
from enclave.dp.policy import load_budgets
from enclave.dp.price import Statistic
from enclave.editions import store as editions
from enclave.people.permissions import Permission, check_holds
from enclave.projects import store as projects
from enclave.projects.permissions import check_can_see_project

PURSES = ("explore", "release", REVISION)
COUNT_AT_30 = Statistic("persons", None, 1).loss_for(30)
"""What a count of persons within 30 costs, groups in which a person can be once included."""


def budget_json(session: Session, actor: Actor, project: str, edition: str | None = None) -> dict[str, Any]:
    """The purses of a project on an edition (the open one when none is named) and the caps over all projects."""
    check_can_see_project(session, actor, projects.get_project(session, project))
    name = editions.edition(session, edition).id if edition else access.open_edition(session).id
    return {
        "project": project,
        "edition": name,
        "delta": DELTA,
        "purses": [found for purse in PURSES if (found := _purse(session, project, name, purse))],
        **caps_json(session, name),
    }


def caps_json(session: Session, edition: str) -> dict[str, Any]:
    """What all projects may spend on an edition, what is kept for its revisions, and what all editions may lose."""
    cap, every, policy = store.cap(session, edition), store.cap(session, EVERY), load_budgets()
    kept = (cap.revision_total, cap.revision_charged) if cap else (policy.kept_for_revisions.nano_rho, 0)
    whole = (cap.total, cap.charged) if cap else (policy.edition_total.nano_rho, 0)
    person = (max(policy.person_total.nano_rho, every.charged if every else 0), every.charged if every else 0)
    return {"edition_cap": _amounts(*whole), "kept_for_revisions": _amounts(*kept), "person_cap": _amounts(*person)}


def grant(
    session: Session, actor: Actor, clock: Clock, *, project: str, edition: str, purse: str, epsilon: float,
    reason: str, correction: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """The office raises a purse to a total epsilon, or takes a grant back to one; the reason stands in the audit.

    A total, because epsilons do not add: at rho 0.15 (epsilon 2.7), another 0.03 makes epsilon 2.9.
    """
    check_holds(actor, Permission.BUDGETS_GRANT)
    projects.get_project(session, project)
    editions.edition(session, edition)
    if purse not in PURSES:
        raise BadInput("There is no such purse.", f"Name one of {', '.join(PURSES)}.")
    if len(reason.strip()) < 10:
        raise BadInput("A grant needs a reason.", "Say in a sentence what the project needs it for.")
    row, wanted = store.budget(session, project, edition, purse), from_epsilon(epsilon)
    more = wanted.nano_rho - (row.total if row else load_budgets().opens_with(purse).nano_rho)
    if correction:
        if more >= 0:
            raise BadInput("A correction lowers the total.", "Give a total below the present one.")
        ledger.correct(session, actor, clock, project, edition, purse, Loss(-more), reason.strip()[:500])
    else:
        if more <= 0:
            raise BadInput("The purse holds that much already.", "Give a total above the present one, or correct it.")
        ledger.grant(session, actor, clock, project, edition, purse, Loss(more), reason.strip()[:500])
    return budget_json(session, actor, project, edition)


def _purse(session: Session, project: str, edition: str, purse: str) -> dict[str, Any] | None:
    row = store.budget(session, project, edition, purse)
    if row is None and purse == REVISION:
        return None
    total = row.total if row else load_budgets().opens_with(purse).nano_rho
    charged = row.charged if row else 0
    counts = max(0, total - charged) // COUNT_AT_30.nano_rho
    return {"purse": purse, **_amounts(total, charged), "counts_at_30": counts}


def _amounts(total: int, charged: int) -> dict[str, Any]:
    return {
        "total": Loss(total).as_json(),
        "charged": Loss(charged).as_json(),
        "remaining": Loss(max(0, total - charged)).as_json(),
    }
