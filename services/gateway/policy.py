"""What may pass to a lab and from where, as tables that a reviewer can read.

The list says what JupyterLab needs to work; everything else is refused: files as downloads (`/files`, `/nbconvert`,
`/view`, kernel specs' files), terminals, language servers, the settings of servers. Promise: no address of a lab
answers a browser's own navigation with the bytes of a file. Limit: Lab itself must read what it shows, so what a
researcher sees can be copied by hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from enclave.core.errors import NotAllowed
from enclave.traffic.limits import Kind


@dataclass(frozen=True)
class LabRoute:
    """An address below `/user/<user>/<project>` that passes, its methods, and whether a browser may go there itself."""

    path: str
    methods: frozenset[str]
    why: str
    page: bool = False
    websocket: bool = False
    kind: Kind = Kind.OTHER
    """As what its bytes count."""


def _route(
    methods: str, path: str, why: str, page: bool = False, websocket: bool = False, kind: Kind = Kind.OTHER
) -> LabRoute:
    return LabRoute(path, frozenset(methods.split()), why, page, websocket, kind)


_ID = r"[0-9a-f-]{8,64}"

LAB_ROUTES: tuple[LabRoute, ...] = (
    _route("GET", r"/(lab|tree)?", "the first page", page=True),
    _route("GET", r"/lab/(tree|workspaces)/.*", "the page with a file or a layout open", page=True),
    _route("GET", r"/static/.*", "scripts, styles and fonts of the server", kind=Kind.STATIC),
    _route("GET", r"/lab/extensions/.*", "scripts of installed extensions", kind=Kind.STATIC),
    _route(
        "GET",
        r"/(favicon\.ico|manifest\.webmanifest|service-worker\.js|custom/custom\.css)",
        "page parts",
        kind=Kind.STATIC,
    ),
    _route("GET PUT", r"/lab/api/settings(/.*)?", "the user's settings"),
    _route("GET PUT DELETE", r"/lab/api/workspaces(/.*)?", "the layout of the page"),
    _route("GET", r"/lab/api/(translations|themes|listings|licenses)(/.*)?", "texts, themes, lists"),
    _route("GET", r"/lab/api/(extensions|build)", "which extensions there are, and whether they are built"),
    _route("GET", r"/api/nbconvert", "which formats there are; nothing is converted"),
    _route("GET", r"/api/?", "the version of the server"),
    _route("GET", r"/api/(me|status|kernelspecs)", "who, how busy, which kernels"),
    _route("GET POST PUT PATCH DELETE", r"/api/contents(/.*)?", "files of the workspace", kind=Kind.CONTENTS),
    _route("GET POST", r"/api/kernels", "list and start kernels"),
    _route("GET DELETE", rf"/api/kernels/{_ID}", "one kernel"),
    _route("POST", rf"/api/kernels/{_ID}/(interrupt|restart)", "stop a cell, start again"),
    _route("GET", rf"/api/kernels/{_ID}/channels", "the kernel's messages", websocket=True, kind=Kind.KERNEL),
    _route("GET POST", r"/api/sessions", "which notebook has which kernel"),
    _route("GET PATCH DELETE", rf"/api/sessions/{_ID}", "one of them"),
    _route("GET", r"/api/events/subscribe", "what the server reports", websocket=True),
    _route("POST", r"/api/security/csp-report", "violations of the page's policy"),
)


def check_lab_request(method: str, rest: str, headers: Mapping[str, str]) -> LabRoute:
    """The route that a request to a lab takes, or NotAllowed."""
    verb = "GET" if method == "HEAD" else method
    for route in LAB_ROUTES:
        if verb in route.methods and re.fullmatch(route.path, rest):
            _check_purpose(route, headers)
            return route
    raise NotAllowed(
        "The enclave does not pass this address of the lab on.",
        "Files leave by an output request: see “Outputs” in the portal.",
    )


def is_framed(headers: Mapping[str, str]) -> bool:
    """Whether the browser loads a page into a frame; whose frame that may be, the page's own policy says."""
    return headers.get("Sec-Fetch-Dest", "") == "iframe"


def _check_purpose(route: LabRoute, headers: Mapping[str, str]) -> None:
    """A browser may go to pages; the rest only Lab's own script may fetch."""
    mode = headers.get("Sec-Fetch-Mode", "")
    kind = headers.get("Sec-Fetch-Dest", "")
    if not route.page and (mode == "navigate" or kind in ("document", "iframe", "frame", "embed", "object")):
        raise NotAllowed("This address is for the lab's own pages.", "Open the file in the lab.")


def check_origin(headers: Mapping[str, str], own: str) -> None:
    """Refuse what another origin's page asks for in the name of its viewer.

    A lab's output runs in the researcher's browser: without this it could vote or release as whoever looks at it.
    Following a link is allowed, as everywhere on the web.
    """
    origin = headers.get("Origin")
    site = headers.get("Sec-Fetch-Site", "")
    mode = headers.get("Sec-Fetch-Mode", "")
    foreign = site in ("cross-site", "same-site") and mode not in ("navigate", "")
    if (origin is not None and origin != own) or foreign:
        raise NotAllowed("Pages of another origin may not ask for this.", "Use the portal's own pages.")
