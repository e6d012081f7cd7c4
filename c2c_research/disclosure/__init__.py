"""The disclosure engine: does a finished file say too much about a person or an employer?

One engine serves both sides. A researcher's own check in the sandbox and the enclave's check before review run the
same code on the same bytes with the same policy pack, so they cannot disagree; the enclave trusts only its own run.

Vocabulary. A *file* is read by a *reader* into a *document*: tables, prose, hidden content. Columns get a *role*
(key, count, rate …); a *context* (the sidecar) declares what a reader cannot know. A *rule* looks at a document and
returns *findings*; a *policy pack* says which rules hold, with which parameters. Statuses are ordered,
PASS < REVIEW < FAIL, and combine by `max`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from c2c_research.disclosure.answers import Answers
    from c2c_research.disclosure.engine import check_content, check_paths
    from c2c_research.disclosure.findings import CheckReport, FileReport, Finding, Status
    from c2c_research.disclosure.policy import load_pack, pack_names

__all__ = [
    "Answers",
    "CheckReport",
    "FileReport",
    "Finding",
    "Status",
    "check_content",
    "check_paths",
    "load_pack",
    "pack_names",
]

_HOMES = {
    "Answers": "answers",
    "check_content": "engine",
    "check_paths": "engine",
    "load_pack": "policy",
    "pack_names": "policy",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import c2c_research` stays quick."""
    if name not in __all__:
        raise AttributeError(name)
    from importlib import import_module

    module = import_module(f"{__name__}.{_HOMES.get(name, 'findings')}")
    return getattr(module, name)
