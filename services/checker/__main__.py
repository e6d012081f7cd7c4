"""`python -m services.checker`: listen on the checker's unix socket until told to stop."""

from __future__ import annotations

import os
from pathlib import Path

from services.checker.server import serve


def main() -> None:
    """Start the server. `C2C_CHECKER_SOCKET` names the socket, else it lies below `C2C_DATA_DIR`."""
    default = Path(os.environ.get("C2C_DATA_DIR", ".c2c")) / "sockets" / "checker" / "checker.sock"
    serve(Path(os.environ.get("C2C_CHECKER_SOCKET", default)))


if __name__ == "__main__":
    main()
