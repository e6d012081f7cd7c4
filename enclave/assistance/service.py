"""Use cases of break-glass assistance: ask, answer, overrule, look, end."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from enclave.assistance import permissions, store
from enclave.assistance.model import MOST_HOURS, Assistance
from enclave.assistance.states import ASSISTANCE, AssistanceState
from enclave.core.actions import Check
from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.errors import BadInput, Conflict, NotAllowed
from enclave.core.ids import new_id
from enclave.projects.store import get_project, is_member

LAPSES = timedelta(days=7)
"""An ask that nobody answered for so long opens nothing any more."""


def ask(
    session: Session, actor: Actor, project: str, member: str, reason: str, hours: int, clock: Clock, *, urgent: bool
) -> Assistance:
    """Ask for a look into a member's workspace; one ask about a workspace at a time."""
    permissions.check_can_ask(actor, member)
    get_project(session, project)
    if not is_member(session, project, member):
        raise BadInput(f"{member} is not on the project {project}.", "See the people on the project's page.")
    if not reason.strip() or not 1 <= hours <= MOST_HOURS:
        raise BadInput(f"An ask needs a reason, and 1 to {MOST_HOURS} hours.", "Say what is stuck, and for how long.")
    if store.unfinished(session, project, member):
        raise Conflict("There is an ask about this workspace already.", "Withdraw or end it first.")
    row = Assistance(
        id=new_id("help"),
        state=AssistanceState.ASKED.value,
        project=project,
        member=member,
        asked_by=actor.name,
        asked_at=clock.now(),
        reason=reason.strip()[:500],
        hours=hours,
        urgent=urgent,
    )
    session.add(row)
    session.flush()
    details = {"project": project, "member": member, "hours": hours, "urgent": urgent, "reason": row.reason}
    record(session, actor, "assistance.asked", "assistance", row.id, clock, **details)
    return row


def consent(session: Session, actor: Actor, ask_id: str, clock: Clock) -> Assistance:
    """The member agrees; the hours begin now."""
    row = store.get(session, ask_id)
    checks(session, actor, row, clock)["consent"]()
    _open(session, actor, row, clock, consent=True)
    return row


def refuse(session: Session, actor: Actor, ask_id: str, clock: Clock) -> Assistance:
    """The member does not agree; no reason is asked for."""
    row = store.get(session, ask_id)
    checks(session, actor, row, clock)["refuse"]()
    ASSISTANCE.move(session, row, AssistanceState.REFUSED, actor, clock, project=row.project)
    return row


def withdraw(session: Session, actor: Actor, ask_id: str, clock: Clock) -> Assistance:
    """Who asked needs it no longer."""
    row = store.get(session, ask_id)
    checks(session, actor, row, clock)["withdraw"]()
    ASSISTANCE.move(session, row, AssistanceState.WITHDRAWN, actor, clock, project=row.project)
    return row


def overrule(session: Session, actor: Actor, ask_id: str, why: str, clock: Clock) -> Assistance:
    """Open an urgent ask without the member's consent, as the second person; the member is told."""
    row = store.get(session, ask_id)
    checks(session, actor, row, clock)["overrule"]()
    if not why.strip():
        raise BadInput("Say why consent is not waited for.", "The member and the auditors read it.")
    row.overruled_by, row.overruled_why = actor.name, why.strip()[:500]
    _open(session, actor, row, clock, consent=False, why=row.overruled_why)
    return row


def end(session: Session, actor: Actor, ask_id: str, clock: Clock) -> Assistance:
    """Close it before its time."""
    row = store.get(session, ask_id)
    checks(session, actor, row, clock)["end"]()
    ASSISTANCE.move(session, row, AssistanceState.ENDED, actor, clock, project=row.project)
    return row


def note_end(session: Session, actor: Actor, ask_id: str, clock: Clock) -> None:
    """The worker's note that time has closed it."""
    row = store.get(session, ask_id)
    if not store.is_open(row, clock.now()):
        ASSISTANCE.move(session, row, AssistanceState.ENDED, actor, clock, project=row.project, by="time")


def note_look(session: Session, actor: Actor, ask_id: str, path: str, clock: Clock) -> Assistance:
    """Check that this person may look now, and put the look into the audit; commit before reading anything."""
    row = store.get(session, ask_id)
    checks(session, actor, row, clock)["look"]()
    record(
        session, actor, "assistance.looked", "assistance", row.id, clock,
        project=row.project, member=row.member, path=path[:200],
    )  # fmt: skip
    return row


def checks(session: Session, actor: Actor, row: Assistance, clock: Clock) -> dict[str, Check]:
    """What is asked before each action."""

    def consent() -> None:
        permissions.check_is_member(actor, row)
        if row.state != AssistanceState.ASKED:
            raise Conflict(f"This ask is {row.state.lower()}.", "Reload the page to see what can be done now.")
        _check_not_lapsed(row, clock)

    def refuse() -> None:
        permissions.check_is_member(actor, row)
        ASSISTANCE.check(row.state, AssistanceState.REFUSED)

    def withdraw() -> None:
        permissions.check_asked(actor, row)
        ASSISTANCE.check(row.state, AssistanceState.WITHDRAWN)

    def overrule() -> None:
        permissions.check_can_overrule(actor, row)
        if not row.urgent:
            raise Conflict("This ask waits for the member's consent.", "An ask that cannot wait has to say so.")
        ASSISTANCE.check(row.state, AssistanceState.OPEN)
        _check_not_lapsed(row, clock)

    def look() -> None:
        permissions.check_asked(actor, row)
        if not store.is_open(row, clock.now()):
            raise NotAllowed("The workspace is not open to you.", "Wait for consent, or ask again.")
        if not is_member(session, row.project, row.member):
            raise NotAllowed(f"{row.member} is no longer on the project.", "End this, and ask the managing entity.")

    def end() -> None:
        permissions.check_can_end(actor, row)
        ASSISTANCE.check(row.state, AssistanceState.ENDED)

    return {
        "consent": consent, "refuse": refuse, "withdraw": withdraw, "overrule": overrule, "look": look, "end": end,
    }  # fmt: skip


def _check_not_lapsed(row: Assistance, clock: Clock) -> None:
    if clock.now() - row.asked_at > LAPSES:
        raise Conflict("The ask is older than a week.", "It has to be asked again.")


def _open(session: Session, actor: Actor, row: Assistance, clock: Clock, **details: object) -> None:
    row.ends_at = clock.now() + timedelta(hours=row.hours)
    session.flush()
    named = {"project": row.project, "member": row.member, "asked_by": row.asked_by}
    ASSISTANCE.move(session, row, AssistanceState.OPEN, actor, clock, **named, **details)
