"""Exports of the privacy journal: signed JSON that anybody can verify offline, and CSV."""

from __future__ import annotations

import json
from typing import Literal

from sqlalchemy.orm import Session
from starlette.responses import Response

from enclave.core.actors import Actor
from enclave.core.signing import seal
from enclave.dp import exports
from services.api.context import Context

KIND = "dp.ledger"
Form = Literal["json", "csv"]


def ledger_file(
    ctx: Context, session: Session, actor: Actor, edition: str, project: str | None, form: Form
) -> Response:
    """An edition's journal as a download: for a project, or whole for those who may read all."""
    payload = exports.export(exports.readable(session, actor, edition, project), edition, project)
    if form == "csv":
        content, media = exports.as_csv(payload), "text/csv; charset=utf-8"
    else:
        content, media = json.dumps(seal(KIND, payload, ctx.key, ctx.clock), sort_keys=True), "application/json"
    name = f"privacy-ledger-{edition}{f'-{project}' if project else ''}.{form}"
    return Response(content, media_type=media, headers={"content-disposition": f'attachment; filename="{name}"'})
