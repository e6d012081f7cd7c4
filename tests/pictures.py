"""The README's pictures, taken again from the synthetic demonstration by the browser test of the whole road.

`python -m tests.pictures` runs that test: it starts an enclave of its own (or takes the one that `C2C_TEST_ENCLAVE`
names), walks from the lab to the public page, and leaves a picture at each of four places. After a `make test` they lie
in `.cache/pictures` already: `python -m tests.pictures .cache/pictures` takes those. Each is stored with as many
colors as fit into `LARGEST`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.clone import PYTHON, ROOT

FOLDER = ROOT / "docs" / "pictures"
SHOWN = ("home", "lab", "desk", "public")
LARGEST = 120_000
_ROAD = "tests/e2e/test_whole_road.py"


def main(arguments: list[str]) -> None:
    """Take them, or those of an earlier run, and make them small."""
    if arguments:
        keep(Path(arguments[0]))
        return
    with tempfile.TemporaryDirectory() as taken:
        environment = {**os.environ, "C2C_PICTURES": taken}
        subprocess.run([str(PYTHON), "-m", "pytest", "-q", "-x", _ROAD], cwd=ROOT, env=environment, check=True)
        keep(Path(taken))


def keep(taken: Path) -> None:
    """Replace the README's pictures; none is replaced unless all were taken."""
    missing = [each for each in SHOWN if not (taken / f"{each}.png").is_file()]
    if missing:
        sys.exit(f"{taken} holds no picture of: {', '.join(missing)}. Run the script without a folder.")
    for each in SHOWN:
        size = shrink(taken / f"{each}.png", FOLDER / f"{each}.png")
        print(f"docs/pictures/{each}.png: {size:,} bytes")


def shrink(source: Path, target: Path) -> int:
    """Store the picture with 256 colors, or fewer, until it is small enough; returns its size."""
    from PIL import Image

    with Image.open(source) as picture:
        whole = picture.convert("RGB")
    for colors in (256, 128, 64, 32):
        whole.quantize(colors, dither=Image.Dither.NONE).save(target, "PNG", optimize=True)
        if target.stat().st_size <= LARGEST:
            break
    return target.stat().st_size


if __name__ == "__main__":
    main(sys.argv[1:])
