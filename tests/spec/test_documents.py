"""# Logs, reports, programs and notebooks

What is no table file carries the same numbers: a listing in a log, a number of a person in a program, a sentence, a
chart's data. Programs have small numbers of their own, which count nobody.
"""

from __future__ import annotations

import io
import json
from textwrap import dedent
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from PIL import Image, ImageDraw

from c2c_research.disclosure import check_content
from tests.spec.rulebook import as_dict, found

IDS = (7487407063, 8285836123, 3283266504, 9578962477, 3778921607, 9427242344)


def of(name: str, content: bytes | str) -> dict[str, Any]:
    return as_dict(check_content(name, content.encode() if isinstance(content, str) else content))


def test_lines_of_a_log_that_name_persons_are_unit_records() -> None:
    log = "".join(f"10:31:0{n} DEBUG person_id={i} school='Oak High' matched\n" for n, i in enumerate(IDS))
    assert set(found(log, name="run.log")) == {"unit_record"}


def test_short_numbers_right_after_a_person_are_persons_too() -> None:
    log = "".join(f"[worker {n % 2}] fit person {i} ok\n" for n, i in enumerate((88213, 10293, 55521, 23311)))
    assert set(found(log, name="run.log")) == {"unit_record"}


def test_numbers_of_persons_in_a_program_are_unit_records() -> None:
    assert set(found(f"DROP = {list(IDS)}\ndf = df[~df.person_id.isin(DROP)]\n", name="drop.py")) == {"unit_record"}


def test_a_program_has_small_and_long_numbers_of_its_own() -> None:
    assert (
        found("SEED = 20240314\nRECODE = {1: 'Asian', 2: 'Black', -9: None}\nSIZES = (5, 10, 25)\n", name="a.py") == {}
    )


def test_codes_of_schools_and_sizes_of_files_are_no_persons() -> None:
    schools = "school_code    students\n" + "".join(f"{i}  {120 + i % 700}\n" for i in IDS)
    assert found(schools, name="schools.txt") == {}
    assert found("".join(f"copied t{n}.csv {i} bytes\n" for n, i in enumerate(IDS)), name="copy.log") == {}


def test_a_listing_of_stata_is_unit_records() -> None:
    rows = [("Oak High", "Asian", 0, 3.10, 2502), ("Mesa Union", "Black", 1, 2.26, 2629),
            ("Oak High", "White", 1, 3.65, 2280), ("Oak High", "Asian", 1, 3.11, 2622),
            ("Mesa Union", "White", 0, 1.92, 2411)]  # fmt: skip
    lines = ""
    for n, (school, race, female, gpa, score) in enumerate(rows, 1):
        lines += f"{n:>3}. | {school:>10}  {race:>6}  {female:>6}  {gpa:>4}  {score:>5} |\n"
    head = f". list in 1/5\n\n     +{'-' * 41}+\n     |     school    race  female   gpa  score |\n"
    assert set(found(head + lines, name="run.log")) == {"unit_record"}


def test_a_cross_table_of_stata_has_its_counts_behind_the_bar() -> None:
    log = """
        . tabulate race grade
              race |         9         10 |     Total
        -----------+----------------------+----------
             Asian |       498          4 |       502
             Black |       816        670 |     1,486
        -----------+----------------------+----------
             Total |     1,314        674 |     1,988
        """
    assert "min_cell" in found(log, name="tab.log")


def test_the_support_of_a_class_is_a_count() -> None:
    report = """
                          precision    recall  f1-score   support

                 dropout       0.12      0.67      0.20         {n}
                graduate       1.00      0.95      0.97       856
        """
    assert set(found(report.replace("{n}", "9"), name="report.txt")) == {"min_cell"}
    assert found(report.replace("{n}", "91"), name="report.txt") == {}


def test_small_leaves_of_a_tree_fail_and_large_ones_pass() -> None:
    tree = "|--- gpa <= 2.45\n|   |--- weights: [{}, 431.00] class: 0\n"
    tree += "|--- gpa >  2.45\n|   |--- weights: [528.00, 719.00] class: 1\n"
    assert set(found(tree.format("3.00"), name="tree.txt")) == {"model"}
    assert found(tree.format("931.00"), name="tree.txt") == {}


