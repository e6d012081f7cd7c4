"""What the documents are about: simulated persons, safe aggregates of them, and the plain forms both are printed in."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pandas as pd
import yaml

COUNTIES = ["Alder", "Briar", "Cedar", "Dogwood", "Elm", "Fir", "Gorse", "Hazel", "Ivy", "Juniper", "Laurel", "Maple"]
RACES = ["Asian", "Black", "Hispanic", "White", "Two or more"]
FIRST = ["Maria", "James", "Linh", "Aisha", "Carlos", "Emily", "Noah", "Priya", "Hana", "Diego", "Ruth", "Omar"]
LAST = ["Lopez", "Nguyen", "Smith", "Okafor", "Garcia", "Larsen", "Patel", "Kim", "Reyes", "Brown", "Novak", "Chen"]
SCHOOLS = ["Oak High", "Bayview High", "Summit Academy", "Mesa Union", "Lincoln Prep", "Harbor Tech"]


def persons(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """One row a person: pseudonym, groups, attributes to the unit."""
    return pd.DataFrame(
        {
            "person_id": rng.integers(10**9, 10**10, n),
            "school": rng.choice(SCHOOLS, n),
            "county": rng.choice(COUNTIES[:6], n),
            "race": rng.choice(RACES, n),
            "female": rng.integers(0, 2, n),
            "gpa": np.round(rng.uniform(1.2, 4.0, n), 2),
            "score": rng.integers(2280, 2810, n),
            "days_absent": rng.poisson(6, n),
            "wage": np.round(rng.lognormal(10.3, 0.6, n), 2),
        }
    )


def named(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Persons with their names and dates of birth."""
    out = persons(rng, n).drop(columns="person_id")
    born = pd.Timestamp("2001-01-01") + pd.to_timedelta(rng.integers(0, 1800, n), unit="D")
    out.insert(0, "date_of_birth", born.strftime("%Y-%m-%d"))
    out.insert(0, "last_name", rng.choice(LAST, n))
    out.insert(0, "first_name", rng.choice(FIRST, n))
    return out


def safe_counts(rng: np.random.Generator, keys: list[str], low: int = 200, high: int = 9000) -> pd.DataFrame:
    """Counts of students by county, all far above 11 and rounded to 5."""
    n = rng.integers(low, high, len(keys)) // 5 * 5
    return pd.DataFrame({"county": keys, "students": n})


def ssns(rng: np.random.Generator, n: int) -> list[str]:
    """Numbers of the form the agency gives out (area 001–665, group 01–99, serial 0001–9999)."""
    return [f"{rng.integers(101, 665):03d}-{rng.integers(10, 99):02d}-{rng.integers(1000, 9999):04d}" for _ in range(n)]


def side(file: str, kind: str, population: str = "2019 high school graduates", **more: Any) -> dict[str, bytes]:
    """The sidecar of a file."""
    text = yaml.safe_dump({"table": file, "kind": kind, "population": population, **more}, sort_keys=False)
    return {f"{file.rsplit('.', 1)[0]}.context.yaml": text.encode()}


def parcel(d: Any, name: str, data: bytes | str, kind: str = "summary", population: str = "2019 high school graduates", **more: Any) -> dict[str, bytes]:  # fmt: skip
    """One file, with a sidecar in the turns that have one."""
    files = {name: data.encode() if isinstance(data, str) else data}
    return files | (side(name, kind, population, **more) if d.sidecar else {})


def as_json(value: Any, indent: int | None = 1) -> str:
    return json.dumps(value, indent=indent, default=lambda v: v.item() if hasattr(v, "item") else str(v))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return json.loads(frame.to_json(orient="records"))


def notebook(cells: list[dict[str, Any]], **metadata: Any) -> str:
    meta = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python", "version": "3.11.2", "mimetype": "text/x-python", "file_extension": ".py"}}  # fmt: skip
    return as_json({"cells": cells, "metadata": meta | metadata, "nbformat": 4, "nbformat_minor": 5})


def prose(text: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": f"m{abs(hash_of(text)) % 10**8}", "metadata": {}, "source": text.splitlines(True), **more}  # fmt: skip


def code(text: str, *outputs: dict[str, Any], metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": 1, "id": f"c{abs(hash_of(text)) % 10**8}", "metadata": metadata or {},
            "outputs": list(outputs), "source": text.splitlines(True)}  # fmt: skip


def hash_of(text: str) -> int:
    import zlib

    return zlib.crc32(text.encode())


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text.splitlines(True)}


def shown(frame: pd.DataFrame | pd.Series) -> dict[str, Any]:
    """An execute_result of a frame as pandas shows it."""
    data = {"text/plain": str(frame).splitlines(True)}
    if isinstance(frame, pd.DataFrame):
        data["text/html"] = frame.to_html().splitlines(True)
    return {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data}


def display(data: dict[str, Any]) -> dict[str, Any]:
    return {"output_type": "display_data", "metadata": {}, "data": data}


def figure(draw: Any, kind: str, size: tuple[float, float] = (5, 3.4), **save: Any) -> bytes:
    """A matplotlib figure in one of its formats; `draw(axes)` draws it."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    with mpl.rc_context({"svg.hashsalt": "second", "svg.fonttype": save.pop("fonttype", "none")}):
        fig, axes = plt.subplots(figsize=size)
        draw(axes)
        out = io.BytesIO()
        fig.savefig(out, format=kind, metadata=None if kind == "jpg" else {"png": {"Software": "matplotlib"}}.get(kind, {"Date": None} if kind == "svg" else {"CreationDate": None}), **save)  # fmt: skip
        plt.close(fig)
    return out.getvalue()
