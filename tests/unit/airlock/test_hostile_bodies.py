"""Hostile requests at a real server: too much, too slow, too many, too deep. Nothing is lost, and each is told why."""

from __future__ import annotations

import io
import json
import socket
import time
import zipfile
from collections.abc import Iterator

import pytest

from services.api.app import doors
from services.api.headers import POLICY
from services.api.identity import SESSION_COOKIE
from services.api.limits import ANONYMOUS, FILES, INTERNAL, SMALL, BodyLimits, limit_of
from tests.e2e.served import served
from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, CONTEXT, post, submit

GIB = 2**30

LIMITS = [
    # no, path, header, bytes
    (1, f"{BASE}/api/projects/promise/outputs", "authorization", FILES),
    (2, f"{BASE}/api/projects/promise/outputs/rel_1/files", "cookie", FILES),
    (3, f"{BASE}/releases", "cookie", FILES),
    (4, f"{BASE}/releases/rel_1/files", "cookie", FILES),
    (5, f"{BASE}/releases/rel_1/comment", "cookie", SMALL),
    (6, f"{BASE}/api/releases/rel_1/votes", "authorization", SMALL),
    (7, f"{BASE}/releases", "x-nothing", ANONYMOUS),
    (8, f"{BASE}/login", "x-nothing", ANONYMOUS),
    (9, "/internal/anything", "x-nothing", INTERNAL),
]


@pytest.mark.parametrize(("number", "path", "header", "limit"), LIMITS)
def test_the_table_of_what_a_request_may_bring(number: int, path: str, header: str, limit: int) -> None:
    assert limit_of({"type": "http", "path": path, "headers": [(header.encode(), b"x")]}) == limit, number


@pytest.fixture
def port(desk: Portal) -> Iterator[int]:
    with served(desk) as found:
        yield found


def _head(desk: Portal, path: str, *lines: str) -> bytes:
    client = desk.browser("rosa")
    cookie = f"{SESSION_COOKIE}={client.cookies.get(SESSION_COOKIE)}"
    headers = [f"POST {path} HTTP/1.1", "Host: enclave.localhost", f"Cookie: {cookie}", *lines]
    headers.append(f"X-C2C-CSRF: {client.headers['X-C2C-CSRF']}")
    return "\r\n".join([*headers, "", ""]).encode()


MULTIPART = "Content-Type: multipart/form-data; boundary=b"
PART = b'--b\r\nContent-Disposition: form-data; name="files"; filename="t1.csv"\r\n\r\n'


def _answer(connection: socket.socket) -> bytes:
    """What the server says until it closes the connection."""
    connection.settimeout(30)
    said = b""
    try:
        while piece := connection.recv(65536):
            said += piece
    except ConnectionResetError:
        pass
    return said


def test_a_gigabyte_that_is_announced_is_refused_before_a_byte_of_it_is_read(desk: Portal, port: int) -> None:
    identity = submit(desk, submit=False)["id"]
    before = desk.operator("rosa").get(f"{API}/releases/{identity}").json()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        path = f"{API}/releases/{identity}/files"
        connection.sendall(_head(desk, path, MULTIPART, f"Content-Length: {GIB}") + PART)
        answer = _answer(connection)
    assert b" 413 " in answer.splitlines()[0] and b"larger than what can be sent" in answer
    assert desk.operator("rosa").get(f"{API}/releases/{identity}").json() == before


