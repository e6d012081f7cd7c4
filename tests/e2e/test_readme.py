"""Every command of the README runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.e2e.conftest import Enclave

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]
COMMANDS = re.findall(r"^\$ (.+)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
C2C = [command for command in COMMANDS if command.startswith(".venv/bin/c2c ")]


def test_the_readme_names_targets_that_make_knows() -> None:
    """`make demo` is what started this test's enclave, `make stop` ends it, `make test` runs this very test."""
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {command.split()[1] for command in COMMANDS if command not in C2C}
    assert named == {"demo", "stop", "clean", "check", "test"}
    assert named <= known


@pytest.mark.parametrize("command", C2C)
def test_the_readmes_commands_run(command: str, enclave: Enclave) -> None:
    done = enclave.c2c(*shlex.split(command)[1:])
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
