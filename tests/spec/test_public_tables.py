"""# Public tables of health and human services (`calhhs-ddg-2.0`)

For tables that are published. Counts of 11 or more in a population of 20,000 pass, zeros are shown. Else points are
added from the sidecar's `publication:` block: up to 12 all is shown, above it counts of 1 to 10 are masked. High-risk
groups are always masked below 11.
"""

from __future__ import annotations

from typing import Any

from c2c_research.disclosure import check_content
from c2c_research.disclosure.context import Publication
from c2c_research.disclosure.rules.publication import points, score
from tests.spec.rulebook import found, report_on

PACK = "calhhs-ddg-2.0"
COUNTY = "county,cases\nAlpine,4\nKern,310\nInyo,0\n"
STATE: dict[str, Any] = {
    "denominator": 39_000_000, "age_range": 0, "race_groups": 0,
    "geography": 39_000_000, "months": 12, "interactions": 0,
}  # fmt: skip
SMALL = STATE | {"denominator": 1_100, "geography": 1_100, "age_range": 5, "interactions": 1}


def test_the_points_of_a_statewide_table() -> None:
    said = Publication(**STATE)
    assert points(4, said) == {
        "events": 7, "age range": 0, "race groups": 0, "geography": -5, "time": 0, "interactions": -3,
    }  # fmt: skip
    assert score(4, said) == -1 and score(2, said) == 2 and score(5, said) == -3


def test_the_points_of_a_small_place_by_age() -> None:
    assert score(4, Publication(**SMALL)) == 7 + 5 + 7 + 0 + 1


def test_small_counts_are_shown_where_the_score_is_low() -> None:
    assert found(COUNTY, policy=PACK, counts="cases", publication=STATE) == {}


def test_small_counts_are_masked_where_the_score_is_high() -> None:
    assert found(COUNTY, policy=PACK, counts="cases", publication=SMALL) == {"min_cell": [(0, 1)]}


def test_what_the_sidecar_does_not_say_is_asked() -> None:
    report = report_on(COUNTY, policy=PACK, counts="cases", publication={"geography": 1_100})
    assert [finding.rule for finding in report.findings] == ["min_cell"]
    assert "months" in report.findings[0].message
    assert {"publication: months", "publication: denominator"} <= {question.about for question in report.questions}


def test_a_high_risk_group_is_masked_whatever_the_score() -> None:
    table = "group,cases\nFoster youth,4\nAll others,310\n"
    assert found(table, policy=PACK, counts="cases", publication=STATE) == {"min_cell": [(0, 1)]}
    other = "group,cases\nNot in foster care,4\nAll others,310\n"
    assert found(other, policy=PACK, counts="cases", publication=STATE) == {}


def test_large_counts_of_a_large_population_need_no_score() -> None:
    table = "county,cases\nKern,310\nInyo,11\n"
    said = {"denominator": 20_000}
    assert found(table, policy=PACK, counts="cases", publication=said) == {}


def test_a_zero_that_rounding_made_is_masked_with_its_count() -> None:
    table = b"county,n,pct\nKern,9000,0.0%\nFresno,9000,7.1%\n"
    report = check_content("t.csv", table, PACK, "publication: {denominator: 39000000}")
    assert [(finding.rule, finding.cells) for finding in report.findings] == [("rate", ((0, 2),))]


MASKED = "county,cases\nAlpine,*\nInyo,*\nKern,310\nTotal,{}\n"


def test_masked_counts_that_add_to_less_than_eleven_need_one_more() -> None:
    said: dict[str, Any] = {"counts": "cases", "totals": {"rows": "Total"}, "suppressed": ["*"]}
    thin, wide = (MASKED.format(total) for total in (319, 340))
    assert found(thin, policy=PACK, publication=STATE, **said) == {"secondary": [(0, 1), (1, 1)]}
    assert found(wide, policy=PACK, publication=STATE, **said) == {}
    assert found(thin, **said) == {}


def test_masked_counts_of_at_most_three_need_one_more() -> None:
    table = "county,cases\nAlpine,<4\nInyo,<4\nMono,<4\nPlumas,<4\nTrinity,<4\nKern,310\nTotal,*\n"
    said: dict[str, Any] = {"counts": "cases", "totals": {"rows": "Total"}, "suppressed": ["*", "<4"]}
    assert "secondary" not in found(table, policy=PACK, publication=STATE, **said)
    shown = table.replace("Total,*", "Total,321")
    assert found(shown, policy=PACK, publication=STATE, **said)["secondary"] == [(n, 1) for n in range(5)]


def test_a_note_that_claims_the_steps_of_the_review_board_is_held_to_them() -> None:
    note = "Counts are rounded following the Census DRB rounding rules.\n\ncounty,workers\nAlpine,350\nButte,{}\n"
    assert set(found(note.format(1237), "t1.txt")) == {"rounding"}
    assert found(note.format(1200), "t1.txt") == {}
