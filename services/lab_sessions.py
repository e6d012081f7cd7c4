"""Labs as their users and administrators handle them: open, enter, list, stop. API and pages share this."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from enclave.core.actions import Check
from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.digests import canonical_json
from enclave.core.errors import Conflict, NotAllowed
from enclave.core.ids import new_id
from enclave.core.signing import seal
from enclave.people.permissions import Permission, check_holds, holds
from enclave.projects import store
from enclave.projects.access import lab_access
from enclave.sandboxes.hub_client import Lab, LabHub, lab_hub
from services.api.context import Context

TICKET_LIFE = timedelta(seconds=60)
SWITCH_SECONDS = 20.0


class AnotherLabOpen(Conflict):
    """A lab of another project of the same person runs; the page offers to stop it."""

    def __init__(self, other: str) -> None:
        super().__init__(
            f"Your lab of {other} is open.", "One lab a person is open at a time. Stop it, then open this."
        )
        self.other = other


@dataclass(frozen=True)
class OwnProject:
    """A project on its member's page: whether a lab can be opened, and the one that runs."""

    id: str
    title: str
    allowed: bool
    reason: str
    lab: Lab | None


def hub_of(ctx: Context) -> LabHub:
    """The hub, asked as the portal."""
    return lab_hub(ctx.settings.hub_url, ctx.settings.hub_token.get_secret_value())


def visible_labs(ctx: Context, actor: Actor) -> list[Lab]:
    """All labs for who manages sessions, else one's own."""
    if holds(actor, Permission.SESSIONS_MANAGE):
        return hub_of(ctx).labs()
    return hub_of(ctx).labs_of(actor.name)


def own_projects(ctx: Context, actor: Actor) -> list[OwnProject]:
    """The actor's projects with the state of their labs."""
    labs = {lab.project: lab for lab in hub_of(ctx).labs_of(actor.name)}
    with ctx.database.read() as session:
        found = []
        for project in store.projects_of(session, actor.name):
            word = lab_access(session, actor.name, project.id, ctx.clock.now())
            lab = labs.get(project.id)
            found.append(OwnProject(project.id, project.title, word.allowed, word.reason, lab))
        return found


def open_lab(ctx: Context, actor: Actor, project: str) -> Lab | None:
    """Start the actor's lab of a project, or find it running. Returns the lab, None in its very first moment.

    One lab a person at a time: labs of one person share an origin in the browser, so that a page of one project
    could read another's.
    """
    _check_access(ctx, actor, project)
    labs = hub_of(ctx).labs_of(actor.name)
    if others := [lab.project for lab in labs if lab.project != project]:
        raise AnotherLabOpen(others[0])
    if not labs:
        with ctx.database.write() as session:
            record(session, actor, "lab.opened", "project", project, ctx.clock, user=actor.name)
        hub_of(ctx).start(actor.name, project)
    return own_lab(ctx, actor, project)


def switch_lab(ctx: Context, actor: Actor, project: str) -> Lab | None:
    """Stop the actor's labs of other projects, wait for their end, and open this one. Conflict: one has not ended."""
    _check_access(ctx, actor, project)
    for lab in hub_of(ctx).labs_of(actor.name):
        if lab.project != project and lab.state != "stopping":
            stop_lab(ctx, actor, actor.name, lab.project)
    end = time.monotonic() + SWITCH_SECONDS
    while time.monotonic() < end and any(lab.project != project for lab in hub_of(ctx).labs_of(actor.name)):
        time.sleep(0.2)
    return open_lab(ctx, actor, project)


def own_lab(ctx: Context, actor: Actor, project: str) -> Lab | None:
    """The actor's lab of a project, or None."""
    return next((lab for lab in hub_of(ctx).labs_of(actor.name) if lab.project == project), None)


def checks(actor: Actor, user: str) -> dict[str, Check]:
    """What is asked before each action about somebody's lab."""

    def stop() -> None:
        if actor.kind != "user" or actor.name != user:
            check_holds(actor, Permission.SESSIONS_MANAGE)

    return {"stop": stop}


def stop_lab(ctx: Context, actor: Actor, user: str, project: str) -> None:
    """Stop a lab: one's own, or anybody's for who manages sessions."""
    checks(actor, user)["stop"]()
    hub_of(ctx).stop(user, project)
    with ctx.database.write() as session:
        record(session, actor, "lab.stopped", "project", project, ctx.clock, user=user)


def entry_address(ctx: Context, actor: Actor, project: str, login: str) -> str:
    """The address that lets the actor's browser into the lab: a ticket, good once and for a minute.

    `login` names the browser's session at the portal: when that ends, the lab closes to the browser too.
    """
    _check_access(ctx, actor, project)
    payload = {"user": actor.name, "project": project, "login": login, "nonce": new_id("tkt")}
    envelope = seal("lab.ticket", payload, ctx.key, ctx.clock, TICKET_LIFE)
    ticket = base64.urlsafe_b64encode(canonical_json(envelope)).decode().rstrip("=")
    return f"{ctx.settings.lab_url(actor.name)}/_c2c/enter?{urlencode({'ticket': ticket})}"


def _check_access(ctx: Context, actor: Actor, project: str) -> None:
    if actor.kind != "user":
        raise NotAllowed("A lab belongs to a person.", "Open it in the portal, logged in.")
    with ctx.database.read() as session:
        word = lab_access(session, actor.name, project, ctx.clock.now())
    if not word.allowed:
        raise NotAllowed(word.reason, "See your projects.")
