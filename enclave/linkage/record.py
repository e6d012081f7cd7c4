"""The file that says what became of a year's match run."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from enclave.core.errors import NotFound
from enclave.core.files import write_atomic
from enclave.linkage.folder import MatchFolder
from enclave.linkage.states import MatchRunState, check_move


@dataclass(frozen=True)
class MatchRun:
    """One match run: who ran it, on which contributions, with which model, and how far it is."""

    id: str
    year: int
    state: MatchRunState
    runner: str
    full: bool
    started_at: str
    model: str = ""
    model_version: str = ""
    contributions: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    accepted_by: str = ""
    accepted_at: str = ""
    edition: str = ""

    def moved(self, target: MatchRunState, **changes: Any) -> MatchRun:
        """The run in another state; Conflict where the lifecycle does not know the move."""
        check_move(self.state, target)
        return replace(self, state=target, **changes)

    def save(self, folder: MatchFolder) -> None:
        path = folder.run_file(self.year)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, json.dumps(asdict(self), indent=1, sort_keys=True).encode())


def find(folder: MatchFolder, year: int) -> MatchRun | None:
    """The latest run of a year, if there is one."""
    path = folder.run_file(year)
    if not path.is_file():
        return None
    stored = json.loads(path.read_text())
    return MatchRun(**stored | {"state": MatchRunState(stored["state"])})


def get(folder: MatchFolder, year: int) -> MatchRun:
    """The latest run of a year; NotFound where there is none."""
    run = find(folder, year)
    if run is None:
        raise NotFound(f"There is no match run of {year}.", f"Start one: c2c vault match run --year {year}")
    return run
