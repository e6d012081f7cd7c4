"""Names for invented people, mixed by ethnicity, with composed surnames so that millions stay plausible.

The lists are our own (`names.yaml`). Weights fall off as 1/(rank + 3): some names are common, most are rare, which is
what makes linkage by name hard.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

Strings = NDArray[np.object_]
Ints = NDArray[np.int64]

ETHNICITIES = (
    "hispanic", "white", "asian", "filipino", "black",
    "american_indian", "pacific_islander", "two_or_more", "not_reported",
)  # fmt: skip
ETHNICITY_SHARES = (0.535, 0.215, 0.115, 0.024, 0.052, 0.006, 0.005, 0.038, 0.010)

_LISTS = yaml.safe_load(Path(__file__).with_name("names.yaml").read_text(encoding="utf-8"))


def _composed(kind: str, step: int = 1) -> list[str]:
    """Surnames of every stem with every ending of a kind; `step` takes some of them."""
    parts = _LISTS["stems"][kind]
    return [stem + ending for ending in parts["endings"].split() for stem in parts["stems"].split()][::step]


NICKNAMES: dict[str, list[str]] = {name: short.split() for name, short in _LISTS["nicknames"].items()}
FIRST_POOLS: dict[tuple[str, str], list[str]] = {
    (group, sex): pool.split() for group, pools in _LISTS["first"].items() for sex, pool in pools.items()
}
LAST_POOLS: dict[str, list[str]] = {group: pool.split() for group, pool in _LISTS["last"].items()}
LAST_POOLS["hispanic"] += _composed("iberian")
LAST_POOLS["white"] += _composed("english")
LAST_POOLS["black"] += _composed("english", 5)
LAST_POOLS["asian"] += _composed("asian")
LAST_POOLS["pacific_islander"] = _composed("pacific")
_BORROWED = {
    "american_indian": "white", "pacific_islander": "filipino", "two_or_more": "white", "not_reported": "hispanic",
}  # fmt: skip

FIRST_NAMES: Strings = np.array(sorted({name for pool in FIRST_POOLS.values() for name in pool}), dtype=object)
LAST_NAMES: Strings = np.array(sorted({name for pool in LAST_POOLS.values() for name in pool}), dtype=object)
_FIRST_INDEX = {name: i for i, name in enumerate(FIRST_NAMES)}
_LAST_INDEX = {name: i for i, name in enumerate(LAST_NAMES)}


def _draw(rng: np.random.Generator, pool: list[str], index: dict[str, int], size: int) -> Ints:
    codes = np.array([index[name] for name in pool], dtype=np.int64)
    weights = 1.0 / (np.arange(len(pool)) + 3.0)
    return codes[rng.choice(len(pool), size=size, p=weights / weights.sum())]


def draw_first(rng: np.random.Generator, ethnicity: Ints, female: NDArray[np.bool_]) -> Ints:
    """Codes into FIRST_NAMES, by ethnicity and sex."""
    out = np.zeros(len(ethnicity), dtype=np.int64)
    for e, group in enumerate(ETHNICITIES):
        for sex in ("F", "M"):
            rows = np.flatnonzero((ethnicity == e) & (female == (sex == "F")))
            pool = FIRST_POOLS[(_BORROWED.get(group, group), sex)]
            out[rows] = _draw(rng, pool, _FIRST_INDEX, len(rows))
    return out


def draw_last(rng: np.random.Generator, ethnicity: Ints) -> Ints:
    """Codes into LAST_NAMES, by ethnicity."""
    out = np.zeros(len(ethnicity), dtype=np.int64)
    for e, group in enumerate(ETHNICITIES):
        rows = np.flatnonzero(ethnicity == e)
        pool = LAST_POOLS.get(group) or LAST_POOLS[_BORROWED[group]]
        out[rows] = _draw(rng, pool, _LAST_INDEX, len(rows))
    return out


_NICK_TABLE: Strings = np.array([NICKNAMES.get(name, [""])[0] for name in FIRST_NAMES], dtype=object)
_NICK_OTHER: Strings = np.array([NICKNAMES.get(name, [""])[-1] for name in FIRST_NAMES], dtype=object)


def nickname(codes: Ints, second: NDArray[np.bool_]) -> Strings:
    """The nickname of each first name, empty where it has none."""
    chosen: Strings = np.where(second, _NICK_OTHER[codes], _NICK_TABLE[codes])
    return chosen
