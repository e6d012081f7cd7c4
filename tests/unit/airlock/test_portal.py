"""The airlock through the portal: API as a program uses it, pages as people use them, with the real checker."""

from __future__ import annotations

from pathlib import Path

import pytest

from enclave.core import audit
from enclave.core.clock import FixedClock
from output_review.record import verify
from services.worker import airlock as jobs
from tests.approved import approved_project, make_cast
from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, CONTEXT, SMALL, TABLE, approve, post, submit


def test_the_whole_way_by_api(desk: Portal, tmp_path: Path) -> None:
    made = submit(desk)
    assert (made["state"], made["status"], made["files"][0]["checked"]) == ("SUBMITTED", "pass", True)
    rosa = desk.operator("rosa")
    assert rosa.get(f"{API}/releases/{made['id']}/bundle").status_code == 404
    post(rosa, f"/releases/{made['id']}/votes", {"file": "t1.csv", "choice": "APPROVED"}, 403)
    approve(desk, made["id"])
    for job in jobs.JOBS:
        for item in job.pending(desk.context):
            job.run(desk.context, item)
    shown = rosa.get(f"{API}/projects/promise/outputs/{made['id']}").json()
    assert shown["state"] == "RELEASED" and "download" in shown["allowed_actions"]
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(rosa.get(f"{API}/releases/{made['id']}/bundle").content)
    assert verify(bundle, desk.context.keyring, desk.context.clock).holds
    assert desk.operator("chris").get(f"{API}/releases/{made['id']}/bundle").status_code == 403
    with desk.context.database.read() as session:
        assert audit.verify(session).holds


def test_a_small_cell_is_told_to_its_author_first(desk: Portal) -> None:
    made = submit(desk, SMALL)
    assert (made["state"], made["status"]) == ("DRAFT", "fail")
    rule = made["files"][0]["unjustified"][0]
    assert desk.operator("chris").get(f"{API}/releases/{made['id']}").status_code == 404
    post(desk.operator("rosa"), f"/releases/{made['id']}/submit", status=422)
    body = {"file": "t1.csv", "rule": rule, "justification": "The agency publishes it."}
    post(desk.operator("rosa"), f"/projects/promise/outputs/{made['id']}/justifications", body)
    for other in made["files"][0]["unjustified"][1:]:
        post(desk.operator("rosa"), f"/releases/{made['id']}/justifications", {**body, "rule": other})
    assert post(desk.operator("rosa"), f"/releases/{made['id']}/submit")["state"] == "SUBMITTED"


# number, who, the status of a submitted request's page, of its content
DOORS = [(1, "rosa", 200, 200), (2, "chris", 200, 404), (3, "sam", 200, 200), (4, "ada", 200, 404),
         (5, "stranger", 404, 404), (6, "reviewer-cde", 404, 404), (7, "office", 404, 404)]  # fmt: skip


@pytest.mark.parametrize(("number", "who", "shown", "content"), DOORS)
def test_who_reads_a_submitted_request(desk: Portal, number: int, who: str, shown: int, content: int) -> None:
    made = submit(desk)
    client = desk.operator(who)
    assert client.get(f"{API}/releases/{made['id']}").status_code == shown
    assert client.get(f"{API}/releases/{made['id']}/files/t1.csv").status_code == content


def test_a_request_is_found_below_its_own_project_alone(desk: Portal) -> None:
    made = submit(desk)
    answer = desk.operator("rosa").get(f"{API}/projects/other/outputs/{made['id']}")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [("model.pkl", b"x", 400), ("../t1.csv", b"x", 400), ("t1.csv", b"", 201), ("<script>.csv", b"a\n", 400)],
)
def test_hostile_uploads_are_refused_or_kept_apart(desk: Portal, name: str, data: bytes, status: int) -> None:
    answer = desk.operator("rosa").post(
        f"{API}/projects/promise/outputs", data={"title": "x"}, files=[("files", (name, data))]
    )
    assert answer.status_code == status, answer.text


def test_a_stranger_uploads_nothing(desk: Portal) -> None:
    answer = desk.operator("stranger").post(
        f"{API}/projects/promise/outputs", data={"title": "x"}, files=[("files", ("t.csv", TABLE))]
    )
    assert answer.status_code == 404
    assert not list(desk.context.settings.paths.blobs.iterdir())


def test_a_sidecar_without_its_file_is_refused(desk: Portal) -> None:
    files = [("files", ("t1.csv", TABLE)), ("sidecars", ("t2.context.yaml", CONTEXT))]
    answer = desk.operator("rosa").post(f"{API}/projects/promise/outputs", data={"title": "x"}, files=files)
    assert answer.status_code == 400


