"""# Work of offices: trees, quotations, answers, flows, lists and logs

What a file says in the idiom of an office is read as that: a leaf's size, a respondent's words, a box of a flow of
participants, a point of a list, a step of a log that left persons out. Each has a twin that counts nobody.
"""

from __future__ import annotations

import json

import pytest

from tests.spec.rulebook import found

TREE = """
    |--- attendance <= 0.82
    |   |--- gpa <= 1.75  (samples: 212, class: dropout)
    |   |--- gpa >  1.75  (samples: {n}, class: none)
    |--- attendance >  0.82  (samples: 640, class: none)
"""


def test_the_size_of_a_leaf_beside_its_split_is_a_count() -> None:
    assert set(found(TREE.replace("{n}", "7"), name="tree.txt")) == {"model"}
    assert found(TREE.replace("{n}", "71"), name="tree.txt") == {}
    assert found("forest: min_samples_leaf = 5, n_estimators = 200, max_depth <= 9\n", name="settings.txt") == {}


RPART = """
    n= 900
    node), split, n, loss, yval, (yprob)
     1) root 900 212 stayed (0.76 0.24)
       2) attendance>=0.82 693 80 stayed (0.88 0.12) *
       3) attendance< 0.82 207 75 left (0.36 0.64)
         6) gpa>=3.1 {n} 2 stayed (0.71 0.29) *
         7) gpa< 3.1 200 70 left (0.35 0.65) *
"""


def test_the_nodes_of_rpart_are_read() -> None:
    assert "model" in found(RPART.replace("{n}", "7"), name="tree.log")
    assert "model" not in found(RPART.replace("{n}", "47"), name="tree.log")


def test_a_quotation_with_the_traits_of_its_respondent_is_a_unit_record() -> None:
    said = (
        '> "They never called me back after the shelter closed."\n'
        ">\n"
        "> Respondent 1041, female, 23, welder, Inyo County\n"
    )
    assert set(found(said, name="quotes.md")) == {"unit_record"}
    assert found('> "Dual enrolment raises entry."\n>\n> Author and Other (2019, p. 214)\n', name="quotes.md") == {}


ANSWERS = (
    "resp_no,age,comment\n"
    "1,23,I was sleeping in my car.\n"
    "2,31,My mother was ill.\n"
    "3,19,The class was fine for me.\n"
    "4,44,I found work.\n"
)


def test_free_answers_a_row_are_unit_records_and_items_with_means_are_none() -> None:
    assert "unit_record" in found(ANSWERS, name="answers.csv")
    items = (
        "item,n,mean\n"
        "I feel safe at school,812,3.2\n"
        "My teachers listen to me,808,3.4\n"
        "I like maths,790,2.9\n"
        "I read at home,799,2.4\n"
    )
    assert found(items, name="items.csv") == {}


def test_a_log_that_says_how_many_persons_a_step_left_out_is_read() -> None:
    assert "min_cell" in found("[INFO] 09:13:02 excluded 8 persons with a diagnosis\n", name="run.log")
    assert found("[INFO] 09:13:02 started 8 workers, 2 warnings, epoch 5/10\n", name="run.log") == {}


FLOW = (
    "```mermaid\n"
    "flowchart TD\n"
    "  A[Assessed: n = 5,120] --> B[Randomised: n = 4,010]\n"
    "  B --> C[Died during follow-up: n = {n}]\n"
    "```\n"
)


def test_a_box_of_a_flow_of_participants_is_a_count() -> None:
    assert "min_cell" in found(FLOW.replace("{n}", "6"), name="flow.md")
    assert found(FLOW.replace("{n}", "612"), name="flow.md") == {}


def test_points_of_a_list_are_sentences_and_no_table() -> None:
    text = (
        "- 62% of completers had a job in 6 months\n"
        "- Only {} of the 2,091 completers with a disability were hired\n"
        "- 4 of 5 models agree, see slide 9\n"
    )
    assert "min_cell" in found(text.format(3), name="board.md")
    assert found(text.format(630), name="board.md") == {}


@pytest.mark.parametrize("ends", [("source", "target"), ("from", "to")])
def test_the_links_of_a_flow_chart_count_who_went(ends: tuple[str, str]) -> None:
    links = [{ends[0]: a, ends[1]: b, "value": n} for a, b, n in ((0, 1, 758), (0, 2, 949), (1, 2, 8))]
    assert "min_cell" in found(json.dumps({"title": "Paths (students)", "links": links}), name="sankey.json")
    links[-1]["value"] = 88
    assert found(json.dumps({"title": "Paths (students)", "links": links}), name="sankey.json") == {}


def test_the_members_of_a_cohort_are_unit_records() -> None:
    members = [52038425, 55646320, 45244648, 66953371, 13220978, 99120342]
    assert "unit_record" in found(json.dumps({"cohort": "c", "members": members}), name="cohort.json")
    assert found(json.dumps({"cohort": "c", "terms": [20173, 20175, 20183, 20185]}), name="cohort.json") == {}


def test_the_full_sample_and_the_same_without_a_group_are_compared() -> None:
    page = (
        "| Sample | Persons | Effect |\n|---|---|---|\n| Full | 12,340 | 0.081 |\n| Without switchers | {} | 0.079 |\n"
    )
    assert "differencing" in found(page.format("12,333"), name="robust.md")
    assert "differencing" not in found(page.format("11,333"), name="robust.md")


def test_sample_sizes_of_a_simulation_are_nobodys() -> None:
    rows = "design,n,reps,bias,coverage\nDGP 1,5,1000,0.014,0.957\nDGP 2,10,1000,0.009,0.949\n"
    assert found(rows, name="monte_carlo.csv") == {}
    assert "min_cell" in found("design,n,bias\nA,5,0.014\nB,100,0.009\n", name="t.csv")


def test_tested_alone_is_a_number_of_persons_and_tested_positive_a_category() -> None:
    assert "rate" in found("school,tested,pct_expelled\nA,727,34.4\nB,38,5.3\nC,385,45.6\n", name="t.csv")
