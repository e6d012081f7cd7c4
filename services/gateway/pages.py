"""What the gateway itself says: one plain page for people, the usual JSON for programs."""

from __future__ import annotations

from html import escape

from aiohttp import web

from enclave.core.errors import EnclaveError

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>{title}</h1><p>{advice}</p><p><a href="{portal}">Go to the portal</a></p></main></body></html>
"""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def problem_answer(request: web.Request, problem: EnclaveError, public_url: str) -> web.Response:
    """An error of ours as a page or as JSON, by what the caller asked for."""
    if "text/html" not in request.headers.get("Accept", ""):
        return web.json_response(problem.as_json(), status=problem.status, headers=_HEADERS)
    text = _PAGE.format(
        title=escape(problem.message),
        advice=escape(problem.advice),
        portal=escape(f"{public_url}/services/portal/", quote=True),
    )
    return web.Response(status=problem.status, text=text, content_type="text/html", headers=_HEADERS)
