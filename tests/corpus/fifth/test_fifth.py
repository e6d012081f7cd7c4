"""The fifth corpus, output of statistics packages and layouts of offices, stays within the bars."""

from __future__ import annotations

from pathlib import Path

from tests.corpus.case import corpus
from tests.corpus.evaluate import missed, rates, run


def test_the_fifth_corpus_holds_every_bar(tmp_path: Path) -> None:
    chosen = list(corpus("", "fifth"))
    assert len(chosen) >= 200
    assert missed(rates(run(chosen, tmp_path))) == []
