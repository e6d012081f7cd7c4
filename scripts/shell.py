"""Runs other programs: quiet when they succeed, their last lines when they fail."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from scripts.console import SetupError

TAIL_LINES = 15


def run(
    argv: Sequence[str],
    *,
    what: str,
    advice: str,
    stdin: bytes | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> str:
    """Runs a program and returns its stdout.

    Raises ``SetupError`` with the last lines the program printed when it fails or is missing.
    """
    try:
        done = subprocess.run(
            list(argv), input=stdin, capture_output=True, env={**os.environ, **(env or {})}, cwd=cwd, check=False
        )
    except FileNotFoundError:
        raise SetupError(f"{what} failed: the program '{argv[0]}' is missing.", advice) from None
    if done.returncode:
        raise SetupError(f"{what} failed:\n{tail(done.stdout + done.stderr)}", advice)
    return done.stdout.decode(errors="replace")


def succeeds(argv: Sequence[str]) -> bool:
    """Whether a program is there and ends with 0; its output is dropped."""
    try:
        return subprocess.run(list(argv), capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def output(argv: Sequence[str]) -> str:
    """A program's stdout without surrounding blanks; empty when it fails or is missing."""
    try:
        done = subprocess.run(list(argv), capture_output=True, check=False)
    except OSError:
        return ""
    return done.stdout.decode(errors="replace").strip() if done.returncode == 0 else ""


def tail(raw: bytes) -> str:
    """The last lines of a program's output, indented."""
    lines = [line for line in raw.decode(errors="replace").splitlines() if line.strip()]
    return "\n".join(f"    {line}" for line in lines[-TAIL_LINES:])


def has(program: str) -> bool:
    """Whether a program is in the PATH."""
    return shutil.which(program) is not None
