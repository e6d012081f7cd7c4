"""Single marks in a picture of pixels: a scatter plot of persons has many small equal spots in no order.

Spots are connected pixels that differ from the ground. Those of the most frequent size count, unless many stand in one
line (text, dotted lines, bars). Spots that touch each other are lost, so the number is a least one. Nothing else of a
picture is read; a reviewer looks at it.
"""

from __future__ import annotations

import io
import warnings
from collections import Counter
from typing import Any

from c2c_research.disclosure.document import Cloud

LEAST = 30
MAX_PIXELS, MAX_RUNS = 16_000_000, 60_000
_DISTANCE = 60
_SMALLEST, _LARGEST, _FULL = 3, 30, 0.6
_IN_LINE = 5


def spots_in(content: bytes) -> Cloud | None:
    """The cloud of equal spots; None where there are few, or where the picture cannot be opened."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content)) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    return None
                ground = Image.new("RGBA", picture.size, "white")
                ground.alpha_composite(picture.convert("RGBA"))
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        return None
    spots = [spot for spot in _spots(ground) if _is_mark(*spot)]
    sizes = Counter(max(right - left, low - high) for left, right, high, low, _ in spots)
    if not sizes:
        return None
    usual = sizes.most_common(1)[0][0]
    equal = [spot for spot in spots if abs(max(spot[1] - spot[0], spot[3] - spot[2]) - usual) <= 1]
    rows, columns = Counter(spot[2] for spot in equal), Counter(spot[0] for spot in equal)
    loose = [spot for spot in equal if rows[spot[2]] < _IN_LINE and columns[spot[0]] < _IN_LINE]
    return Cloud(len(loose), ordered=False, raster=True) if len(loose) >= LEAST else None


def _is_mark(left: int, right: int, high: int, low: int, area: int) -> bool:
    wide, tall = right - left, low - high
    return _SMALLEST <= wide <= _LARGEST and abs(wide - tall) <= 1 and area >= _FULL * wide * tall


def _spots(picture: Any) -> list[tuple[int, int, int, int, int]]:
    """(left, right, top, bottom, pixels) of each set of connected pixels that differ from the ground."""
    import numpy as np

    pixels = np.asarray(picture)[:, :, :3].astype(np.int16)
    coarse = (pixels >> 4) @ np.array([256, 16, 1])
    colour = int(np.bincount(coarse.ravel()).argmax())
    ground = np.array([colour >> 8, colour >> 4 & 15, colour & 15]) * 16 + 8
    mask = np.abs(pixels - ground).max(axis=2) > _DISTANCE
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    if len(rows) > MAX_RUNS:
        return []
    return _joined(list(zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True)))


def _joined(runs: list[tuple[int, int, int]]) -> list[tuple[int, int, int, int, int]]:
    """Runs of pixels joined where they touch in neighbouring lines."""
    parent = list(range(len(runs)))

    def root(each: int) -> int:
        while parent[each] != each:
            parent[each] = parent[parent[each]]
            each = parent[each]
        return each

    above = 0
    for number, (row, start, end) in enumerate(runs):
        while above < number and (runs[above][0] < row - 1 or (runs[above][0] == row - 1 and runs[above][2] < start)):
            above += 1
        other = above
        while other < number and runs[other][0] == row - 1 and runs[other][1] <= end:
            parent[root(other)] = root(number)
            other += 1
    found: dict[int, tuple[int, int, int, int, int]] = {}
    for number, (row, start, end) in enumerate(runs):
        left, right, high, low, area = found.get(root(number), (start, end, row, row + 1, 0))
        found[root(number)] = min(left, start), max(right, end), min(high, row), max(low, row + 1), area + end - start
    return list(found.values())
