"""The guard's server: read a request, decide, pass it on, record it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from enclave.core.clock import Clock
from enclave.core.errors import EnclaveError, NotAllowed, NotFound
from enclave.core.settings import Settings
from enclave.core.signing import Keyring, SigningKey
from enclave.sandboxes.grants import HEADER, LIFE, Grant, from_header, open_grant
from enclave.sandboxes.profiles import Places, container_name, profile_for, workspace_of
from enclave.sandboxes.rooms import sandbox_id
from services.guard.engine import Engine
from services.guard.events import Events
from services.guard.mounts import close_room, open_room
from services.guard.policy import Operation, check_create, operation_of
from services.guard.workspaces import ready_folders

Answer = tuple[int, bytes, str]


class Guard:
    """Decides over every request; one a process."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._places = Places.of(settings)
        self._keyring = Keyring.load(settings.paths.public_keys)
        key = SigningKey.load(settings.paths.private_key("guard"))
        self._events = Events(settings.paths.events, key, clock)
        self._used: dict[str, datetime] = {}
        self.engine = Engine(settings.engine_socket)

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request: the engine's answer, or 403 with a reason."""
        body = await request.read()
        try:
            operation, ref = operation_of(request.method, request.path, request.query, body)
            status, content, kind = await self._act(operation, ref, request, body)
        except NotFound as problem:  # the hub asks about sandboxes that are gone; nothing was refused
            return web.json_response({"message": problem.message}, status=404)
        except EnclaveError as problem:
            self._events.record("refused", request.path[:120], method=request.method, reason=problem.message)
            return web.json_response({"message": problem.message, "reason": problem.advice}, status=403)
        return web.Response(status=status, body=content, content_type=kind)

    async def _act(self, operation: Operation, ref: str, request: web.Request, body: bytes) -> Answer:
        if operation.name == "create":
            return await self._create(request, body)
        if operation.name == "list":
            labels = json.dumps({"label": [f"c2c.instance={self._places.instance}"]})
            query = {"all": request.query.get("all", "0"), "filters": labels}
            return await self.engine.call("GET", "/containers/json", query)
        if not ref:
            return await self.engine.call(operation.method, operation.path)
        return await self._on_container(operation, ref, request)

    async def _on_container(self, operation: Operation, ref: str, request: web.Request) -> Answer:
        found = await self._own(ref)
        sandbox = str(found["Config"]["Labels"]["c2c.sandbox"])
        if operation.name == "inspect":
            found["Config"]["Env"] = []  # tokens of the lab are nobody's to read back
            return 200, json.dumps(found).encode(), "application/json"
        path = operation.path.replace(_ref_pattern(operation), str(found["Id"]))
        answer = await self.engine.call(operation.method, path, request.query)
        if operation.name == "remove" and answer[0] < 300:
            close_room(self._places.run / sandbox)
        if operation.method != "GET" and operation.name != "wait":
            self._events.record(operation.name, sandbox, status=str(answer[0]))
        return answer

    async def _own(self, ref: str) -> dict[str, Any]:
        """A container of this installation; nobody touches another through here."""
        found = await self.engine.container(ref)
        if found is None:
            raise NotFound("There is no such sandbox.", "List the sandboxes and take a name from there.")
        labels = found["Config"]["Labels"] or {}
        if labels.get("c2c.instance") != self._places.instance or "c2c.sandbox" not in labels:
            raise NotAllowed("This container is no sandbox of this installation.", "Name one that is.")
        return found

    async def _create(self, request: web.Request, body: bytes) -> Answer:
        grant = self._grant(request)
        sandbox = sandbox_id(grant.user, grant.project, grant.run)
        name = container_name(self._places, sandbox)
        profile = profile_for(grant.profile, self._settings)
        expected = check_create(_json(body), request.query.get("name", ""), grant, profile, self._places, name)
        if await self.engine.container(name) is not None:
            return 409, b'{"message": "The sandbox exists already."}', "application/json"
        ready_folders(self._settings.paths, grant, workspace_of(grant))
        folder = self._places.run / sandbox
        open_room(folder, grant)
        answer = await self.engine.call("POST", "/containers/create", {"name": name}, expected)
        if answer[0] >= 300:
            close_room(folder)
        self._events.record("create", sandbox, user=grant.user, project=grant.project, status=str(answer[0]))
        return answer

    def _grant(self, request: web.Request) -> Grant:
        """The request's grant, spent by this. A restart forgets which were spent; they live two minutes."""
        grant = open_grant(from_header(request.headers.get(HEADER, "")), self._keyring, self._clock)
        now = self._clock.now()
        self._used = {nonce: end for nonce, end in self._used.items() if end > now}
        if grant.nonce in self._used:
            raise NotAllowed("The grant was used before.", "Ask the portal for a new one.")
        self._used[grant.nonce] = now + LIFE + timedelta(seconds=5)
        return grant

    async def sweep(self) -> None:
        """Close the rooms that no container lives in (after a crash of engine or guard)."""
        for folder in self._places.run.glob("sbx-*"):
            if await self.engine.container(container_name(self._places, folder.name)) is None:
                close_room(folder)


_GUARD = web.AppKey("guard", Guard)


def build_app(settings: Settings, clock: Clock) -> web.Application:
    """The guard as an aiohttp application."""
    app = web.Application(client_max_size=1024 * 1024)
    app.router.add_route("*", "/{path:.*}", _handle)

    async def life(app: web.Application) -> AsyncIterator[None]:
        app[_GUARD] = guard = Guard(settings, clock)
        await guard.sweep()
        yield
        await guard.engine.close()

    app.cleanup_ctx.append(life)
    return app


async def _handle(request: web.Request) -> web.Response:
    return await request.app[_GUARD].handle(request)


def socket_path(settings: Settings) -> Path:
    """Where the guard listens."""
    return settings.paths.socket("guard")


def _ref_pattern(operation: Operation) -> str:
    return operation.path.split("/")[2]


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as problem:
        raise NotAllowed("A create request is a JSON object.", "Send what the profile says.") from problem
