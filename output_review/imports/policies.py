"""Does the state, and what was found, allow it? Whoever asks.

what the checker says of a file               what follows
1  it cannot be read whole, hides something,  it does not come in: the import is returned by itself
   or is of a kind that nobody can read
2  identifiers of persons, rows of persons    whoever decides must say why it is right that they come in
3  no licence, or one that is not known here  the same
4  anything else (small counts, models …)     nothing: such rules are about what leaves
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from enclave.core.errors import BadInput, Conflict, TooMany
from output_review.imports.licences import question
from output_review.imports.model import ImportFile, ImportRequest
from output_review.imports.states import ImportKind
from output_review.policies import ReviewPolicy
from output_review.states import FindingStatus

NEVER = {
    "file_kind": "is of a kind that does not come in",
    "hidden_content": "hides something",
    "unreadable": "cannot be read whole",
}
EXPLAINED = {"identifier": "names persons", "unit_record": "holds rows of single persons"}
KEPT = frozenset({*NEVER, *EXPLAINED})
"""The rules of the engine that are about what comes in."""
LEAST_REASON = 10
_NEEDS_SOURCE = frozenset({ImportKind.PACKAGE_FILES, ImportKind.PUBLIC_DATA})


def check_editable(row: ImportRequest) -> None:
    if not row.editable:
        raise Conflict(
            "An import changes only while it is a draft or returned.",
            "Withdraw it and start a new one, or ask whoever reads it to return it.",
        )


def check_size(policy: ReviewPolicy, row: ImportRequest, name: str, size: int) -> None:
    """TooMany when the file makes the import too large."""
    others = [file for file in row.files if file.name != name]
    if len(others) + 1 > policy.max_files:
        raise TooMany(f"An import has at most {policy.max_files} files.", "Make a second import for the rest.")
    if sum(file.size for file in others) + size > policy.max_request_bytes:
        raise TooMany(
            f"An import holds at most {policy.max_request_bytes // 2**20} MB.", "Make a second import for the rest."
        )


def check_can_submit(row: ImportRequest) -> None:
    """There must be files, and a source where somebody else made them; a licence is asked for, not demanded."""
    if not row.files:
        raise Conflict("The import has no files.", "Add the files first.")
    if ImportKind(row.kind) in _NEEDS_SOURCE and not row.source:
        raise Conflict("The import names no source.", "Write the web address where these files are published.")
    if bad := list(barriers(row)):
        raise Conflict(f"It cannot come in: {'; '.join(bad)}.", "Replace or remove these files, then submit it again.")


def barriers(row: ImportRequest) -> Iterator[str]:
    """Case 1 of the table, in words: files that do not come in, whoever decides."""
    for file in row.files:
        rules = {str(each["rule"]) for each in file.failing(NEVER)}
        yield from (f"{file.name} {NEVER[rule]}" for rule in sorted(rules))


def open_points(row: ImportRequest) -> list[str]:
    """Cases 2 and 3 of the table, in words: what an approval has to answer with a reason."""
    points = [
        f"{file.name} {EXPLAINED[rule]}"
        for file in row.files
        for rule in sorted({str(each["rule"]) for each in file.failing(EXPLAINED)})
    ]
    asked = question(row.licence)
    return [*points, asked] if asked else points


def holds_data(row: ImportRequest) -> bool:
    """Whether this is data, by its kind or by what the checker found in it."""
    return ImportKind(row.kind) is ImportKind.PUBLIC_DATA or any(
        file.failing({"unit_record": EXPLAINED["unit_record"]}) for file in row.files
    )


def check_can_approve(row: ImportRequest, digest: str, reason: str) -> None:
    """What was read must be what stands, every file checked on its bytes, and open points answered."""
    if digest != row.content:
        raise Conflict("The import has changed since you read it.", "Reload the page and read it again.")
    if not all(file.checked for file in row.files):
        raise Conflict("Not every file is checked.", "Wait for the checker; the checks are repeated by themselves.")
    if bad := list(barriers(row)):
        raise Conflict(f"It cannot come in: {'; '.join(bad)}.", "Return it and say what helps.")
    if open_points(row) and len(reason.strip()) < LEAST_REASON:
        raise BadInput(
            "Something about this import is open, so an approval needs a reason.",
            "Say in a sentence why it is right that it comes in: what you read at the source, whose names these are.",
        )


def check_reason(reason: str) -> str:
    """A return or a refusal in a sentence that the other side can act on."""
    text = reason.strip()
    if len(text) < LEAST_REASON:
        raise BadInput("This needs a reason.", "Say in a sentence what is wrong and what would help.")
    return text[:2000]


def worst_status(files: list[ImportFile]) -> FindingStatus:
    """The worst of all files; a file that is not checked is REVIEW at least."""
    return FindingStatus.worst([FindingStatus.parse(file.status) for file in files])


def kept(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The findings that are about what comes in (case 4 left out)."""
    return [each for each in findings if each["rule"] in KEPT]
