"""The portal on a port of one's own, as its own main does it on 8080: `python -m benchmarks._portal_server PORT`."""

from __future__ import annotations

import sys

import uvicorn

from enclave.core.logging import configure
from enclave.core.settings import get_settings
from services.api.app import create_app
from services.api.context import Context

if __name__ == "__main__":
    configure("portal")
    app = create_app(Context.from_settings(get_settings(), "portal"))
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_config=None, server_header=False)
