"""Which clone this is and where its things lie."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from scripts.console import SetupError

ROOT = Path(__file__).resolve().parent.parent
HASH = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
LABEL = f"org.c2c.clone={HASH}"
CACHE = ROOT / ".cache"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
C2C = VENV / "bin" / "c2c"


def data_dir() -> Path:
    """The data directory: ``C2C_DATA_DIR`` or ``.c2c`` in the clone."""
    return Path(os.environ.get("C2C_DATA_DIR") or ROOT / ".c2c").resolve()


def instance() -> str:
    """The name of this enclave on its engine: one a clone, and one more for each data directory elsewhere."""
    folder = data_dir()
    if folder == ROOT / ".c2c":
        return f"c2c-{HASH}"
    return "c2c-" + hashlib.sha256(f"{ROOT}|{folder}".encode()).hexdigest()[:8]


def run_dir() -> Path:
    """Where the sockets of sandboxes lie: short and lower-case, for socket addresses are at most 107 bytes."""
    return Path("/run") / instance()


def volumes_dir() -> Path:
    """Where open workspaces are mounted; the gateway, which sees the run folder, does not see this one."""
    return run_dir().with_name(f"{run_dir().name}-volumes")


def port() -> int:
    """The port of the gateway on this machine: ``C2C_PORT`` or 8000."""
    text = os.environ.get("C2C_PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SetupError(f"C2C_PORT is '{text}', which is no port.", "Set C2C_PORT to a number from 1 to 65535.")
    return int(text)


def compose_env() -> Path:
    """The file of settings that compose reads; written by the scripts, readable by the operator alone."""
    return data_dir() / "compose.env"
