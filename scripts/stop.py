"""Stops the services and sandboxes of this clone, found by their labels; data stay."""

from __future__ import annotations

import shlex
import sys

from scripts.clone import LABEL, instance, run_dir
from scripts.console import SetupError, fail, say, step
from scripts.machine import engine_answers
from scripts.privilege import as_root
from scripts.shell import output, run

ADVICE = "Look at 'docker ps -a' and run 'make stop' again."


def stop(only_this: bool = False) -> None:
    """Stops and removes containers and networks and unmounts the run folders; nothing happens when nothing runs.

    All enclaves of this clone, or `only_this` one, which ``C2C_DATA_DIR`` names.
    """
    names = {instance()}
    if engine_answers():
        names |= set() if only_this else _instances()
        with step("Stopping services and sandboxes"):
            for name in sorted(names):
                _remove_containers(f"c2c.instance={name}")
            label = f"org.c2c.instance={instance()}" if only_this else LABEL
            _remove_containers(label)
            for network in output(["docker", "network", "ls", "-q", "--filter", f"label={label}"]).split():
                run(["docker", "network", "rm", network], what="Removing a network", advice=ADVICE)
    both = [run_dir().parent / f"{name}{end}" for name in sorted(names) for end in ("", "-volumes")]
    folders = [folder for folder in both if folder.exists()]
    if folders:
        as_root("\n".join(_unmount(str(folder)) for folder in folders), "Unmounting the sandboxes' socket folders")


def _instances() -> set[str]:
    form = '{{.Label "org.c2c.instance"}}'
    return {
        name for name in output(["docker", "ps", "-a", "--filter", f"label={LABEL}", "--format", form]).split() if name
    }


def _remove_containers(label: str) -> None:
    found = output(["docker", "ps", "-aq", "--filter", f"label={label}"]).split()
    if found:
        run(["docker", "stop", "-t", "10", *found], what="Stopping containers", advice=ADVICE)
        # A sandbox removes itself when it stops, so some may be gone already.
        left = output(["docker", "ps", "-aq", "--filter", f"label={label}"]).split()
        if left:
            run(["docker", "rm", "-f", "-v", *left], what="Removing containers", advice=ADVICE)


def _unmount(folder: str) -> str:
    place = shlex.quote(folder)
    each = f'for room in {place}/*; do if mountpoint -q "$room"; then umount -l "$room"; fi; done'
    return f"{each}; if mountpoint -q {place}; then umount -l {place}; fi; rm -rf --one-file-system {place}"


def main() -> int:
    """``python3 -m scripts.stop [--only-this]``."""
    try:
        stop(only_this="--only-this" in sys.argv[1:])
    except SetupError as error:
        return fail(error)
    say("Stopped; the data stay. 'make demo' starts again, 'make clean' removes everything.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
