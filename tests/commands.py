"""`c2c` against a test's portal, on a real operator's socket."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn

from enclave.core.settings import get_settings
from services.cli.main import app, run
from services.portal.__main__ import OperatorListener
from tests.portal import Portal

Command = Callable[..., Any]


@contextmanager
def commands(portal: Portal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """Runs `c2c … --json` and returns what it printed, checking the exit code."""
    monkeypatch.setenv("C2C_DATA_DIR", str(portal.context.settings.data_dir))
    get_settings.cache_clear()
    socket = portal.context.settings.paths.socket("operator")
    socket.parent.mkdir(parents=True)
    config = uvicorn.Config(OperatorListener(portal.app), uds=str(socket), log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)

    def command(*words: str, code: int = 0) -> Any:
        capsys.readouterr()
        assert run(app, [*words, "--json"]) == code
        out = capsys.readouterr().out
        return json.loads(out) if out.strip() else None

    try:
        yield command
    finally:
        server.should_exit = True
        thread.join(timeout=5)
        get_settings.cache_clear()
