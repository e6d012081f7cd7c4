"""Outputs on their way out: collect files, check them here, submit them for review, follow them.

A file leaves the sandbox only through review. The enclave checks again with the same engine and trusts its own run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from c2c_research import _http
from c2c_research.errors import BadUse, NotInSandbox
from c2c_research.wire import ReleaseSummary

if TYPE_CHECKING:
    from c2c_research.disclosure.findings import CheckReport
    from c2c_research.disclosure.statements import StatementSet

_DECLARED = (".evidence.json", ".receipt.json")


@dataclass
class _Basket:
    """Files that wait to be submitted, with the sidecar's text of each, and the names of those from a folder."""

    files: dict[Path, str] = field(default_factory=dict)
    names: dict[Path, str] = field(default_factory=dict)


_basket = _Basket()


def add(path: str | Path, context: Mapping[str, Any] | str | None = None) -> Path:
    """Put a file into the next submission. `context` is its sidecar; one beside the file is found by itself.

    A folder stands for all its files, under their names in it: so an ACRO session goes whole, with its checksums. The
    table of a figure that the library saved goes with it.
    """
    target = Path(path).resolve()
    if target.is_dir() and context is None:
        for inner, name in _inside(target):
            _basket.files[inner], _basket.names[inner] = _context_text(inner, None), name
        return target
    if not target.is_file():
        raise BadUse(f"There is no file {path}.", "Save the output first.")
    _basket.files[target] = _context_text(target, context)
    behind = target.with_name(f"{target.stem}.table.csv")
    if target.suffix.lower() in (".svg", ".png") and behind.is_file():
        _basket.files[behind] = _context_text(behind, None)
    return target


def waiting() -> list[Path]:
    """The files that `add` collected."""
    return list(_basket.files)


def clear() -> None:
    """Empty the next submission."""
    _basket.files.clear()
    _basket.names.clear()


def check(policy: str = "") -> CheckReport:
    """Check the collected files as the enclave will: each, all together, and with what the project has released.

    `policy` names another pack than the one in force.
    """
    from c2c_research.disclosure.engine import examine, renamed, whole_request, with_sessions
    from c2c_research.disclosure.policy import load_pack

    standing = _standing()
    pack = load_pack(policy or standing.get("pack") or "enclave-default")
    collected = _collected()
    examined = [
        renamed(examine(path.name, path.read_bytes(), pack, context, _beside(path, ".evidence.json")), _name(path))
        for path, context in collected.items()
    ]
    told = with_sessions(examined, {_name(path): path.read_bytes() for path in collected}, pack)
    return whole_request(told, _sets(standing), pack)


def repair(folder: str | Path, policy: str = "enclave-default") -> list[Path]:
    """Write what repairs the collected files into a folder: only files that pass the check; best first for each."""
    from c2c_research.disclosure.repairs import write_repairs

    files = (
        (path.name, path.read_bytes(), context, _beside(path, ".evidence.json"))
        for path, context in _collected().items()
    )
    return [path for _, _, path in write_repairs(files, Path(folder), policy)]


def released() -> list[StatementSet]:
    """What the project's own releases say in numbers, and totals that are known; empty outside a sandbox."""
    return _sets(_standing())


def _standing() -> dict[str, Any]:
    """What was released and which pack is in force, as the enclave says; nothing outside a sandbox."""
    try:
        return dict(_http.get("/outputs/released-statements"))
    except NotInSandbox:
        return {}


def _sets(standing: Mapping[str, Any]) -> list[StatementSet]:
    from c2c_research.disclosure.statements import StatementSet

    return [StatementSet.from_json(item) for item in standing.get("sets", ())]


def templates() -> list[dict[str, Any]]:
    """The kinds of request: `name`, `title`, the `endings` of files that leave under it, and its `questions`."""
    return list(_http.get("/outputs/templates"))


