"""`python -m benchmarks [NAME]`: run every benchmark, or those whose name begins so; one JSON object a line."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def found() -> dict[str, Callable[[], dict[str, Any]]]:
    """Name → benchmark, over all modules of this folder."""
    table: dict[str, Callable[[], dict[str, Any]]] = {}
    for info in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if not info.name.startswith("_"):
            table |= getattr(importlib.import_module(f"benchmarks.{info.name}"), "BENCHMARKS", {})
    return table


def main(wanted: str = "") -> int:
    """Run what is wanted; 2 when there is nothing of that name."""
    chosen = {name: run for name, run in found().items() if name == wanted or name.startswith(wanted)}
    if wanted in chosen:
        chosen = {wanted: chosen[wanted]}
    for run in chosen.values():
        print(json.dumps(run()), flush=True)
    return 0 if chosen else 2


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
