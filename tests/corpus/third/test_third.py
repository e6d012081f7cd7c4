"""The third corpus stays within the bars."""

from __future__ import annotations

from pathlib import Path

from tests.corpus.case import DISCLOSIVE, HARMLESS, RULES
from tests.corpus.evaluate import missed, rates, run
from tests.corpus.third.request import cases


def test_the_third_corpus_holds_every_bar(tmp_path: Path) -> None:
    assert missed(rates(run(list(cases()), tmp_path))) == []


def test_every_rule_has_five_requests_that_break_it_and_five_near_misses() -> None:
    for rule in RULES:
        for label in (DISCLOSIVE, HARMLESS):
            assert sum(case.label == label and case.rules[0] == rule for case in cases()) >= 5, (rule, label)
