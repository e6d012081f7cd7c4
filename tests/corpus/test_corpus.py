"""The checker's verdicts on the labelled corpus stay within the bars that output checkers need to trust it."""

from __future__ import annotations

import pytest

from tests.corpus.case import DISCLOSIVE, HARMLESS, RULES, Case, corpus
from tests.corpus.evaluate import BARS, Verdict, missed, rates, run

MISSING: dict[str, str] = {}
"""Bars that do not hold yet, and what is missing; the entry goes when the bar holds."""


def bar_of(name: str) -> object:
    marks = [pytest.mark.xfail(reason=MISSING[name], strict=True)] if name in MISSING else []
    return pytest.param(name, marks=marks)


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return list(corpus())


@pytest.fixture(scope="module")
def verdicts(cases: list[Case], tmp_path_factory: pytest.TempPathFactory) -> list[Verdict]:
    return run(cases, tmp_path_factory.mktemp("corpus"))


def test_every_rule_has_disclosive_cases_and_harmless_look_alikes(cases: list[Case]) -> None:
    for rule in RULES:
        for label in (DISCLOSIVE, HARMLESS):
            assert sum(c.label == label and rule in c.rules for c in cases) >= 8, (rule, label)


def test_names_are_unique_and_a_third_or_more_travels_with_sidecars(cases: list[Case]) -> None:
    assert len({c.name for c in cases}) == len(cases) >= 300
    assert sum(c.sidecar for c in cases) >= len(cases) / 3


def test_a_request_of_the_corpus_is_the_same_at_every_build(cases: list[Case]) -> None:
    again = {c.name: c for c in corpus("min_cell.")}
    text = [c for c in cases if c.name in again and c.format not in ("xlsx",)]
    assert text and all(c.files == again[c.name].files for c in text)


def test_nothing_crashes_the_checker(verdicts: list[Verdict]) -> None:
    assert [(v.case.name, v.crash) for v in verdicts if v.crash] == []


@pytest.mark.parametrize("bar", [bar_of(name) for name in BARS])
def test_bar(bar: str, verdicts: list[Verdict]) -> None:
    figures = rates(verdicts)
    assert bar not in missed(figures), (
        f"{bar}: {figures[bar]:.3f}, bar {BARS[bar]}; python -m tests.corpus.evaluate --failures"
    )


def test_a_harmless_request_usually_gets_no_finding_at_all(verdicts: list[Verdict]) -> None:
    assert rates(verdicts)["harmless median findings"] == 0
