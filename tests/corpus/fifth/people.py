"""Simulated persons for the fifth corpus, and the counts its builders print."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.corpus.case import Draw

CLINICS = ["Alder", "Birch", "Cedar", "Dogwood"]
AID = ["Grant only", "Loan only", "Grant and loan"]


def people(draw: Draw, size: int = 2400) -> pd.DataFrame:
    """Persons with a clinic, an award, a program, weekly pay and a 0/1 outcome."""
    rng = draw.rng
    frame = pd.DataFrame(
        {
            "clinic": rng.choice(CLINICS, size),
            "award": rng.choice(AID, size),
            "age": rng.integers(19, 64, size),
            "pay": rng.normal(900, 210, size).round(2),
        }
    )
    frame["retained"] = (rng.random(size) < 0.4 + frame["age"] / 250).astype(int)
    return frame


def thinned(frame: pd.DataFrame, draw: Draw, bad: bool) -> pd.DataFrame:
    """Where `bad`, only a few persons of one clinic have one award."""
    if not bad:
        return frame
    cell = frame[(frame["clinic"] == "Cedar") & (frame["award"] == "Loan only")]
    return frame.drop(index=cell.index[int(draw.rng.integers(3, 8)) :])


def counts(draw: Draw, bad: bool) -> pd.DataFrame:
    """Persons by clinic and award, with margins."""
    frame = thinned(people(draw), draw, bad)
    return pd.crosstab(frame["clinic"], frame["award"], margins=True, margins_name="Total")


def rounded(value: float, digits: int = 3) -> float:
    return float(np.format_float_positional(value, precision=digits, fractional=False))
