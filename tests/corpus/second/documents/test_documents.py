"""The second corpus of documents stays within the bars: every third request in `make test`, all in `make soak`."""

from __future__ import annotations

from pathlib import Path

from tests.corpus.case import corpus
from tests.corpus.evaluate import missed, rates, run
from tests.scale import examples


def test_the_documents_of_the_second_corpus_hold_every_bar(tmp_path: Path) -> None:
    chosen = list(corpus("documents", "second"))
    assert len(chosen) > 350
    assert missed(rates(run(chosen[:: examples(3, 1)], tmp_path))) == []
