"""Kinds of request: what each asks, takes, adds to the checklist and to the review, by API, page and library's form."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from output_review.policies import CHECKLIST
from output_review.templates import TABLE_FILE, read, templates
from services.worker import airlock as jobs
from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, CONTEXT, TABLE, approve, post

PAPER = {"where": "Journal of Schools, table 2", "population": "2019 graduates"}
CODE = ("model.py", b"fit(outcome, group)\n")


def _send(desk: Portal, template: str, answers: Any, file: tuple[str, bytes] = ("t1.csv", TABLE), **more: Any) -> Any:
    text = answers if isinstance(answers, str) else json.dumps(answers)
    files = [("files", file), ("sidecars", ("t1.context.yaml", CONTEXT))] if file[0] == "t1.csv" else [("files", file)]
    return desk.operator("rosa").post(
        f"{API}/projects/promise/outputs", files=files,
        data={"title": "Table 2", "purpose": "A first word.", "template": template, "answers": text, "submit": "true",
              **more},
    )  # fmt: skip


def test_a_request_by_a_template_keeps_its_answers_and_its_kind(desk: Portal) -> None:
    made = _send(desk, "paper", PAPER).json()
    assert (made["state"], made["template"], made["template_title"]) == ("SUBMITTED", "paper", "Paper tables")
    lines = made["purpose"].split("\n")
    assert lines[0] == "A first word." and lines[1].endswith("Journal of Schools, table 2") and len(lines) == 3
    assert "Kind of request: Paper tables" in desk.browser("chris").get(f"{BASE}/review/{made['id']}").text


# number, template, answers, file, status, a word of what is said
REFUSED = [
    (1, "poster", {}, ("t1.csv", TABLE), 400, "slides"),
    (2, "paper", {"where": "A journal"}, ("t1.csv", TABLE), 422, "population"),
    (3, "paper", {**PAPER, "mood": "good"}, ("t1.csv", TABLE), 400, "mood"),
    (4, "", {"where": "A journal"}, ("t1.csv", TABLE), 400, "where"),
    (5, "paper", "[1]", ("t1.csv", TABLE), 400, "JSON"),
    (6, "paper", {"where": 3}, ("t1.csv", TABLE), 400, "JSON"),
    (7, "code", {"use": "A replication package."}, ("t1.csv", TABLE), 422, "supporting"),
    (
        8,
        "paper",
        {"where": "x" * 1000, "population": "y" * 1000, "earlier": "z" * 1000},
        ("t1.csv", TABLE),
        422,
        "4000",
    ),
]


@pytest.mark.parametrize(("number", "template", "answers", "file", "status", "word"), REFUSED)
def test_what_does_not_fit_a_template_is_refused_before_anything_is_made(
    desk: Portal, number: int, template: str, answers: Any, file: tuple[str, bytes], status: int, word: str
) -> None:
    purpose = {"purpose": "p" * 1500} if number == 8 else {}
    answer = _send(desk, template, answers, file, **purpose)
    assert answer.status_code == status, answer.text
    assert word in str(answer.json()["error"])
    assert desk.operator("rosa").get(f"{API}/projects/promise/outputs").json()["releases"] == []


def test_a_file_of_another_kind_may_help_the_checkers_but_cannot_be_added_to_leave(desk: Portal) -> None:
    made = _send(desk, "code", {"use": "A replication package."}, CODE, submit="false").json()
    rosa, path = desk.operator("rosa"), f"{API}/releases/{made['id']}"
    rosa.post(f"{path}/files", files=[("files", ("t1.csv", TABLE))])
    answer = rosa.post(f"{path}/submit")
    assert answer.status_code == 422 and "t1.csv" in answer.json()["error"]["message"]
    rosa.post(f"{path}/files", files=[("files", ("t1.csv", TABLE))], data={"supporting": "t1.csv"})
    assert post(rosa, f"/releases/{made['id']}/submit")["state"] == "SUBMITTED"


def test_a_template_asks_for_more_readers_than_the_tiers_never_for_fewer(desk: Portal) -> None:
    alone = _send(desk, "code", {"use": "A colleague."}, CODE).json()
    paper = _send(desk, "paper", PAPER, ("other.py", b"fit(outcome, region)\n")).json()
    table = _send(desk, "report", {"earlier": "none", "differs": "nothing"}).json()
    assert (alone["tier"], alone["required_votes"]) == ("code", 1)
    assert (paper["tier"], paper["required_votes"]) == ("standard", 2)
    assert (table["tier"], table["required_votes"]) == ("standard", 2)


def test_the_checklist_of_the_template_is_ticked_and_stands_in_the_record(desk: Portal) -> None:
    made = _send(desk, "paper", PAPER).json()
    sentence = "Each table has a title and notes that say whom it counts."
    assert sentence in desk.browser("chris").get(f"{BASE}/review/{made['id']}").text
    ticked = post(desk.operator("chris"), f"/releases/{made['id']}/checklist", {"items": ["numbers", "counts"]})
    assert ticked["checklist"] == ["counts", "numbers"]
    approve(desk, made["id"])
    for job in jobs.JOBS:
        for item in job.pending(desk.context):
            job.run(desk.context, item)
    payload = desk.operator("rosa").get(f"{API}/releases/{made['id']}/record").json()["payload"]
    assert payload["review"]["checklists"]["chris"] == [CHECKLIST["counts"], sentence]
    assert payload["lineage"]["template"] == "paper"


def test_the_page_asks_the_questions_without_javascript(desk: Portal) -> None:
    rosa = desk.browser("rosa")
    plain = rosa.get(f"{BASE}/releases/new?project=promise").text
    assert "?template=slides&amp;project=promise" in plain and "answer-where" not in plain
    form = rosa.get(f"{BASE}/releases/new?project=promise&template=paper").text
    assert 'name="answer-where"' in form and 'name="template" value="paper"' in form and ".xlsx" in form
    sent = {"project": "promise", "title": "Table 2", "template": "paper"}
    answers = {f"answer-{key}": text for key, text in PAPER.items()}
    answer = rosa.post(f"{BASE}/releases", data={**sent, **answers}, files=[("files", ("t1.csv", TABLE))])
    assert answer.status_code == 303
    identity = answer.headers["location"].split("/releases/")[1].split("?")[0]
    shown = desk.operator("rosa").get(f"{API}/releases/{identity}").json()
    assert shown["template"] == "paper" and "2019 graduates" in shown["purpose"]


def test_sandboxes_and_the_portal_list_the_same_templates(desk: Portal) -> None:
    rosa = desk.operator("rosa")
    listed = rosa.get(f"{API}/releases/templates").json()
    assert [each["name"] for each in listed] == ["paper", "report", "code", "slides"]
    assert rosa.get(f"{API}/projects/promise/outputs/templates").json() == listed
    assert all(each["questions"] and each["checklist"] for each in listed)


@pytest.mark.parametrize(
    ("key", "value"),
    [("kinds", ["poem"]), ("review", "NOBODY"), ("checklist", {"counts": "x"}), ("name", "slides"), ("questions", {})],
)
def test_a_table_that_does_not_fit_together_is_refused(key: str, value: Any) -> None:
    rows = yaml.safe_load(TABLE_FILE.read_text(encoding="utf-8"))
    rows[0][key] = value
    with pytest.raises(ValueError):
        read(yaml.safe_dump(rows))
    assert len(templates()) == 4


def _change(desk: Portal, identity: str, template: str, status: int, who: str = "rosa", **answers: str) -> Any:
    body = {"template": template, "answers": answers}
    answer = desk.operator(who).put(f"{API}/releases/{identity}/template", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_draft_becomes_one_of_another_kind_and_nothing_typed_is_lost(desk: Portal) -> None:
    made = _send(desk, "paper", PAPER, submit="false").json()
    before = made["purpose"].split("\n")
    assert "Which tables" in str(_change(desk, made["id"], "slides", 422)["error"])
    now = _change(desk, made["id"], "slides", 200, where="A board meeting", behind="t1.csv")
    lines = now["purpose"].split("\n")
    assert now["template"] == "slides" and lines[: len(before)] == before and len(lines) == len(before) + 2
    back = _change(desk, made["id"], "paper", 200, population="2020 graduates")
    kept = back["purpose"].split("\n")
    assert back["template"] == "paper" and len(kept) == len(lines)
    assert any(line.endswith("2020 graduates") for line in kept) and not any("2019" in line for line in kept)
    assert "Where will it appear? Journal of Schools, table 2" in kept, "what was answered is not asked again"
    none = _change(desk, made["id"], "", 200)
    assert (none["template"], none["purpose"]) == ("", back["purpose"])
    for template, status, who in (("code", 422, "rosa"), ("poster", 400, "rosa"), ("slides", 404, "stranger")):
        _change(desk, made["id"], template, status, who)
    post(desk.operator("rosa"), f"/releases/{made['id']}/submit")
    _change(desk, made["id"], "paper", 409)


def test_the_page_changes_the_kind_without_javascript_and_fills_in_what_was_said(desk: Portal) -> None:
    made = _send(desk, "paper", PAPER, submit="false").json()
    rosa, path = desk.browser("rosa"), f"{BASE}/releases/{made['id']}"
    assert f"{path}/template" in rosa.get(path).text
    assert "2019 graduates</textarea>" in rosa.get(f"{path}/template").text
    page = rosa.get(f"{path}/template?kind=slides").text
    assert "Who will see it, and when?" in page and "A first word." in page
    form = {"template": "slides", "answer-where": "A board meeting", "answer-behind": "t1.csv", "revision": "1"}
    stale = rosa.post(f"{path}/template", data=form)
    assert stale.status_code == 412 and "A board meeting" in stale.text
    form["revision"] = str(desk.operator("rosa").get(f"{API}/releases/{made['id']}").json()["revision"])
    assert rosa.post(f"{path}/template", data=form).status_code == 303
    assert "now: Slides" in rosa.get(path).text
