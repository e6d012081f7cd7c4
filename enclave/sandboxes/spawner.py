"""How JupyterHub starts a sandbox: ask the portal, then send the profile's request to the guard.

Only waiting, stopping and remembering are DockerSpawner's; what is created is `profiles.container_request` to the
letter. The address that the hub keeps of a server is the gateway's control side: the hub never opens a socket that
a sandbox made.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from docker.errors import APIError
from dockerspawner import DockerSpawner
from jupyterhub.spawner import SpawnException
from traitlets import default

from enclave.core.clock import SystemClock
from enclave.core.errors import EnclaveError
from enclave.core.settings import get_settings
from enclave.core.signing import Envelope, Keyring
from enclave.sandboxes.grants import HEADER, open_grant, to_header
from enclave.sandboxes.portal_client import PortalClient
from enclave.sandboxes.profiles import (
    HUB_VARIABLES,
    Places,
    container_name,
    container_request,
    profile_for,
)
from enclave.sandboxes.rooms import sandbox_id


class SandboxSpawner(DockerSpawner):  # type: ignore[misc]  # the base has no types
    """A spawner of networkless labs, one a user and project (the named server's name is the project)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._grant: Envelope = {}
        self._created = 0.0

    async def start(self) -> str:
        """Start the lab; SpawnException with the portal's reason when it may not."""
        if not self.name:
            raise SpawnException("A lab belongs to a project. Open one from the portal.", reason="no-project")
        client, began = PortalClient.from_settings(get_settings()), time.monotonic()
        try:
            self._grant = await asyncio.to_thread(client.grant, self.user.name, self.name)
        except EnclaveError as problem:
            raise SpawnException(
                f"{problem.message} {problem.advice}", reason=problem.code, status_code=problem.status
            ) from problem
        granted = time.monotonic()
        await super().start()
        created = self._created or granted
        steps = {"grant": granted - began, "create": created - granted, "start": time.monotonic() - created}
        self.log.info("Lab steps %s", json.dumps({name: round(seconds, 3) for name, seconds in steps.items()}))
        return get_settings().gateway_api_url

    async def create_object(self) -> Any:
        """Send the profile's request with the portal's grant."""
        settings = get_settings()
        keyring = Keyring.load(settings.paths.public_keys)
        grant = open_grant(self._grant, keyring, SystemClock())
        places, profile = Places.of(settings), profile_for("lab", settings, grant.size, grant.image)
        request = container_request(profile, grant, places, self.get_env())
        try:
            made = await self.docker_create(request, to_header(self._grant))
        except APIError as problem:
            raise SpawnException(_said(problem), reason="refused", status_code=409) from problem
        self._created = time.monotonic()
        return made

    async def docker_create(self, request: dict[str, Any], grant: str) -> Any:
        """The create call; docker-py's own builds another body."""

        def create() -> Any:
            client = self.client
            answer = client.post(
                client._url("/containers/create"),
                json=request,
                params={"name": self.object_name},
                headers={HEADER: grant},
                timeout=60,
            )
            return client._result(answer, json=True)

        return await asyncio.wrap_future(self.executor.submit(create))

    def get_env(self) -> dict[str, str]:
        """Of the hub's variables those that the profile takes; the profile adds the rest."""
        given: dict[str, str] = super().get_env()
        return {name: str(value) for name, value in given.items() if name in HUB_VARIABLES}

    async def pull_image(self, image: str) -> None:
        """Nothing: images are built by the operator, never fetched."""

    async def get_ip_and_port(self) -> tuple[str, int]:
        """Not used: a sandbox has no address."""
        return "127.0.0.1", 1

    @default("object_name")
    def _object_name_default(self) -> str:
        """The engine's name of the container; always derived, so that a restarted hub finds it."""
        return container_name(Places.of(get_settings()), sandbox_id(self.user.name, self.name))


def _said(problem: APIError) -> str:
    """The guard's sentence and its advice, or the engine's own sentence."""
    try:
        said = problem.response.json()
        advice = said.get("error", {}).get("advice") or said.get("reason", "")
        return f"{said['message']} {advice}".strip()
    except (ValueError, KeyError, TypeError, AttributeError):
        return "The lab's container could not be made. See the guard's log."
