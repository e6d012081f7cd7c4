"""The sixth corpus holds the bars, and flags nothing harmless."""

from __future__ import annotations

from pathlib import Path

from tests.corpus.case import corpus
from tests.corpus.evaluate import missed, rates, run


def test_the_sixth_corpus_holds_the_bars(tmp_path: Path) -> None:
    chosen = list(corpus("", "sixth"))
    assert len(chosen) == 72
    figures = rates(run(chosen, tmp_path))
    assert missed(figures) == []
