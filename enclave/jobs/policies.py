"""What a job may be given, and which job may start next, whoever asks."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from enclave.core.errors import BadInput

MOST_WAITING = 20
"""Jobs of one person in one project that wait at a time."""
MOST_PARAMETERS, MOST_TEXT = 20, 100
SHARED = PurePosixPath("/shared")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_PATH = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


def check_notebook(path: str) -> str:
    """The path of a notebook below the workspace or `/shared`, in its plain form; BadInput for every other."""
    pure = PurePosixPath(path)
    below = not pure.is_absolute() or (SHARED in pure.parents)
    if not _PATH.fullmatch(path) or ".." in pure.parts or not below or pure.suffix != ".ipynb":
        raise BadInput(
            "A job runs a notebook of your workspace or of /shared.",
            "Give its path, such as models/main.ipynb or /shared/main.ipynb.",
        )
    return str(pure)


def check_parameters(given: Mapping[str, Any]) -> dict[str, Any]:
    """Short plain values under names that Python takes; BadInput otherwise.

    They pass through the control zone, which holds no data: what is longer belongs into a file of the workspace.
    """
    if len(given) > MOST_PARAMETERS or not all(_NAME.fullmatch(name) for name in given):
        raise BadInput(
            f"A job takes at most {MOST_PARAMETERS} parameters, named as variables are.", "Read the rest from a file."
        )
    if bad := sorted(name for name, value in given.items() if not _plain(value)):
        raise BadInput(
            f"The parameter {bad[0]} is not a number, yes or no, or a text of at most {MOST_TEXT} characters.",
            "Put longer values into a file of the workspace and give its path.",
        )
    return dict(sorted(given.items()))


def _plain(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= MOST_TEXT
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or (isinstance(value, int) and abs(value) < 2**63)


@dataclass(frozen=True)
class Room:
    """How many jobs run at a time: of one project (by its size) and on the whole machine."""

    projects: Mapping[str, int]
    machine: int


def startable(waiting: Iterable[tuple[str, str]], taken: Iterable[str], room: Room) -> list[str]:
    """Ids of waiting jobs (id and project, the oldest first) that may start, given the projects of those that run.

    A project that is full does not hold up the others.
    """
    count = Counter(taken)
    chosen = []
    for job, project in waiting:
        if count.total() < room.machine and count[project] < room.projects.get(project, 0):
            count[project] += 1
            chosen.append(job)
    return chosen
