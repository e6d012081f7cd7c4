"""Suppression of sums of wages: levels and patterns worked out by hand, through the command that people call."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import c2c_research as c2c
from c2c_research.disclosure.context import Contribution
from c2c_research.disclosure.findings import Status
from c2c_research.disclosure.policy import load_pack
from c2c_research.disclosure.protection.magnitudes import level, p_percent_level, share_level
from services.cli.main import app, run

Cells = list[list[int]]
WAGES = "district,public,private,All\nA,100,300,400\nB,250,200,450\nC,150,500,650\nAll,500,1000,1500\n"
SIDECAR = "rows: [district]\nkind: magnitude\ntotals: {rows: All, columns: All}\n"


def suppressed(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    contributions: list[list[float]],
    table: str = WAGES,
    *options: str,
    sidecar: str = SIDECAR,
    counts: Cells | None = None,
) -> dict[str, Any]:
    """The answer of `c2c suppress --json`. A contribution is row, column, total, largest, second."""
    (folder / "t1.csv").write_text(table)
    (folder / "t1.context.yaml").write_text(sidecar)
    (folder / "t1.evidence.json").write_text(json.dumps({"counts": counts or [], "contributions": contributions}))
    code = run(app, ["suppress", str(folder / "t1.csv"), "--out", str(folder / "o.csv"), "--json", *options])
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert code == (1 if answer["exposed"] else 0)
    return answer


def test_the_levels_of_the_two_rules() -> None:
    """80 and 15 of 100: p % asks for 0.1 · 80 - 5 = 3; two may hold 90 %: 95 / 0.9 - 100 = 5.56, one 80 %: 0."""
    top = Contribution((0, 1), 100, 80, 15)
    assert p_percent_level(top, 10) == pytest.approx(3)
    assert share_level(top, 2, 0.9) == pytest.approx(5.5556, abs=1e-4)
    assert share_level(top, 1, 0.8) == pytest.approx(0)
    rules = {name: load_pack(name).rule("dominance") for name in ("enclave-default", "adrf", "census-drb")}
    asked = {name: round(level(top, rule), 4) for name, rule in rules.items() if rule}
    # ADRF: one may hold 80 %; the Census Bureau's pack: p % = 15
    assert asked == {"enclave-default": 5.5556, "adrf": 3, "census-drb": 7}


def test_a_dominated_sum_is_hidden_with_the_cheapest_rectangle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With B it costs 300 + 250 + 200, with C 300 + 150 + 500. Then (A, public) = x leaves 350 - x for (B, public)."""
    answer = suppressed(tmp_path, capsys, [[0, 1, 100, 80, 15]])
    assert answer["primary"] == [[0, 1]] and answer["secondary"] == [[0, 2], [1, 1], [1, 2]]
    assert (answer["cost"], answer["gap"], answer["proven"]) == (750, 0, True)
    assert answer["levels"] == [{"cell": [0, 1], "down": 5.555556, "up": 5.555556}]
    assert answer["bounds"][0] == {"cell": [0, 1], "low": 0, "high": 350, "proven": True}
    assert (tmp_path / "o.csv").read_text().splitlines()[1:3] == ["A,*,*,400", "B,*,*,450"]


