"""Each side of extracts imports without the other's libraries: the research store has no application database."""

from __future__ import annotations

import subprocess
import sys

import pytest

SIDES = [
    # number, module, must not be imported with it
    (1, "services.data.extracts", ["sqlalchemy", "jinja2", "typer"]),
    (2, "enclave.extracts.build", ["sqlalchemy", "fastapi"]),
    (3, "enclave.extracts.withdrawal", ["duckdb", "numpy", "pyarrow"]),
    (4, "enclave.extracts.approval", ["duckdb", "numpy", "pyarrow"]),
    (5, "services.worker.extracts", ["duckdb", "numpy", "pyarrow"]),
    (6, "services.api.extracts", ["duckdb", "numpy", "pyarrow"]),
    (7, "services.web.requests", ["duckdb", "numpy", "pyarrow"]),
]


@pytest.mark.parametrize(("number", "module", "absent"), SIDES)
def test_a_side_does_not_need_the_other(number: int, module: str, absent: list[str]) -> None:
    code = f"import sys, {module}; print(sorted(set({absent!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
