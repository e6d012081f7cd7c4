"""What the guard lets through, as tables that a reviewer can read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from enclave.core.errors import NotAllowed
from enclave.sandboxes.grants import Grant
from enclave.sandboxes.profiles import ContainerRequest, Places, SandboxProfile, container_request
from enclave.sandboxes.room_jobs import ADDRESS

_REF = r"(?P<ref>[A-Za-z0-9][A-Za-z0-9_.-]{0,127})"
_VERSION_PREFIX = re.compile(r"^/v1\.[0-9]{1,2}(?=/)")


@dataclass(frozen=True)
class Operation:
    """One call of the engine's API that may pass: its name, address and the query names that go with it."""

    name: str
    method: str
    path: str
    query: frozenset[str] = frozenset()


OPERATIONS = (
    Operation("ping", "GET", "/_ping"),
    Operation("version", "GET", "/version"),
    Operation("create", "POST", "/containers/create", frozenset({"name"})),
    Operation("list", "GET", "/containers/json", frozenset({"all"})),
    Operation("inspect", "GET", f"/containers/{_REF}/json"),
    Operation("logs", "GET", f"/containers/{_REF}/logs", frozenset({"stdout", "stderr", "tail", "follow"})),
    Operation("start", "POST", f"/containers/{_REF}/start"),
    Operation("stop", "POST", f"/containers/{_REF}/stop", frozenset({"t"})),
    Operation("kill", "POST", f"/containers/{_REF}/kill", frozenset({"signal"})),
    Operation("wait", "POST", f"/containers/{_REF}/wait", frozenset({"condition"})),
    Operation("room", "POST", ADDRESS),
    Operation("remove", "DELETE", f"/containers/{_REF}", frozenset({"v", "force", "link"})),
)


def operation_of(method: str, path: str, query: Mapping[str, str], body: bytes) -> tuple[Operation, str]:
    """The operation that a request names and the container it is about; NotAllowed for everything else.

    The version in the address is dropped: old versions of the engine's API take settings of a container with
    `start`, so only `create` may have a body, and the guard speaks one version to the engine.
    """
    plain = _VERSION_PREFIX.sub("", path)
    for operation in OPERATIONS:
        found = re.fullmatch(operation.path, plain)
        if operation.method != method or found is None:
            continue
        if unknown := sorted(set(query) - operation.query):
            raise NotAllowed(f"“{operation.name}” does not take {', '.join(unknown)}.", _ADVICE)
        if query.get("link", "0").lower() not in ("0", "false"):  # clients say that they do not mean a link
            raise NotAllowed(f"“{operation.name}” takes no link.", _ADVICE)
        if body and operation.name not in ("create", "room"):
            raise NotAllowed(f"“{operation.name}” takes no body.", _ADVICE)
        return operation, found.groupdict().get("ref", "")
    raise NotAllowed("The guard does not pass this call on.", _ADVICE)


def check_create(
    request: Any, name: str, grant: Grant, profile: SandboxProfile, places: Places, expected_name: str
) -> ContainerRequest:
    """The create request itself when it equals what its grant allows; else NotAllowed that names the keys."""
    if not isinstance(request, dict):
        raise NotAllowed("A create request is a JSON object.", _ADVICE)
    expected = container_request(profile, grant, places, _hub_variables(request, profile))
    if differing := differences(request, expected):
        raise NotAllowed(f"The request differs from the profile: {', '.join(differing)}.", _ADVICE)
    if name != expected_name:
        raise NotAllowed("The request differs from the profile: name.", _ADVICE)
    return expected


def differences(request: Mapping[str, Any], expected: Mapping[str, Any], prefix: str = "") -> list[str]:
    """The keys in which two requests differ, unknown and missing ones included; never their values."""
    keys: list[str] = []
    for key in sorted(set(request) | set(expected)):
        left, right = request.get(key), expected.get(key)
        if key == "HostConfig" and isinstance(left, dict) and isinstance(right, dict):
            keys.extend(differences(left, right, "HostConfig."))
        elif key not in request or key not in expected or not _same(left, right):
            keys.append(prefix + str(key)[:60])
    return keys


def _same(left: Any, right: Any) -> bool:
    """Equal in value and in type, so that `true` is not 1."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(_same, left, right))
    return bool(left == right)


def _hub_variables(request: Mapping[str, Any], profile: SandboxProfile) -> dict[str, str]:
    """The variables of the request that the profile leaves to the hub."""
    lines = request.get("Env")
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        return {}
    pairs = (line.partition("=") for line in lines)
    return {name: value for name, _, value in pairs if name in profile.variables}


_ADVICE = "Start sandboxes through the hub or the worker of the same version as the guard."
