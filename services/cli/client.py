"""The operator's client: the portal's API over the unix socket on the host."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from enclave.core import errors
from enclave.core.local_http import over_socket
from enclave.core.settings import get_settings

PREFIX = "/services/portal/api"
PAGE = 200
"""Rows that are asked for at a time."""
_BY_CODE: dict[str, type[errors.EnclaveError]] = {
    kind.code: kind
    for kind in (
        errors.BadInput,
        errors.NotAuthenticated,
        errors.NotAllowed,
        errors.NotFound,
        errors.Conflict,
        errors.Unprocessable,
        errors.TooMany,
        errors.Unavailable,
    )
}


class OperatorClient:
    """Calls the portal as the operator, or in the demo as another user."""

    def __init__(self, as_user: str | None = None, socket: Path | None = None, timeout: float = 120) -> None:
        path = socket or get_settings().paths.socket("operator")
        headers = {"X-C2C-As": as_user} if as_user else {}
        # No connection is kept: a command makes a call or two, and nothing is left open when it ends.
        self._client = over_socket(path, keep=False, base_url="http://portal", headers=headers, timeout=timeout)

    def get(self, path: str, **params: Any) -> Any:
        """The JSON answer to `GET /services/portal/api{path}`; parameters that are None are left out.

        A bare list is the whole one, however many pages it has.
        """
        answer = self._answer("GET", path, params=_given(params))
        found = answer.json() if answer.content else None
        while isinstance(found, list) and "next" in answer.links:
            answer = self._answer("GET", answer.links["next"]["url"].removeprefix(PREFIX))
            found += answer.json()
        return found

    def listing(self, path: str, key: str, most: int | None = None, **params: Any) -> dict[str, Any]:
        """A listing that answers with an object: its rows stand under `key`, `most` of all pages, or all."""
        whole: dict[str, Any] = self.get(path, limit=min(most or PAGE, PAGE), **params)
        following = whole["next"]
        while following is not None and (most is None or len(whole[key]) < most):
            page = self.get(path, limit=PAGE, cursor=following, **params)
            whole[key] += page[key]
            following = page["next"]
        return whole | {key: whole[key][:most]}

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """The JSON answer to a POST of a JSON body (or of `files=`, `data=`)."""
        if body is not None:
            options["json"] = body
        return self._json("POST", path, **options)

    def put(self, path: str, body: Any) -> Any:
        """The JSON answer to a PUT of a JSON body."""
        return self._json("PUT", path, json=body)

    def delete(self, path: str) -> Any:
        """The JSON answer to a DELETE."""
        return self._json("DELETE", path)

    def download(self, path: str, target: Path) -> Path:
        """Stream an answer's body into a file, which appears only when it is whole."""
        partial = target.with_name(f".{target.name}.part")
        try:
            with self._client.stream("GET", f"{PREFIX}{path}") as answer, partial.open("wb") as stream:
                if answer.status_code >= 400:
                    answer.read()
                    raise error_of(answer)
                for block in answer.iter_bytes():
                    stream.write(block)
            partial.replace(target)
        except httpx.HTTPError as problem:
            raise _away() from problem
        finally:
            partial.unlink(missing_ok=True)
        return target

    def _json(self, method: str, path: str, **options: Any) -> Any:
        answer = self._answer(method, path, **options)
        return answer.json() if answer.content else None

    def _answer(self, method: str, path: str, **options: Any) -> httpx.Response:
        request = self._client.build_request(method, f"{PREFIX}{path}", **options)
        if method != "GET":
            request.headers["Idempotency-Key"] = str(uuid4())
        request.read()
        try:
            answer = self._send(request)
        except httpx.HTTPError as problem:
            raise _away() from problem
        if answer.status_code >= 400:
            raise error_of(answer)
        return answer

    def _send(self, request: httpx.Request) -> httpx.Response:
        """Send it; once more where the connection was lost on the way. The key sees to it that it is done once."""
        try:
            return self._client.send(request)
        except (httpx.ReadError, httpx.RemoteProtocolError):
            return self._client.send(request)


def _given(params: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}


def error_of(answer: httpx.Response) -> errors.EnclaveError:
    """The error of ours that an answer carries."""
    try:
        body = answer.json()["error"]
        kind = _BY_CODE.get(body["code"], errors.Unavailable)
        return kind(body["message"], body.get("advice", ""))
    except (ValueError, KeyError, TypeError):
        return errors.Unavailable(f"The portal answered with status {answer.status_code}.", "See `c2c doctor`.")


def _away() -> errors.Unavailable:
    return errors.Unavailable("The portal does not answer.", "Start the enclave with `make demo`; see `c2c doctor`.")
