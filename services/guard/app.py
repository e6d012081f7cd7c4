"""The guard's server: read a request, decide, pass it on, record it."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from aiohttp import ClientError, web

from enclave.core.clock import Clock
from enclave.core.errors import Conflict, EnclaveError, NotAllowed, NotFound, Unavailable
from enclave.core.logging import get_logger
from enclave.core.settings import Settings
from enclave.core.signing import Keyring, SigningKey
from enclave.sandboxes.grants import HEADER, LIFE, Grant, from_header, open_grant
from enclave.sandboxes.profiles import Places, container_name, profile_for
from enclave.sandboxes.registry import Registry
from enclave.sandboxes.room_jobs import RoomTask, open_job
from enclave.sandboxes.rooms import sandbox_id
from enclave.sandboxes.sizes import SizeName, size_of
from enclave.sandboxes.volumes import volume_id, volume_names
from services.guard.engine import Engine
from services.guard.events import Events
from services.guard.keepers import Keeper
from services.guard.mounts import close_room, open_room
from services.guard.policy import Operation, check_create, operation_of
from services.guard.spent import Spent
from services.guard.watch import EVERY, stop_for_space
from services.guard.workspaces import clear_run, ready_folders

Answer = tuple[int, bytes, str]


class Guard:
    """Decides over every request; one a process."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._places = Places.of(settings)
        self._keyring = Keyring.load(settings.paths.public_keys)
        key = SigningKey.load(settings.paths.private_key("guard"))
        self._events = Events(settings.paths.events, key, clock)
        self._spent = Spent(settings.paths.guard / "spent")
        self._keeper = Keeper(settings)
        self._images = Registry(settings.paths.images)
        self._opening: Counter[str] = Counter()
        self.engine = Engine(settings.engine_socket)

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request: the engine's answer, or 403 with a reason."""
        body = await request.read()
        try:
            operation, ref = operation_of(request.method, request.path, request.query, body)
            status, content, kind = await self._act(operation, ref, request, body)
        except NotFound as problem:  # the hub asks about sandboxes that are gone; nothing was refused
            return web.json_response(problem.as_json() | {"message": problem.message}, status=404)
        except (Conflict, Unavailable) as problem:  # a workspace that is full, a key that is away
            return web.json_response(problem.as_json() | {"message": problem.message}, status=problem.status)
        except EnclaveError as problem:
            self._events.record("refused", request.path[:120], method=request.method, reason=problem.message)
            return web.json_response({"message": problem.message, "reason": problem.advice}, status=403)
        return web.Response(status=status, body=content, content_type=kind)

    async def _act(self, operation: Operation, ref: str, request: web.Request, body: bytes) -> Answer:
        if operation.name == "create":
            return await self._create(request, body)
        if operation.name == "room":
            return await self._room(body)
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
            labels = found["Config"]["Labels"]
            if labels["c2c.profile"] == "report":
                await asyncio.to_thread(clear_run, self._settings, labels["c2c.project"], labels["c2c.run"])
            await self._close_idle()
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
        if grant.image:
            self._images.check_registered(grant.image)
        profile = profile_for(grant.profile, self._settings, grant.size, grant.image)
        expected = check_create(_json(body), request.query.get("name", ""), grant, profile, self._places, name)
        await self._check_there(profile.image)
        await self._check_runtime(profile.runtime)
        if await self.engine.container(name) is not None:
            return 409, b'{"message": "The sandbox exists already."}', "application/json"
        await self._check_room(grant)
        volumes = _volumes_of(grant)
        self._opening.update(volumes)
        try:
            await asyncio.to_thread(self._keeper.open_for, grant)
            await asyncio.to_thread(ready_folders, self._settings, grant)
            folder = self._places.run / sandbox
            open_room(folder, grant)
            answer = await self.engine.call("POST", "/containers/create", {"name": name}, expected)
        finally:
            self._opening.subtract(volumes)
        if answer[0] >= 300:
            close_room(folder)
            await self._close_idle()
        self._events.record("create", sandbox, user=grant.user, project=grant.project, status=str(answer[0]))
        return answer

    async def _check_room(self, grant: Grant) -> None:
        """Conflict for a job of a project that runs as many as its size allows."""
        if grant.profile != "job":
            return
        most = size_of(SizeName(grant.size), self._settings).jobs
        running = [each for each in await self._sandboxes(grant.project, running=True) if each["c2c.profile"] == "job"]
        if len(running) >= most:
            raise Conflict(f"The project runs {most} jobs already.", "Wait for one to end, or cancel it.")

    async def _check_there(self, image: str) -> None:
        """NotFound, with what to do, for a registered image that the engine no longer holds."""
        status, _, _ = await self.engine.call("GET", f"/images/{image}/json")
        if status == 404:
            raise NotFound(
                f"The image of this project ({image[:19]}) is no longer on this machine.",
                "The operator builds one again (`c2c image build`) and moves the pin (`c2c image pin`).",
            )

    async def _check_runtime(self, runtime: str) -> None:
        """NotFound, with what to do, where the setting names a runtime that the engine does not have."""
        if runtime and runtime not in await self.engine.runtimes():
            raise NotFound(
                f"The engine has no runtime “{runtime}”, which C2C_SANDBOX_RUNTIME names.",
                "The operator registers it with the engine or corrects the setting; `c2c doctor` lists what there is.",
            )

    def _grant(self, request: web.Request) -> Grant:
        """The request's grant, spent by this."""
        grant = open_grant(from_header(request.headers.get(HEADER, "")), self._keyring, self._clock)
        self._spent.spend(grant.nonce, self._clock.now() + LIFE)
        return grant

    async def _room(self, body: bytes) -> Answer:
        """A request of the control zone about volumes; sealing waits until no sandbox of the project runs."""
        job = open_job(_json(body), self._keyring, self._clock)
        self._spent.spend(job.nonce, self._clock.now() + LIFE)
        if job.task in (RoomTask.SEAL, RoomTask.DESTROY) and await self._sandboxes(job.project):
            raise Conflict("A sandbox of the project still runs.", "It is tried again when it has stopped.")
        answer = await asyncio.to_thread(self._keeper.do, job)
        if job.task is not RoomTask.USAGE:
            details = {"name": job.name, "snapshot": job.snapshot, "path": job.path[:200]}
            named = {key: value for key, value in details.items() if value}
            self._events.record(job.task, job.project, **named)
        return 200, json.dumps(answer).encode(), "application/json"

    async def _sandboxes(self, project: str = "", *, running: bool = False) -> list[dict[str, str]]:
        """Labels of this installation's sandboxes, of one project or all; those that have ended too, unless asked."""
        marks = [f"c2c.instance={self._places.instance}", *([f"c2c.project={project}"] if project else [])]
        query = {"all": "0" if running else "1", "filters": json.dumps({"label": marks})}
        status, content, _ = await self.engine.call("GET", "/containers/json", query)
        if status != 200:
            raise Unavailable("The engine does not answer.", "Start the Docker engine.")
        return [each["Labels"] for each in json.loads(content)]

    async def _close_idle(self) -> None:
        """Close the volumes that no sandbox has and none is about to have."""
        labels = await self._sandboxes()
        needed = {name for each in labels for name in _volumes_of(_inmate(each))}
        busy = needed | {volume for volume, count in self._opening.items() if count > 0}
        await asyncio.to_thread(self._keeper.close_all_but, busy)

    async def watch(self) -> None:
        """Where quotas are watched instead of held: stop the sandboxes of workspaces that went past theirs."""
        while self._keeper.store.kind == "folder":
            await asyncio.sleep(EVERY)
            try:
                volumes = set(await asyncio.to_thread(self._keeper.store.overfull))
                for labels in await self._sandboxes() if volumes else []:
                    if volumes & _volumes_of(_inmate(labels)):
                        await stop_for_space(self.engine, self._events, self._places, labels)
            except (EnclaveError, OSError, ClientError) as problem:
                get_logger().error("quota_watch_failed", kind=type(problem).__name__)

    async def sweep(self) -> None:
        """Close the rooms and volumes that no container lives in (after a crash of engine or guard)."""
        for folder in self._places.run.glob("sbx-*"):
            if await self.engine.container(container_name(self._places, folder.name)) is None:
                close_room(folder)
        await self._close_idle()
        if self._keeper.store.kind == "folder":
            self._events.record("plain_workspaces", self._places.instance, reason=self._keeper.why_not)


def _inmate(labels: Mapping[str, str]) -> Grant:
    """Who lives in a sandbox, as its labels say."""
    return Grant(labels["c2c.profile"], labels["c2c.user"], labels["c2c.project"], run=labels["c2c.run"])


def _volumes_of(grant: Grant) -> set[str]:
    """Ids of the volumes that a sandbox mounts."""
    return {volume_id(grant.project, name) for name in volume_names(grant)}


_GUARD = web.AppKey("guard", Guard)


def build_app(settings: Settings, clock: Clock) -> web.Application:
    """The guard as an aiohttp application."""
    app = web.Application(client_max_size=1024 * 1024)
    app.router.add_route("*", "/{path:.*}", _handle)

    async def life(app: web.Application) -> AsyncIterator[None]:
        app[_GUARD] = guard = Guard(settings, clock)
        await guard.sweep()
        watch = asyncio.create_task(guard.watch())
        yield
        watch.cancel()
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
