"""`python -m services.data`: serve jobs on the data service's unix socket until told to stop."""

from __future__ import annotations

import uvicorn

from enclave.core.logging import configure
from enclave.core.settings import get_settings
from enclave.dp.engine import warm
from services.data.app import create_app
from services.data.context import DataContext


def main() -> None:
    """Start the service; state and keys are below C2C_DATA_DIR."""
    configure("data")
    settings = get_settings()
    warm()
    socket = settings.paths.socket("data")
    socket.parent.mkdir(parents=True, exist_ok=True)
    socket.unlink(missing_ok=True)
    app = create_app(DataContext.load(settings))
    uvicorn.run(app, uds=str(socket), log_config=None, access_log=False, server_header=False)


if __name__ == "__main__":
    main()
