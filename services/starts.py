"""What every start of a sandbox has in common: the project's key, its workspaces open, its size, extract and image.

Labs (the hub asks), jobs and report runs (the worker starts) all come by here. What differs is who lives in it.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.projects import store
from enclave.sandboxes.grants import Grant
from enclave.sandboxes.project_keys import KeyStore
from enclave.workspaces import service as workspaces
from enclave.workspaces.store import size_name
from services.api.context import Context
from services.pins import image_for_start


def grant_for(
    ctx: Context, session: Session, actor: Actor, profile: str, user: str, project: str, run: str = "",
    command: tuple[str, ...] = (),
) -> Grant:  # fmt: skip
    """The grant of a sandbox that is about to start, with the project's present extract.

    Promise: the project has a key, and counts as open from now on, so that its next suspension seals it again.
    Limit: whether somebody may start it is asked before.
    """
    version = store.get_project(session, project).extract_version
    KeyStore(ctx.settings.paths.project_keys, ctx.settings.paths.rooms_public_key).ensure(project, ctx.clock)
    workspaces.unseal_room(session, actor, project, ctx.clock)
    extract = "" if version is None else str(version)
    image = image_for_start(ctx, session, project, actor)
    return Grant(profile, user, project, extract, run, command, size_name(session, project), image)
