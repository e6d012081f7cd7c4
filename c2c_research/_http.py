"""HTTP to the portal over the relay's unix socket, with the standard library alone.

The sandbox has no network; the relay forwards calls for its own project and says who asks. Errors of the portal
become EnclaveRefused with the portal's own sentence and advice.
"""

from __future__ import annotations

import http.client
import json
import secrets
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from c2c_research.errors import EnclaveRefused, NotInSandbox
from c2c_research.project import Project, here

SECONDS = 120


@dataclass(frozen=True)
class Upload:
    """One file of a form."""

    field: str
    filename: str
    content: bytes
    content_type: str = "application/octet-stream"


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("relay", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def get(path: str, params: Mapping[str, Any] | None = None, project: Project | None = None) -> Any:
    """GET below the project's API; the answer's JSON."""
    query = f"?{urlencode(params)}" if params else ""
    return call("GET", f"{path}{query}", b"", "", project)


def post(path: str, data: Any, project: Project | None = None) -> Any:
    """POST JSON below the project's API; the answer's JSON."""
    return call("POST", path, json.dumps(data).encode(), "application/json", project)


def post_form(
    path: str, fields: Iterable[tuple[str, str]], files: Iterable[Upload], project: Project | None = None
) -> Any:
    """POST a multipart form below the project's API; the answer's JSON."""
    content_type, body = encode_form(fields, files)
    return call("POST", path, body, content_type, project)


def call(method: str, path: str, body: bytes, content_type: str, project: Project | None = None) -> Any:
    """One call to the portal. Raises EnclaveRefused, or NotInSandbox where the relay does not answer."""
    where = project or here()
    headers = {"Authorization": f"token {where.token}", "Accept": "application/json"}
    if content_type:
        headers["Content-Type"] = content_type
    if method != "GET":
        headers["Idempotency-Key"] = secrets.token_hex(16)
    try:
        return _read(*_once_more_when_lost(where, method, path, body, headers))
    except (OSError, http.client.HTTPException) as problem:
        raise NotInSandbox(
            "The portal does not answer from here.", "Wait a moment and try again; else restart the sandbox."
        ) from problem


def _once_more_when_lost(
    where: Project, method: str, path: str, body: bytes, headers: Mapping[str, str]
) -> tuple[int, bytes]:
    """(status, body). Sent again where the connection was lost; under its key the portal does it once."""
    try:
        return _send(where, method, path, body, headers)
    except (ConnectionResetError, BrokenPipeError, http.client.RemoteDisconnected, http.client.IncompleteRead):
        return _send(where, method, path, body, headers)


def _send(where: Project, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    connection = _UnixConnection(str(where.relay), SECONDS)
    try:
        connection.request(method, f"{where.api}{path}", body=body or None, headers=dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _read(status: int, body: bytes) -> Any:
    try:
        data = json.loads(body) if body else None
    except ValueError:
        data = None
    if status < 400:
        return data
    error = data.get("error", {}) if isinstance(data, dict) else {}
    if not isinstance(error, dict):
        error = {}
    raise EnclaveRefused(
        str(error.get("message") or f"The portal answered with status {status}."),
        str(error.get("advice") or "Try again later; else ask the enclave's office."),
        status=status,
        code=str(error.get("code", "")),
    )


def encode_form(fields: Iterable[tuple[str, str]], files: Iterable[Upload]) -> tuple[str, bytes]:
    """(content type, body) of a multipart form. File names are quoted as browsers do."""
    boundary = f"c2c-{secrets.token_hex(16)}"
    parts = []
    for name, value in fields:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        parts.append(head.encode() + value.encode() + b"\r\n")
    for file in files:
        filename = file.filename.replace("\\", "_").replace('"', "%22").replace("\r", "").replace("\n", "")
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{file.field}"; filename="{filename}"\r\n'
            f"Content-Type: {file.content_type}\r\n\r\n"
        )
        parts.append(head.encode() + file.content + b"\r\n")
    return f"multipart/form-data; boundary={boundary}", b"".join(parts) + f"--{boundary}--\r\n".encode()
