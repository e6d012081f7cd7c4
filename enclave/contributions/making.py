"""Making one contribution: in a folder of its own beside the finished ones, which it joins in one step."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from enclave.contributions.delivery import Delivery
from enclave.contributions.finishing import FinishedTable, finish_table
from enclave.contributions.reading import UnreadableFile
from enclave.contributions.schema import ProviderSchema
from enclave.contributions.staging import StagedTable, StagingFolder, stage
from enclave.contributions.states import ContributionState
from enclave.contributions.store import Contribution
from enclave.core.clock import Clock
from enclave.core.digests import sha256_file
from enclave.core.files import replace_dir_atomic, write_atomic
from enclave.core.signing import SigningKey, seal

SET_ASIDE_LIMIT = 0.01
"""The largest share of a file's rows that may be set aside."""
MANIFEST_KIND = "contribution.manifest"


@dataclass
class Making:
    """A contribution on its way: what came, what was found, what was written."""

    contribution: Contribution
    delivery: Delivery
    schema: ProviderSchema
    headers: Mapping[str, list[str]]
    problems: list[str]
    staged: dict[str, StagedTable] = field(default_factory=dict)
    finished: dict[str, FinishedTable] = field(default_factory=dict)

    @property
    def place(self) -> StagingFolder:
        return StagingFolder(self.contribution.folder / "staging")


def validate(making: Making) -> None:
    """Read, judge and part all files; what is wrong ends in `problems`."""
    making.place.folder.mkdir(exist_ok=True)
    for table in (making.schema.roster, *making.schema.attribute_tables):
        if making.problems:
            return
        if table.name not in making.headers:
            continue
        header, delivered = making.headers[table.name], making.delivery.files[table.name]
        try:
            staged = stage(delivered, table, header, making.place)
        except UnreadableFile as problem:
            making.problems.append(f"{delivered.path.name}: {problem}")
            return
        making.staged[table.name] = staged
        making.finished[table.name] = finish_table(table, header, staged, making.place, making.contribution.folder)
    making.problems += [problem for staged in making.staged.values() for problem in _too_many_bad(staged)]


def _too_many_bad(staged: StagedTable) -> list[str]:
    if not staged.rows:
        return [f"{staged.file}: holds no rows."]
    if staged.set_aside / staged.rows <= SET_ASIDE_LIMIT:
        return []
    return [
        f"{staged.file}: {staged.set_aside:,} of {staged.rows:,} rows are bad; "
        f"at most {SET_ASIDE_LIMIT:.0%} may be set aside."
    ]


def conclude(making: Making, key: SigningKey, clock: Clock) -> None:
    """Write report and manifest, and decide."""
    contribution, folder = making.contribution, making.contribution.folder
    verdict = ContributionState.REJECTED if making.problems else ContributionState.ACCEPTED
    if verdict is ContributionState.REJECTED:
        making.finished.clear()
        (folder / "identity.parquet").unlink(missing_ok=True)
        shutil.rmtree(folder / "attributes", ignore_errors=True)
    shutil.rmtree(making.place.folder, ignore_errors=True)
    write_atomic(folder / "report.json", json.dumps(_report(making, verdict), indent=2).encode())
    manifest = json.dumps(seal(MANIFEST_KIND, _manifest(making), key, clock), indent=2).encode()
    write_atomic(contribution.manifest, manifest)
    digests = {"manifest": sha256_file(contribution.manifest), "report": sha256_file(folder / "report.json")}
    steps = [verdict] if making.problems else [ContributionState.VALIDATED, ContributionState.ACCEPTED]
    for state in steps:
        contribution.arrive(state, clock.now(), _counts(making), digests)
    contribution.save()


def place(contribution: Contribution) -> None:
    """Give the folder of a concluded contribution its final name."""
    final = contribution.folder.parent.parent / contribution.id
    replace_dir_atomic(contribution.folder, final)
    contribution.folder = final


def _counts(making: Making) -> dict[str, Any]:
    roster = making.finished.get(making.schema.roster.name)
    return {
        "rows": sum(staged.rows for staged in making.staged.values()),
        "set_aside": sum(staged.set_aside for staged in making.staged.values()),
        "person_records": roster.rows if roster else 0,
        "problems": len(making.problems),
    }


def _report(making: Making, verdict: ContributionState) -> dict[str, Any]:
    """The validation report: lines, columns and rules; never a value."""
    return {
        "contribution": making.contribution.id,
        "provider": making.delivery.provider,
        "year": making.delivery.year,
        "verdict": verdict.value,
        "problems": making.problems,
        "tables": [
            {**asdict(staged), "accepted": staged.rows - staged.set_aside,
             "share_set_aside": round(staged.set_aside / staged.rows, 6) if staged.rows else 0.0}
            for staged in making.staged.values()
        ],
    }  # fmt: skip


def _manifest(making: Making) -> dict[str, Any]:
    folder = making.contribution.folder
    return {
        "contribution": making.contribution.id,
        "provider": making.delivery.provider,
        "year": making.delivery.year,
        "delivered": {
            each.path.name: {"sha256": each.sha256, "bytes": each.size} for each in making.delivery.files.values()
        },
        "files": {
            str(table.path.relative_to(folder)): {"sha256": sha256_file(table.path), "rows": table.rows}
            for table in making.finished.values()
        },
    }


def begin(contribution: Contribution, folder: Path) -> None:
    """Make the folder of a contribution that is only beginning, and clear away what other killed runs left."""
    if folder.parent.exists():
        for other in folder.parent.iterdir():
            if other.name != contribution.id:
                shutil.rmtree(other)
    folder.mkdir(parents=True, exist_ok=True)
