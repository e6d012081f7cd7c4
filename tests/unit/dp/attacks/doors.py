"""Calls that are refused at the door, whatever they ask: who calls, from where, and what a body is made of.

A row: what is tried, the statuses that may answer it, and how it differs from Alice's honest question.
"""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from enclave.core.clock import FixedClock, SystemClock
from enclave.core.digests import canonical_json
from enclave.core.signing import SigningKey, seal
from services.api.csrf import HEADER as CSRF
from services.api.identity import SESSION_COOKIE
from tests.unit.dp.attacks.house import OTHER, House
from tests.unit.dp.world import PROJECT, count_body

QUERIES = f"/projects/{PROJECT}/dp/queries"
HONEST = json.dumps(count_body()).encode()


@dataclass(frozen=True)
class Call:
    """One request; `headers` may need the house's keys and cookies."""

    body: bytes = HONEST
    path: str = QUERIES
    method: str = "POST"
    token: str | None = "alice-token"
    headers: Callable[[House], dict[str, str]] = field(default=lambda _house: {})

    def sent(self, house: House) -> Any:
        return house.send(self.body, path=self.path, method=self.method, token=self.token, headers=self.headers(house))


def _fixed(**headers: str) -> Callable[[House], dict[str, str]]:
    return lambda _house: {name.replace("_", "-"): value for name, value in headers.items()}


def _cookie(name: str, csrf: str | None = None) -> Callable[[House], dict[str, str]]:
    """A browser's session, with that CSRF token or with none."""

    def headers(house: House) -> dict[str, str]:
        sent = {"Cookie": f"{SESSION_COOKIE}={house.cookies.get(name, name)}"}
        return sent if csrf is None else {**sent, CSRF: csrf}

    return headers


def _relay(
    issuer: str = "gateway", kind: str = "relay.assertion", age: timedelta = timedelta(0), **claim: str
) -> Callable[[House], dict[str, str]]:
    """The word of a relay, signed with some service's key, made some time ago."""
    said = {"user": "alice", "project": PROJECT, "method": "POST", "path": f"/services/portal/api{QUERIES}"} | claim

    def headers(house: House) -> dict[str, str]:
        clock = FixedClock(SystemClock().now() - age)
        return {"X-C2C-Relay": encoded(seal(kind, said, house.keys[issuer], clock, timedelta(seconds=60)))}

    return headers


def encoded(envelope: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(envelope).encode()).decode()


def _changed_after_signing(house: House) -> dict[str, str]:
    said = {"user": "ben", "project": PROJECT, "method": "POST", "path": f"/services/portal/api{QUERIES}"}
    envelope = seal("relay.assertion", said, house.keys["gateway"], SystemClock(), timedelta(seconds=60))
    return {"X-C2C-Relay": encoded({**envelope, "payload": {**said, "user": "alice"}})}


def _own_key(house: House) -> dict[str, str]:
    """An envelope that a key made by the attacker signs, under the gateway's name."""
    folder = house.root / "forged"
    folder.mkdir(exist_ok=True)
    (folder / "gateway.key").unlink(missing_ok=True)
    key = SigningKey.create(folder / "gateway.key", "gateway")
    said = {"user": "alice", "project": PROJECT, "method": "POST", "path": f"/services/portal/api{QUERIES}"}
    return {"X-C2C-Relay": encoded(seal("relay.assertion", said, key, SystemClock(), timedelta(seconds=60)))}


def _odd_envelope(**fields: Any) -> Callable[[House], dict[str, str]]:
    whole: dict[str, Any] = {"kind": "relay.assertion", "issuer": "gateway", "issued_at": "", "expires_at": None}
    whole |= {"payload": {}, "signature": ""}
    return _fixed(X_C2C_Relay=encoded({**whole, **fields}))


def _raw(text: str) -> Call:
    return Call(body=text.encode())


def _twice(text: str) -> Call:
    """The honest question with something said again at its end."""
    return _raw(json.dumps(count_body())[:-1] + text + "}")


_BOMB = zlib.compressobj(9, wbits=31)
BOMB = _BOMB.compress(b" " * 64 * 2**20) + _BOMB.flush()
OTHERS = f"/projects/{OTHER}/dp"

