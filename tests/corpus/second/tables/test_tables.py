"""The second corpus of tables stays within the bars, at its own seed and at another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpus.case import DISCLOSIVE, HARMLESS, RULES
from tests.corpus.evaluate import missed, rates, run
from tests.corpus.second.tables.kit import AMBIGUOUS, corpus


@pytest.mark.parametrize("seed", ["second", "other"])
def test_the_second_corpus_of_tables_holds_every_bar(seed: str, tmp_path: Path) -> None:
    verdicts = run([case for case in corpus(seed=seed) if case.label != AMBIGUOUS], tmp_path)
    assert missed(rates(verdicts)) == []


def test_every_rule_has_five_disclosive_requests_and_five_look_alikes() -> None:
    cases = list(corpus())
    for rule in RULES:
        for label, least in ((DISCLOSIVE, 4), (HARMLESS, 2 if rule == "file_kind" else 5)):
            assert sum(case.label == label and rule in case.rules for case in cases) >= least, (rule, label)
