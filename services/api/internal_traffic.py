"""What the gateway tells the portal: the bytes that went from labs to browsers. Too many, and the lab is stopped."""

from __future__ import annotations

from typing import Annotated

from fastapi import BackgroundTasks
from pydantic import BaseModel, Field

from enclave.core.errors import EnclaveError
from enclave.core.logging import get_logger
from enclave.traffic.limits import Kind, Limits
from enclave.traffic.service import Report, add_report, down_of, sentence_of
from services.api.deps import Context, Ctx, GuardedRouter
from services.lab_sessions import hub_of

internal = GuardedRouter(tags=["internal"], include_in_schema=False)
Size = Annotated[int, Field(ge=0, lt=1 << 50)]


class Sent(BaseModel):
    """A report of the gateway."""

    id: str = Field(max_length=40)
    run: str = Field(max_length=80)
    user: str = Field(max_length=30)
    project: str = Field(max_length=30)
    down: dict[Kind, Size]
    up: Size
    reads: dict[str, tuple[Size, Size]] = Field(max_length=1000)
    ended: bool


class Sum(BaseModel):
    """The session's bytes so far, and the sentence for its reader when no more may go."""

    down: dict[Kind, int]
    refusal: str


@internal.post("/lab-traffic", issuers={"gateway"})
def add_traffic(ctx: Ctx, tasks: BackgroundTasks, body: Sent) -> Sum:
    """Add a report; a lab that has sent too much is stopped after the answer, and again by the worker if need be."""
    limits = Limits(ctx.settings.lab_alert_mb, ctx.settings.lab_stop_mb)
    with ctx.database.write() as session:
        row = add_report(session, Report(**body.model_dump()), limits, ctx.clock)
        stopped = row.stopped_at is not None
        if stopped and row.ended_at is None:
            tasks.add_task(_stop, ctx, row.user, row.project)
        return Sum(down=down_of(row), refusal=sentence_of(row, limits) if stopped else "")


def _stop(ctx: Context, user: str, project: str) -> None:
    try:
        hub_of(ctx).stop(user, project)
    except EnclaveError as problem:
        get_logger().warning("lab_not_stopped", user=user, project=project, kind=type(problem).__name__)