def test_two_checkers_review_by_pages_and_the_public_reads_of_it(desk: Portal) -> None:
    made = submit(desk, public=True)
    identity = made["id"]
    rosa, chris, dana = (desk.browser(name) for name in ("rosa", "chris", "dana"))
    assert "Table 1" in rosa.get(f"{BASE}/releases").text
    assert "t1.csv" in rosa.get(f"{BASE}/releases/{identity}").text
    assert "Claim" in chris.get(f"{BASE}/review").text
    assert "Alpine" not in chris.get(f"{BASE}/review/{identity}").text
    for browser in (chris, dana):
        assert browser.post(f"{BASE}/review/{identity}/claim").status_code == 303
        page = browser.get(f"{BASE}/review/{identity}").text
        assert "Alpine" in page and "Approve" in page
        seen = made["files"][0]["binding"]
        form = {"file": made["files"][0]["id"], "seen": seen, "choice": "APPROVED"}
        answer = browser.post(f"{BASE}/review/{identity}/vote", data=form)
        assert answer.headers["location"].endswith("#decision")
    chris.post(f"{BASE}/review/{identity}/checklist", data={"items": ["understood", "counts"]})
    chris.post(f"{BASE}/review/{identity}/comment", data={"body": "Between us.", "visibility": "PRIVATE"})
    assert "Between us." in dana.get(f"{BASE}/review/{identity}").text
    assert dana.post(f"{BASE}/review/{identity}/approve").status_code == 303
    assert "under way" in rosa.get(f"{BASE}/releases/{identity}").text
    jobs.release(desk.context, identity)
    page = rosa.get(f"{BASE}/releases/{identity}").text
    assert "Download the bundle" in page and "Between us." not in page
    assert rosa.get(f"{BASE}/releases/{identity}/bundle").headers["content-type"] == "application/zip"
    for ending in ("record.json", "record.html", "record.pdf"):
        answer = rosa.get(f"{BASE}/releases/{identity}/{ending}")
        assert answer.headers["content-disposition"].startswith("attachment")
    stranger = desk.stranger()
    assert "Table 1" in stranger.get(f"{BASE}/public").text
    public = stranger.get(f"{BASE}/public/{identity}").text
    assert "t1.csv" in public and "chris" not in public and "rosa" not in public
    assert stranger.get(f"{API}/public/releases").json()[0]["id"] == identity


def test_a_return_by_page_and_an_answer(desk: Portal) -> None:
    made = submit(desk)
    chris, rosa = desk.browser("chris"), desk.browser("rosa")
    assert chris.post(f"{BASE}/review/{made['id']}/return", data={"note": "Name the year."}).status_code == 303
    page = rosa.get(f"{BASE}/releases/{made['id']}").text
    assert "Name the year." in page and "Submit to the checkers" in page
    files = [("files", ("t1.csv", TABLE.replace(b"120", b"130").replace(b"720", b"730")))]
    assert rosa.post(f"{BASE}/releases/{made['id']}/files", files=files).status_code == 303
    assert rosa.post(f"{BASE}/releases/{made['id']}/submit").status_code == 303
    assert "changed since the last turn" in chris.get(f"{BASE}/review/{made['id']}").text


def test_approving_all_files_at_once_binds_to_what_was_on_the_screen(desk: Portal) -> None:
    made = submit(desk)
    chris = desk.browser("chris")
    form = {"seen": [f"{made['files'][0]['id']}:{'0' * 64}"]}
    assert chris.post(f"{BASE}/review/{made['id']}/vote-all", data=form).status_code == 409
    form = {"seen": [f"{made['files'][0]['id']}:{made['files'][0]['binding']}"]}
    assert chris.post(f"{BASE}/review/{made['id']}/vote-all", data=form).status_code == 303


def test_home_says_what_waits(desk: Portal) -> None:
    submit(desk)
    submit(desk, SMALL)
    assert "is a draft" in desk.browser("rosa").get(f"{BASE}/").text
    assert "waits for a checker" in desk.browser("chris").get(f"{BASE}/").text


def test_home_tells_of_a_free_place_until_every_place_is_taken(desk: Portal) -> None:
    identity = submit(desk)["id"]
    for name in ("chris", "dana"):
        assert "waits for a checker" in desk.browser(name).get(f"{BASE}/").text
        post(desk.operator(name), f"/releases/{identity}/claim")
    assert "waits for a checker" not in desk.browser("erin").get(f"{BASE}/").text


