"""Run the guard: `python -m services.guard`."""

from __future__ import annotations

import asyncio
import signal

from aiohttp import web

from enclave.core.clock import SystemClock
from enclave.core.logging import configure, get_logger
from enclave.core.settings import Settings, get_settings
from services.guard.app import build_app, socket_path
from services.guard.mounts import share_run_folder


async def serve(settings: Settings) -> None:
    """Listen on the guard's socket until told to stop. The folder of the socket decides who may ask."""
    share_run_folder(settings.run_dir)
    socket = socket_path(settings)
    socket.parent.mkdir(parents=True, exist_ok=True)
    socket.unlink(missing_ok=True)
    runner = web.AppRunner(build_app(settings, SystemClock()), access_log=None)
    await runner.setup()
    await web.UnixSite(runner, str(socket)).start()
    socket.chmod(0o666)
    get_logger().info("guard_listens")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    await runner.cleanup()


if __name__ == "__main__":
    configure("guard")
    asyncio.run(serve(get_settings()))
