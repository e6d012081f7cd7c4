"""What a builder of the second corpus uses: a seeded draw, sidecars, and a register of builders.

A label is true by construction: the true counts are drawn first, and what is planted is named in `why`.
`AMBIGUOUS` cases are those for which the rule text itself wants a question; they are counted apart.
"""

from __future__ import annotations

import importlib
import pkgutil
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import yaml

from tests.corpus.case import DISCLOSIVE, HARMLESS, Case

AMBIGUOUS = "ambiguous"
DISTRICTS = (
    "Alder Creek",
    "Brook Hollow",
    "Cedar Falls",
    "Dry Lake",
    "Eagle Pass",
    "Fern Valley",
    "Granite Bay",
    "Hilltop",
)
COUNTIES = (
    "Alpine",
    "Butte",
    "Colusa",
    "Del Norte",
    "El Dorado",
    "Fresno",
    "Glenn",
    "Humboldt",
    "Imperial",
    "Inyo",
    "Kern",
)
RACES = ("American Indian", "Asian", "Black", "Filipino", "Hispanic", "Pacific Islander", "White", "Two or more")
INDUSTRIES = ("Agriculture", "Construction", "Manufacturing", "Retail trade", "Transportation", "Information", "Finance", "Health care", "Accommodation", "Public administration")  # fmt: skip
PROGRAMS = (
    "Nursing AS",
    "Welding Cert.",
    "Accounting AA",
    "Early Childhood",
    "Automotive",
    "Paralegal",
    "HVAC",
    "Dental Hygiene",
)
SERVICES = ("CalWORKs", "CalFresh", "Foster care", "Medi-Cal", "Child care", "WIOA Title I")
OUTCOMES = ("Graduated", "Still enrolled", "Transferred", "Dropped out")


class Draw:
    """A seeded generator, the turn (0, 1, …), and whether this case has sidecars (every second turn)."""

    def __init__(self, name: str, turn: int, seed: str = "second") -> None:
        self.rng = np.random.default_rng(zlib.crc32(f"{seed}/{name}/{turn}".encode()))
        self.turn, self.sidecar = turn, turn % 2 == 1

    def pick(self, options: Sequence[Any]) -> Any:
        return options[int(self.rng.integers(len(options)))]

    def cycle(self, options: Sequence[Any]) -> Any:
        """By pairs of turns, so that each option is seen with and without a sidecar."""
        return options[(self.turn // 2) % len(options)]

    def some(self, options: Sequence[Any], n: int) -> list[Any]:
        return [options[i] for i in sorted(self.rng.choice(len(options), n, replace=False))]

    def int(self, low: int, high: int) -> int:
        """Both ends included."""
        return int(self.rng.integers(low, high + 1))

    def counts(self, rows: int, columns: int, low: int = 14, high: int = 480) -> np.ndarray:
        """Uneven counts, none below `low`."""
        drawn = np.exp(self.rng.uniform(np.log(low), np.log(high), (rows, columns)))
        return np.maximum(drawn.round().astype(int), low)

    def wages(self, n: int, centre: float = 9200.0, spread: float = 0.55) -> np.ndarray:
        return self.rng.lognormal(np.log(centre), spread, n)


def context(file: str, rows: Sequence[str], kind: str = "frequency", counts: Any = None, **rest: Any) -> bytes:
    """A sidecar as `interfaces.md` gives it."""
    body: dict[str, Any] = {"table": file, "rows": list(rows), "kind": kind}
    if counts is not None:
        body["counts"] = counts
    return yaml.safe_dump(body | rest, sort_keys=False, allow_unicode=True).encode()


def beside(draw: Draw, file: str, data: bytes, rows: Sequence[str], **rest: Any) -> dict[str, bytes]:
    """A file, with its sidecar where the turn has one."""
    out = {file: data}
    if draw.sidecar:
        out[file.rsplit(".", 1)[0] + ".context.yaml"] = context(file, rows, **rest)
    return out


Builder = Callable[[Draw], Case]
_BUILDERS: list[tuple[str, str, int, tuple[str, ...], Builder]] = []


def _register(label: str, rules: str, times: int) -> Callable[[Builder], Builder]:
    def register(builder: Builder) -> Builder:
        _BUILDERS.append((builder.__module__.rsplit(".", 1)[-1], label, times, tuple(rules.split()), builder))
        return builder

    return register


def disclosive(rules: str, times: int = 2) -> Callable[[Builder], Builder]:
    return _register(DISCLOSIVE, rules, times)


def harmless(rules: str, times: int = 2) -> Callable[[Builder], Builder]:
    return _register(HARMLESS, rules, times)


def ambiguous(rules: str, times: int = 2) -> Callable[[Builder], Builder]:
    return _register(AMBIGUOUS, rules, times)


def case(why: str, files: dict[str, bytes], **rest: Any) -> Case:
    """A case without name, label and rules, which its registration gives."""
    return Case("", "", (), why, files, **rest)


def corpus(only: str = "", seed: str = "second") -> Iterator[Case]:
    """Every case in a fixed order, or those whose name or rules hold a word."""
    from tests.corpus.second import tables

    for module in sorted(m.name for m in pkgutil.iter_modules(tables.__path__)):
        if not module.startswith(("__", "test_")):
            importlib.import_module(f"tests.corpus.second.tables.{module}")
    for chapter, label, times, rules, builder in sorted(_BUILDERS, key=lambda b: (b[0], b[4].__name__)):
        for turn in range(times):
            name = f"{chapter}.{builder.__name__}.{turn}"
            if only in name or only in rules:
                yield replace(builder(Draw(f"{chapter}.{builder.__name__}", turn, seed)), name=name, label=label, rules=rules, style=chapter)  # fmt: skip
