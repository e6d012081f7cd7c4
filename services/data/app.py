"""The data service: `POST /jobs` takes a signed job, runs its handler and answers with a signed result.

A job is an envelope `data.job` of the portal or the worker; the answer is an envelope `data.result`, whose
payload is `{"job", "ok": true, "result"}` or `{"job", "ok": false, "error": {"code", "message", "advice"}}`.
Whatever a handler did not mean to say becomes one constant error with an id: texts of libraries and databases
can carry values.
"""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from enclave.core.errors import BadInput, EnclaveError, TooMany, Unprocessable
from enclave.core.ids import new_id
from enclave.core.logging import get_logger
from enclave.core.signing import open_envelope, seal
from services.data import bounding, contributors, dp, extracts, mechanism
from services.data.context import DataContext, Handler, Payload

ISSUERS = ("portal", "worker")
MAX_BODY = 16 * 2**20

HANDLERS: dict[str, Handler] = {
    **dp.HANDLERS,
    **bounding.HANDLERS,
    **mechanism.HANDLERS,
    **extracts.HANDLERS,
    **contributors.HANDLERS,
}
"""Job name → handler; each module of this folder brings its own."""


def create_app(context: DataContext) -> FastAPI:
    """The application; it has no documentation pages and no other routes."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    log = get_logger()

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/jobs")
    async def jobs(request: Request) -> Response:
        try:
            envelope = _decoded(await _limited_body(request))
            job = open_envelope(envelope, context.keyring, "data.job", context.clock, ISSUERS)
        except EnclaveError as problem:
            return _json(problem.as_json(), problem.status)
        answer = await run_in_threadpool(perform, context, job)
        log.info("job_done", job=answer["job"], ok=answer["ok"])
        return _json(seal("data.result", answer, context.key, context.clock), 200)

    return app


def perform(context: DataContext, job: Payload) -> Payload:
    """Run one job; every failure is an answer."""
    name = str(job.get("job", ""))
    try:
        handler = HANDLERS.get(name)
        if handler is None:
            raise Unprocessable("The data service does not know this job.", "Check that both run one version.")
        return {"job": name, "ok": True, "result": handler(context, job)}
    except EnclaveError as problem:
        return {"job": name, "ok": False, **problem.as_json()}
    except Exception as problem:
        incident = new_id("inc")
        get_logger().error("job_failed", job=name, incident=incident, kind=type(problem).__name__)
        error = {
            "code": "error",
            "message": "The job failed in the research store.",
            "advice": f"Give the incident id {incident} to the data steward.",
        }
        return {"job": name, "ok": False, "error": error}


async def _limited_body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY:
            raise TooMany("The job is too large.", "Send fewer values in one job.")
    return bytes(body)


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise BadInput("The body is not JSON.", "Send a signed envelope as JSON.") from None


def _json(content: Any, status: int) -> Response:
    return Response(json.dumps(content), status, media_type="application/json")
