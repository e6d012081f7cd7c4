"""The suite as two runs of pytest side by side: one computes while the other waits for browsers.

Each half's lines of progress are printed with its name as they come; its failures and slowest tests as one block when
it ends. The last lines are those of one pytest over everything: who failed, and one total. What the halves share is
safe for two: temporary folders, ports, database servers and engine objects carry names of their own; only the half
with the enclave uses the enclave.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from scripts.clone import PYTHON, ROOT

HALVES = {
    "enclave": ("tests/e2e", "tests/integration/sandbox", "tests/integration/edge", "tests/integration/login"),
    "rules": (
        "tests/corpus",
        "tests/docs",
        "tests/integration/images",
        "tests/property",
        "tests/spec",
        "tests/unit",
    ),
}
"""Every folder of tests is in one half, so that both take about as long; a test holds the former.

The corpora come first: they load what the checker's children need, which have less room for addresses than a pytest
with everything in it, and so could load nothing more themselves."""
PROGRESS = re.compile(r"^[.sxXFE]*\s*\[ *\d+%\]$")
COUNTS = re.compile(r"(\d+) (passed|failed|skipped|errors?|xfailed|xpassed|deselected|warnings?)")
TOTAL = re.compile(r"^=*\s*(?:\d+ \w+, )*\d+ \w+ in [\d.]+s")
ORDER = ("failed", "passed", "skipped", "deselected", "xfailed", "xpassed", "warning", "error")
_PRINTING = threading.Lock()


@dataclass
class Half:
    """One pytest of the two: what it said, and how it ended."""

    name: str
    folders: Sequence[str]
    lines: list[str] = field(default_factory=list)
    code: int = 1

    def run(self, environment: Mapping[str, str]) -> None:
        """Run to the end; print progress as it comes and everything else at the end."""
        command = [str(PYTHON), "-u", "-m", "pytest", "--durations=25", "-o", f"cache_dir=.pytest_cache/{self.name}"]
        with subprocess.Popen(
            [*command, *self.folders],
            cwd=ROOT,
            env=dict(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            for line in process.stdout or ():
                self._heard(line.rstrip("\n"))
        self.code = process.returncode
        _print(f"===== {self.name}: {' '.join(self.folders)} =====", *self.lines[: self._summary()])

    def _heard(self, line: str) -> None:
        if PROGRESS.match(line):
            _print(f"{self.name:>8} {line}")
        else:
            self.lines.append(line)

    def _summary(self) -> int:
        """Where pytest's last lines begin: who failed, and the total."""
        marks = [i for i, line in enumerate(self.lines) if "short test summary info" in line or TOTAL.match(line)]
        return min(marks, default=len(self.lines))

    def unwell(self) -> list[str]:
        """The lines that name a failed test; a half that ended before its total is one itself."""
        found = [line for line in self.lines[self._summary() :] if line.startswith(("FAILED ", "ERROR "))]
        died = not any(TOTAL.match(line) for line in self.lines)
        return [*found, *([f"ERROR {self.name} - pytest ended with {self.code} before its total"] if died else [])]

    def counts(self) -> Counter[str]:
        """How many passed, failed, were skipped: as its total says."""
        total = next((line for line in reversed(self.lines) if TOTAL.match(line)), "1 error")
        return Counter({word.removesuffix("s"): int(number) for number, word in COUNTS.findall(total)})


def run_halves(environment: Mapping[str, str]) -> int:
    """Run both; the exit code is 0 when every test of both passed, else that of the half that ended worse."""
    began = time.monotonic()
    halves = [Half(name, folders) for name, folders in HALVES.items()]
    threads = [threading.Thread(target=half.run, args=(environment,)) for half in halves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _print(*summary(halves, time.monotonic() - began))
    return max(half.code if half.code >= 0 else 1 for half in halves)


def summary(halves: Sequence[Half], seconds: float) -> list[str]:
    """The end as one pytest would print it."""
    unwell = [line for half in halves for line in half.unwell()]
    counts = sum((half.counts() for half in halves), Counter())
    total = ", ".join(f"{counts[word]} {_plural(word, counts[word])}" for word in ORDER if counts[word])
    head = ["=========================== short test summary info ============================"] if unwell else []
    return [*head, *unwell, f"{total} in {seconds:.2f}s ({timedelta(seconds=int(seconds))})"]


def _plural(word: str, number: int) -> str:
    return f"{word}s" if word in ("warning", "error") and number != 1 else word


def _print(*lines: str) -> None:
    with _PRINTING:
        for line in lines:
            print(line, flush=False)
        sys.stdout.flush()
