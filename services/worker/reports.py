"""Report runs: a sandbox executes the notebook, its outputs become a draft release request of the author.

A worker that is killed meanwhile finds the run RUNNING, removes the sandbox and runs it again; a draft is made
in the end only, so a run has one at most.
"""

from __future__ import annotations

import io
from dataclasses import replace

from enclave.core.actors import Actor
from enclave.core.digests import sha256_hex
from enclave.core.errors import Conflict, EnclaveError, Unavailable
from enclave.reports import runner, service, store
from enclave.reports.catalogue import template
from enclave.reports.model import ReportRun
from enclave.reports.states import RunState
from services.airlock import Incoming, airlock_of, receive, start_draft
from services.api.context import Context
from services.engine_client import EngineClient
from services.starts import grant_for
from services.worker.app import Job

WORKER = Actor.service("worker")


def pending(ctx: Context) -> list[str]:
    """Runs that wait, and those that an interrupted worker left."""
    with ctx.database.read() as session:
        return store.open_ids(session)


def run(ctx: Context, run_id: str) -> None:
    """Execute one run to its end. A guard that is away is waited for; every other failure ends the run."""
    with ctx.database.write() as session:
        row = service.start(session, WORKER, ctx.clock, run_id)
    try:
        outputs = _execute(ctx, row)
        release = _submit(ctx, row, outputs)
    except Unavailable:
        raise
    except EnclaveError as problem:
        _fail(ctx, run_id, f"{problem.message} {problem.advice}".strip())
        return
    digests = {name: sha256_hex(content) for name, content in outputs.items()}
    with ctx.database.write() as session:
        service.succeed(session, WORKER, ctx.clock, run_id, digests, release)


JOBS = (Job("report runs", pending, run),)


def _execute(ctx: Context, row: ReportRun) -> dict[str, bytes]:
    job = runner.job_of(row)
    with ctx.database.write() as session:
        opened = grant_for(ctx, session, WORKER, "report", job.user, job.project, job.run, job.command)
    grant = replace(opened, extract=job.extract)  # the run's own, whatever the project has since
    engine = EngineClient(ctx.settings, ctx.key, ctx.clock)
    ended = engine.run(grant, job.time_limit.total_seconds(), lambda: _is_wanted(ctx, row.id))
    if ended.exit_code != 0:
        raise Conflict("The notebook failed.", "Run its cells in a sandbox to see where.")
    return runner.outputs_of(ended.printed)


def _submit(ctx: Context, row: ReportRun, outputs: dict[str, bytes]) -> str:
    found = template(row.template)
    given = ", ".join(f"{name} = {value}" for name, value in row.parameters.items())
    notebook = f"{row.template}.ipynb"
    files = [Incoming(name, io.BytesIO(content), name == notebook) for name, content in sorted(outputs.items())]
    lineage = {"report": row.template, "notebook": row.notebook_digest, "run": row.id}
    return start_draft(
        ctx, WORKER, row.project, receive(airlock_of(ctx), files), title=f"{found.title} ({given})"[:200],
        purpose=found.description, author=row.author, lineage=lineage,
    )  # fmt: skip


def _is_wanted(ctx: Context, run_id: str) -> bool:
    with ctx.database.read() as session:
        return store.get_run(session, run_id).state == RunState.RUNNING


def _fail(ctx: Context, run_id: str, reason: str) -> None:
    if not _is_wanted(ctx, run_id):
        return
    with ctx.database.write() as session:
        service.fail(session, WORKER, ctx.clock, run_id, reason)
