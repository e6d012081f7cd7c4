"""The form of a session's own files (ACRO, SACRO): so narrow that no results travel in them.

A file that departs from the form is read as any other JSON or CSV.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_OUTCOME = re.compile(r"(?:ok)?(?:[A-Za-z]{3,40}(?:Check)?; ?)*|ok", re.ASCII)
_RESULT = frozenset(["uid", "status", "type", "properties", "files", "outcome", "command", "summary", "timestamp",
                     "comments", "exception", "fair"])  # fmt: skip
_PROPERTIES = frozenset(["method", "mitigation", "dof"])
_SUMMARY_HEAD = ("uid", "output_type", "analysis_name", "dependent_variables", "independent_variables")
LONGEST = 2_000


def is_session_record(data: Any) -> bool:
    """Is this a `results.json` and nothing more?"""
    if not isinstance(data, dict) or not {"version", "results"} <= set(data) <= {"version", "results", "tool"}:
        return False
    results = data["results"]
    return isinstance(results, dict) and bool(results) and all(map(_is_result, results.values()))


def is_session_summary(data: Any) -> bool:
    """Is this a `session_summary.json`: names of variables and numbers of outputs?"""
    if not isinstance(data, dict) or not {"metadata", "outputs"} <= set(data) <= {
        "metadata",
        "outputs",
        "variable_matrix",
    }:
        return False
    matrix = data.get("variable_matrix", {})
    if not isinstance(data["outputs"], list) or not isinstance(data["metadata"], dict) or not isinstance(matrix, dict):
        return False
    if not all(isinstance(used, dict) and set(map(str, used.values())) <= {"0", "1"} for used in matrix.values()):
        return False
    known = {*_SUMMARY_HEAD}
    return all(
        isinstance(output, dict)
        and set(output) <= known
        and all(isinstance(part, str) for value in output.values() for part in _parts(value))
        for output in data["outputs"]
    ) and set(data["metadata"]) <= {"version", "timestamp", "total_outputs", "status_counts", "type_counts"}


def is_summary_grid(grid: list[list[str]]) -> bool:
    """Is this a `session_summary.csv`: which output uses which variable, as 0 and 1?"""
    lines = [line for line in grid if line]
    return (
        len(lines) > 1
        and tuple(lines[0][:5]) == _SUMMARY_HEAD
        and all(len(line) == len(lines[0]) and set(line[5:]) <= {"0", "1"} for line in lines[1:])
    )


def words_of(data: dict[str, Any]) -> str:
    """What people wrote into a record: comments, requests for exceptions, commands."""
    found = []
    for result in data.get("results", {}).values():
        found.extend([*map(str, result.get("comments", [])), str(result["exception"]), str(result["command"])])
    return "\n".join(found)


def _is_result(result: Any) -> bool:
    if not isinstance(result, dict) or not {"files", "outcome", "properties"} <= set(result) <= _RESULT:
        return False
    files, outcome, properties = result["files"], result["outcome"], result["properties"]
    texts = (str(result.get(name, "")) for name in ("command", "summary", "exception", "fair"))
    return (
        isinstance(files, list)
        and all(isinstance(file, dict) and set(file) <= {"name", "sdc"} and _is_sdc(file.get("sdc")) for file in files)
        and isinstance(properties, dict)
        and set(properties) <= _PROPERTIES
        and isinstance(outcome, dict)
        and all(isinstance(said, dict) and all(map(_is_outcome, said.values())) for said in outcome.values())
        and all(len(text) <= LONGEST for text in texts)
    )


def _is_outcome(said: Any) -> bool:
    return (
        isinstance(said, str)
        and _OUTCOME.fullmatch(said.strip() + " " if said.strip().endswith(";") else said) is not None
    )


def _is_sdc(sdc: Any) -> bool:
    if not isinstance(sdc, dict) or not set(sdc) <= {"summary", "cells"}:
        return False
    cells = sdc.get("cells", {}).values() if isinstance(sdc.get("cells", {}), dict) else [None]
    return all(isinstance(found, list) and all(map(_is_place, found)) for found in cells)


def _is_place(place: Any) -> bool:
    return isinstance(place, list) and len(place) == 2 and all(type(part) is int and part < 100_000 for part in place)


def _parts(value: Any) -> Iterator[Any]:
    yield from value if isinstance(value, list) else [value]
