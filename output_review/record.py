"""The release record: everything that was asked of a release and what came of it, in one signed envelope.

It answers SATRE 3.3.09 (a record of the criteria applied to each output): the policy pack and its version, every check
with the digest of its evidence, findings, exceptions with who granted them and why, votes with the bytes they are
about, what providers with a veto said, lineage, receipts, and the manifest of the bundle. `verify` needs the bundle and
the enclave's public keys, no network and no database.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from enclave.core.clock import Clock
from enclave.core.digests import sha256_hex
from enclave.core.errors import BadInput, NotAuthenticated
from enclave.core.signing import Keyring, open_envelope
from output_review.checks import evidence_digest
from output_review.model import OutputFile, ReleaseRequest, Veto, binding_of
from output_review.policies import required_votes
from output_review.states import VOTABLE, ExceptionState, FileKind, VoteChoice
from output_review.templates import checklist_of
from output_review.vetoes.policies import manifest_of
from output_review.vetoes.states import STANDING, VetoState

KIND = "release.record"
ISSUERS = frozenset({"portal", "worker"})
JSON_NAME = "record.json"
HTML_NAME = "record.html"
PDF_NAME = "record.pdf"
FILES = "files/"
_FORMAT = 1
_MAX_RECORD = 64 * 2**20


def payload_of(
    request: ReleaseRequest, *, barred: Collection[str], released_at: str, audit_head: str, audit_events: int
) -> dict[str, Any]:
    """The record's content, without the digests of its own readable forms (`readable`, `paper`)."""
    said = checklist_of(request)
    return {
        "format": _FORMAT,
        "release": request.id,
        "project": request.project_id,
        "title": request.title,
        "purpose": request.purpose,
        "public": request.public,
        "author": request.author,
        "project_members": sorted(barred),
        "turns": request.turn,
        "submitted_at": _moment(request.submitted_at),
        "approved_at": _moment(request.decided_at),
        "approved_by": request.decided_by,
        "released_at": released_at,
        "review": {
            "tier": request.tier,
            "reason": request.tier_reason,
            "mode": request.review_mode,
            "required_votes": required_votes(request),
            "checklists": {
                claim.checker: [said[key] for key in claim.checklist if key in said] for claim in request.claims
            },
        },
        "vetoes": [_veto(veto, manifest_of(request)) for veto in request.vetoes],
        "lineage": {"providers": list(request.providers), **request.lineage},
        "files": [_file(file) for file in request.present_files],
        "manifest": [
            {"path": f"{FILES}{file.name}", "sha256": file.sha256, "size": file.size} for file in request.votable_files
        ],
        "audit": {"head": audit_head, "events": audit_events},
    }


def _file(file: OutputFile) -> dict[str, Any]:
    report = file.report
    check = None
    if report is not None:
        check = {
            "status": report.status, "complete": report.complete, "kind": report.detected_kind,
            "policy": {"name": report.policy_name, "version": report.policy_version},
            "findings": report.findings, "evidence": report.evidence, "linked": report.linked,
            "checked_at": _moment(report.checked_at),
        }  # fmt: skip
    return {
        "name": file.name, "kind": file.kind, "sha256": file.sha256, "size": file.size,
        "sidecars": file.sidecars, "binding": file.binding, "leaves": file.votable,
        "group": {"name": file.group.name, "context": file.group.context, "controls": file.group.controls},
        "check": check,
        "exceptions": [
            {
                "rule": item.rule, "state": item.state, "justification": item.justification,
                "decided_by": item.decided_by, "reason": item.reason, "decided_at": _moment(item.decided_at),
                "appeal": item.appeal, "refused_by": item.refused_by, "refusal": item.refusal,
            }
            for item in file.current_exceptions.values()
        ],
        "votes": [
            {
                "checker": vote.checker, "choice": vote.choice, "sha256": vote.sha256,
                "binding": vote.binding, "turn": vote.turn, "cast_at": _moment(vote.cast_at),
            }
            for vote in file.current_votes
        ],
    }  # fmt: skip


def _veto(veto: Veto, manifest: str) -> dict[str, Any]:
    """A provider's word; `same` says whether it is about these very files and words, as they left."""
    return {
        "provider": veto.provider, "turn": veto.turn, "state": veto.state, "same": veto.manifest == manifest,
        "due_at": _moment(veto.due_at), "said_by": veto.said_by, "said_at": _moment(veto.said_at),
        "reason": veto.reason, "contest": veto.contest, "answer": veto.answer, "answered_by": veto.answered_by,
    }  # fmt: skip


def _moment(value: Any) -> str | None:
    return None if value is None else str(value.isoformat())


@dataclass
class Verification:
    """What held and what did not, in the order it was looked at."""

    checks: list[dict[str, Any]] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return bool(self.checks) and all(check["holds"] for check in self.checks)

    def say(self, name: str, holds: bool, detail: str) -> bool:
        self.checks.append({"check": name, "holds": holds, "detail": detail})
        return holds

    def as_json(self) -> dict[str, Any]:
        return {"holds": self.holds, "checks": self.checks}


def verify(bundle: Path, keyring: Keyring, clock: Clock) -> Verification:
    """Verify a bundle (a zip file or its unpacked folder) offline.

    Looks at the signature, every byte of every file, that nothing was added or is missing, the evidence of each check,
    the votes (enough different people, none of the project, all on these bytes) and the exceptions. It proves what the
    enclave signed, not that the review was wise. BadInput when there is no record to look at.
    """
    members = _Members.open(bundle)
    result = Verification()
    try:
        envelope = json.loads(members.read(JSON_NAME))
        payload = open_envelope(envelope, keyring, KIND, clock, ISSUERS)
    except (NotAuthenticated, ValueError) as problem:
        result.say("signature", False, getattr(problem, "message", "The record is not readable JSON."))
        return result
    result.say("signature", True, f"Signed by {envelope['issuer']} at {envelope['issued_at']}.")
    try:
        _check_files(result, members, payload)
        _check_vetoes(result, payload)
        for entry in payload["files"]:
            _check_file(result, payload, entry)
    except (KeyError, TypeError, AttributeError):
        result.say("form", False, "The record lacks a part that this version needs.")
    return result