def test_a_dummy_of_one_person_has_the_residual_spread_as_its_error() -> None:
    model = """
                                    OLS Regression Results
        ======================================================================
        Dep. Variable:         lnwage   No. Observations:                  600
        Model:                    OLS   Df Residuals:                      597
        Method:         Least Squares   Log-Likelihood:                -435.47
        ======================================================================
                         coef    std err          t      P>|t|
        ----------------------------------------------------------------------
        Intercept      8.0011      0.041    194.566      0.000
        gpa            0.2991      0.012     24.925      0.000
        lone           0.9012      {error}      {t}      0.072
        ======================================================================
        """
    assert set(found(model.format(error="0.501", t="1.799"), name="ols.txt")) == {"model"}
    assert found(model.format(error="0.041", t="21.980"), name="ols.txt") == {}


def test_coefficients_in_columns_count_against_the_observations() -> None:
    rows = "".join(f"x{n} & 0.1{n}$^{{*}}$ \\\\\n & (0.0{n}) \\\\\n" for n in range(1, 10))
    table = f"\\begin{{tabular}}{{lc}}\n & (1) \\\\\n{rows}Observations & %s \\\\\n\\end{{tabular}}\n"
    assert set(found(table % "17", name="t.tex")) == {"model"}
    assert found(table % "4,210", name="t.tex") == {}


def test_each_step_of_a_distribution_is_one_person() -> None:
    lines = "".join(f"{7000 + 311.7 * n:.2f}  {n / 70:.5f}\n" for n in range(1, 71))
    assert set(found("wage  ecdf\n" + lines, name="ecdf.txt")) == {"unit_record"}


def test_sentences_that_stress_a_count_fail() -> None:
    for text in (
        "Of the 412 graduates of Oak High only 3 were homeless.",
        "A single student at Mesa Union took part.",
        "All 8 English learners of the school failed the test.",
        "Three students (0.7 percent) reported hunger.",
        "The number of expelled students was 4 in 2018.",
    ):
        assert set(found(text, name="note.md")) == {"min_cell"}, text


def test_sentences_about_counties_terms_and_courses_pass() -> None:
    text = "In 3 of 12 counties the rate rose by 4 points over 8 quarters. Seven districts joined."
    assert found(text, name="note.md") == {}


def test_the_highest_earner_and_both_ends_of_a_measure_are_told_values() -> None:
    for text in (
        "The highest earner among them made $412,318 in 2021.",
        "Earnings: min 312.50, median 31000, max 412318.22",
        "range:  [1204.17,412318.22]   units:  .01",
    ):
        assert set(found(text, name="note.txt")) == {"order_statistic"}, text
    assert found("The highest paid occupations earn 12% more; scores range: [0,4].", name="note.txt") == {}


def test_minima_among_settings_are_nobodys_value() -> None:
    assert found('{"params": {"max_depth": 4, "eta": 0.1, "min_child_weight": 5, "seed": 7}}', name="params.json") == {}


def test_bins_of_json_are_counts_beside_their_edges() -> None:
    assert set(found('{"bin_edges": [0, 20, 40, 60], "students": [3, 140, 88]}', name="hist.json")) == {"min_cell"}
    assert found('{"bin_edges": [0, 20, 40, 60], "students": [30, 140, 88]}', name="hist.json") == {}


