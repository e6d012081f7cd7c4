"""The one engine: check bytes, files and folders against a policy pack.

`check_content` never raises because of what a file contains: a refused kind is a finding, and so is a crash of a
reader or a rule (REVIEW, never PASS). It has no limits of its own on time and memory; the checker service adds those
by running it in a child process.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

from c2c_research.disclosure import readers, rules
from c2c_research.disclosure.answers import Answers, answered
from c2c_research.disclosure.context import BadContext, Context, parse_context
from c2c_research.disclosure.document import Document, RefusedKind, Unreadable
from c2c_research.disclosure.findings import CheckReport, FileReport, Finding, Question, Status
from c2c_research.disclosure.policy import DEFAULT_PACK, Policy, load_pack
from c2c_research.disclosure.questions import questions_about
from c2c_research.disclosure.request import RequestFindings, check_request
from c2c_research.disclosure.sessions import Session, evidence_against, folder_of, sessions_among, unsaid
from c2c_research.disclosure.statements import Statement, StatementSet, statements_of
from c2c_research.disclosure.tables import Table

CONTEXT_SUFFIX = ".context.yaml"
EVIDENCE_SUFFIX = ".evidence.json"
_BESIDE = (CONTEXT_SUFFIX, EVIDENCE_SUFFIX, ".receipt.json", ".contributors.bin")


def check_paths(
    paths: Iterable[str | Path],
    policy: str | Policy = DEFAULT_PACK,
    released: Path | Sequence[StatementSet] | None = None,
) -> CheckReport:
    """Check files; a folder stands for all files in it, which form one request.

    Sidecars and evidence beside a table are read with it and are no files of their own. All files are also checked
    together, and with `released`: a folder that holds one folder a release, or the files of one release side by side;
    or statement sets that stand for them.
    Raises FileNotFoundError for a path that does not exist. Nothing is written.
    """
    pack = load_pack(policy) if isinstance(policy, str) else policy
    files = list(given_paths(paths))
    checked = [_check_file(path, shown, pack) for path, shown in files]
    real = [str(path) for path, _ in files if not path.is_symlink()]
    sessions = sessions_among(real, lambda name: Path(name).read_bytes())
    examined = [
        _with_session(each, sessions.get(folder_of(str(path))) if str(path) in real else None, path.read_bytes, pack)
        for each, (path, _) in zip(checked, files, strict=True)
    ]
    before = released_statements(released) if isinstance(released, Path) else released or []
    return whole_request(examined, before, pack)


def whole_request(examined: Sequence[Examined], released: Sequence[StatementSet], policy: Policy) -> CheckReport:
    """The report on a request: each file's own findings, then what its files say together and with what is released.

    A crash of the comparison is a REVIEW finding on every file, never a PASS.
    """
    together = RequestFindings()
    try:
        together = check_request([each.statements for each in examined], released, policy)
    except (Exception, RecursionError):
        for each in examined:
            together.findings[each.report.path] = [crash_finding("The files could not be compared with each other.")]
    reports = tuple(
        replace(
            each.report.with_findings(together.findings.get(each.report.path, ())),
            questions=(*each.report.questions, *together.questions.get(each.report.path, ())),
        )
        for each in examined
    )
    return CheckReport(policy.name, policy.version, reports, unchecked_rules(policy))


def given_files(paths: Iterable[str | Path]) -> Iterator[tuple[str, bytes, str, str]]:
    """(path, bytes, sidecar, evidence) of the files that `check_paths` would check; links are left out."""
    for path, shown in given_paths(paths):
        if not path.is_symlink():
            yield shown, path.read_bytes(), _beside(path, CONTEXT_SUFFIX), _beside(path, EVIDENCE_SUFFIX)


def released_statements(folder: Path) -> list[StatementSet]:
    """What the files of earlier releases say. Files of which we read no table say nothing here."""
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder}.")
    sets = []
    for path, shown in given_paths([folder]):
        inside, _, rest = shown.partition("/")
        release, name = (inside, rest) if rest else (folder.resolve().name or "released", shown)
        if not path.is_symlink():
            sets.append(StatementSet(name, statements_of_file(path), release))
    return [each for each in sets if each.statements]


def statements_of_file(path: Path) -> tuple[Statement, ...]:
    """What a file on disk says in numbers, with its sidecar beside it."""
    return statements_in(path.name, path.read_bytes(), _beside(path, CONTEXT_SUFFIX), _beside(path, EVIDENCE_SUFFIX))


def statements_in(name: str, content: bytes, context: str = "", evidence: str = "") -> tuple[Statement, ...]:
    """What a finished file says in numbers; nothing where it cannot be read."""
    try:
        sidecar = parse_context(context, evidence) if context.strip() or evidence.strip() else Context()
    except BadContext:
        sidecar = Context()
    try:
        return statements_of(readers.read(name, content).with_context(sidecar))
    except (Exception, RecursionError):
        return ()


@dataclass(frozen=True)
class Examined:
    """One file's own report, and what the file says in numbers."""

    report: FileReport
    statements: StatementSet


