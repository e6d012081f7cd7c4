"""``make soak``: every test that has a large count, with it; the results stand in docs/benchmarks.md afterwards.

A test has a large count when its file takes one from ``tests/scale.py``. With arguments only the named files run, and
only their lines are renewed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

from scripts.clone import CACHE, PYTHON, ROOT
from scripts.console import SetupError, fail
from scripts.setup import set_up

PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- soak: written by make soak -->", "<!-- end of soak -->"
HEAD = ["| property | count | seconds | result | day |", "|---|---|---|---|---|"]
SECONDS = "14400"
_ROW = re.compile(r"^\| `([^`]+)` \|")


def soak_files(root: Path = ROOT) -> list[str]:
    """The files of tests that take a large count, by name."""
    files = sorted((root / "tests").rglob("test_*.py"))
    return [str(path.relative_to(root)) for path in files if "from tests.scale import examples" in path.read_text()]


def results(report: Path, day: str) -> dict[str, str]:
    """Test with a count → its line of the table, from pytest's report."""
    rows = {}
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 (our own pytest wrote it)
        name = f"{case.get('classname', '').replace('.', '/')}::{case.get('name')}"
        count = next((each.get("value") for each in case.iter("property") if each.get("name") == "count"), None)
        if count is None:
            continue  # an ordinary test of the same file
        bad = [kind for kind in ("failure", "error", "skipped") if case.find(kind) is not None]
        seconds = f"{float(case.get('time') or 0):.0f}"
        rows[name] = f"| `{name}` | {count} | {seconds} | {bad[0] if bad else 'holds'} | {day} |"
    return rows


def renewed(page: str, new: Mapping[str, str]) -> str:
    """The page with these lines in its table; lines of other tests stay."""
    before, _, rest = page.partition(BEGIN)
    table, _, after = rest.partition(END)
    old = {found[1]: line for line in table.splitlines() if (found := _ROW.match(line))}
    return "\n".join([f"{before}{BEGIN}", *HEAD, *(row for _, row in sorted({**old, **new}.items())), f"{END}{after}"])


def main() -> int:
    """``python3 -m scripts.soak [files]``; the exit code is pytest's."""
    try:
        tags = set_up()
    except SetupError as error:
        return fail(error)
    report, named = CACHE / "soak.xml", sys.argv[1:] or soak_files()
    report.unlink(missing_ok=True)
    environment = {**os.environ, "C2C_SOAK": "1", "C2C_SANDBOX_IMAGE": tags["sandbox"]}
    command = [str(PYTHON), "-m", "pytest", "--timeout", SECONDS, f"--junitxml={report}", "-o", "junit_family=xunit1"]
    code = subprocess.run([*command, *named], cwd=ROOT, env=environment, check=False).returncode
    if report.exists():
        PAGE.write_text(renewed(PAGE.read_text(), results(report, datetime.now(UTC).date().isoformat())))
    return code


if __name__ == "__main__":
    sys.exit(main())