def test_places_of_cards_on_a_dashboard_count_nobody() -> None:
    cards = [
        {"title": f"County {n}", "students": 800 + 35 * n, "position": {"row": n // 4, "col": n % 4}} for n in range(8)
    ]
    assert found(json.dumps({"cards": cards, "theme": {"font": 12, "columns": 4}}), name="board.json") == {}
    cards[2]["students"] = 4
    assert "min_cell" in found(json.dumps({"cards": cards}), name="board.json")


def test_a_chart_of_a_notebook_is_read_like_a_table() -> None:
    def book(values: list[dict[str, Any]], mark: str) -> str:
        chart = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "data": {"values": values}, "mark": mark}
        output = {"output_type": "display_data", "metadata": {}, "data": {"application/vnd.vegalite.v5+json": chart}}
        cell = {"cell_type": "code", "execution_count": 1, "metadata": {}, "source": "chart", "outputs": [output]}
        return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})

    counties = [{"county": name, "students": n} for name, n in (("Alder", 930), ("Birch", 1215), ("Cedar", 480))]
    assert of("a.ipynb", book(counties, "bar")) == {}
    counties[1]["students"] = 6
    assert set(of("a.ipynb", book(counties, "bar"))) == {"min_cell"}
    persons = [{"gpa": 1.2 + (17 * n) % 29 / 10, "pace": (11 * n) % 37} for n in range(40)]
    assert set(of("a.ipynb", book(persons, "point"))) == {"unit_record"}


def workbook(other: bool = False, remark: str = "") -> bytes:
    book = Workbook()
    sheet: Any = book.active
    for line in (("county", "students"), ("Alder", 930), ("Birch", 1215), ("Cedar", 480)):
        sheet.append(line)
    drawn = sheet
    if other:
        drawn = book.create_sheet("raw")
        drawn.append(("x",))
        drawn.append((41023.11,))
        drawn.sheet_state = "hidden"
    chart = BarChart()
    chart.add_data(Reference(drawn, min_col=2 - other, min_row=1, max_row=4 - 2 * other), titles_from_data=True)
    sheet.add_chart(chart, "E2")
    if remark:
        sheet["B2"].comment = Comment(remark, "author")
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_chart_of_visible_cells_is_quiet_and_one_of_others_is_not() -> None:
    assert of("t.xlsx", workbook()) == {}
    assert set(of("t.xlsx", workbook(other=True))) >= {"hidden_content"}


def test_a_comment_is_quiet_unless_it_holds_data() -> None:
    assert of("t.xlsx", workbook(remark="Rounded to 5 like all counts here.")) == {}
    assert set(of("t.xlsx", workbook(remark="without the two at Oak High: 41023 and 30211"))) == {"hidden_content"}


def picture(spots: int, *, in_lines: bool) -> bytes:
    image = Image.new("RGB", (500, 340), "white")
    pen = ImageDraw.Draw(image)
    for n in range(spots):
        x, y = (20 + 9 * n, 300) if in_lines else (30 + (n * 97) % 440, 20 + (n * 61) % 290)
        pen.ellipse((x, y, x + 6, y + 6), fill="#1f77b4")
    buffer = io.BytesIO()
    image.save(buffer, "png")
    return buffer.getvalue()


def test_a_scatter_plot_in_pixels_asks_for_a_look() -> None:
    assert set(of("a.png", picture(50, in_lines=False))) == {"unit_record?"}
    assert of("a.png", picture(50, in_lines=True)) == {}
    assert of("a.png", picture(12, in_lines=False)) == {}


def test_a_curve_drawn_in_uneven_steps_shows_single_events() -> None:
    def curve(places: list[int]) -> str:
        path, height = "M 0 0", 0
        for x in places:
            path += f" L {x} {height} L {x} {height + 6}"
            height += 6
        drawn = f'<path d="{path}" fill="none" stroke="#000"/>'
        return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 200">{drawn}</svg>'

    assert set(of("km.svg", curve([7, 19, 23, 60, 61, 90, 140, 152, 200, 260]))) == {"survival"}
    assert of("km.svg", curve(list(range(20, 220, 20)))) == {}


def test_attributes_that_nobody_sees_carry_data() -> None:
    items = "".join(f"<li data-wage='{20000 + 311.7 * n:.2f}'>Oak High</li>" for n in range(12))
    assert set(of("a.html", f"<html><body><ul>{items}</ul></body></html>")) == {"hidden_content"}


def test_columns_set_apart_by_blanks_in_a_page_are_a_table() -> None:
    text = dedent("""
        students by home language
        Spanish      4120
        Mixteco         4
        Hmong           7
        """)
    assert set(found(text, name="languages.txt")) == {"min_cell"}
