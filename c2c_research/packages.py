"""What `pip install` says in a sandbox: there is no network, and how a package comes in instead.

Loaded by every kernel (`%pip`, `%conda`) and by the command `pip`. Promise: nothing is tried, nothing is installed.
"""

from __future__ import annotations

import os
import sys
from typing import Any

ANSWER = (
    "There is no network in this room, so nothing can be installed here.\n"
    "Ask for {what} in the portal: open the project {project}, then “Packages”, and say what your work needs it for. "
    "An approved package comes with an image that the project is then given. pandas, polars, DuckDB, statsmodels, "
    "scikit-learn, pyfixest and lifelines are here already."
)


def answer(arguments: str) -> str:
    """The sentence for a `pip` call with these arguments."""
    named = [word for word in arguments.split()[1:] if not word.startswith("-")]
    project = os.environ.get("C2C_PROJECT") or "of yours"
    return ANSWER.format(what=", ".join(named) or "a package", project=project)


def load_ipython_extension(shell: Any) -> None:
    """Replace the magics that would run pip or conda."""

    def say(line: str) -> None:
        print(answer(line), file=sys.stderr)

    for name in ("pip", "conda", "mamba", "uv"):
        shell.register_magic_function(say, "line", name)


if __name__ == "__main__":
    print(answer(" ".join(sys.argv[1:])), file=sys.stderr)
    sys.exit(1)
