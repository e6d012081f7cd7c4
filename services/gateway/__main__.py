"""Run the gateway: `python -m services.gateway`."""

from __future__ import annotations

import asyncio
import os
import signal
from urllib.parse import urlsplit

from enclave.core.clock import SystemClock
from enclave.core.logging import configure, get_logger
from enclave.core.settings import Settings, get_settings
from services.gateway.app import Gateway
from services.gateway.server import running


async def serve(settings: Settings) -> None:
    """Listen for browsers and for the hub until told to stop."""
    control_port = urlsplit(settings.gateway_api_url).port or 8001
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running(Gateway(settings, SystemClock()), settings.gateway_port, control_port):
        get_logger().info("gateway_listens", port=settings.gateway_port, control_port=control_port)
        await stop.wait()


def main() -> None:
    """Refuse to be root: what the gateway may reach is decided by its user and its mounts."""
    configure("gateway")
    if os.geteuid() == 0:
        raise SystemExit("The gateway does not run as root. Start it as the user 1100, as the compose file does.")
    os.umask(0o007)
    asyncio.run(serve(get_settings()))


if __name__ == "__main__":
    main()
