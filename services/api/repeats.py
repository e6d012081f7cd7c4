"""`Idempotency-Key`: a change that is sent twice under one key by one caller is made once.

    what stands under the key                  answer
    1  nothing                                 the call is done, its answer kept for 24 hours
    2  the same call, answered                 the kept answer, marked `Idempotency-Replayed: true`
    3  another call                            422
    4  the same call, still being done         409 `still_running`: wait, and send it again
    5  the same call, interrupted or failed    409 `look_first`: it may have been done
    6  the same call, its answer not kept      409 `look_first`: it was done

Who calls is proven anew each time, so nobody reads another's answer and a suspended person reads none. What is refused
at the door (401, 403, 429) leaves the key free. Not kept: answers over a megabyte, downloads, and what shows a
secret once. A key is 8 to 200 printable characters; callers make a new one for each thing they mean to do.
"""

from __future__ import annotations

import hashlib
import tempfile
from typing import IO, ClassVar
from uuid import uuid4

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from enclave.core.digests import sha256_hex
from enclave.core.errors import BadInput, Conflict, EnclaveError, NotAuthenticated, Unprocessable
from enclave.core.kept_answers import KeptAnswer, begin, drop, finish
from services.api.context import Context
from services.api.identity import identify

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
CHANGES = frozenset({"POST", "PUT", "DELETE"})
LARGEST_BODY, LARGEST_ANSWER, IN_MEMORY = 2**28, 2**20, 2**20
AT_THE_DOOR = frozenset({401, 403, 429})
SECRETS = ("/setup-link", "/demo/tokens/")


class StillRunning(Conflict):
    """The same call is being done at this moment."""

    code: ClassVar[str] = "still_running"


class LookFirst(Conflict):
    """Whether the call was done is not known, or its answer was not kept."""

    code: ClassVar[str] = "look_first"


class Repeats:
    """Middleware over the API's changes that carry a key; everything else passes untouched."""

    def __init__(self, app: ASGIApp, api: FastAPI, prefix: str) -> None:
        self.app, self.api, self.prefix = app, api, prefix
        self.runner = f"run-{uuid4().hex}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in CHANGES or not scope["path"].startswith(self.prefix):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        key = request.headers.get(HEADER)
        if key is None:
            await self.app(scope, receive, send)
            return
        ctx: Context = self.api.state.context
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as body:
            try:
                asked = await _read(request, receive, body)
                identity = await run_in_threadpool(_identity, request, ctx, key)
                found = await run_in_threadpool(begin, ctx.database, ctx.clock, identity, asked, self.runner)
                kept = self._standing(found, asked) if found is not None else None
            except EnclaveError as problem:
                kept = JSONResponse(problem.as_json(), status_code=problem.status)
            if kept is None:
                await self._do(scope, _again(body, receive), send, ctx, identity)
            else:
                await kept(scope, receive, send)

    def _standing(self, found: KeptAnswer, asked: str) -> Response:
        """Cases 2 to 6 of the table."""
        if found.asked != asked:
            raise Unprocessable("This key was used for another call.", "Take a new key for each thing you mean to do.")
        if found.status is None and found.runner == self.runner:
            raise StillRunning("This call is still being done.", "Wait some seconds and send it again, unchanged.")
        if found.status is None or found.status >= 500:
            raise LookFirst(
                "This call was interrupted; whether it was done is not known.",
                "Look at what it should have changed; if it is not there, send it again under a new key.",
            )
        if found.body is None:
            raise LookFirst("This call was done; its answer is not kept.", "Look at what it changed.")
        return Response(found.body, found.status, {REPLAYED: "true"}, media_type="application/json")

    async def _do(self, scope: Scope, receive: Receive, send: Send, ctx: Context, identity: str) -> None:
        """Case 1: nothing of the answer goes out before it is kept."""
        answer = _Answer(secret=any(part in scope["path"] for part in SECRETS))
        try:
            await self.app(scope, receive, answer.take)
        finally:
            await run_in_threadpool(_keep, ctx, identity, answer)
            for message in answer.messages:
                await send(message)


class _Answer:
    """The messages of an answer, and what of it is kept."""

    def __init__(self, secret: bool) -> None:
        self.messages: list[Message] = []
        self.secret = secret

    async def take(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def status(self) -> int:
        """500 where there is no answer at all."""
        return int(self.messages[0]["status"]) if self.messages else 500

    def body(self) -> str | None:
        """The JSON, where it may be kept."""
        headers = dict(self.messages[0]["headers"]) if self.messages else {}
        whole = b"".join(message.get("body", b"") for message in self.messages[1:])
        is_json = headers.get(b"content-type", b"").startswith(b"application/json")
        return whole.decode() if is_json and not self.secret and len(whole) <= LARGEST_ANSWER else None


def _keep(ctx: Context, identity: str, answer: _Answer) -> None:
    if answer.status in AT_THE_DOOR:
        drop(ctx.database, identity)
    else:
        finish(ctx.database, identity, answer.status, answer.body())


def _identity(request: Request, ctx: Context, key: str) -> str:
    """What the answer is kept under. Raises NotAuthenticated for nobody and BadInput for a key that is none."""
    if not 8 <= len(key) <= 200 or not key.isascii() or not key.isprintable():
        raise BadInput(f"{HEADER} is 8 to 200 printable characters.", "A random UUID is a good key.")
    actor = identify(request, ctx)
    if actor is None:
        raise NotAuthenticated("You are not logged in.", "Log in to the portal, or send a token.")
    return sha256_hex(f"{actor.label}\n{key}".encode())


async def _read(request: Request, receive: Receive, body: IO[bytes]) -> str:
    """Put the body aside; the digest of method, address and body."""
    query = request.scope["query_string"].decode("latin-1")
    digest = hashlib.sha256(f"{request.method} {request.url.path}?{query}\n".encode())
    more, size = True, 0
    while more:
        message = await receive()
        block = message.get("body", b"")
        digest.update(block)
        body.write(block)
        size += len(block)
        if size > LARGEST_BODY:
            raise BadInput("This is too large to be sent under a key.", "Send it without one, or in parts.")
        more = message["type"] == "http.request" and message.get("more_body", False)
    body.seek(0)
    return digest.hexdigest()


def _again(body: IO[bytes], receive: Receive) -> Receive:
    """Give the application the body that was put aside, and then what the client says."""
    ended = False

    async def give() -> Message:
        nonlocal ended
        if ended:
            return await receive()
        block = body.read(IN_MEMORY)
        ended = len(block) < IN_MEMORY
        return {"type": "http.request", "body": block, "more_body": not ended}

    return give
