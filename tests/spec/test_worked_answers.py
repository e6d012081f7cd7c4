"""# Worked answers of other tools

Third-party test data with known answers, each against a named pack or parameters: tau-ARGUS's `pp.tab` (p % = 15),
ACRO's charities, and the rounding of the Census Bureau's Disclosure Review Board.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import c2c_research as c2c
from c2c_research.disclosure.context import Contribution
from c2c_research.disclosure.findings import Status
from c2c_research.disclosure.policy import Rule, load_pack
from c2c_research.disclosure.rules import drb
from c2c_research.disclosure.rules.dominance import dominated
from tests.spec.rulebook import found

SHARED = Path(__file__).parents[3] / "shared" / "testdata"
here = pytest.mark.skipif(not SHARED.is_dir(), reason="the third-party test data is not beside this checkout")


def p_percent(p: float) -> Rule:
    return Rule("dominance", Status.FAIL, "", "", {"n": 0, "p": p})


@here
def test_tau_argus_gives_161_of_162_statuses_by_the_p_percent_rule() -> None:
    lines = (SHARED / "tauargus" / "pp.tab").read_text().splitlines()
    other = []
    for line in lines:
        size, region, value, freq, _, _, top1, top2, status, *_ = line.replace(",", ".").split(";")
        item = Contribution((0, 0), float(value), float(top1), float(top2))
        unsafe = "U" if dominated(item, p_percent(15)) else "S"
        if status != ("E" if float(freq) == 0 else unsafe):
            other.append((size, region))
    # one value was edited by hand: its total is 11, its parts make 10
    assert len(lines) == 162 and other == [('" 2"', '" 6"')]


@here
def test_acro_charities_fail_the_threshold_of_ten_in_the_small_grant_type() -> None:
    charities = pd.read_stata(SHARED / "acro" / "test_data.dta")
    table = c2c.crosstab(charities.year, charities.grant_type)
    small = [finding.cells for finding in replace(table, policy="adrf").check().findings if finding.rule == "min_cell"]
    assert [(row, column - 1) for row, column in small[0]] == [(row, 3) for row in range(6)]


@here
def test_acro_charities_are_dominated_where_acro_says_so() -> None:
    charities = pd.read_stata(SHARED / "acro" / "test_data.dta")
    table = c2c.crosstab(charities.year, charities.grant_type, values=charities.inc_grants, aggfunc="mean")
    tops = {cell: Contribution(cell, *numbers) for cell, numbers in table.contributions.items()}
    by_share = Rule("dominance", Status.FAIL, "", "", {"n": 2, "k": 0.9, "p": 0})
    assert [(r, c - 1) for (r, c), item in sorted(tops.items()) if dominated(item, by_share)] == [(0, 3)]
    by_p = [(r, c - 1) for (r, c), item in sorted(tops.items()) if dominated(item, p_percent(10))]
    assert by_p == [(0, 3)]
    # five charities of which each has nothing: a statement about the whole group
    zeros = [finding.cells for finding in table.check().findings if finding.rule == "group"]
    assert (0, 2) in zeros[0]


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0"), (1, "N<15"), (14, "N<15"), (15, "20"), (97, "100"), (124, "100"), (126, "150"), (1_049, "1000"),
     (10_249, "10000"), (10_251, "10500"), (123_456, "123000"), (1_234_567, "1235000")],
)  # fmt: skip
def test_the_boards_rounding(count: int, shown: str) -> None:
    assert drb.rounded(count) == shown


def test_a_table_that_breaks_the_boards_steps_fails_under_its_pack() -> None:
    table = "district,n\nA,120\nB,150\nC,N<15\nD,1100\n"
    assert found(table, policy="census-drb") == {"rounding": [(0, 1)]}
    assert found(table) == {}


def test_percent_bands_follow_the_size_of_the_group() -> None:
    table = "school,n,pct_met\nA,350,99.1%\nB,350,98.6%\nC,120,98.3%\nD,60,95.0%\nE,60,93.3%\n"
    assert found(table, policy="k12-percent-bands")["rate"] == [(0, 2), (2, 2), (3, 2)]
    assert found("school,pct_met\nA,>=99%\nB,98.6%\n", policy="k12-percent-bands") == {}


def test_percentages_of_ten_students_are_hidden() -> None:
    report = found("school,n,pct_met\nA,10,40%\nB,60,50%\n", policy="k12-percent-bands")
    assert report["min_cell"] == [(0, 1)] and (0, 2) in report["rate"]


def test_every_pack_keeps_its_own_threshold() -> None:
    thresholds = {name: load_pack(name).threshold("persons") for name in ("enclave-default", "adrf", "census-drb")}
    assert thresholds == {"enclave-default": 11, "adrf": 10, "census-drb": 15}
