"""What the bar above a lab says: project, extract, expiry, privacy budget, outputs; and how the lab itself stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from enclave.assistance import store as assistance
from enclave.core.actors import Actor
from enclave.core.errors import EnclaveError, Unavailable
from enclave.dp import purses as dp
from enclave.extracts.store import ready_extract
from enclave.jobs import store as jobs
from enclave.jobs.states import JobState
from enclave.projects import permissions, store
from enclave.projects.access import lab_access
from enclave.sandboxes.hub_client import Lab
from enclave.traffic.limits import Limits
from enclave.traffic.service import sentence_of
from enclave.traffic.store import latest
from enclave.workspaces.store import stopped_for_space
from output_review import summaries
from output_review.states import EDITABLE, UNDER_REVIEW
from services import lab_sessions
from services.api.context import Context
from services.lab_idle import idleness

SOON = timedelta(days=14)
RECENT = timedelta(minutes=30)
_FULL = (
    "Your lab was stopped because a workspace held more than its quota. Open it again, remove what is not needed, "
    "and write no more than there is room for: it is stopped again when it grows."
)


@dataclass(frozen=True)
class Bar:
    """The words of the bar; empty where there is nothing to say."""

    title: str
    extract: str
    days_left: int
    ends_soon: bool
    budget: str
    outputs: str
    helper: str
    """Who reads in the workspace meanwhile, and until when."""


@dataclass(frozen=True)
class LabState:
    """`name` is closed, stopped, starting, stopping or ready; the sentence is for the person.

    `action` is what the page offers, `notice` what its bar says meanwhile, `jobs` how many run and wait.
    """

    name: str
    sentence: str
    action: str = ""
    notice: str = ""
    jobs: str = ""


def state_of(ctx: Context, actor: Actor, project: str) -> LabState:
    """How the actor's lab of a project stands. It is closed when the person may not be there (any longer)."""
    state = _standing(ctx, actor, project)
    return state if state.name == "closed" else replace(state, jobs=_jobs(ctx, actor, project))


def _standing(ctx: Context, actor: Actor, project: str) -> LabState:
    with ctx.database.read() as session:
        word = lab_access(session, actor.name, project, ctx.clock.now())
        sent = latest(session, actor.name, project)
        amount = sentence_of(sent, Limits(ctx.settings.lab_alert_mb, ctx.settings.lab_stop_mb))
        cut = amount if sent is not None and sent.stopped_at is not None else ""
        notice = amount if sent is not None and sent.ended_at is None and not cut else ""
    if not word.allowed:
        return LabState("closed", word.reason)
    lab = lab_sessions.own_lab(ctx, actor, project)
    since = (lab.started if lab else None) or ctx.clock.now() - RECENT
    with ctx.database.read() as session:
        if stopped_for_space(session, project, actor.name, since):
            return LabState("stopped", _FULL, "open")
    if lab is None:
        return LabState("stopped", cut or "Your lab is not running. Files in the workspace are kept.", "open")
    if lab.state == "stopping" and cut:
        return LabState(lab.state, cut)
    notices = [notice, _idle_notice(ctx, lab) if lab.state == "ready" else ""]
    return LabState(lab.state, _SENTENCES.get(lab.state, ""), notice=" ".join(filter(None, notices)))


def _jobs(ctx: Context, actor: Actor, project: str) -> str:
    with ctx.database.read() as session:
        found = jobs.counts(session, project, actor.name)
    words = {JobState.RUNNING: "running", JobState.QUEUED: "waiting"}
    return ", ".join(f"{found[state]} {word}" for state, word in words.items() if found[state])


def _idle_notice(ctx: Context, lab: Lab) -> str:
    try:
        return idleness(ctx, lab).notice(ctx.clock.now())
    except Unavailable:
        return ""


def bar_of(ctx: Context, actor: Actor, project: str) -> Bar:
    """The bar of a project for somebody who may see it."""
    with ctx.database.read() as session:
        row = store.get_project(session, project)
        permissions.check_can_see_project(session, actor, row)
        extract = ready_extract(session, project)
        left = row.expires_at - ctx.clock.now()
        return Bar(
            title=row.title,
            extract=f"extract {extract.version} of edition {extract.edition}" if extract else "no extract",
            days_left=max(0, left.days),
            ends_soon=left < SOON,
            budget=_budget(session, actor, project),
            outputs=_outputs(session, actor, project),
            helper=helper_of(session, project, actor.name, ctx.clock.now()),
        )


def helper_of(session: Session, project: str, member: str, now: datetime) -> str:
    """The sentence of the banner while somebody may read in a member's workspace; empty otherwise."""
    for row in assistance.open_now(session, project, member, now):
        how = "without your consent" if row.overruled_by else "with your consent"
        return f"{row.asked_by} can read in this workspace {how} until {row.ends_at:%Y-%m-%d %H:%M} UTC."
    return ""


def _budget(session: Session, actor: Actor, project: str) -> str:
    try:
        held = dp.budget_json(session, actor, project)["purses"]
    except EnclaveError:  # no edition is open: nothing can be asked and nothing is left
        return "none"
    return ", ".join(f"{purse['purse']} ε {purse['remaining']['epsilon']:.1f}" for purse in held)


def _outputs(session: Session, actor: Actor, project: str) -> str:
    own = summaries.open_of(session, actor.name, project)
    yours = sum(row.release_state in EDITABLE for row in own)
    theirs = sum(row.release_state in UNDER_REVIEW for row in own)
    return ", ".join([f"{yours} wait for you"] * bool(yours) + [f"{theirs} under review"] * bool(theirs)) or "none"


_SENTENCES = {
    "starting": "Your lab is starting; this usually takes less than ten seconds. The page looks again by itself.",
    "stopping": "Your lab is stopping. Files in the workspace are kept.",
    "ready": "Your lab is ready.",
}