def test_a_partner_that_is_smaller_than_the_level_does_not_help(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """900 and 90 of 1000 ask for 990 / 0.9 - 1000 = 100; beside B's 60 the value could only reach 1060."""
    table = "district,public,private,All\nA,1000,500,1500\nB,60,500,560\nC,400,500,900\nAll,1460,1500,2960\n"
    answer = suppressed(tmp_path, capsys, [[0, 1, 1000, 900, 90]], table)
    assert answer["secondary"] == [[0, 2], [2, 1], [2, 2]]
    assert answer["bounds"][0]["high"] == 1400 and answer["levels"][0]["up"] == pytest.approx(100)


def test_a_sum_of_too_few_persons_stays_open_by_p_percent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody dominates five equal wages; they are too few all the same."""
    answer = suppressed(tmp_path, capsys, [[0, 1, 100, 20, 20]], counts=[[0, 1, 5], [0, 2, 40]])
    assert answer["primary"] == [[0, 1]] and answer["levels"] == [{"cell": [0, 1], "down": 10, "up": 10}]


def test_employers_have_a_rule_of_their_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """83 of 100 passes p % and (2, 90 %); one employer may not hold 80 %: 83 / 0.8 - 100 = 3.75."""
    tops = [[0, 1, 100.0, 83.0, 1.0]]
    assert suppressed(tmp_path, capsys, tops)["primary"] == []
    answer = suppressed(tmp_path, capsys, tops, sidecar=f"{SIDECAR}unit: employers\n")
    assert answer["levels"] == [{"cell": [0, 1], "down": 3.75, "up": 3.75}]


def test_who_is_alone_in_a_cell_does_not_protect_its_neighbour(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """(A, x) is one employer's: it knows 100, and so (A, y) from the row, unless the row hides a third."""
    table = "district,x,y,z,All\nA,100,300,200,600\nB,250,200,220,670\nC,150,500,210,860\nAll,500,1000,630,2130\n"
    tops = [[0, 1, 100, 100, 0], [0, 2, 300, 280, 10]]
    answer = suppressed(tmp_path, capsys, tops, table)
    row = [cell for cell in [*answer["primary"], *answer["secondary"]] if cell[0] == 0]
    assert answer["proven"] and len(row) == 3
    # levels: 0.1 · 100; and 290 / 0.9 - 300 is less than 0.1 · 280 - 10 = 18
    assert [each["up"] for each in answer["levels"]] == [pytest.approx(100 / 0.9 - 100), pytest.approx(290 / 0.9 - 300)]


def test_rounded_sums_are_protected_within_their_rounding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The margins are rounded for themselves: 3.3 + 3.3 + 3.3 = 10.0 shown. A shown line tells 0.05 a number less."""
    table = "district,x,y,All\nA,3.3,8.1,11.4\nB,3.3,9.4,12.7\nC,3.3,7.7,11.1\nAll,10.0,25.2,35.2\n"
    answer = suppressed(tmp_path, capsys, [[0, 1, 3.3, 3.0, 0.2]], table)
    assert answer["proven"] and len(answer["secondary"]) == 3


def test_a_total_that_is_off_by_more_than_rounding_is_named_and_still_narrows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of public is given as 503 where its parts make 500: a reader still knows x + (B, public) to within 3."""
    table = WAGES.replace("All,500", "All,503")
    answer = suppressed(tmp_path, capsys, [[0, 1, 100, 80, 15]], table)
    assert answer["not_adding"] and answer["secondary"] == [[0, 2], [1, 1], [1, 2]]
    assert answer["bounds"][0]["high"] < 360


@pytest.mark.parametrize(
    ("table", "contributions", "says"),
    [(WAGES.replace("A,100,300", "A,-100,500"), [[0, 1, 100, 80, 15]], "below zero"), (WAGES, [], "who stands behind")],
)
def test_what_cannot_be_proven_is_refused_with_what_to_do(
    tmp_path: Path, table: str, contributions: list[list[float]], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "t1.csv").write_text(table)
    (tmp_path / "t1.context.yaml").write_text(SIDECAR)
    (tmp_path / "t1.evidence.json").write_text(json.dumps({"contributions": contributions}))
    assert run(app, ["suppress", str(tmp_path / "t1.csv"), "--out", str(tmp_path / "o.csv"), "--json"]) == 2
    assert says in capsys.readouterr().err and not (tmp_path / "o.csv").exists()


def test_sums_of_a_notebook_are_suppressed_by_their_own_evidence() -> None:
    """Twelve earn 10 in each cell, but one of (A, x) earns 2,000: 2,010 / 0.9 - 2,110 = 123.3 has to stay open.

    A partner holds 120, so two are needed in row A and two in column x; one more closes each of the columns w and y.
    """
    cells = [(row, column) for row in "ABC" for column in "xyw" for _ in range(12)]
    people = pd.DataFrame(cells, columns=["district", "sector"]).assign(person_id=range(108), wage=10.0)
    people.loc[0, "wage"] = 2_000.0
    table = c2c.crosstab(
        people.district, people.sector, values=people.wage, aggfunc="sum", margins=True, unit=people.person_id
    )
    done = table.suppress()
    assert (done.cost, done.gap) == (6 * 120, 0)
    assert done.rows[0][1:4] == ("*", "*", "*") and done.rows[0][4] == "2350"
    assert done.check().status is Status.PASS
