"""Outputs on their way out: collect files, check them here, submit them for review, follow them.

A file leaves the sandbox only through review. The enclave checks again with the same engine and trusts its own run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from c2c_research import _http
from c2c_research.errors import BadUse
from c2c_research.wire import ReleaseSummary

if TYPE_CHECKING:
    from c2c_research.disclosure.findings import CheckReport


@dataclass
class _Basket:
    """Files that wait to be submitted, with the sidecar's text of each."""

    files: dict[Path, str] = field(default_factory=dict)


_basket = _Basket()


def add(path: str | Path, context: Mapping[str, Any] | str | None = None) -> Path:
    """Put a file into the next submission. `context` is its sidecar; one beside the file is found by itself."""
    target = Path(path).resolve()
    if not target.is_file():
        raise BadUse(f"There is no file {path}.", "Save the output first.")
    _basket.files[target] = _context_text(target, context)
    return target


def waiting() -> list[Path]:
    """The files that `add` collected."""
    return list(_basket.files)


def clear() -> None:
    """Empty the next submission."""
    _basket.files.clear()


def check(policy: str = "enclave-default") -> CheckReport:
    """Check the collected files as the enclave will."""
    from c2c_research.disclosure.engine import check_content, unchecked_rules
    from c2c_research.disclosure.findings import CheckReport
    from c2c_research.disclosure.policy import load_pack

    pack = load_pack(policy)
    reports = tuple(
        check_content(path.name, path.read_bytes(), pack, context, _evidence_text(path))
        for path, context in _collected().items()
    )
    return CheckReport(pack.name, pack.version, reports, unchecked_rules(pack))


def submit(title: str, context: str = "") -> ReleaseSummary:
    """Send the collected files to output review as one request; returns its id and state.

    `context` says in words what the outputs are for. Two files of one name cannot go together. After success the
    collection is empty.
    """
    collected = _collected()
    if not title.strip():
        raise BadUse("A request needs a title.", 'Say what the outputs are: submit(title="Graduation by county").')
    names = [path.name for path in collected]
    if len(set(names)) < len(names):
        raise BadUse("Two files have the same name.", "Rename one of them.")
    contexts = {path.name: text for path, text in collected.items() if text}
    evidence = {path.name: text for path in collected if (text := _evidence_text(path))}
    fields = [("title", title), ("context", context)]
    fields += [("contexts", json.dumps(contexts)), ("evidence", json.dumps(evidence))]
    files = [_http.Upload("files", path.name, path.read_bytes()) for path in collected]
    answer = ReleaseSummary.from_json(_http.post_form("/outputs", fields, files))
    clear()
    return answer


def status(release: str | None = None) -> list[ReleaseSummary]:
    """The project's release requests as their author sees them; or one of them."""
    found = [ReleaseSummary.from_json(item) for item in _http.get("/outputs") or ()]
    if release is None:
        return found
    return [item for item in found if item.id == release]


def _collected() -> dict[Path, str]:
    if not _basket.files:
        raise BadUse("No file is collected yet.", "Use `c2c.outputs.add(path)` first.")
    return _basket.files


def _context_text(target: Path, context: Mapping[str, Any] | str | None) -> str:
    if isinstance(context, str):
        return context
    if context is not None:
        import yaml

        return str(yaml.safe_dump({"table": target.name, **context}, sort_keys=False))
    beside = target.with_name(f"{target.stem}.context.yaml")
    return beside.read_text(encoding="utf-8") if beside.is_file() else ""


def _evidence_text(path: Path) -> str:
    beside = path.with_name(f"{path.stem}.evidence.json")
    return beside.read_text(encoding="utf-8") if beside.is_file() else ""
