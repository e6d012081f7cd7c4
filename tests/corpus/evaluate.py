"""Run the checker over the corpus as a user would, and print how often it is right.

    python -m tests.corpus.evaluate [--corpus first|second] [--json] [--only RULE|CHAPTER|NAME] [--failures] [--write FOLDER] [--show NAME]

Only the public interface is used: `c2c_research.disclosure.check_paths` and the JSON it promises.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.corpus.case import ARGUABLE, CORPORA, DISCLOSIVE, HARMLESS, Case, corpus

BARS = {
    "disclosive FAIL": 0.95,
    "disclosive FAIL or REVIEW": 0.995,
    "harmless FAIL": 0.03,
    "harmless REVIEW, sidecar": 0.15,
    "harmless REVIEW, none": 0.30,
}
"""The first two are least values, the others greatest ones; the median of findings of harmless cases is 0 and nothing crashes."""


@dataclass(frozen=True)
class Verdict:
    """What the checker said about one case; `crash` is an exception's text."""

    case: Case
    status: str
    findings: list[dict[str, Any]]
    seconds: float
    crash: str = ""

    @property
    def right(self) -> bool:
        return self.status == {DISCLOSIVE: "fail", HARMLESS: "pass", ARGUABLE: "review"}[self.case.label]

    @property
    def spoke(self) -> set[str]:
        """Rules that failed or asked."""
        return {f["rule"] for f in self.findings if f["status"] in ("fail", "review")}

    @property
    def found_cells(self) -> bool | None:
        """Whether the rows of the known cells are among those reported; None where none are known."""
        if not self.case.cells:
            return None
        reported = {(f.get("file"), cell[0]) for f in self.findings for cell in f.get("cells", [])}
        return all((name, cell[0]) in reported for name, cells in self.case.cells.items() for cell in cells)


def check(case: Case, folder: Path) -> Verdict:
    """Write a case, check its request folder against what it had released, read the report as JSON."""
    from c2c_research.disclosure import check_paths

    case.write(folder)
    request, released = folder / case.name / "request", folder / case.name / "released"
    start = time.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            report = as_json(check_paths([request], released=released if released.exists() else None))
    except Exception as error:
        return Verdict(case, "crash", [], time.perf_counter() - start, f"{type(error).__name__}: {error}")
    findings = [{**f, "file": Path(one["path"]).name} for one in report["files"] for f in one["findings"]]
    return Verdict(case, report["status"], findings, time.perf_counter() - start)


def as_json(report: Any) -> dict[str, Any]:
    """The report as `c2c check --json` prints it."""
    for name in ("as_json", "to_json", "json", "as_dict", "to_dict", "model_dump"):
        method = getattr(report, name, None)
        if callable(method):
            answer = method()
            return json.loads(answer) if isinstance(answer, str) else answer
    raise TypeError("the report has no JSON form; see the checker's public interface")


def run(chosen: Iterable[Case], folder: Path) -> list[Verdict]:
    return [check(case, folder) for case in chosen]


def share(verdicts: list[Verdict], *statuses: str) -> float:
    return sum(v.status in statuses for v in verdicts) / len(verdicts) if verdicts else float("nan")


def rates(verdicts: list[Verdict]) -> dict[str, float]:
    """The figures of the bars."""
    bad = [v for v in verdicts if v.case.label == DISCLOSIVE]
    good = [v for v in verdicts if v.case.label == HARMLESS]
    return {
        "disclosive FAIL": share(bad, "fail"),
        "disclosive FAIL or REVIEW": share(bad, "fail", "review"),
        "harmless FAIL": share(good, "fail"),
        "harmless REVIEW, sidecar": share([v for v in good if v.case.sidecar], "review"),
        "harmless REVIEW, none": share([v for v in good if not v.case.sidecar], "review"),
        "harmless median findings": float(median([len(v.findings) for v in good])) if good else 0.0,
        "crashes": float(sum(v.status == "crash" for v in verdicts)),
        "seconds": round(sum(v.seconds for v in verdicts), 1),
    }


def missed(figures: dict[str, float]) -> list[str]:
    """Bars that do not hold."""
    low = [k for k in list(BARS)[:2] if not figures[k] >= BARS[k]]
    high = [k for k in list(BARS)[2:] if figures[k] > BARS[k]]
    return low + high + [k for k in ("harmless median findings", "crashes") if figures[k] > 0]


def _groups(verdicts: list[Verdict], key: Callable[[Verdict], str]) -> dict[str, dict[str, str]]:
    """Right answers by some property: 'fail+review/all' for disclosive, 'pass/all (fails)' for harmless cases."""
    buckets: dict[str, list[Verdict]] = defaultdict(list)
    for v in verdicts:
        buckets[key(v)].append(v)
    out = {}
    for name, some in sorted(buckets.items()):
        bad = [v for v in some if v.case.label == DISCLOSIVE]
        good = [v for v in some if v.case.label == HARMLESS]
        out[name] = {
            "disclosive fail/review/all": f"{sum(v.status == 'fail' for v in bad)}/{sum(v.status == 'review' for v in bad)}/{len(bad)}",
            "harmless pass/review/all": f"{sum(v.status == 'pass' for v in good)}/{sum(v.status == 'review' for v in good)}/{len(good)}",
        }
    return out


