"""Check the third corpus and print how often the checker is right: `python -m tests.corpus.third [--failures] [--only WORD] [--show] [--json]`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.corpus.evaluate import _print, explain, missed, rates, run, show, summary
from tests.corpus.third.request import cases


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus.third", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="", help="part of a case's name or a rule")
    parser.add_argument("--failures", action="store_true", help="list every case that is not right, with what was said")
    parser.add_argument("--show", action="store_true", help="print the chosen cases' files instead of checking them")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    args = parser.parse_args()
    chosen = [c for c in cases() if args.only in c.name or args.only in c.rules]
    if args.show:
        for case in chosen:
            show(case)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        verdicts = run(chosen, Path(folder))
    if args.json:
        print(json.dumps(summary(verdicts) | {"misses": [explain(v) for v in verdicts if not v.right]}, indent=1))
    else:
        _print(verdicts, args.failures)
    return 1 if missed(rates(verdicts)) else 0


if __name__ == "__main__":
    sys.exit(main())