def _check_files(result: Verification, members: _Members, payload: Mapping[str, Any]) -> None:
    listed = {entry["path"]: entry for entry in payload["manifest"]}
    readable = {form["path"]: form["sha256"] for form in (payload["readable"], payload.get("paper")) if form}
    extra = sorted(members.names() - set(listed) - {JSON_NAME, *readable})
    result.say("manifest", not extra, f"{len(extra)} files are not in the manifest." if extra else "No file was added.")
    for name, digest in readable.items():
        same = members.digest(name) == digest
        result.say(name, same, "The readable record is compared with the digest in the signed one.")
    for path, entry in listed.items():
        found = members.digest(path)
        text = "The bytes are those that were reviewed."
        if found is None:
            text = "The file is missing."
        elif found != entry["sha256"]:
            text = "The bytes were changed after the release."
        result.say(path, found == entry["sha256"], text)
    leaving = {f"{FILES}{entry['name']}": entry["sha256"] for entry in payload["files"] if entry["leaves"]}
    same = leaving == {path: entry["sha256"] for path, entry in listed.items()}
    result.say("reviewed files", same, "The manifest holds exactly the files that were voted on.")


def _check_vetoes(result: Verification, payload: Mapping[str, Any]) -> None:
    """Records from before the veto hold none; where there are some, none may stand against what left."""
    if not payload.get("vetoes"):
        return
    standing = [
        veto["provider"]
        for veto in payload["vetoes"]
        if veto["state"] == VetoState.OPEN or (veto["same"] and veto["state"] in STANDING)
    ]
    said = f"Held by {', '.join(sorted(standing))}." if standing else "No provider's veto stands against these files."
    result.say("vetoes", not standing, said)


def _check_file(result: Verification, payload: Mapping[str, Any], entry: Mapping[str, Any]) -> None:
    name = entry["name"]
    binding = binding_of(name, entry["kind"], entry["sha256"], entry["sidecars"])
    result.say(f"{name}: binding", binding == entry["binding"], "Name, kind, bytes and sidecars belong together.")
    if FileKind(entry["kind"]) not in VOTABLE:
        return
    barred = {payload["author"], *payload["project_members"]}
    approvals = {
        vote["checker"]
        for vote in entry["votes"]
        if vote["choice"] == VoteChoice.APPROVED and vote["binding"] == binding and vote["checker"] not in barred
    }
    against = [vote for vote in entry["votes"] if vote["choice"] == VoteChoice.CHANGES_REQUESTED]
    need = payload["review"]["required_votes"]
    result.say(
        f"{name}: votes",
        len(approvals) >= need >= 1 and not against,
        f"{len(approvals)} of {need} approvals by people outside the project, on these bytes.",
    )
    check = entry["check"]
    policy = (check["policy"]["name"], check["policy"]["version"])
    evidence = evidence_digest(entry["sha256"], entry["sidecars"], check["status"], policy, check["findings"])
    result.say(
        f"{name}: checks",
        bool(check["complete"]) and evidence == check["evidence"],
        f"Checked under {policy[0]} {policy[1]}: {check['status']}.",
    )
    failing = {f["rule"] for f in check["findings"] if f["status"] == "fail"}
    if check["status"] == "fail" and not failing:
        failing = {"unreadable"}
    granted = {
        item["rule"]
        for item in entry["exceptions"]
        if item["state"] == ExceptionState.GRANTED and item["decided_by"] not in barred
    }
    result.say(
        f"{name}: exceptions",
        failing <= granted,
        f"{len(failing)} failing rules, each with an exception granted." if failing else "No rule fails.",
    )


@dataclass
class _Members:
    """The files of a bundle, in a zip or a folder, without unpacking anything."""

    folder: Path | None
    archive: zipfile.ZipFile | None

    @classmethod
    def open(cls, bundle: Path) -> _Members:
        try:
            opened = cls(bundle, None) if bundle.is_dir() else cls(None, zipfile.ZipFile(bundle))
        except (OSError, zipfile.BadZipFile) as problem:
            raise BadInput(
                "This is not a release bundle.", "Give the downloaded zip file or the folder it unpacks to."
            ) from problem
        if JSON_NAME not in opened.names():
            raise BadInput("The bundle holds no record.json.", "Download the bundle again from the portal.")
        return opened

    def names(self) -> set[str]:
        if self.archive is not None:
            return {info.filename for info in self.archive.infolist() if not info.is_dir()}
        folder = self._root()
        return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() or p.is_symlink()}

    def read(self, name: str) -> bytes:
        if self.archive is not None:
            if self.archive.getinfo(name).file_size > _MAX_RECORD:
                raise ValueError("too large")
            return self.archive.read(name)
        return (self._root() / name).read_bytes()

    def digest(self, name: str) -> str | None:
        if name not in self.names():
            return None
        try:
            return sha256_hex(self.read(name))
        except (zipfile.BadZipFile, ValueError, OSError, RuntimeError):
            return None

    def _root(self) -> Path:
        if self.folder is None:
            raise BadInput("This is not a release bundle.", "Give the downloaded zip file or its folder.")
        return self.folder
