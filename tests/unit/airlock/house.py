"""A small airlock on a real database and real folders, with the people of the stories."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from enclave.core.actors import Actor
from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.core.signing import Keyring, SigningKey
from output_review import service, store
from output_review.airlock import Airlock, Submission, Upload
from output_review.blobs import BlobStore
from output_review.checks import FixedChecker
from output_review.model import ReleaseRequest
from output_review.policies import ReviewPolicy
from output_review.states import FileKind, ReleaseState, VoteChoice

PROJECT = "college-promise"
ALICE = Actor("alice", frozenset({"researcher"}))
AMIR = Actor("amir", frozenset({"researcher", "output_checker"}))
CHRIS = Actor("chris", frozenset({"output_checker"}))
DANA = Actor("dana", frozenset({"output_checker"}))
ERIN = Actor("erin", frozenset({"output_checker"}))
SAM = Actor("sam", frozenset({"senior_checker"}))
ADA = Actor("ada", frozenset({"administrator"}))
OTTO = Actor("otto", frozenset({"auditor"}))
NOOR = Actor("noor", frozenset({"researcher"}))
WORKER = Actor.service("worker")
FAIL = {
    "status": "fail",
    "findings": [
        {"rule": "min_cell", "status": "fail", "message": "A count below 11.", "where": "", "cells": [[0, 1]]}
    ],
}


@dataclass
class House:
    """Everything a story needs; each step opens its own transaction, as a web request would."""

    root: Path
    policy: ReviewPolicy = field(default_factory=lambda: ReviewPolicy(blind_percent=0))
    members: set[str] = field(default_factory=lambda: {"alice", "amir"})
    checker: FixedChecker = field(default_factory=lambda: FixedChecker({}))

    def __post_init__(self) -> None:
        self.database = Database(f"sqlite:///{self.root / 'app.db'}")
        self.database.create_all()
        self.clock = FixedClock(datetime(2025, 3, 3, 9, tzinfo=UTC))
        self.key = SigningKey.create(self.root / "worker.key", "worker")
        self.keyring = Keyring({"worker": self.key.public_text})
        self.airlock = Airlock(
            clock=self.clock,
            blobs=BlobStore(self.root / "blobs"),
            bundles=self.root / "bundles",
            members=lambda _session, _project: frozenset(self.members),
            policy=self.policy,
        )

    def draft(self, author: Actor = ALICE, public: bool = False, **lineage: Any) -> str:
        plain = Submission(PROJECT, frozenset(self.members), ["cde", "ccc"], lineage)
        with self.database.write() as session:
            return service.create_draft(
                self.airlock, session, author, plain, title="Table 1", purpose="For the paper.", public=public
            ).id

    def put(
        self, request: str, name: str = "t1.csv", data: bytes = b"district,n\nA,25\n",
        kind: FileKind = FileKind.OUTPUT, context: bytes | None = None, actor: Actor = ALICE,
    ) -> str:  # fmt: skip
        sha256, size = self.airlock.blobs.put(io.BytesIO(data), 2**24)
        sidecars = {}
        if context is not None:
            sidecars["context"] = self.airlock.blobs.put(io.BytesIO(context), 2**20)[0]
        with self.database.write() as session:
            return service.put_file(
                self.airlock, session, actor, request, Upload(name, sha256, size, kind, sidecars)
            ).id

    def check(self, request: str) -> str:
        return service.run_checks(self.airlock, self.database, self.checker, WORKER, request).value

    def do(self, use_case: Any, actor: Actor, *values: Any, **named: Any) -> Any:
        with self.database.write() as session:
            return use_case(self.airlock, session, actor, *values, **named)

    def submitted(self, names: Iterable[str] = ("t1.csv",), author: Actor = ALICE) -> str:
        request = self.draft(author)
        for name in names:
            self.put(request, name, f"district,n\n{name},25\n".encode(), actor=author)
        self.check(request)
        self.do(service.submit, author, request)
        return request

    def vote(
        self, actor: Actor, request: str, choice: VoteChoice = VoteChoice.APPROVED, name: str | None = None
    ) -> None:
        names = [name] if name else [file.name for file in self.get(request).votable_files]
        for each in names:
            self.do(service.vote, actor, request, each, choice)

    def approved(self, names: Iterable[str] = ("t1.csv",)) -> str:
        request = self.submitted(names)
        self.vote(CHRIS, request)
        self.vote(DANA, request)
        self.do(service.approve, DANA, request)
        return request

    def release(self, request: str, actor: Actor = WORKER) -> Path:
        service.release(self.airlock, self.database, actor, request, self.key)
        return self.root / "bundles" / request / "bundle.zip"

    def get(self, request: str) -> ReleaseRequest:
        with self.database.read() as session:
            found = store.get(session, request)
            session.expunge_all()
            return found

    def state(self, request: str) -> ReleaseState:
        return self.get(request).release_state
