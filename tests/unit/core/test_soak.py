"""`make soak`: which files it runs, and what becomes of its table."""

from __future__ import annotations

from pathlib import Path

from scripts.soak import BEGIN, END, PAGE, renewed, results, soak_files

REPORT = """<testsuites><testsuite>
<testcase classname="tests.property.test_a" name="test_one" time="61.4"><properties><property name="count" value="500"/>
</properties></testcase>
<testcase classname="tests.property.test_a" name="test_two" time="3"><failure message="x"/><properties>
<property name="count" value="9"/></properties></testcase>
<testcase classname="tests.property.test_a" name="test_ordinary" time="1"/>
</testsuite></testsuites>"""


def test_every_file_with_a_large_count_is_run() -> None:
    files = soak_files()
    assert "tests/property/test_hostile_files.py" in files and "tests/unit/library/test_curves.py" in files
    assert "tests/unit/core/test_core.py" not in files


def test_a_run_renews_its_own_lines_and_leaves_the_others(tmp_path: Path) -> None:
    report = tmp_path / "soak.xml"
    report.write_text(REPORT)
    new = results(report, "2026-11-24")
    assert new["tests/property/test_a::test_one"].endswith("| 500 | 61 | holds | 2026-11-24 |")
    old = "| `tests/property/test_a::test_one` | 1 | 1 | holds | old |\n| `b::two` | 2 | 2 | holds | old |"
    page = f"before\n{BEGIN}\n{old}\n{END}\nafter"
    made = renewed(page, new)
    assert "| 1 | 1 |" not in made and "| `b::two` | 2 | 2 | holds | old |" in made
    assert "test_two` | 9 | 3 | failure |" in made and "test_ordinary" not in made
    assert made.startswith("before\n") and made.endswith(f"{END}\nafter")
    assert renewed(made, new) == made


def test_the_page_has_the_place_for_the_table() -> None:
    assert PAGE.read_text().count(BEGIN) == PAGE.read_text().count(END) == 1