def unchecked_rules(policy: Policy) -> tuple[str, ...]:
    """Rules of a pack that no code enforces yet."""
    return tuple(rule.kind for rule in policy.rules if not rules.implemented(rule.kind))


def check_content(
    name: str,
    content: bytes,
    policy: str | Policy = DEFAULT_PACK,
    context: str = "",
    evidence: str = "",
    answers: Answers | None = None,
) -> FileReport:
    """Check one file's bytes, with its sidecar's YAML and its evidence's JSON where there are any.

    `answers` is what the author said about columns before; what is answered is not asked again.
    """
    return examine(name, content, policy, context, evidence, answers).report


def examine(
    name: str,
    content: bytes,
    policy: str | Policy = DEFAULT_PACK,
    context: str = "",
    evidence: str = "",
    answers: Answers | None = None,
) -> Examined:
    """The same, with the file's statements, which a check of the whole request needs."""
    pack = load_pack(policy) if isinstance(policy, str) else policy
    findings: list[Finding] = []
    questions: tuple[Question, ...] = ()
    statements: tuple[Statement, ...] = ()
    known = answers or Answers()
    sidecar = answered(_context(context, evidence, findings), known, name)
    document = _document(name, content, pack, findings)
    if document is not None:
        document = document.with_context(sidecar)
        findings.extend(_apply(document, pack))
        findings.extend(crash_finding(sentence) for sentence in document.unread)
        questions = known.open(name, _questions(document, pack))
        statements = _statements(document, findings)
    kind = document.kind if document is not None else readers.kind_of(name)
    report = FileReport(name, hashlib.sha256(content).hexdigest(), kind, tuple(findings), questions)
    return Examined(report, StatementSet(name, statements))


def _statements(document: Document, findings: list[Finding]) -> tuple[Statement, ...]:
    try:
        return statements_of(document)
    except (Exception, RecursionError):
        findings.append(crash_finding("The file's tables could not be prepared for comparison with others."))
        return ()


def crash_finding(what: str) -> Finding:
    """The finding that stands for a check that did not come to its end."""
    advice = "A reviewer has to look at the file; saving it in a simpler form, as CSV, usually helps."
    return Finding("unreadable", Status.REVIEW, f"{what} {advice}")


def _context(context: str, evidence: str, findings: list[Finding]) -> Context:
    try:
        return parse_context(context, evidence) if context.strip() or evidence.strip() else Context()
    except BadContext as problem:
        findings.append(Finding("unreadable", Status.REVIEW, f"The sidecar was not used. {problem}"))
        return Context()


def _document(name: str, content: bytes, pack: Policy, findings: list[Finding]) -> Document | None:
    try:
        return readers.read(name, content)
    except RefusedKind as refusal:
        findings.append(Finding("file_kind", Status.FAIL, f"{refusal} {_sentence(pack, 'file_kind')}".strip()))
    except Unreadable as refusal:
        findings.append(Finding("unreadable", Status.FAIL, f"{refusal} {_sentence(pack, 'unreadable')}".strip()))
    except (Exception, RecursionError):
        findings.append(crash_finding("The file could not be read to its end."))
    return None


def _sentence(pack: Policy, kind: str) -> str:
    rule = pack.rule(kind)
    return rule.sentence if rule else ""


