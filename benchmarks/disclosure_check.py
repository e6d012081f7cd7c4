"""A whole request through the engine: 100 files of the kinds that researchers hand in, checked alone and together.

`disclosure.check.100files`: 60 CSV, 10 XLSX, 10 notebooks, 10 SVG and 10 Markdown files; `.first` is the wall time of
`c2c check` on one small CSV in a process of its own, imports included.
"""

from __future__ import annotations

import io
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SEED = 7
PLACES = ["Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ivy", "Juniper"]
Line = dict[str, Any]


def whole_request() -> Line:
    from c2c_research.disclosure import check_paths

    with tempfile.TemporaryDirectory() as given:
        folder = Path(given)
        _write_request(folder)
        began = time.perf_counter()
        report = check_paths([folder])
        taken = time.perf_counter() - began
    statuses = [file.status.word for file in report.files]
    return _line("disclosure.check.100files", taken, "limit 5 s") | {
        "files": len(statuses),
        "fail": statuses.count("fail"),
        "crashes": sum("could not" in f.message for file in report.files for f in file.findings),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def first_verdict() -> Line:
    with tempfile.TemporaryDirectory() as given:
        path = Path(given) / "small.csv"
        path.write_text(_csv(random.Random(SEED)))
        command = [sys.executable, "-m", "services.cli.main", "check", str(path)]
        taken = []
        for _ in range(7):
            began = time.perf_counter()
            subprocess.run(command, capture_output=True, check=False)
            taken.append(time.perf_counter() - began)
    return _line("disclosure.check.first", statistics.median(taken), "limit 0.5 s")


def _write_request(folder: Path) -> None:
    chance = random.Random(SEED)
    for number in range(60):
        (folder / f"table{number}.csv").write_text(_csv(chance))
    for number in range(10):
        (folder / f"book{number}.xlsx").write_bytes(_workbook(chance))
        (folder / f"run{number}.ipynb").write_text(_notebook(chance))
        (folder / f"chart{number}.svg").write_bytes(_chart(chance))
        (folder / f"notes{number}.md").write_text("# Results\n\n" + _bars(chance))


def _count(chance: random.Random) -> int:
    return int(11 + chance.lognormvariate(5, 1))


def _rows(chance: random.Random) -> list[tuple[str, str, int, float]]:
    return [
        (place, year, _count(chance), round(chance.uniform(0.2, 0.9), 3))
        for place in PLACES
        for year in ("2018", "2019")
    ]


def _csv(chance: random.Random) -> str:
    lines = [",".join(map(str, row)) for row in _rows(chance)]
    return "\n".join(["district,year,students,graduation rate", *lines, ""])


def _bars(chance: random.Random) -> str:
    lines = [f"| {' | '.join(map(str, row))} |" for row in _rows(chance)]
    return "\n".join(["| district | year | students | graduation rate |", "|---|---|---:|---:|", *lines, ""])


def _workbook(chance: random.Random) -> bytes:
    import openpyxl

    book, stream = openpyxl.Workbook(), io.BytesIO()
    for row in [("district", "year", "students", "graduation rate"), *_rows(chance)]:
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


def _notebook(chance: random.Random) -> str:
    cells = [f"<tr>{''.join(f'<td>{value}</td>' for value in row)}</tr>" for row in _rows(chance)]
    head = "<tr><th>district</th><th>year</th><th>students</th><th>graduation rate</th></tr>"
    output = {"output_type": "execute_result", "metadata": {}, "execution_count": 1,
              "data": {"text/html": f"<table>{head}{''.join(cells)}</table>"}}  # fmt: skip
    cell = {"cell_type": "code", "metadata": {}, "source": "table", "execution_count": 1, "outputs": [output]}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def _chart(chance: random.Random) -> bytes:
    from matplotlib.figure import Figure

    figure, stream = Figure(figsize=(6, 3)), io.BytesIO()
    axes = figure.subplots()
    axes.bar_label(axes.bar(PLACES, [row[2] for row in _rows(chance)[::2]]))
    axes.set_ylabel("Number of students")
    figure.savefig(stream, format="svg")
    return stream.getvalue()


def _line(name: str, seconds: float, limit: str) -> Line:
    return {"name": name, "ours": round(seconds, 3), "peer": None, "peer_name": limit, "ratio": None, "unit": "s"}


BENCHMARKS: dict[str, Callable[[], Line]] = {
    "disclosure.check.100files": whole_request,
    "disclosure.check.first": first_verdict,
}
