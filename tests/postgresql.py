"""A real PostgreSQL server for the tests: a cluster of its own in a temporary folder, on a unix socket."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_INSTALLED = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def binaries() -> Path:
    """The folder with `initdb` and `pg_ctl`; the set-up of the tests installs them."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    if not _INSTALLED:
        raise RuntimeError("PostgreSQL is not installed: run the tests by `make test`, which installs it.")
    return _INSTALLED[0]


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Start a server in `folder`; yields the address of its maintenance database."""
    account = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    if os.getuid() == 0:
        shutil.chown(folder, account)
    data, log, programs = folder / "data", folder / "log", binaries()
    as_account = ["runuser", "-u", account, "--"] if os.getuid() == 0 else []
    quiet = {"check": True, "capture_output": True, "cwd": "/"}
    subprocess.run(
        [*as_account, str(programs / "initdb"), "-D", str(data), "-A", "trust", "-E", "UTF8", "--no-sync"], **quiet
    )  # type: ignore[call-overload]
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c max_connections=60"
    control = [*as_account, str(programs / "pg_ctl"), "-D", str(data), "-l", str(log), "-w"]
    subprocess.run([*control, "-o", options, "start"], check=True, stdout=subprocess.DEVNULL, cwd="/")
    try:
        yield f"postgresql+psycopg://{account}@/postgres?host={folder}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL, cwd="/")


def create_database(maintenance: str, name: str) -> str:
    """Make an empty database on the server; returns its address."""
    plain = maintenance.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return maintenance.replace("/postgres?", f"/{name}?")
