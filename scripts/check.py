"""``make check``: format, lint, types, import contracts and docs drift; runs them all and then says what failed."""

from __future__ import annotations

import subprocess
import sys

from scripts.clone import PYTHON, ROOT, VENV
from scripts.console import say

CHECKS: dict[str, list[str]] = {
    "format": [str(VENV / "bin" / "ruff"), "format", "--check", "-q", "."],
    "lint": [str(VENV / "bin" / "ruff"), "check", "-q", "."],
    "types": [str(PYTHON), "-m", "mypy"],
    "import contracts": [str(VENV / "bin" / "lint-imports"), "--no-logo"],
    "docs": [str(PYTHON), "-m", "services.cli.docs", "--check"],
    "rulebook": [str(PYTHON), "-m", "tests.spec.render", "--check"],
}


def main() -> int:
    """``python3 -m scripts.check``."""
    failed = []
    for name, argv in CHECKS.items():
        say(f"Checking {name} …")
        if subprocess.run(argv, cwd=ROOT, check=False).returncode:
            failed.append(name)
    say(f"Not in order: {', '.join(failed)}" if failed else "All in order")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
