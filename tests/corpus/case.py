"""A case: one request with its label. Builders register themselves; `corpus()` builds all of them from fixed seeds."""

from __future__ import annotations

import importlib
import json
import pkgutil
import warnings
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from tests.corpus import formats
from tests.corpus.table import Table

DISCLOSIVE, HARMLESS, ARGUABLE = "disclosive", "harmless", "arguable"
"""`arguable`: by the rule text a person must look; REVIEW is the right answer. Counted apart, under no bar."""
CORPORA = {
    "first": "tests.corpus.chapters",
    "second": "tests.corpus.second",
    "fourth": "tests.corpus.fourth",
    "fifth": "tests.corpus.fifth",
    "sixth": "tests.corpus.sixth",
}
RULES = ("min_cell", "rate", "group", "dominance", "order_statistic", "model", "survival", "secondary", "differencing", "rounding",
         "unit_record", "identifier", "hidden_content", "file_kind", "unreadable")  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One request. `rules`: kinds that may rightly speak (for harmless cases: the kind it looks like). `cells`: per file, where known."""

    name: str
    label: str
    rules: tuple[str, ...]
    why: str
    files: dict[str, bytes]
    released: dict[str, bytes] = field(default_factory=dict)
    cells: dict[str, list[list[int]]] = field(default_factory=dict)
    style: str = "first"

    @property
    def sidecar(self) -> bool:
        return any(name.endswith(".context.yaml") for name in self.files)

    @property
    def format(self) -> str:
        return next(n.rsplit(".", 1)[-1] for n in self.files if not n.endswith(".context.yaml"))

    def write(self, folder: Path) -> None:
        """`request/`, `released/` and `label.json` in a folder of the case's name."""
        for part, files in (("request", self.files), ("released", self.released)):
            for name, data in files.items():
                path = folder / self.name / part / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        label = {"label": self.label, "rules": self.rules, "why": self.why, "cells": self.cells, "sidecar": self.sidecar,
                 "format": self.format, "style": self.style}  # fmt: skip
        (folder / self.name / "label.json").write_text(json.dumps(label, indent=1, ensure_ascii=False))


class Draw:
    """What a builder draws from: a seeded generator, the turn (0, 1, 2 …), and whether a sidecar travels along."""

    def __init__(self, name: str, turn: int, style: str) -> None:
        self.rng = np.random.default_rng(zlib.crc32(f"{name}/{turn}".encode()))
        self.turn, self.style, self.sidecar = turn, style, turn % 2 == 0

    def pick(self, options: Any) -> Any:
        return options[int(self.rng.integers(len(options)))]

    def cycle(self, options: Any) -> Any:
        return options[self.turn % len(options)]

    def files(self, *tables: Table, name: str = "table", kind: str | None = None, **style: Any) -> dict[str, bytes]:
        """Tables as one file each, of a drawn format and dialect, with their sidecars where the turn has them."""
        out: dict[str, bytes] = {}
        for number, one in enumerate(tables, 1):
            stem = name if len(tables) == 1 else f"{name}{number}"
            file, data = formats.write(one, stem, kind or self.pick(formats.TABULAR), self.rng, **style)
            out[file] = data
            if self.sidecar:
                out[f"{stem}.context.yaml"] = one.sidecar(file)
        return out

    def disclosive(self, rules: str, why: str, files: dict[str, bytes], **rest: Any) -> Case:
        return Case("", DISCLOSIVE, tuple(rules.split()), why, files, **rest)

    def harmless(self, rules: str, why: str, files: dict[str, bytes], **rest: Any) -> Case:
        return Case("", HARMLESS, tuple(rules.split()), why, files, **rest)

    def arguable(self, rules: str, why: str, files: dict[str, bytes], **rest: Any) -> Case:
        return Case("", ARGUABLE, tuple(rules.split()), why, files, **rest)


Builder = Callable[[Draw], Case]
_BUILDERS: list[tuple[str, int, Builder]] = []


def cases(times: int = 1) -> Callable[[Builder], Builder]:
    """Register a builder; it is called `times` times, every second one with sidecars."""

    def register(builder: Builder) -> Builder:
        _BUILDERS.append((builder.__module__, times, builder))
        return builder

    return register


def corpus(only: str = "", which: str = "first") -> Iterator[Case]:
    """Every case of a corpus in a fixed order, or those whose name, chapter or rules hold a word."""
    for name, turn, chapter, builder in _planned(CORPORA[which]):
        promised = only in name or only in chapter
        if only and not promised and only not in RULES:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # degenerate models are among the cases
            built = replace(builder(Draw(name, turn, chapter)), name=name, style=chapter)
        if promised or only in built.rules:
            yield built


def _planned(package: str) -> Iterator[tuple[str, int, str, Builder]]:
    home = importlib.import_module(package)
    for module in sorted(m.name for m in pkgutil.walk_packages(home.__path__, f"{package}.") if ".test_" not in m.name):
        importlib.import_module(module)
    mine = ((m.removeprefix(f"{package}."), n, b) for m, n, b in _BUILDERS if m.startswith(f"{package}."))
    for chapter, times, builder in sorted(mine, key=lambda b: (b[0], b[2].__name__)):
        for turn in range(times):
            yield f"{chapter}.{builder.__name__}.{turn}", turn, chapter, builder
