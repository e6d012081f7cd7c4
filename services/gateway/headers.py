"""Headers, both ways: what a lab gets to see of a request, and what a browser gets to see of its answer.

A lab neither gets nor sets a cookie: the gateway's own cookie says who comes, and the lab's server needs none.

Lists of what passes, never of what does not: a header that nobody thought of (`Refresh`, `Link`, `NEL`,
`Reporting-Endpoints`, `Access-Control-…`, `Content-Disposition`) is a way out.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy

LAB_COOKIE = "c2c-lab"
HOP_BY_HOP = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_NEVER_IN = frozenset({"x-real-ip", "x-scheme", "forwarded"})
_PASS_OUT = frozenset(
    {
        "accept-ranges",
        "cache-control",
        "content-encoding",
        "content-range",
        "content-type",
        "date",
        "etag",
        "expires",
        "last-modified",
        "retry-after",
        "vary",
        "x-jupyterhub-version",
    }
)


def lab_policy(portal: str) -> str:
    """The content security policy of everything below a lab; `portal` is the one origin that may frame it.

    Measured with JupyterLab 4.6 to block image, fetch, beacon, frame, popup and download exfiltration without one
    violation of Lab's own (`tests/e2e/test_egress.py`). Limit: WebRTC and the screen are the browser's and stay.
    """
    return "; ".join(
        (
            "sandbox allow-scripts allow-same-origin allow-forms allow-modals",
            "default-src 'none'",
            "script-src 'self' 'unsafe-eval' 'unsafe-inline'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "frame-src 'self' blob:",
            "form-action 'self'",
            "base-uri 'self'",
            f"frame-ancestors {portal}",
        )
    )


LAB_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-DNS-Prefetch-Control": "off",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        f"{power}=()"
        for power in (
            "camera",
            "microphone",
            "display-capture",
            "geolocation",
            "usb",
            "serial",
            "hid",
            "clipboard-read",
            "clipboard-write",
            "publickey-credentials-get",
        )
    ),
}


def request_headers(request: web.Request, scheme: str, to_lab: bool) -> CIMultiDict[str]:
    """The headers of a request as they go on; nobody outside speaks for another address or for the relay."""
    named = request.headers.get("Connection", "").lower().replace(" ", "").split(",")
    drop = HOP_BY_HOP | set(named) | _NEVER_IN | ({"authorization", "cookie"} if to_lab else set())
    out: CIMultiDict[str] = CIMultiDict()
    for name, value in request.headers.items():
        low = name.lower()
        if low not in drop and not low.startswith(("x-forwarded-", "x-c2c-relay", "x-c2c-call", "x-c2c-as")):
            out.add(name, value)
    host = request.headers.get("Host", "")
    out["Host"] = host
    out["X-Forwarded-For"] = request.remote or ""
    out["X-Forwarded-Proto"] = scheme
    out["X-Forwarded-Host"] = host
    if "Content-Length" in request.headers:
        out["Content-Length"] = request.headers["Content-Length"]
    return out


def plain_answer_headers(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """The answer's headers of a server that we trust (hub, portal): all but those of the connection."""
    out: CIMultiDict[str] = CIMultiDict()
    for name, value in headers.items():
        if name.lower() not in HOP_BY_HOP:
            out.add(name, value)
    if "Content-Length" in headers:
        out["Content-Length"] = headers["Content-Length"]
    return out


def lab_answer_headers(headers: CIMultiDictProxy[str], own: str, portal: str, prefix: str) -> CIMultiDict[str]:
    """The answer's headers of a lab: those on the list, redirects that stay here, and the gateway's own."""
    out: CIMultiDict[str] = CIMultiDict()
    for name, value in headers.items():
        if name.lower() in _PASS_OUT:
            out.add(name, value)
    target = headers.get("Location")
    if target is not None:
        out["Location"] = target if stays_here(target, own) else prefix
    if "Content-Length" in headers:
        out["Content-Length"] = headers["Content-Length"]
    out.update(LAB_HEADERS)
    out["Content-Security-Policy"] = lab_policy(portal)
    return out


def stays_here(target: str, own: str) -> bool:
    """Whether a redirect stays on the lab's origin."""
    parts = urlsplit(target)
    if target.startswith(("//", "\\", "/\\")) or any(ord(char) < 33 for char in target):
        return False
    if not parts.scheme and not parts.netloc:
        return True
    return f"{parts.scheme}://{parts.netloc}" == own


def session_cookie(value: str, path: str, seconds: int) -> str:
    """The gateway's cookie on a lab's host.

    The lab is framed by a page of another origin: `SameSite=None` goes along there even where the two are of different
    sites, and `Partitioned` keeps it to frames below our own portal. Browsers take `Secure` from `*.localhost` too.
    """
    return f"{LAB_COOKIE}={value}; Path={path}; Max-Age={seconds}; HttpOnly; Secure; SameSite=None; Partitioned"
