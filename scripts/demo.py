"""``make demo``: set up, start, fill with synthetic data, and say where it is and who can log in."""

from __future__ import annotations

import os
import subprocess
import sys

from scripts.clone import C2C, ROOT, data_dir, port
from scripts.compose import start
from scripts.console import SetupError, fail, say
from scripts.setup import set_up
from scripts.state import prepare, variables


def demo() -> None:
    """Leaves with a running, filled enclave; a second run finds everything and changes nothing."""
    port()
    prepare(set_up(), demo=True)
    start()
    seed()


def seed() -> None:
    """Runs the synthetic year through the real intake, match, approval and extract; it shows its own progress."""
    done = subprocess.run([str(C2C), "demo", "seed"], cwd=ROOT, env=environment(), check=False)
    if done.returncode:
        raise SetupError(
            "Filling the demo did not finish.",
            "Read the lines above and '.venv/bin/c2c doctor'; then run 'make demo' again: it goes on where it stopped.",
        )


def environment() -> dict[str, str]:
    """The environment in which ``c2c`` speaks to this enclave."""
    ours = {name: value for name, value in variables().items() if name not in ("C2C_CLONE", "C2C_PROXY_TOKEN")}
    return {**os.environ, **ours}


def main() -> int:
    """``python3 -m scripts.demo``."""
    try:
        demo()
    except SetupError as error:
        return fail(error)
    except KeyboardInterrupt:
        print("\nInterrupted; 'make demo' goes on where it stopped.", file=sys.stderr)
        return 130
    say(f"The enclave runs at http://localhost:{port()}; its people and passwords are in {data_dir()}/demo.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
