"""The portal on a port of one's own, as its own main does it on 8080: `python -m benchmarks._portal_server PORT`."""

from __future__ import annotations

import sys

import uvicorn

from enclave.core.logging import configure
from enclave.core.settings import get_settings
from services.portal.__main__ import application

if __name__ == "__main__":
    configure("portal")
    uvicorn.run(
        application(get_settings()), host="127.0.0.1", port=int(sys.argv[1]), log_config=None, server_header=False
    )
