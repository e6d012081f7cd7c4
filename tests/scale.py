"""How many examples a property test tries: few in `make test`, many in `make soak`."""

from __future__ import annotations

import os


def examples(quick: int, soak: int) -> int:
    """`soak` when the large counts are asked for, else `quick`."""
    return soak if os.environ.get("C2C_SOAK") else quick
