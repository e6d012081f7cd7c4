"""``make test``: set up as for the demo, run every behaviour once, stop what was started."""

from __future__ import annotations

import os
import subprocess
import sys

from scripts.clone import PYTHON, ROOT
from scripts.console import SetupError, fail, say
from scripts.halves import run_halves
from scripts.setup import set_up
from scripts.stop import stop


def main() -> int:
    """``python3 -m scripts.test [pytest's arguments]``: everything in two halves, or what the arguments name."""
    try:
        tags = set_up()
    except SetupError as error:
        return fail(error)
    images = {f"C2C_IMAGE_{name.upper()}": tag for name, tag in tags.items()}
    environment = {**os.environ, **images, "C2C_SANDBOX_IMAGE": tags["sandbox"]}
    try:
        if not sys.argv[1:]:
            return run_halves(environment)
        return subprocess.run(
            [str(PYTHON), "-m", "pytest", *sys.argv[1:]], cwd=ROOT, env=environment, check=False
        ).returncode
    finally:
        try:
            stop()
        except SetupError as error:
            say(f"{error.message} {error.advice}")


if __name__ == "__main__":
    sys.exit(main())
