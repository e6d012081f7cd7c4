"""What the gateway lets through: hosts, addresses of a lab, origins, headers, redirects, cookies."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict, CIMultiDictProxy

from enclave.core.errors import EnclaveError, NotAllowed, NotFound
from services.gateway.headers import (
    lab_answer_headers,
    request_headers,
    stays_here,
)
from services.gateway.hosts import Zone, place_of
from services.gateway.policy import check_lab_request, check_origin

LAB = "http://rosa.enclave.localhost:8000"
PORTAL = "http://enclave.localhost:8000"
PREFIX = "/user/rosa/promise/"

# number, Host, path, zone or None (refused)
HOSTS: list[tuple[int, str, str, Zone | None]] = [
    (1, "enclave.localhost:8000", "/", Zone.FRONT),
    (2, "enclave.localhost:8000", "/hub/login", Zone.HUB),
    (3, "enclave.localhost:8000", "/services/portal/", Zone.PORTAL),
    (4, "ENCLAVE.LOCALHOST", "/services/portal/api/projects", Zone.PORTAL),
    (5, "enclave.localhost:8000", "/user/rosa/promise/lab", None),
    (6, "enclave.localhost:8000", "/internal/spawn", None),
    (7, "enclave.localhost:8000", "/services/other/", None),
    (8, "enclave.localhost:8000", "/services/portal/../../internal/spawn", None),
    (9, "enclave.localhost:8000", "/services/portal/%2e%2e/%2e%2e/internal/spawn", None),
    (10, "enclave.localhost:8000", "/services/portal/..%2f..%2finternal/spawn", None),
    (11, "enclave.localhost:8000", "//internal/spawn", None),
    (12, "rosa.enclave.localhost:8000", "/user/rosa/promise/lab", Zone.LAB),
    (13, "rosa.enclave.localhost:8000", "/_c2c/enter", Zone.ENTER),
    (14, "rosa.enclave.localhost:8000", "/user/eve/promise/lab", None),
    (15, "rosa.enclave.localhost:8000", "/user/rosa/promise/../../eve/promise/lab", None),
    (16, "rosa.enclave.localhost:8000", "/hub/login", None),
    (17, "rosa.enclave.localhost:8000", "/services/portal/", None),
    (18, "rosa.enclave.localhost:8000", "/", None),
    (19, "rosa.enclave.localhost:8000", "/user/rosa/promise", None),
    (20, "rosa.enclave.localhost:8000", "/user/rosa/promise/api%00/x", None),
    (21, "rosa.enclave.localhost:8000", "/user/rosa/promise/\\x", None),
    (22, "127.0.0.1:8000", "/hub/login", Zone.MOVED),
    (23, "[::1]:8000", "/", Zone.MOVED),
    (24, "192.0.2.7", "/", None),
    (25, "example.org", "/", None),
    (26, "a.b.enclave.localhost", "/", None),
    (27, "enclave.localhost.example.org", "/", None),
    (28, "", "/", None),
    (29, "localhost:8000", "/services/portal/", Zone.MOVED),
    (30, "rosa.localhost:8000", "/user/rosa/promise/lab", None),
    (31, "enclave.localhost:8000", "/services/portal/lab/promise", Zone.PORTAL),
]  # fmt: skip


@pytest.mark.parametrize(("number", "host", "path", "zone"), HOSTS)
def test_each_host_has_its_own_addresses(number: int, host: str, path: str, zone: Zone | None) -> None:
    if zone is None:
        with pytest.raises(NotFound):
            place_of(host, path, "enclave.localhost")
    else:
        assert place_of(host, path, "enclave.localhost").zone is zone


KERNEL = "3fa85f64-5717-4562-b3fc-2c963f66afa6"

# number, method, address inside the lab, passes
ADDRESSES: list[tuple[int, str, str, bool]] = [
    (1, "GET", "/lab", True),
    (2, "GET", "/lab/tree/analysis.ipynb", True),
    (3, "GET", "/api/contents/analysis.ipynb", True),
    (4, "PUT", "/api/contents/analysis.ipynb", True),
    (5, "POST", "/api/kernels", True),
    (6, "GET", f"/api/kernels/{KERNEL}/channels", True),
    (7, "GET", "/api/sessions", True),
    (8, "GET", "/static/lab/main.js", True),
    (9, "GET", "/api/events/subscribe", True),
    (10, "PUT", "/lab/api/settings/@jupyterlab/apputils-extension:themes", True),
    (11, "GET", "/files/secret.csv", False),
    (12, "HEAD", "/files/secret.csv", False),
    (13, "GET", "/nbconvert/html/analysis.ipynb", False),
    (14, "POST", "/nbconvert/html", False),
    (15, "GET", "/view/page.html", False),
    (16, "GET", "/kernelspecs/python3/logo-64x64.png", False),
    (17, "GET", "/terminals/1", False),
    (18, "POST", "/api/terminals", False),
    (19, "GET", "/lsp/status", False),
    (20, "POST", "/api/nbconvert", False),
    (21, "GET", "/metrics", False),
    (22, "POST", "/api/shutdown", False),
    (23, "GET", "/lab/api/plugins", False),
    (24, "POST", "/lab/api/extensions", False),
    (25, "GET", "/proxy/8080/", False),
    (26, "GET", "/edit/secret.csv", False),
    (27, "POST", "/lab", False),
    (28, "DELETE", "/api/kernels", False),
    (31, "GET", "/oauth_callback", False),
    (32, "GET", "/login", False),
    (33, "POST", "/lab/api/build", False),
    (34, "DELETE", "/lab/api/build", False),
    (35, "GET", "/lab/api/build", True),
    (29, "CONNECT", "/lab", False),
    (30, "GET", "/api/kernels/../contents", False),
]  # fmt: skip


@pytest.mark.parametrize(("number", "method", "path", "passes"), ADDRESSES)
def test_a_lab_answers_what_lab_needs_and_nothing_else(number: int, method: str, path: str, passes: bool) -> None:
    if passes:
        check_lab_request(method, path, {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"})
        return
    with pytest.raises(NotAllowed):
        check_lab_request(method, path, {})


@pytest.mark.parametrize("path", ["/api/contents/secret.csv", "/static/lab/main.js", "/lab/api/workspaces/x"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
        {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "object"},
    ],
    ids=["typed", "framed", "embedded"],
)
def test_a_browser_goes_to_pages_only(path: str, headers: dict[str, str]) -> None:
    with pytest.raises(NotAllowed):
        check_lab_request("GET", path, headers)


# number, whose address, headers, passes
ORIGINS: list[tuple[int, str, dict[str, str], bool]] = [
    (1, PORTAL, {}, True),
    (2, PORTAL, {"Origin": PORTAL, "Sec-Fetch-Site": "same-origin"}, True),
    (3, PORTAL, {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, True),
    (4, PORTAL, {"Origin": LAB}, False),
    (5, PORTAL, {"Origin": "null"}, False),
    (6, PORTAL, {"Origin": "https://example.org"}, False),
    (7, PORTAL, {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"}, False),
    (8, PORTAL, {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}, False),
    (9, PORTAL, {"Origin": LAB, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, False),
    (10, LAB, {"Origin": LAB, "Sec-Fetch-Site": "same-origin"}, True),
    (11, LAB, {"Origin": PORTAL}, False),
    (12, LAB, {"Origin": "http://eve.enclave.localhost:8000"}, False),
    (13, LAB, {"Origin": "http://rosa.enclave.localhost:9000"}, False),
]


@pytest.mark.parametrize(("number", "own", "headers", "passes"), ORIGINS)
def test_no_page_asks_in_the_name_of_another_origins_viewer(
    number: int, own: str, headers: dict[str, str], passes: bool
) -> None:
    if passes:
        check_origin(headers, own)
        return
    with pytest.raises(EnclaveError):
        check_origin(headers, own)


def _answer(*pairs: tuple[str, str]) -> CIMultiDict[str]:
    headers = CIMultiDictProxy(CIMultiDict(pairs))
    return lab_answer_headers(headers, LAB, PORTAL, PREFIX)


@pytest.mark.parametrize(
    "name",
    [
        "Content-Disposition",
        "Refresh",
        "Link",
        "NEL",
        "Report-To",
        "Reporting-Endpoints",
        "Access-Control-Allow-Origin",
        "Clear-Site-Data",
        "Service-Worker-Allowed",
        "SourceMap",
        "Alt-Svc",
        "Content-Security-Policy-Report-Only",
        "X-Frame-Options",
        "Set-Cookie",
        "Cross-Origin-Resource-Policy-Report-Only",
    ],
)
def test_a_lab_does_not_send_the_header(name: str) -> None:
    assert name not in _answer((name, "https://example.org"))


def test_a_labs_answer_carries_the_gateways_policy_and_not_its_own() -> None:
    headers = _answer(("Content-Security-Policy", "default-src *"), ("Content-Type", "text/html"))
    assert headers.getall("Content-Security-Policy") == [headers["Content-Security-Policy"]]
    assert headers["Content-Security-Policy"].startswith("sandbox allow-scripts allow-same-origin")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "allow-downloads" not in headers["Content-Security-Policy"]
    assert "allow-popups" not in headers["Content-Security-Policy"]
    assert headers["Content-Security-Policy"].endswith(f"frame-ancestors {PORTAL}")
    assert headers["X-Content-Type-Options"] == "nosniff"


# number, Location, stays
REDIRECTS = [
    (1, "/user/rosa/promise/lab", True),
    (2, f"{LAB}/user/rosa/promise/lab?x=1", True),
    (3, f"{PORTAL}/hub/api/oauth2/authorize?client_id=x", False),
    (4, "https://example.org/?secret", False),
    (5, "//example.org/?secret", False),
    (6, "/\\example.org/?secret", False),
    (7, f"{PORTAL}/services/portal/api/releases/1/vote", False),
    (8, "javascript:alert(1)", False),
    (9, "data:text/html,x", False),
    (10, "http://eve.enclave.localhost:8000/", False),
    (11, f"{PORTAL}/hub/../services/portal", False),
    (12, "\t//example.org", False),
    (13, "http:example.org", False),
]


@pytest.mark.parametrize(("number", "target", "stays"), REDIRECTS)
def test_a_lab_redirects_to_itself(number: int, target: str, stays: bool) -> None:
    assert stays_here(target, LAB) is stays
    assert _answer(("Location", target))["Location"] == (target if stays else PREFIX)


def test_a_lab_sees_neither_a_cookie_nor_a_token() -> None:
    headers = {
        "Host": "rosa.enclave.localhost:8000",
        "Cookie": "c2c-lab=secret; _xsrf=1",
        "Authorization": "token secret",
        "X-Forwarded-For": "203.0.113.9",
        "X-C2C-Relay": "forged",
        "Connection": "keep-alive, X-Hop",
        "X-Hop": "1",
        "Accept": "*/*",
    }
    sent = request_headers(make_mocked_request("GET", "/", headers=headers), "http", to_lab=True)
    assert "secret" not in str(sent)
    assert "Cookie" not in sent
    assert "203.0.113.9" not in str(sent)
    assert not {"X-C2C-Relay", "X-Hop", "Connection"} & set(sent)
    assert sent["Accept"] == "*/*"


def test_only_the_gateway_speaks_as_relay_or_operator() -> None:
    headers = {"Host": "enclave.localhost", "X-C2C-Relay": "x", "X-C2C-Call": "x", "X-C2C-As": "admin"}
    sent = request_headers(make_mocked_request("GET", "/", headers=headers), "http", to_lab=False)
    assert not any(name.lower().startswith("x-c2c-") for name in sent)
