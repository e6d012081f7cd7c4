"""An enclave in use, to be fuzzed: people of every role, and something real behind most names of a path."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
from psycopg import sql

from enclave.core.clock import FixedClock
from enclave.people.roles import Role
from enclave.people.web_sessions import csrf_token_for, open_session
from services.api.csrf import HEADER
from services.api.identity import SESSION_COOKIE
from services.checker.server import listen
from services.worker import airlock as jobs
from services.worker import imports
from tests.approved import approved_project, form, forwarded, make_cast, ready_extract, submitted
from tests.factories import make_actor
from tests.portal import Portal
from tests.unit.airlock.desk import SMALL, approve, submit

ROLES = {f"the-{role.value.replace('_', '-')}": role for role in Role}
OPERATOR, NOBODY = "operator", "nobody"
PACK = "enclave-default"
ACTORS = (OPERATOR, NOBODY, "rosa", "rosa", "rosa", "chris", "reviewer-cde", *sorted(ROLES))


@dataclass
class Town:
    """The portal with its people; `known` holds what stands behind a path's parameter; `reset` undoes every change."""

    portal: Portal
    known: dict[str, list[str]]
    _kept: Path

    @property
    def on_server(self) -> bool:
        """Whether the database is PostgreSQL's, where going back takes longer."""
        return self.portal.context.database.engine.dialect.name == "postgresql"

    def keep(self) -> None:
        """Remember the database as it stands."""
        if self.on_server:
            self._clone(self._name, f"{self._name}_kept")
        else:
            self._copy(Path(self._name), self._kept)

    def reset(self) -> None:
        """Go back to what was kept."""
        self.portal.context.database.dispose()
        if self.on_server:
            self._clone(f"{self._name}_kept", self._name)
        else:
            self._copy(self._kept, Path(self._name))

    @property
    def _name(self) -> str:
        return str(self.portal.context.database.url.database)

    def _clone(self, source: str, target: str) -> None:
        self.portal.context.database.dispose()
        url = self.portal.context.database.url.set(drivername="postgresql", database="postgres")
        with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as server:
            for statement in ("DROP DATABASE IF EXISTS {0} WITH (FORCE)", "CREATE DATABASE {0} TEMPLATE {1}"):
                server.execute(sql.SQL(statement).format(sql.Identifier(target), sql.Identifier(source)))

    def headers(self, who: str) -> dict[str, str]:
        """What a program of this person sends on the operator's socket, or in a browser's session."""
        if who in (OPERATOR, NOBODY):
            return {}
        return {"X-C2C-As": who}

    def browser_headers(self, who: str) -> dict[str, str]:
        """A browser in which this person is logged in, with the form's token."""
        if who in (OPERATOR, NOBODY):
            return {"accept": "text/html"}
        with self.portal.context.database.write() as session:
            secret = open_session(session, who, self.portal.context.clock.now(), timedelta(hours=1))
        return {"accept": "text/html", "cookie": f"{SESSION_COOKIE}={secret}", HEADER: csrf_token_for(secret)}

    @staticmethod
    def _copy(source: Path, target: Path) -> None:
        with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
            old.backup(new)
        old.close()
        new.close()


@contextmanager
def town(portal: Portal, clock: FixedClock, folder: Path) -> Iterator[Town]:
    """Requests, a project with its extract, and releases in most states, made through the real services."""
    with portal.context.database.write() as session:
        cast = make_cast(session, clock)
        for name, role in ROLES.items():
            make_actor(session, clock, name, role, provider="csu" if role is Role.PROVIDER_REVIEWER else None)
        for name in ("chris", "dana"):
            make_actor(session, clock, name, Role.OUTPUT_CHECKER)
        project = approved_project(session, cast, clock)
        extract = ready_extract(session, project.id, clock)
        waiting = [submitted(session, cast, clock, project="second"), forwarded(session, cast, clock, project="third")]
    path = portal.context.settings.paths.socket("checker")
    with listen(path) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            releases = _releases(portal)
            draft = portal.operator("rosa").post("/services/portal/api/requests", json={"form": form(project="fourth")})
            requests = [project.request_id, *(row.id for row in waiting), draft.json()["id"]]
            known = _by_parameter(portal, releases, requests, extract.id) | {"import_id": _imports(portal)}
            made = Town(portal, known, folder / "kept.db")
            made.keep()
            yield made
        finally:
            server.shutdown()
            thread.join()


def _by_parameter(portal: Portal, releases: list[str], requests: list[str], extract: str) -> dict[str, list[str]]:
    """Names that exist, by the parameters of paths that take them."""
    operator = portal.operator()
    agreements = [row["id"] for row in operator.get("/services/portal/api/agreements").json()]
    files = ["t1.csv", "t2.csv", "t3.csv", "t1.py"]
    people = ["rosa", "chris", *ROLES]
    return {
        "project_id": ["promise"], "project": ["promise"], "release": releases, "request_id": requests,
        "extract_id": [extract], "agreement_id": agreements, "file": files, "name": [*people, PACK], "user": people,
        "edition_id": ["2025r1"], "edition": ["2025r1"],
        "provider": ["cde"], "table": ["k12_enrollment"], "rule": ["min_cell", "dominance"],
    }  # fmt: skip


def _imports(portal: Portal) -> list[str]:
    """A draft with a file, one that waits for a decision, and one that lies in the labs."""
    rosa, address, made = portal.operator("rosa"), "/services/portal/api/imports", []
    for name in ("delivered", "waiting", "drafted"):
        body = {"project": "promise", "name": name, "kind": "CODE", "title": name, "purpose": name, "licence": "MIT"}
        made.append(str(rosa.post(address, json=body).json()["id"]))
        rosa.post(f"{address}/{made[-1]}/files", files=[("files", ("t1.py", b"x = 1\n"))])
        if name != "drafted":
            rosa.post(f"{address}/{made[-1]}/submit")
        for job in imports.JOBS:
            for item in job.pending(portal.context):
                job.run(portal.context, item)
        if name == "delivered":
            digest = rosa.get(f"{address}/{made[-1]}").json()["digest"]
            portal.operator("chris").post(f"{address}/{made[-1]}/approve", json={"digest": digest})
    return made


def _releases(portal: Portal) -> list[str]:
    """A draft with findings, one that waits, and one that is released for the public."""
    released = str(submit(portal, public=True)["id"])
    approve(portal, released)
    for job in jobs.JOBS:
        for item in job.pending(portal.context):
            job.run(portal.context, item)
    other = b"district,n\nAlpine,130\nButte,250\nColusa,370\nTotal,750\n"
    waiting = str(submit(portal, other, name="t2.csv")["id"])
    return [released, waiting, str(submit(portal, SMALL, name="t3.csv")["id"])]