def _apply(document: Document, pack: Policy) -> Iterator[Finding]:
    reshaped = {table.where: table for table in document.tables if table.reshaped}
    for rule in pack.rules:
        if rule.kind not in rules.MODULES:
            continue
        try:
            for finding in list(rules.check_of(rule.kind)(document, rule, pack)):
                told = replace(finding, status=Status.PASS) if pack.advises(finding.rule) else finding
                yield _in_the_file(told, reshaped.get(finding.where))
        except (Exception, RecursionError):
            stopped = crash_finding(f"The rule {rule.kind} could not be applied to the whole file.")
            yield Finding(rule.kind, Status.REVIEW, stopped.message)


def _in_the_file(finding: Finding, table: Table | None) -> Finding:
    """Name the file's cells where the rules saw a table turned round or with split columns."""
    if table is None or not finding.cells:
        return finding
    places = {table.place(cell) for cell in finding.cells}
    return replace(finding, cells=tuple(sorted(place for place in places if place is not None)))


def _questions(document: Document, pack: Policy) -> tuple[Question, ...]:
    try:
        return tuple(questions_about(document, pack))
    except (Exception, RecursionError):
        return ()


def given_paths(paths: Iterable[str | Path]) -> Iterator[tuple[Path, str]]:
    """The files to be checked, each with its name in the request; sidecars beside a table are none."""
    for given in paths:
        path = Path(given)
        if path.is_dir():
            for inner in sorted(item for item in path.rglob("*") if item.is_file() or item.is_symlink()):
                if not _belongs_to_a_table(inner):
                    yield inner, str(inner.relative_to(path))
        elif path.exists():
            yield path, path.name
        else:
            raise FileNotFoundError(f"There is no file {path}.")


def _belongs_to_a_table(path: Path) -> bool:
    """Is this a sidecar of a file beside it? Named after the file, with or without its ending."""
    suffix = next((suffix for suffix in _BESIDE if path.name.endswith(suffix)), None)
    if suffix is None:
        return False
    stem = path.name.removesuffix(suffix)
    others = (other.name for other in path.parent.iterdir() if other.is_file() and not other.name.endswith(_BESIDE))
    return any(stem in (name, Path(name).stem) for name in others)


def _beside(path: Path, suffix: str) -> str:
    for name in (path.name + suffix, path.stem + suffix):
        candidate = path.with_name(name)
        if candidate.is_file() and not candidate.is_symlink():
            return candidate.read_text(encoding="utf-8", errors="replace")
    return ""


def _check_file(path: Path, shown: str, pack: Policy) -> Examined:
    if path.is_symlink():
        refusal = Finding("file_kind", Status.FAIL, "A link is no file of its own; copy the file instead.")
        report = FileReport(shown, hashlib.sha256(b"").hexdigest(), "other", (refusal,))
        return Examined(report, StatementSet(shown))
    texts = (_beside(path, CONTEXT_SUFFIX), _beside(path, EVIDENCE_SUFFIX))
    return renamed(examine(path.name, path.read_bytes(), pack, *texts), shown)


def with_sessions(examined: Sequence[Examined], content: Mapping[str, bytes], policy: Policy) -> list[Examined]:
    """Add what ACRO sessions among the files (path → bytes) say against them."""
    sessions = sessions_among(content, content.__getitem__)
    return [
        _with_session(each, sessions.get(folder_of(path)), partial(content.__getitem__, path), policy)
        for each in examined
        for path in (each.report.path,)
    ]


def _with_session(examined: Examined, session: Session | None, read: Callable[[], bytes], policy: Policy) -> Examined:
    """Add what the session of a file's folder says against it."""
    if session is None:
        return examined
    try:
        found = list(evidence_against(session, PurePosixPath(examined.report.path).name, read(), policy))
    except (Exception, RecursionError):
        found = [crash_finding("What the session says of this file could not be read.")]
    return replace(examined, report=examined.report.with_findings(unsaid(found, examined.report.findings)))


def renamed(examined: Examined, path: str) -> Examined:
    """The same file under the path that it has in its request."""
    return Examined(replace(examined.report, path=path), replace(examined.statements, path=path))
