"""# Forms of tables: compound cells, turned tables, listings, LaTeX, sentences, answers

The same counts are found whatever form they are written in. Cells are named where they stand in the file.
"""

from __future__ import annotations

import pytest

from c2c_research.disclosure import check_content
from c2c_research.disclosure.answers import Answers
from tests.spec.rulebook import as_dict, found


@pytest.mark.parametrize("cell", ["7 (5.8%)", "7 (5.8)", "7 of 120", "7 [5.8%]", "n=7"])
def test_a_count_in_a_compound_cell_is_read(cell: str) -> None:
    table = f"district,students graduated n (%)\nAlder,60 (54.2%)\nBirch,{cell}\nCedar,88 (61.3%)\n"
    assert found(table)["min_cell"] == [(1, 1)]


def test_a_mean_with_its_n_in_brackets_is_read() -> None:
    assert "min_cell" in found("district,mean gpa (n)\nAlder,3.21 (120)\nBirch,2.95 (7)\nCedar,3.02 (88)\n")
    assert found("district,mean gpa (n)\nAlder,3.21 (120)\nBirch,2.95 (70)\nCedar,3.02 (88)\n") == {}


def test_a_table_of_statistics_by_row_is_read_and_its_cells_are_named_as_they_stand() -> None:
    turned = "statistic,Alder,Birch,Cedar\nn,120,7,88\nmean,3.21,2.95,3.02\nstd,0.4,0.5,0.4\n"
    assert found(turned)["min_cell"] == [(0, 2)]


def test_a_listing_with_words_in_keys_and_headers_keeps_its_columns() -> None:
    listing = """
    Concentration

    -----------------------------------------------------------------------
    County    Industry                Workers  Employers  Largest firm share
    -----------------------------------------------------------------------
    Alpine    Health Care                  86         36                16 %
    Fresno    Accommodation and Food      172         42                18 %
    Glenn     Construction                 36         33                27 %
    -----------------------------------------------------------------------
    """
    assert found(listing, "t.txt") == {}
    assert "min_cell" in found(listing.replace("172", "  7"), "t.txt")


def test_a_listing_with_decimal_commas_is_read() -> None:
    listing = """
    Wage distribution

    CTE pathway          n  10th percentile     median  90th percentile
    Arts & Media        53        16.601,59  42.065,20       101.091,95
    Education           36        16.584,82  35.504,08        73.802,87
    Fashion             45        14.889,85  28.188,31       115.969,04
    """
    assert "order_statistic" in found(listing, "t.txt")


LATEX = r"""
\begin{table}\caption{Graduates by county}
\begin{tabular}{llr}
\toprule
County & Race & Students \\
\midrule
\multirow{2}{*}{Alpine} & A & 1,205 \\
 & B & 7 \\
Butte & A & 98 \\
\bottomrule
\end{tabular}\end{table}
"""


def test_a_latex_table_is_read_through_its_spans_and_rules() -> None:
    assert found(LATEX, "t.tex") == {"min_cell": [(1, 2)]}
    assert found(LATEX.replace("& 7", "& 70"), "t.tex") == {}


@pytest.mark.parametrize(
    ("sentence", "rules"),
    [
        ("Of the graduates, only 7 students left the state.", True),
        ("Of the graduates, 1,205 students left the state.", False),
        ("Seven of the 17 models converged in 5 steps.", False),
        ("We used 3 years of data from 2 agencies.", False),
    ],
)
def test_a_sentence_that_counts_a_few_persons_is_found_and_others_are_quiet(sentence: str, rules: bool) -> None:
    assert bool(as_dict(check_content("notes.md", f"# Results\n\n{sentence}\n".encode()))) is rules


def test_an_answer_about_a_column_is_not_asked_again_and_is_used() -> None:
    content = b"district,x\nAlder,120\nBirch,7\nCedar,88\n"
    assert [question.about for question in check_content("t.csv", content).questions] == ["x"]
    report = check_content("t.csv", content, answers=Answers.from_json({"x": "count"}))
    assert report.questions == () and as_dict(report) == {"min_cell": [(1, 1)]}