@pytest.mark.parametrize("more", ["X-Nothing: 1", "Idempotency-Key: 0123456789"])
def test_a_gigabyte_in_pieces_of_unknown_number_is_broken_off(desk: Portal, port: int, more: str) -> None:
    """A JSON body, which would be kept in memory whole, and one that would be put aside to be repeated."""
    piece = b"x" * 2**16
    sent = 0
    with socket.create_connection(("127.0.0.1", port)) as connection:
        path = f"{API}/releases/rel_x/comments"
        connection.sendall(_head(desk, path, "Content-Type: application/json", "Transfer-Encoding: chunked", more))
        try:
            while sent < GIB:
                connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
                sent += len(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert SMALL - 2**20 < sent < 2 * SMALL


def test_an_upload_that_falls_silent_is_not_waited_for(desk: Portal) -> None:
    desk.app.user_middleware.clear()
    desk.app.add_middleware(BodyLimits, silence=0.3)
    with served(desk) as port, socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(_head(desk, f"{API}/releases/rel_x/files", MULTIPART, "Content-Length: 9000") + PART)
        start = time.monotonic()
        answer = _answer(connection)
        assert time.monotonic() - start < 10
    assert b" 408 " in answer.splitlines()[0] and b"stopped" in answer


def test_ten_thousand_files_at_once_are_refused_whole(desk: Portal) -> None:
    identity = submit(desk, submit=False)["id"]
    before = desk.operator("rosa").get(f"{API}/releases/{identity}").json()
    many = [("files", (f"f{number}.csv", b"a,n\nx,20\n")) for number in range(10_000)]
    answer = desk.operator("rosa").post(f"{API}/releases/{identity}/files", files=many)
    assert answer.status_code == 400 and answer.json()["error"]["advice"]
    assert desk.operator("rosa").get(f"{API}/releases/{identity}").json() == before


def test_json_of_a_hundred_thousand_levels_is_refused(desk: Portal) -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    for path in (f"{API}/releases/rel_x/comments", f"{API}/releases/rel_x/answers"):
        answer = desk.operator("rosa").post(path, content=deep, headers={"content-type": "application/json"})
        assert answer.status_code in (400, 404, 422), answer.text


def _bomb(name: str, size: int = 2**28) -> bytes:
    """A workbook of a few hundred kilobytes whose one sheet unpacks to a quarter of a gigabyte."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open(name, "w") as part:
            for _ in range(size // 2**20):
                part.write(b" " * 2**20)
    return stream.getvalue()


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
SVG_LAUGHS = f'<!DOCTYPE s [<!ENTITY l0 "lol">{LAUGHS}]><svg xmlns="http://www.w3.org/2000/svg"><text>&l9;</text></svg>'
YAML_LAUGHS = "\n".join(["a0: &a0 [x,x,x,x,x,x,x,x,x]", *(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]"
                                                        for n in range(1, 10))])  # fmt: skip
DEEP = ('{"cells": ' + "[" * 90_000 + "]" * 90_000 + "}").encode()

BOMBS = [
    # no, name, bytes, sidecar: what is small on the way in and large or endless when it is read
    (1, "t1.xlsx", _bomb("xl/worksheets/sheet1.xml"), CONTEXT),
    (2, "t1.docx", _bomb("word/document.xml"), CONTEXT),
    (3, "t1.zip", _bomb("inner.zip"), CONTEXT),
    (4, "t1.svg", SVG_LAUGHS.encode(), CONTEXT),
    (5, "t1.csv", b"district,n\nA,120\nB,240\n", YAML_LAUGHS.encode()),
    (6, "t1.ipynb", DEEP, CONTEXT),
    (7, "t1.csv", b"a," * 500_000 + b"\n", CONTEXT),
    (8, "t1.html", b"<div>" * 200_000, CONTEXT),
]


@pytest.mark.parametrize(("number", "name", "data", "sidecar"), BOMBS, ids=lambda value: str(value)[:8])
def test_a_bomb_is_answered_and_the_page_still_opens(
    desk: Portal, number: int, name: str, data: bytes, sidecar: bytes
) -> None:
    rosa = desk.operator("rosa")
    start = time.monotonic()
    answer = rosa.post(
        f"{API}/projects/promise/outputs", data={"title": "x"},
        files=[("files", (name, data)), ("sidecars", ("t1.context.yaml", sidecar))],
    )  # fmt: skip
    assert time.monotonic() - start < 120, number
    if answer.status_code != 201:
        assert answer.status_code in (400, 413, 422, 429) and answer.json()["error"]["advice"], answer.text
        return
    made = answer.json()
    # a table may pass beside a context that nobody can read: the context only adds to what is known
    assert made["status"] != "pass" or number in (5, 8), (number, made["files"][0]["findings"])
    page = desk.browser("rosa").get(f"{BASE}/releases/{made['id']}")
    assert page.status_code == 200
    post(rosa, f"/releases/{made['id']}/withdraw")


NAMES = ["../../etc/passwd.csv", "..\\..\\x.csv", "/abs.csv", "a/../b.csv", "a\x00.csv", "a\r\nb.csv", "․․/x.csv",
         "~/.csv", "con\u202egpj.csv", "x" * 400 + ".csv"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:20])
def test_no_name_of_a_file_leads_anywhere(desk: Portal, name: str) -> None:
    files = [("files", (name, b"a,n\nx,20\n"))]
    answer = desk.operator("rosa").post(f"{API}/projects/promise/outputs", data={"title": "x"}, files=files)
    if answer.status_code == 201:
        kept = answer.json()["files"][0]["name"]
        assert ".." not in kept.split("/") and kept.isprintable() and not kept.startswith("/"), kept
    else:
        assert answer.status_code in (400, 422), answer.text
    folder = desk.context.settings.paths.blobs
    assert all(len(path.name) == 64 for path in folder.rglob("*") if path.is_file())


# httpcore leaves the collector to close a unix socket to which nobody answers: there is no guard here
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_every_page_has_a_policy_without_inline_scripts_and_keeps_it(desk: Portal) -> None:
    """Every GET route of the pages, with real addresses where there are some, as whoever sees most."""
    identity = submit(desk)["id"]
    clients = [desk.browser(name) for name in ("rosa", "sam", "ada", "office", "reviewer-cde")]
    apart = ("/internal", f"{BASE}/api/")
    paths = sorted({path for method, path in doors(desk.app) if method == "GET" and not path.startswith(apart)})
    assert len(paths) > 40
    assert "unsafe-inline" not in POLICY and "unsafe-eval" not in POLICY
    pages = 0
    for path in paths:
        real = path.replace("{release}", identity).replace("{project}", "promise").replace("{project_id}", "promise")
        for client in clients:
            answer = client.get(real.replace("{", "").replace("}", "").replace(":path", ""))
            # 503: the guard, the hub and the data zone are not there in this test
            assert answer.status_code < 500 or answer.status_code == 503, (real, answer.text[:200])
            assert "unsafe-" not in answer.headers["content-security-policy"], real
            assert answer.headers["x-content-type-options"] == "nosniff"
            if answer.headers.get("content-type", "").startswith("text/html") and answer.status_code == 200:
                pages += 1
                _check_no_inline(real, answer.text)
    assert pages > 40


def _check_no_inline(path: str, html: str) -> None:
    from html.parser import HTMLParser

    found: list[str] = []

    class Inline(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            names = {name for name, _ in attrs}
            if tag == "style" or (tag == "script" and "src" not in names):
                found.append(tag)
            found.extend(f"{tag} {name}" for name in names if name.startswith("on") or name == "style")

    Inline().feed(html)
    assert found == [], (path, found)


def test_what_was_uploaded_is_never_answered_as_itself(desk: Portal) -> None:
    """No address hands out an upload as a page: the content comes as JSON, released bytes in a zip to be saved."""
    identity = submit(desk, json.dumps({"a": "<b>"}).encode(), submit=False, name="t1.json")["id"]
    answer = desk.operator("rosa").get(f"{API}/releases/{identity}/files/t1.json")
    assert answer.headers["content-type"] == "application/json"
