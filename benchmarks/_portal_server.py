"""The portal on a port of one's own: `python -m benchmarks._portal_server PORT`."""

from __future__ import annotations

import sys

from services.portal.__main__ import main

if __name__ == "__main__":
    sys.exit(main("127.0.0.1", int(sys.argv[1])))