def _tally(verdicts: list[Verdict]) -> str:
    """'fail/review/pass/all'."""
    return "/".join(str(sum(v.status == s for v in verdicts)) for s in ("fail", "review", "pass")) + f"/{len(verdicts)}"


def summary(verdicts: list[Verdict]) -> dict[str, Any]:
    named = [v for v in verdicts if v.case.label == DISCLOSIVE and v.status in ("fail", "review")]
    known = [v for v in verdicts if v.found_cells is not None]
    return {
        "cases": len(verdicts),
        "rates": rates(verdicts),
        "missed bars": missed(rates(verdicts)),
        "arguable": _tally([v for v in verdicts if v.case.label == ARGUABLE]),
        "expected rule named": f"{sum(bool(v.spoke & set(v.case.rules)) for v in named)}/{len(named)}",
        "known cells found": f"{sum(bool(v.found_cells) for v in known)}/{len(known)}",
        "by rule": _groups(verdicts, lambda v: v.case.rules[0]),
        "by sidecar": _groups(verdicts, lambda v: "with sidecar" if v.case.sidecar else "without"),
        "by format": _groups(verdicts, lambda v: v.case.format),
        "by style": _groups(verdicts, lambda v: v.case.style),
    }


def explain(v: Verdict) -> str:
    """A miss in two lines or a few: what it is, and what was said."""
    said = (
        "; ".join(f"{f['rule']} {f['status']} in {f['file']}: {f['message']}" for f in v.findings)
        or v.crash
        or "no finding"
    )
    return f"{v.case.name}  [{v.case.label}, {'sidecar' if v.case.sidecar else 'no sidecar'}, {v.case.format}] said {v.status.upper()}\n    why: {v.case.why}\n    said: {said[:600]}"


def _print(verdicts: list[Verdict], failures: bool) -> None:
    found = summary(verdicts)
    print(
        f"{found['cases']} cases; expected rule named {found['expected rule named']}; known cells found {found['known cells found']}"
    )
    for name, value in found["rates"].items():
        bar = f"  (bar {BARS[name]})" if name in BARS else ""
        print(f"  {name:<28}{value:.3f}{bar}{'   MISSED' if name in found['missed bars'] else ''}")
    print(f"  arguable fail/review/pass/all: {found['arguable']}")
    for part in ("by rule", "by sidecar", "by format", "by style"):
        print(f"\n{part:<24}{'disclosive fail/review/all':<30}harmless pass/review/all")
        for name, line in found[part].items():
            print(f"  {name:<22}{line['disclosive fail/review/all']:<30}{line['harmless pass/review/all']}")
    if failures:
        print("\nMisses (worst first)")
        worst = {"crash": 0, "pass": 1, "fail": 2, "review": 3}
        for v in sorted((v for v in verdicts if not v.right), key=lambda v: (worst[v.status], v.case.name)):
            print(explain(v))


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.corpus.evaluate", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument(
        "--corpus",
        choices=CORPORA,
        default="first",
        help="the first, which the checker was mended by, or the second, measured unseen",
    )
    parser.add_argument("--only", help="a rule kind, a chapter, or part of a case's name")
    parser.add_argument("--failures", action="store_true", help="list every case that is not right, with what was said")
    parser.add_argument("--write", type=Path, help="keep the cases in this folder")
    parser.add_argument("--show", action="store_true", help="print the chosen cases' files instead of checking them")
    args = parser.parse_args()
    chosen = list(corpus(args.only or "", args.corpus))
    if args.show:
        for case in chosen:
            show(case)
        return 0
    with contextlib.ExitStack() as stack:
        folder = args.write or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        verdicts = run(chosen, folder)
    if args.json:
        print(json.dumps(summary(verdicts) | {"misses": [explain(v) for v in verdicts if not v.right]}, indent=1))
    else:
        _print(verdicts, args.failures)
    return 1 if missed(rates(verdicts)) else 0


def show(case: Case) -> None:
    print(f"=== {case.name} [{case.label}] {', '.join(case.rules)}: {case.why}")
    for part, files in (("", case.files), ("released/", case.released)):
        for name, data in files.items():
            print(f"--- {part}{name} ({len(data)} bytes)")
            codec = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
            print(
                data[:3000].decode(codec, errors="replace")
                if not data.startswith((b"PK", b"\x89PNG", b"%PDF"))
                else "(binary)"
            )


if __name__ == "__main__":
    sys.exit(main())
