"""Where contributions lie in the vault, and their state files.

`contributions/<provider>/<year>/<contribution>/` holds `identity.parquet`, `attributes/<table>.parquet`,
`manifest.json`, `report.json`, `set_aside/<table>.parquet` and `state.json`. A contribution in the making lies in
`.incoming/` beside it and takes its final name in one step.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from enclave.contributions.events import EventFolder, event_id_after
from enclave.contributions.states import EVENTS, ContributionState, check_move
from enclave.core.errors import Conflict
from enclave.core.files import write_atomic


@dataclass
class Step:
    """One arrival in a state, and whether the application was told."""

    state: ContributionState
    at: str
    event_id: str
    counts: dict[str, Any] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    told: bool = False


@dataclass
class Contribution:
    """One contribution: its folder and its way so far."""

    id: str
    provider: str
    year: int
    folder: Path
    steps: list[Step]

    @property
    def state(self) -> ContributionState:
        return self.steps[-1].state

    @property
    def identity(self) -> Path:
        """The identity records: one row a source person record."""
        return self.folder / "identity.parquet"

    def attributes(self, table: str) -> Path:
        """The rows of one table, by record id, without identity."""
        return self.folder / "attributes" / f"{table}.parquet"

    @property
    def manifest(self) -> Path:
        return self.folder / "manifest.json"

    @property
    def report(self) -> dict[str, Any]:
        """The validation report; it holds no values."""
        content: dict[str, Any] = json.loads((self.folder / "report.json").read_bytes())
        return content

    def arrive(self, state: ContributionState, now: datetime, counts: dict[str, Any], digests: dict[str, str]) -> None:
        """Move to `state`; `save` writes it down and `tell` tells of it."""
        previous = ""
        if self.steps:
            check_move(self.state, state)
            previous = self.steps[-1].event_id
        self.steps.append(Step(state, now.isoformat(), event_id_after(previous), counts, digests))

    def save(self) -> None:
        """Write all steps down at once."""
        content = {
            "id": self.id, "provider": self.provider, "year": self.year, "state": self.state,
            "steps": [vars(step) for step in self.steps],
        }  # fmt: skip
        write_atomic(self.folder / "state.json", json.dumps(content, indent=2).encode())

    def tell(self, events: EventFolder) -> None:
        """Tell the application of every step that it was not told of."""
        for step in self.steps:
            if not step.told:
                events.tell(step.event_id, {
                    "type": EVENTS[step.state], "subject": self.id, "provider": self.provider, "year": self.year,
                    "counts": step.counts, "digests": step.digests,
                })  # fmt: skip
                step.told = True
                self.save()


class ContributionStore:
    """The contributions folder of a vault."""

    def __init__(self, vault: Path) -> None:
        self.root = vault / "contributions"

    def folder(self, provider: str, year: int) -> Path:
        return self.root / provider / str(year)

    def incoming(self, provider: str, year: int) -> Path:
        return self.folder(provider, year) / ".incoming"

    def load(self, folder: Path) -> Contribution:
        """The contribution in a folder."""
        content = json.loads((folder / "state.json").read_bytes())
        steps = [Step(**{**step, "state": ContributionState(step["state"])}) for step in content["steps"]]
        return Contribution(content["id"], content["provider"], content["year"], folder, steps)

    def find(self, provider: str, year: int, contribution_id: str) -> Contribution | None:
        """A finished contribution, whatever its state."""
        folder = self.folder(provider, year) / contribution_id
        return self.load(folder) if (folder / "state.json").exists() else None

    def all(self, provider: str, year: int) -> list[Contribution]:
        """All finished contributions of a provider-year, in the order of their first steps."""
        folders = [path.parent for path in self.folder(provider, year).glob("con_*/state.json")]
        return sorted((self.load(folder) for folder in folders), key=lambda each: each.steps[0].event_id)

    def accepted(self, year: int) -> dict[str, Contribution]:
        """Provider → its accepted contribution of a year: what the match and the edition work on."""
        found: dict[str, Contribution] = {}
        for provider in sorted(path.name for path in self.root.glob("*") if path.is_dir()):
            for contribution in self.all(provider, year):
                if contribution.state is ContributionState.ACCEPTED:
                    found[provider] = contribution
        return found

    @contextmanager
    def lock(self, provider: str) -> Iterator[None]:
        """One intake a provider at a time; the lock goes with the process that holds it."""
        (self.root / provider).mkdir(parents=True, exist_ok=True)
        with (self.root / provider / ".lock").open("w") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Conflict("Another intake of this provider is at work.", "Wait until it ends.") from None
            yield
