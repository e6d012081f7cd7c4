"""Headers, both ways: what a lab gets to see of a request, and what a browser gets to see of its answer.

Lists of what passes, never of what does not: a header that nobody thought of (`Refresh`, `Link`, `NEL`,
`Reporting-Endpoints`, `Access-Control-…`, `Content-Disposition`) is a way out.
"""

from __future__ import annotations

from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
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


def lab_policy() -> str:
    """The content security policy of everything below a lab.

    Measured with JupyterLab 4.6 to block image, fetch, beacon, frame, popup and download exfiltration without one
    violation of Lab's own. Limit: WebRTC, the clipboard and the screen are the browser's and stay.
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
            "frame-ancestors 'self'",
        )
    )


LAB_HEADERS = {
    "Content-Security-Policy": lab_policy(),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-DNS-Prefetch-Control": "off",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), display-capture=(), geolocation=(), usb=(), serial=()",
}


def request_headers(request: web.Request, scheme: str, to_lab: bool) -> CIMultiDict[str]:
    """The headers of a request as they go on; nobody outside speaks for another address or for the relay."""
    named = request.headers.get("Connection", "").lower().replace(" ", "").split(",")
    drop = HOP_BY_HOP | set(named) | _NEVER_IN | ({"authorization"} if to_lab else set())
    out: CIMultiDict[str] = CIMultiDict()
    for name, value in request.headers.items():
        low = name.lower()
        if low not in drop and not low.startswith(("x-forwarded-", "x-c2c-relay", "x-c2c-call", "x-c2c-as")):
            out.add(name, value)
    if to_lab and "Cookie" in out:
        out["Cookie"] = without_cookie(out["Cookie"], LAB_COOKIE)
    host = request.headers.get("Host", "")
    out["Host"] = host
    out["X-Forwarded-For"] = request.remote or ""
    out["X-Forwarded-Proto"] = scheme
    out["X-Forwarded-Host"] = host
    if "Content-Length" in request.headers:
        out["Content-Length"] = request.headers["Content-Length"]
    return out


def without_cookie(header: str, name: str) -> str:
    """A Cookie header without one cookie."""
    parts = (part.strip() for part in header.split(";"))
    return "; ".join(part for part in parts if part.partition("=")[0].strip() != name)


def plain_answer_headers(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """The answer's headers of a server that we trust (hub, portal): all but those of the connection."""
    out: CIMultiDict[str] = CIMultiDict()
    for name, value in headers.items():
        if name.lower() not in HOP_BY_HOP:
            out.add(name, value)
    if "Content-Length" in headers:
        out["Content-Length"] = headers["Content-Length"]
    return out


def lab_answer_headers(headers: CIMultiDictProxy[str], own: str, hub_login: str, prefix: str) -> CIMultiDict[str]:
    """The answer's headers of a lab: those on the list, its cookies for its own address, redirects that stay here."""
    out: CIMultiDict[str] = CIMultiDict()
    for name, value in headers.items():
        if name.lower() in _PASS_OUT:
            out.add(name, value)
    for cookie in lab_cookies(headers.getall("Set-Cookie", ()), prefix):
        out.add("Set-Cookie", cookie)
    target = headers.get("Location")
    if target is not None:
        out["Location"] = target if stays_here(target, own, hub_login) else prefix
    if "Content-Length" in headers:
        out["Content-Length"] = headers["Content-Length"]
    out.update(LAB_HEADERS)
    return out


def lab_cookies(cookies: Iterable[str], prefix: str) -> list[str]:
    """The cookies that a lab may set: host-only, below its own address, never the gateway's."""
    kept = []
    for text in cookies:
        try:
            parsed = SimpleCookie(text)
        except CookieError:
            continue
        for name, morsel in parsed.items():
            if name != LAB_COOKIE and not morsel["domain"] and morsel["path"].startswith(prefix):
                kept.append(morsel.OutputString())
    return kept


def stays_here(target: str, own: str, hub_login: str) -> bool:
    """Whether a redirect stays on the lab's origin or is its login at the hub."""
    parts = urlsplit(target)
    if target.startswith(("//", "\\", "/\\")) or any(ord(char) < 33 for char in target):
        return False
    if not parts.scheme and not parts.netloc:
        return True
    origin = f"{parts.scheme}://{parts.netloc}"
    return origin == own or (origin + parts.path) == hub_login
