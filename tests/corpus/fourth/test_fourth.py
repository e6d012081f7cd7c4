"""The fourth corpus, in idioms that its author thought nobody else would choose, stays within the bars."""

from __future__ import annotations

from pathlib import Path

from tests.corpus.case import corpus
from tests.corpus.evaluate import missed, rates, run


def test_the_fourth_corpus_holds_every_bar(tmp_path: Path) -> None:
    chosen = list(corpus("", "fourth"))
    assert len(chosen) > 300
    assert missed(rates(run(chosen, tmp_path))) == []
