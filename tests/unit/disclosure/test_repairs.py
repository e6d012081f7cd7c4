"""Repairs: each that is offered passes; totals still add; nothing is offered for a file that passes."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import pytest

from c2c_research.cli import main
from c2c_research.disclosure import Status, check_content
from c2c_research.disclosure.repairs import repairs

SIDECAR = "rows: county\ncounts: cells\nkind: frequency\ntotals: {rows: Total, columns: Total}\n"
TABLE = "county,F,M,Total\nA,33,42,75\nB,4,51,55\nC,61,18,79\nTotal,98,111,209\n"
TREE = "merge: {county: {A or B: [A, B]}}\n"


def numbers(content: bytes) -> list[list[int]]:
    rows = list(csv.reader(io.StringIO(content.decode())))[1:]
    return [[int(text) for text in row[1:]] for row in rows]


def test_the_repairs_of_a_small_count_are_rounding_merging_and_suppression_in_this_order() -> None:
    found = {each.kind: each for each in repairs("t.csv", TABLE.encode(), context=SIDECAR + TREE)}
    assert list(found) == ["rounded", "merged", "suppressed"]
    assert numbers(found["rounded"].content) == [[35, 40, 75], [5, 50, 55], [60, 20, 80], [100, 110, 210]]
    assert numbers(found["merged"].content) == [[37, 93, 130], [61, 18, 79], [98, 111, 209]]
    assert found["suppressed"].content.decode().count("*") == 4


def test_a_file_that_passes_has_no_repair() -> None:
    assert repairs("t.csv", TABLE.replace("4,51,55", "14,41,55").encode(), context=SIDECAR) == ()


@pytest.mark.parametrize("seed", range(40))
def test_every_offer_passes_and_rounded_totals_are_sums_of_rounded_cells(seed: int) -> None:
    chance = random.Random(seed)
    cells = [[chance.choice((3, 14, 29, 58, 117)) for _ in range(3)] for _ in range(4)]
    rows = [[f"R{n}", *line, sum(line)] for n, line in enumerate(cells)]
    rows.append(["Total", *map(sum, zip(*cells, strict=True)), sum(map(sum, cells))])
    text = "county,F,M,X,Total\n" + "\n".join(",".join(map(str, row)) for row in rows) + "\n"
    for each in repairs("t.csv", text.encode(), context=SIDECAR):
        again = check_content(each.name, each.content, "enclave-default", each.sidecar, each.evidence)
        assert again.status is Status.PASS
        if each.kind == "rounded":
            lines = numbers(each.content)
            assert all(number % 5 == 0 for line in lines for number in line)
            assert all(line[-1] == sum(line[:-1]) for line in lines)
            assert lines[-1] == [sum(column) for column in zip(*lines[:-1], strict=True)]


def test_the_command_writes_repaired_files_with_their_sidecars(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE)
    (tmp_path / "t.context.yaml").write_text(SIDECAR)
    out = tmp_path / "repaired"
    assert main(["check", str(tmp_path / "t.csv"), "--repair", str(out)]) == 1
    assert (out / "t.rounded.csv").is_file()
    assert main(["check", str(out / "t.rounded.csv")]) == 0