CALLS: list[tuple[str, set[int], Call]] = [
    # who
    ("nobody", {401}, Call(token=None)),
    ("a made-up token", {401}, Call(token="0" * 64)),
    ("the token of a service", {401}, Call(token="service-token")),
    ("a token of somebody the portal does not know", {401}, Call(token="ghost-token")),
    ("a token with a header in it", {401}, Call(token="x y")),
    ("the lab's token outside its relay", {401}, Call(token="lab-token")),
    ("somebody in no project", {403}, Call(token="mallory-token")),
    ("the member of another project", {403}, Call(token="ben-token")),
    ("Basic in place of a token", {401}, Call(token=None, headers=_fixed(Authorization="Basic YWxpY2U6YWxpY2U="))),
    ("a token that is empty", {401}, Call(token=None, headers=_fixed(Authorization="token"))),
    ("a JSON web token that nobody signed", {401}, Call(token="eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.")),
    ("acting as Alice over TCP", {401}, Call(token=None, headers=_fixed(X_C2C_As="alice"))),
    ("Ben acting as Alice", {403}, Call(token="ben-token", headers=_fixed(X_C2C_As="alice"))),
    ("the hub's own header", {401}, Call(token=None, headers=_fixed(X_Forwarded_User="alice", Remote_User="alice"))),
    ("a session that has ended", {401, 403}, Call(token=None, headers=_cookie("late", "x"))),
    ("a made-up session", {401, 403}, Call(token=None, headers=_cookie("0" * 43, "x"))),
    ("Alice's session from a form elsewhere", {403}, Call(token=None, headers=_cookie("alice"))),
    ("Alice's session with Ben's form token", {403}, Call(token=None, headers=_cookie("alice", "0" * 64))),
    ("Ben's session in Alice's project", {403}, Call(token=None, headers=_cookie("ben", "0" * 64))),
    ("a cookie beside a bad token", {401}, Call(token="0" * 64, headers=_cookie("alice", "x"))),
    # the relay's word
    ("a relay's word that is not base 64", {401}, Call(token=None, headers=_fixed(X_C2C_Relay="***"))),
    ("a relay's word that is not JSON", {401}, Call(token=None, headers=_fixed(X_C2C_Relay="YWJj"))),
    ("a relay's word of another service", {401}, Call(token="lab-token", headers=_relay("hub"))),
    ("a relay's word of the portal itself", {401}, Call(token="lab-token", headers=_relay("portal"))),
    ("a word of another kind", {401}, Call(token="lab-token", headers=_relay(kind="service.call"))),
    ("a relay's word of yesterday", {401}, Call(token="lab-token", headers=_relay(age=timedelta(days=1)))),
    ("a relay's word of two minutes ago", {401}, Call(token="lab-token", headers=_relay(age=timedelta(minutes=2)))),
    ("a relay's word about Ben", {403}, Call(token="lab-token", headers=_relay(user="ben"))),
    ("a relay's word about Ben's project", {403}, Call(token="lab-token", headers=_relay(project=OTHER))),
    ("a relay's word for reading", {403}, Call(token="lab-token", headers=_relay(method="GET"))),
    ("a relay's word for the price", {403}, Call(token="lab-token", headers=_relay(path=f"{QUERIES}/cost"))),
    ("a relay's word for another project's address", {403},
     Call(token="lab-token", path=f"{OTHERS}/queries", headers=_relay(path=f"/services/portal/api{OTHERS}/queries"))),
    ("a relay's word changed after signing", {401}, Call(token="lab-token", headers=_changed_after_signing)),
    ("a relay's word under a key of one's own", {401}, Call(token="lab-token", headers=_own_key)),
    ("a job that does not run", {401}, Call(token=None, headers=_relay(run="job_00000000000000000000000000"))),
    ("a lab's word without a token", {401}, Call(token=None, headers=_relay())),
    ("an envelope of null", {401}, Call(token=None, headers=_fixed(X_C2C_Relay=encoded(None)))),
    ("an envelope whose issuer is a list", {401}, Call(token=None, headers=_odd_envelope(issuer=[]))),
    ("an envelope whose issuer is an object", {401}, Call(token=None, headers=_odd_envelope(issuer={"a": 1}))),
    ("an envelope whose kind is a list", {401}, Call(token=None, headers=_odd_envelope(kind=["relay.assertion"]))),
    ("an envelope whose signature is a number", {401}, Call(token=None, headers=_odd_envelope(signature=5))),
    ("an envelope that ends at no time", {401}, Call(token=None, headers=_odd_envelope(expires_at="never"))),
    ("an envelope with half a character", {401}, Call(token=None, headers=_odd_envelope(payload={"a": "\ud800"}))),
    ("an envelope with NaN", {401}, Call(token=None, headers=_odd_envelope(payload={"a": float("nan")}))),
    ("an envelope as deep as a well", {401},
     Call(token=None, headers=_fixed(X_C2C_Relay=base64.urlsafe_b64encode(b"[" * 30_000).decode()))),
    # where
    ("another project's queries", {403}, Call(path=f"{OTHERS}/queries")),
    ("another project's price", {403}, Call(path=f"{OTHERS}/cost")),
    ("another project's dummy", {403}, Call(path=f"{OTHERS}/dummy")),
    ("another project's ledger", {403}, Call(path=f"{OTHERS}/ledger", method="GET")),
    ("another project's budget", {403}, Call(path=f"{OTHERS}/budget", method="GET")),
    ("another project's journal", {403}, Call(path=f"{OTHERS}/ledger/export", method="GET")),
    ("a journal in another form", {422}, Call(path=f"/projects/{PROJECT}/dp/ledger/export?form=../../x", method="GET")),
    ("a journal of another edition", {404},
     Call(path=f"/projects/{PROJECT}/dp/ledger/export?edition=x'%20OR%201=1--", method="GET")),
    ("the journal of feasibility counts", {404}, Call(path="/projects/~planning/dp/ledger/export", method="GET")),
    ("a project that is not there", {404}, Call(path="/projects/nobody/dp/queries")),
    ("the purse of feasibility counts as a project", {404}, Call(path="/projects/~planning/dp/queries")),
    ("its price", {404}, Call(path="/projects/~planning/dp/cost")),
    ("its ledger", {404}, Call(path="/projects/~planning/dp/ledger", method="GET")),
    ("the project in capitals", {404}, Call(path=f"/projects/{PROJECT.upper()}/dp/queries")),
    ("the project with NUL", {404}, Call(path=f"/projects/{PROJECT}%00/dp/queries")),
    ("the project with a quote", {404}, Call(path=f"/projects/{PROJECT}'%20OR%20'1'='1/dp/queries")),
    ("the project through another's folder", {403, 404}, Call(path=f"/projects/{PROJECT}/../{OTHER}/dp/queries")),
    ("the project through an encoded slash", {404}, Call(path=f"/projects/{PROJECT}%2F..%2F{OTHER}/dp/queries")),
    ("the project in half a character", {404}, Call(path="/projects/%ed%a0%80/dp/queries")),
    ("a grant to oneself", {403}, Call(path=f"/projects/{PROJECT}/dp/grants", body=json.dumps(
        {"purse": "explore", "edition": "2025r1", "epsilon": 50, "reason": "because I want it"}).encode())),
    ("a grant of NaN", {403}, Call(path=f"/projects/{PROJECT}/dp/grants", body=(
        b'{"purse": "explore", "edition": "2025r1", "epsilon": NaN, "reason": "because I want it"}'))),
    ("the questions read", {405}, Call(method="GET")),
    ("the questions put", {405}, Call(method="PUT")),
    ("the questions deleted", {405}, Call(method="DELETE")),
    ("a method hidden in a header", {405}, Call(method="GET", headers=_fixed(X_HTTP_Method_Override="POST"))),
    ("the data service's door on the portal", {404}, Call(path="/jobs")),
    ("an internal route without a signature", {401, 403, 404, 405}, Call(path="/../../../internal/jobs")),
    # what a body is made of
    ("no body", {400}, Call(body=b"")),
    ("spaces", {400}, Call(body=b"   ")),
    ("half a body", {400}, Call(body=HONEST[:-20])),
    ("two bodies", {400}, Call(body=HONEST + HONEST)),
    ("something after the end", {400}, Call(body=HONEST + b";")),
    ("single quotes", {400}, Call(body=HONEST.replace(b'"', b"'"))),
    ("a comment", {400}, Call(body=b"/* x */" + HONEST)),
    ("a form", {400},
     Call(body=b"dataset=k12_completion", headers=_fixed(Content_Type="application/x-www-form-urlencoded"))),
    ("a form of parts", {400},
     Call(body=b"--x\r\n\r\n", headers=_fixed(Content_Type="multipart/form-data; boundary=x"))),
    ("XML", {400}, Call(body=b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>")),
    ("YAML with an object", {400}, Call(body=b"!!python/object/apply:os.system ['id']")),
    ("a pickle", {400}, Call(body=b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02id\x85R.")),
    ("bytes that are no text", {400}, Call(body=b'{"dataset": "\xff\xfe"}')),
    ("a compressed question", {400}, Call(body=gzip.compress(HONEST), headers=_fixed(Content_Encoding="gzip"))),
    ("a bomb of 64 MB in 64 KB", {400}, Call(body=BOMB, headers=_fixed(Content_Encoding="gzip"))),
    ("an encoding that nobody knows", {400}, Call(body=b"\x1b\x00", headers=_fixed(Content_Encoding="br, gzip, x"))),
    ("arrays as deep as a well", {400}, Call(body=b"[" * 100_000 + b"]" * 100_000)),
    ("objects as deep as a well", {400}, Call(body=b'{"a":' * 30_000 + b"1" + b"}" * 30_000)),
    ("a value of 900 lists", {400}, _raw(
        '{"dataset":"k12_completion","measures":[{"kind":"count_rows"}],"loss":{"error":30},"where":[{"column":"gpa",'
        '"op":"=","value":' + "[" * 900 + "]" * 900 + "}]}")),
    ("a long question", {429}, Call(body=HONEST[:-1] + b" " * 300_000 + b"}")),
    ("a number of 5,000 digits", {400}, _raw(HONEST.decode().replace("2023", "9" * 5000))),
    ("a number too large for any machine", {400}, _raw(HONEST.decode().replace("2023", "1e999999999"))),
    ("NaN as JSON does not know it", {400}, _raw(HONEST.decode().replace('"error": 30', '"error": NaN'))),
    ("Infinity in a value", {400}, _raw(HONEST.decode().replace("2023", "Infinity"))),
    ("an epsilon below everything", {400}, _raw(HONEST.decode().replace('"error": 30', '"epsilon": 1e-999'))),
    ("the loss twice", {400}, _twice(', "loss": {"epsilon": 0.0001}')),
    ("the purse twice", {400}, _twice(', "purse": "explore", "purse": "release"')),
    ("the dataset twice", {400}, _twice(', "dataset": "ui_wage"')),
    ("epsilon twice", {400},
     _raw(HONEST.decode().replace('"error": 30', '"epsilon": 0.002, "epsilon": 0.001'))),
    ("the value of a condition twice", {400},
     _raw(HONEST.decode().replace('"value": 2023', '"value": 2023, "value": 2024'))),
    ("a key in another spelling", {400}, _twice(', "l\\u006fss": {"epsilon": 9}')),
    ("an edition in the budget's address", {404}, Call(
        path=f"/projects/{PROJECT}/dp/budget?edition=x'%20UNION%20SELECT%201--", method="GET")),
    ("NUL in the budget's address", {404, 422}, Call(path=f"/projects/{PROJECT}/dp/budget?edition=%00", method="GET")),
    ("a key of another length for doing it once", {400, 422}, Call(headers=_fixed(Idempotency_Key="x"))),
]  # fmt: skip
"""`Call()` itself is answered: each row differs in one thing."""


def job(house: House, issuer: str = "portal", **changes: Any) -> dict[str, Any]:
    """A job for the data service as an attacker on its socket would make it."""
    clock = FixedClock(SystemClock().now() - changes.pop("age", timedelta(0)))
    payload = {"job": "dp.prepare", "edition": "2025r1"} | changes.pop("payload", {})
    return seal(changes.pop("kind", "data.job"), payload, house.keys[issuer], clock, timedelta(seconds=60)) | changes


JOBS: list[tuple[str, Callable[[House], bytes]]] = [
    ("no envelope", lambda _house: b"{}"),
    ("not JSON", lambda _house: b"\x00"),
    ("as deep as a well", lambda _house: b"[" * 200_000),
    ("a key of the hub", lambda house: _bytes(job(house, "hub"))),
    ("a key of the gateway", lambda house: _bytes(job(house, "gateway"))),
    ("a key of the vault", lambda house: _bytes(job(house, "vault"))),
    ("a key of the data service itself", lambda house: _bytes(job(house, "data"))),
    ("the portal's name with the hub's key", lambda house: _bytes(job(house, "hub") | {"issuer": "portal"})),
    ("another kind", lambda house: _bytes(job(house, kind="service.call"))),
    ("a job of yesterday", lambda house: _bytes(job(house, age=timedelta(days=1)))),
    ("a payload changed after signing", lambda house: _bytes(job(house, payload={"edition": "2025r1"}) | {
        "payload": {"job": "dp.prepare", "edition": "2024r1"}})),
    ("half a character", lambda house: json.dumps(job(house) | {"payload": {"job": "\ud800"}}).encode()),
    ("an issuer that is a list", lambda house: json.dumps(job(house) | {"issuer": []}).encode()),
    ("an issuer that is an object", lambda house: json.dumps(job(house) | {"issuer": {}}).encode()),
    ("a signature of null", lambda house: json.dumps(job(house) | {"signature": None}).encode()),
    ("a field too many", lambda house: json.dumps(job(house) | {"debug": True}).encode()),
    ("seventeen megabytes", lambda _house: b" " * (17 * 2**20)),
]  # fmt: skip


def _bytes(envelope: dict[str, Any]) -> bytes:
    return canonical_json(envelope)


HEADS: list[tuple[str, set[int], list[tuple[str, str]]]] = [
    ("seventeen megabytes announced", {413}, [("Content-Length", str(17 * 2**20))]),
    ("a terabyte announced", {413}, [("Content-Length", str(2**40))]),
    ("a length below nothing", {400}, [("Content-Length", "-1")]),
    ("two lengths", {400}, [("Content-Length", "5"), ("Content-Length", "6")]),
    ("a length that is no number", {400}, [("Content-Length", "1e3")]),
    ("a transfer encoding that nobody knows", {400, 501}, [("Transfer-Encoding", "gzip")]),
]
"""Heads of requests whose bodies never come."""
