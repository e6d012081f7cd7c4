"""The id in a path together with the revisions that its caller saw (`If-Match`), for what has revisions."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from output_review.revisions import Asked


def _publication(publication: str, request: Request) -> Asked:
    return Asked.by_header(publication, request.headers.get("If-Match", ""))


def _import(import_id: str, request: Request) -> Asked:
    return Asked.by_header(import_id, request.headers.get("If-Match", ""))


def _reply(reply: str, request: Request) -> Asked:
    return Asked.by_header(reply, request.headers.get("If-Match", ""))


PublicationId = Annotated[str, Depends(_publication)]
ImportId = Annotated[str, Depends(_import)]
ReplyId = Annotated[str, Depends(_reply)]
