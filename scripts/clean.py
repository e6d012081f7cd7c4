"""Removes all that this clone made: services, images, data directory, virtual environment, caches."""

from __future__ import annotations

import shlex
import shutil
import sys

from scripts.clone import CACHE, LABEL, ROOT, VENV, compose_env, data_dir
from scripts.console import SetupError, fail, say, step
from scripts.machine import engine_answers
from scripts.privilege import as_root
from scripts.shell import output, succeeds
from scripts.stop import stop

LEFTOVERS = (
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    ".import_linter_cache",
    "c2c_enclave.egg-info",
)


def clean() -> None:
    """Stops, then removes. A data directory is removed only when the set-up made it."""
    stop()
    folder = data_dir()
    if compose_env().exists() or (folder / "logs").exists():
        with step(f"Removing the data directory {folder}"):
            as_root(f"rm -rf --one-file-system {shlex.quote(str(folder))}", "Removing the data directory")
    if engine_answers():
        _remove_images()
    for path in (VENV, CACHE, *(ROOT / name for name in LEFTOVERS)):
        shutil.rmtree(path, ignore_errors=True)


def _remove_images() -> None:
    with step("Removing the images"):
        for tag in _tags():
            if not succeeds(["docker", "image", "rm", "-f", tag]):
                say(f"{tag} stays: something else uses it")
        succeeds(["docker", "image", "prune", "-f", "--filter", f"label={LABEL}"])


def _tags() -> list[str]:
    """Names of this clone's images, what was built last first: an image goes before the one it stands on."""
    form = "{{.Repository}}:{{.Tag}}"
    names = output(["docker", "image", "ls", "--filter", f"label={LABEL}", "--format", form]).split()
    return [name for name in names if "<none>" not in name]


def main() -> int:
    """``python3 -m scripts.clean``."""
    try:
        clean()
    except SetupError as error:
        return fail(error)
    say("Removed all that this clone made; packages of the distribution stay installed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