def test_empty_pages_say_what_to_do(desk: Portal) -> None:
    assert "Nothing was submitted yet" in desk.browser("rosa").get(f"{BASE}/releases").text
    assert "Nothing waits for review" in desk.browser("chris").get(f"{BASE}/review").text
    assert "Nothing was released" in desk.stranger().get(f"{BASE}/public").text
    assert desk.browser("rosa").get(f"{BASE}/releases/new?project=promise").status_code == 200
    assert "no active project" in desk.browser("chris").get(f"{BASE}/releases/new").text
    assert desk.browser("rosa").get(f"{BASE}/review").status_code == 403
    assert desk.browser("rosa").get(f"{BASE}/releases/rel_none").status_code == 404
    assert desk.stranger().get(f"{BASE}/public/rel_none").status_code == 404


def test_an_upload_by_the_form_is_checked_at_once(desk: Portal) -> None:
    rosa = desk.browser("rosa")
    answer = rosa.post(
        f"{BASE}/releases", data={"project": "promise", "title": "Text"}, files=[("files", ("a.txt", b"words"))]
    )
    assert answer.status_code == 303
    assert "Text" in rosa.get(answer.headers["location"].split("?")[0]).text


def test_markup_in_titles_comments_and_cells_is_shown_as_text(desk: Portal) -> None:
    attack = "<script>alert(1)</script>"
    answer = desk.operator("rosa").post(
        f"{API}/projects/promise/outputs",
        data={"title": attack, "purpose": attack, "submit": "true"},
        files=[("files", ("t1.csv", f"a,n\n{attack},500\n".encode())), ("files", ("n.html", attack.encode()))],
    )
    identity = answer.json()["id"]
    for body in answer.json()["files"]:
        for rule in body["unjustified"]:
            justification = {"file": body["id"], "rule": rule, "justification": attack}
            post(desk.operator("rosa"), f"/releases/{identity}/justifications", justification)
    if answer.json()["state"] == "DRAFT":
        post(desk.operator("rosa"), f"/releases/{identity}/submit")
    post(desk.operator("sam"), f"/releases/{identity}/comments", {"body": attack})
    for client, path in ((desk.browser("sam"), "review"), (desk.browser("rosa"), "releases")):
        page = client.get(f"{BASE}/{path}/{identity}")
        assert page.status_code == 200 and attack not in page.text


def test_another_pack_is_tried_on_what_was_checked(desk: Portal) -> None:
    submit(desk, b"district,n\nAlpine,10\nButte,240\nTotal,250\n", submit=False)
    operator = desk.operator()
    reports = operator.get(f"{BASE}/api/policies/adrf/simulation").json()["reports"]
    assert len(reports) == 1
    found = operator.post(f"{BASE}/api/policies/adrf/simulation/{reports[0]}").json()
    assert (found["before"], found["after"], found["changed"]) == ("fail", "pass", True)
    assert found["rules_before"] == ["min_cell"]
    assert operator.get(f"{BASE}/api/policies/no-such-pack/simulation").status_code == 404
    assert desk.browser("rosa").get(f"{BASE}/api/policies/adrf/simulation").status_code == 403


def test_everybody_reads_the_rules_and_what_became_of_them(desk: Portal) -> None:
    page = desk.browser("rosa").get(f"{BASE}/policy").text
    assert "how to mend it" in page and 'id="min_cell"' in page and "Upheld of late" in page
    assert desk.browser("chris").get(f"{BASE}/policy/calhhs-ddg-2.0").status_code == 200
    assert desk.browser("chris").get(f"{BASE}/policy/nothing").status_code == 404


def test_the_checker_that_is_away_leaves_a_draft_that_the_worker_checks(portal: Portal, clock: FixedClock) -> None:
    with portal.context.database.write() as session:
        approved_project(session, make_cast(session, clock), clock)
    made = submit(portal)
    assert made["files"][0]["checked"] is False and made["status"] == "review"
    assert jobs.unchecked(portal.context) == [made["id"]]


def test_what_the_check_cannot_tell_is_asked_and_the_answer_counts(desk: Portal) -> None:
    rosa = desk.operator("rosa")
    made = rosa.post(
        f"{API}/projects/promise/outputs",
        data={"title": "Table 2"}, files=[("files", ("t2.csv", b"district,x\nAlpine,3\nButte,4\n"))],
    ).json()  # fmt: skip
    file = made["files"][0]
    assert made["status"] == "pass" and [question["about"] for question in file["questions"]] == ["x"]
    assert "What does the column" in rosa.get(f"{BASE}/releases/{made['id']}").text
    post(rosa, f"/releases/{made['id']}/answers", {"x": "nonsense"}, 400)
    shown = post(rosa, f"/releases/{made['id']}/answers", {"x": {"role": "count", "unit": "persons"}})
    assert shown["status"] == "fail" and shown["files"][0]["findings"][0]["rule"] == "min_cell"
    assert shown["files"][0]["questions"] == [] and shown["files"][0]["binding"] != file["binding"]
    assert desk.operator("chris").post(f"{API}/releases/{made['id']}/answers", json={"x": "key"}).status_code == 404
