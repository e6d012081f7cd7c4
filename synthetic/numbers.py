"""Numbers that look random and never collide: an affine walk through a prime field, one walk a purpose.

`x → (a·x + b) mod p` with p prime is a bijection, so two persons never share a true SSN and two records never share
an id, over blocks and without a table in memory. Any likeness to a number that somebody holds is chance.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Ints = NDArray[np.int64]

_PRIME = 888_931_063  # the largest prime below 898 areas × 99 groups × 9,999 serials
_AREAS = np.concatenate([np.arange(1, 666), np.arange(667, 900)])


def walk(serial: Ints, seed: int, purpose: str) -> Ints:
    """A bijection of serial numbers (0 to about 888 million) onto scattered ones."""
    rng = np.random.default_rng([seed, *purpose.encode()])
    a, b = int(rng.integers(10**6, 10**9 // 2)), int(rng.integers(0, _PRIME))
    return (serial * a + b) % _PRIME


def padded(values: Ints, width: int, prefix: str = "") -> pa.Array:
    """Text of fixed width with leading zeros, and a prefix."""
    text = pc.utf8_lpad(pc.cast(pa.array(values), pa.string()), width=width, padding="0")
    return pc.binary_join_element_wise(prefix, text, "") if prefix else text


def social_security_numbers(serial: Ints, seed: int) -> Ints:
    """Nine-digit numbers as integers, in areas, groups and serials that are validly formed."""
    scattered = walk(serial, seed, "ssn")
    area, rest = np.divmod(scattered, 99 * 9999)
    group, number = np.divmod(rest, 9999)
    numbers: Ints = _AREAS[area] * 1_000_000 + (group + 1) * 10_000 + number + 1
    return numbers


def statewide_student_identifiers(serial: Ints, seed: int) -> Ints:
    """Ten-digit student identifiers as integers."""
    return walk(serial, seed, "ssid") + 1_000_000_000
