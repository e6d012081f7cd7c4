"""Measure: `python -m tests.corpus.second.tables [--only WORD] [--failures] [--json]`. Exit 1 when a bar is missed."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.corpus import evaluate
from tests.corpus.second.tables.kit import AMBIGUOUS, corpus


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus.second.tables")
    parser.add_argument("--only", default="")
    parser.add_argument("--failures", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seed", default="second", help="draw other numbers, names and formats")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--write", type=Path)
    args = parser.parse_args()
    chosen = list(corpus(args.only, args.seed))
    if args.show:
        for case in chosen:
            evaluate.show(case)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        verdicts = evaluate.run(chosen, args.write or Path(folder))
    clear = [v for v in verdicts if v.case.label != AMBIGUOUS]
    asked = [v for v in verdicts if v.case.label == AMBIGUOUS]
    if args.json:
        print(json.dumps(evaluate.summary(clear), indent=1))
    else:
        evaluate._print(clear, args.failures)
        print(f"\nambiguous: {sum(v.status == 'review' for v in asked)}/{len(asked)} asked")
        for v in asked:
            print(f"  {v.case.name}: {v.status}")
    return 1 if evaluate.missed(evaluate.rates(clear)) else 0


if __name__ == "__main__":
    sys.exit(main())