def submit(
    title: str, purpose: str = "", *, public: bool = False, template: str = "", answers: Mapping[str, str] | None = None
) -> ReleaseSummary:
    """Send the collected files to output review as one request; returns its id and state.

    `purpose` says in words what the outputs are for; `public` asks for a public release. `template` is a kind of
    request and `answers` what you say to its questions by their keys; `templates()` lists both. Where a file does not
    pass, the request stays a draft: `next_step` of the answer says what to do. Afterwards the collection is empty.
    """
    collected = _collected()
    if not title.strip():
        raise BadUse("A request needs a title.", 'Say what the outputs are: submit(title="Graduation by county").')
    names = [_name(path) for path in collected]
    if len(set(names)) < len(names):
        raise BadUse("Two files have the same name.", "Rename one of them.")
    fields = [("title", title), ("purpose", purpose), ("public", str(public).lower()), ("submit", "true")]
    if template or answers:
        fields += [("template", template), ("answers", json.dumps(dict(answers or {})))]
    files = [_http.Upload("files", _name(path), path.read_bytes()) for path in collected]
    answer = ReleaseSummary.from_json(_http.post_form("/outputs", fields, [*files, *_sidecars(collected)]))
    clear()
    return answer


def status(release: str | None = None) -> list[ReleaseSummary]:
    """The project's release requests, newest first; or the one with this id."""
    if release is not None:
        return [ReleaseSummary.from_json(_http.get(f"/outputs/{quote(release, safe='')}"))]
    return [ReleaseSummary.from_json(item) for item in _http.get("/outputs")["releases"]]


def repairs(release: str, file: str) -> list[dict[str, Any]]:
    """Repairs of a file of one's draft that pass the check: `id`, `kind`, `changed` and the `cells` that change."""
    return list(_http.post(f"/outputs/{quote(release, safe='')}/repairs", {"file": file}))


def take_repair(release: str, repair: str) -> ReleaseSummary:
    """Put a repaired file in the place of the file; the request is checked again."""
    return _repair(release, repair, "take")


def undo_repair(release: str, repair: str) -> ReleaseSummary:
    """Put the file as it was back, until the request is submitted."""
    return _repair(release, repair, "undo")


def _repair(release: str, repair: str, act: str) -> ReleaseSummary:
    path = f"/outputs/{quote(release, safe='')}/repairs/{quote(repair, safe='')}/{act}"
    return ReleaseSummary.from_json(_http.post(path, {}))


def _collected() -> dict[Path, str]:
    if not _basket.files:
        raise BadUse("No file is collected yet.", "Use `c2c.outputs.add(path)` first.")
    return _basket.files


def _name(path: Path) -> str:
    """The name of a collected file in its request."""
    return _basket.names.get(path, path.name)


def _inside(folder: Path) -> Iterator[tuple[Path, str]]:
    """The files of a folder with their names in it; sidecars and links are no files of their own."""
    from c2c_research.disclosure.engine import given_paths

    for path, name in given_paths([folder]):
        if not path.is_symlink():
            yield path, name


def _sidecars(collected: dict[Path, str]) -> Iterator[_http.Upload]:
    """What travels with each file, named after the whole file name, so that t1.csv and t1.md keep their own."""
    for path, context in collected.items():
        texts = {".context.yaml": context, **{suffix: _beside(path, suffix) for suffix in _DECLARED}}
        for suffix, text in texts.items():
            if text:
                yield _http.Upload("sidecars", f"{_name(path)}{suffix}", text.encode())
        sealed = path.with_name(f"{path.stem}.contributors.bin")
        if sealed.is_file():
            yield _http.Upload("sidecars", f"{_name(path)}.contributors.bin", sealed.read_bytes())


def _context_text(target: Path, context: Mapping[str, Any] | str | None) -> str:
    if isinstance(context, str):
        return context
    if context is not None:
        import yaml

        return str(yaml.safe_dump({"table": target.name, **context}, sort_keys=False))
    return _beside(target, ".context.yaml")


def _beside(path: Path, suffix: str) -> str:
    """The text of `t1.csv.suffix`, else of `t1.suffix`; '' where there is neither."""
    for beside in (path.with_name(path.name + suffix), path.with_name(path.stem + suffix)):
        if beside.is_file():
            return beside.read_text(encoding="utf-8")
    return ""
