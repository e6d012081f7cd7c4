"""Rounding steps by magnitude, as the Census Bureau's Disclosure Review Board asks for counts.

Below 15 no number is shown; then to 10, 50, 100, 500, 1,000, and above 999,999 to four significant digits.
"""

from __future__ import annotations

HIDDEN_BELOW = 15
_STEPS = ((100, 10), (1_000, 50), (10_000, 100), (100_000, 500), (1_000_000, 1_000))


def step(number: float) -> int:
    """The base for a number of this size."""
    small = next((base for size, base in _STEPS if number < size), None)
    return small if small is not None else int(10 ** (len(str(int(number))) - 4))


def rounded(number: float) -> str:
    """A count as it may be shown."""
    if 0 < number < HIDDEN_BELOW:
        return f"N<{HIDDEN_BELOW}"
    base = step(number)
    return str(int(base * ((number + base / 2) // base)))


def conforms(number: float) -> bool:
    """Could this be a rounded count? Zero is shown."""
    return number == 0 or (number >= HIDDEN_BELOW and number % step(number) == 0)
