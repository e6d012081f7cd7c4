"""The checks of an import: every file alone to the checker, by the same engine that judges outputs.

No transaction is open while the checker works. A report belongs to the bytes that were read: a file that is replaced
meanwhile stays unchecked. A checker that is away is no verdict and is asked again; a file that crashes it too often
is one that cannot be read, and does not come in.
"""

from __future__ import annotations

from dataclasses import dataclass

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.db import Database
from enclave.core.errors import Conflict, NotFound
from output_review.blobs import BlobStore
from output_review.checks import Checker, CheckerAway, CheckerCrashed, Verdict, read_answer, unread
from output_review.imports import store
from output_review.imports.kinds import read_as
from output_review.imports.policies import kept
from output_review.policies import ReviewPolicy
from output_review.states import FindingStatus


@dataclass(frozen=True)
class _Task:
    """A file to check, as plain values."""

    file: str
    name: str
    sha256: str
    tried: int


def run_checks(
    blobs: BlobStore, policy: ReviewPolicy, database: Database, checker: Checker, actor: Actor, clock: Clock,
    identity: str,
) -> bool:  # fmt: skip
    """Check every file that has no report on its bytes; whether all are checked now."""
    with database.read() as session:
        row = store.get(session, identity)
        tasks = [_Task(file.id, file.name, file.sha256, file.tried) for file in row.files if not file.checked]
    done = [_keep(database, actor, clock, identity, task, _examine(blobs, policy, checker, task)) for task in tasks]
    return all(done)


def _examine(blobs: BlobStore, policy: ReviewPolicy, checker: Checker, task: _Task) -> Verdict | None:
    """A verdict, or None while the checker is away."""
    try:
        data = blobs.read(task.sha256)
        return read_answer(checker.examine(read_as(task.name), data, {}, policy.pack), policy.pack, task.sha256)
    except CheckerAway:
        return None
    except (Conflict, NotFound):
        return unread(policy.pack, "The stored bytes are damaged; add the file again.", FindingStatus.FAIL, True)
    except CheckerCrashed:
        if task.tried + 1 < policy.check_attempts:
            return unread(policy.pack, "The check broke off; it will be repeated.", FindingStatus.REVIEW)
        text = "The file cannot be read completely. Bring it in a simpler form, such as CSV or plain text."
        return unread(policy.pack, text, FindingStatus.FAIL, True)


def _keep(database: Database, actor: Actor, clock: Clock, identity: str, task: _Task, verdict: Verdict | None) -> bool:
    """Write a verdict down; whether the bytes that were read are checked now."""
    if verdict is None:
        return False
    with database.write() as session:
        row = store.locked(session, identity)
        file = row.file(task.file)
        if file is None or file.sha256 != task.sha256:
            return False
        file.findings = kept(verdict.findings)
        file.status = FindingStatus.worst(
            [FindingStatus.PASS, *(FindingStatus.parse(each["status"]) for each in file.findings)]
        ).value
        file.policy = f"{verdict.policy_name} {verdict.policy_version}".strip()
        file.tried += 1
        file.checked_sha256 = task.sha256 if verdict.complete else ""
        record(
            session, actor, "import.file_checked", "import", identity, clock, project=row.project, file=file.id,
            sha256=task.sha256, status=file.status, complete=verdict.complete, policy=file.policy,
            rules=sorted({str(each["rule"]) for each in file.findings if each["status"] != "pass"}),
        )  # fmt: skip
    return verdict.complete
