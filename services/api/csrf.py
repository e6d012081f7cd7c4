"""Cross-site requests: a browser's session must prove that the form came from our own page."""

from __future__ import annotations

import hmac

from fastapi import Request

from enclave.core.errors import NotAllowed
from enclave.people.web_sessions import csrf_token_for
from services.api.identity import SESSION_COOKIE, Ctx

HEADER = "X-C2C-CSRF"
FIELD = "csrf"


async def check_csrf(request: Request, ctx: Ctx) -> None:
    """Refuse a change that a browser's session asks for without that session's token.

    Tokens and the operator's socket carry no ambient authority, so they need none.
    """
    cookie = request.cookies.get(SESSION_COOKIE)
    if not cookie or request.headers.get("authorization") or request.scope.get("c2c_listener"):
        return
    sent = request.headers.get(HEADER, "")
    if not sent:
        form = await request.form()
        sent = str(form.get(FIELD, ""))
    if not hmac.compare_digest(sent, csrf_token_for(cookie)):
        raise NotAllowed("This form is out of date.", "Go back, reload the page and send it again.")
