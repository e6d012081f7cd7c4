"""What the gateway itself says: one plain page for people, the usual JSON for programs.

It is the only page that there is while the portal restarts, so it needs nothing of the portal: its few style rules
are in the page, and the policy allows exactly them.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape

from aiohttp import web

from enclave.core.errors import EnclaveError

_STYLE = (
    "body{font:1.06rem/1.5 'Source Sans Pro Web','Helvetica Neue',Helvetica,Arial,sans-serif;color:#1b1b1b;margin:0}"
    "header{border-bottom:1px solid #dfe1e2;padding:1rem;font-weight:700;font-size:1.15rem;color:#162e51}"
    "main{max-width:46rem;margin:2rem auto;padding:0 1rem}h1{line-height:1.2;margin:0 0 1rem}"
    "a{color:#005ea2}a:focus{outline:.25rem solid #2491ff}"
    ".try{display:inline-block;background:#005ea2;color:#fff;font-weight:700;text-decoration:none;"
    "padding:.75rem 1.25rem;border-radius:.25rem;margin-right:1rem}"
)
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title} · C2C research enclave</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style></head>
<body><header>Cradle-to-Career research enclave</header>
<main><h1>{title}</h1><p>{advice}</p>{more}<p>{again}<a href="{portal}">Go to the portal</a></p></main></body></html>
"""
_KEPT = "<p>Nothing that you saved or sent is lost. Labs and jobs go on, and what waits for review keeps its place.</p>"
_TYPED = (
    "<p>What you just typed did not arrive. Go back with your browser: the words are usually still in the form. "
    "Wait a minute, then send it again.</p>"
)
_AGAIN = '<a class="try" href="">Try again</a>'
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    + "'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_AWAY = 503
_RETRY_SECONDS = "15"


def problem_answer(request: web.Request, problem: EnclaveError, public_url: str) -> web.Response:
    """An error of ours as a page or as JSON, by what the caller asked for; who comes too early is told when to ask."""
    away = problem.status == _AWAY
    headers = _HEADERS | ({"Retry-After": _RETRY_SECONDS} if away else {})
    if "text/html" not in request.headers.get("Accept", ""):
        return web.json_response(problem.as_json(), status=problem.status, headers=headers)
    reading = request.method in ("GET", "HEAD")
    text = _PAGE.format(
        title=escape(problem.message.rstrip(".")),
        advice=escape(problem.advice),
        more=(_KEPT + ("" if reading else _TYPED)) if away else "",
        again=_AGAIN if away and reading else "",
        portal=escape(f"{public_url}/services/portal/", quote=True),
        style=_STYLE,
    )
    return web.Response(status=problem.status, text=text, content_type="text/html", headers=headers)
