"""The stories that other services' airlocks tell of themselves, each told once more through the API and the pages.

| no. | scenario | test here | also in |
|---|---|---|---|
| 1 | release by three people | `test_three_people_release_a_table` | `test_stories` |
| 2 | update resets votes | `test_an_update_resets_the_votes_on_that_file_alone` | `test_stories` |
| 3 | withdraw and re-add | `test_a_file_is_withdrawn_and_added_again` | `test_stories` |
| 4 | reject | `test_a_rejection_is_final` | `test_stories` |
| 5 | withdraw | `test_an_author_withdraws_for_good` | `test_stories` |
| 6 | two checkers pressing at once | `test_two_checkers_press_at_once` | `test_stories` |
| 7 | more than two checkers | `test_a_third_checker_finds_no_place_but_a_senior_does` | `test_stories` |
| 8 | early return, twice | `test_an_early_return_before_and_after_a_resubmission` | `test_stories` |
| 9 | comment visibility matrix | `test_who_reads_which_comment_by_turn` | `test_visibility` |
| 10 | own-request refusal | `test_nobody_reviews_their_own_request` | `test_stories` |
| 11 | supporting files unvotable | `test_a_supporting_file_is_not_voted_on` | `test_stories` |
| 12 | released file refused as new | `test_a_released_file_is_refused_as_new` | `test_stories` |
| 13 | invalid kinds | `test_invalid_kinds_are_refused_and_nothing_is_lost` | `test_stories` |
| 14 | a half-failed release retried | `test_a_half_failed_release_is_retried_by_a_press` | `test_release_kills` |
| 15 | checkers disagree | `test_checkers_who_disagree_hold_a_file_back_until_one_gives_way` | `test_stories` |
| 16 | revocation reaches who downloaded | `test_a_revocation_reaches_those_who_downloaded` | `test_stories` |
| 17 | appeal of a rejection |  | `test_appeals` |
| 18 | appeal of a refused exception |  | `test_exception_appeals` |
| 19 | a provider's veto, silence, refusal, overruling |  | `test_vetoes` |
| 20 | duty, hand-over with a note, take back, unused places |  | `test_duty` |
| 21 | one checker and a second look |  | `test_tier_pages` |
| 22 | blind reading and calibration |  | `test_calibration` |
| 23 | a draft of another kind |  | `test_templates` |
| 24 | stale forms and `If-Match` |  | `test_revisions` |
| 25 | who sees what at every door |  | `test_doors` |

One to fourteen are the peers', the others ours. "By page" means the same forms that a browser sends, without a
browser; `tests/e2e` has the browser.
"""

from __future__ import annotations

import threading
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from enclave.core.audit import list_events
from enclave.core.clock import FixedClock
from enclave.people.roles import Role
from enclave.projects.model import ProjectMember
from services.airlock import airlock_of
from services.news.table import told_by
from tests.factories import make_actor
from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, CONTEXT, TABLE, post, sequential, submit

OTHER = TABLE.replace(b"120", b"130").replace(b"720", b"730")


def get(desk: Portal, who: str, identity: str) -> dict[str, Any]:
    answer = desk.operator(who).get(f"{API}/releases/{identity}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def vote(
    desk: Portal, who: str, identity: str, choice: str = "APPROVED", file: str = "t1.csv", status: int = 200
) -> Any:
    return post(desk.operator(who), f"/releases/{identity}/votes", {"file": file, "choice": choice}, status)


def put(desk: Portal, identity: str, *files: tuple[str, bytes], status: int = 200, supporting: str = "") -> Any:
    answer = desk.operator("rosa").post(
        f"{API}/releases/{identity}/files",
        files=[("files", file) for file in files] + [("sidecars", ("t1.context.yaml", CONTEXT))],
        data={"supporting": [supporting]} if supporting else {},
    )
    assert answer.status_code == status, answer.text
    return answer.json()


def released(desk: Portal) -> str:
    identity = sequential(desk)
    vote(desk, "chris", identity)
    vote(desk, "dana", identity)
    post(desk.operator("dana"), f"/releases/{identity}/approve")
    post(desk.operator("dana"), f"/releases/{identity}/release")
    return identity


def test_three_people_release_a_table(desk: Portal) -> None:
    identity = sequential(desk)
    assert vote(desk, "chris", identity)["state"] == "PARTIALLY_REVIEWED"
    post(desk.operator("chris"), f"/releases/{identity}/approve", status=409)
    assert vote(desk, "dana", identity)["state"] == "REVIEWED"
    dana, rosa = desk.browser("dana"), desk.browser("rosa")
    assert dana.post(f"{BASE}/review/{identity}/approve").status_code == 303
    assert rosa.get(f"{BASE}/releases/{identity}/bundle").status_code == 404
    assert dana.post(f"{BASE}/review/{identity}/release").status_code == 303
    bundle = rosa.get(f"{BASE}/releases/{identity}/bundle")
    assert zipfile.ZipFile(BytesIO(bundle.content)).read("files/t1.csv") == TABLE


def test_an_update_resets_the_votes_on_that_file_alone(desk: Portal) -> None:
    identity = submit(desk, submit=False)["id"]
    put(desk, identity, ("t1.csv", TABLE), ("note.txt", b"Numbers are rounded."))
    identity = _sent(desk, identity)
    vote(desk, "chris", identity)
    vote(desk, "chris", identity, file="note.txt")
    vote(desk, "dana", identity, "CHANGES_REQUESTED")
    vote(desk, "dana", identity, file="note.txt")
    post(desk.operator("dana"), f"/releases/{identity}/return", {"note": "Use the later count."})
    put(desk, identity, ("t1.csv", OTHER))
    post(desk.operator("rosa"), f"/releases/{identity}/submit")
    shown = {file["name"]: file for file in get(desk, "chris", identity)["files"]}
    assert (shown["t1.csv"]["votes"], shown["t1.csv"]["changed"]) == ([], True)
    assert {vote["choice"] for vote in shown["note.txt"]["votes"]} == {"APPROVED"} and not shown["note.txt"]["changed"]
    assert "changed since the last turn" in desk.browser("chris").get(f"{BASE}/review/{identity}").text


def _sent(desk: Portal, identity: str) -> str:
    """Submitted for two readers who see each other: a random tenth is read blind, and another draft is tried then."""
    post(desk.operator("rosa"), f"/releases/{identity}/submit")
    if get(desk, "chris", identity)["review_mode"] == "SEQUENTIAL":
        return identity
    again = submit(desk, submit=False)["id"]
    put(desk, again, ("t1.csv", TABLE), ("note.txt", b"Numbers are rounded."))
    return _sent(desk, again)


def test_a_file_is_withdrawn_and_added_again(desk: Portal) -> None:
    identity = submit(desk, submit=False)["id"]
    rosa, page = desk.operator("rosa"), desk.browser("rosa")
    assert page.post(f"{BASE}/releases/{identity}/files/withdraw", data={"file": "t1.csv"}).status_code == 303
    assert get(desk, "rosa", identity)["files"] == []
    post(rosa, f"/releases/{identity}/submit", status=422)
    assert rosa.delete(f"{API}/releases/{identity}/files/t1.csv").status_code == 404
    put(desk, identity, ("t1.csv", TABLE))
    assert [file["name"] for file in get(desk, "rosa", identity)["files"]] == ["t1.csv"]
    assert post(rosa, f"/releases/{identity}/submit")["state"] == "SUBMITTED"


def test_a_rejection_is_final(desk: Portal) -> None:
    identity = sequential(desk)
    page = desk.browser("chris")
    assert page.post(f"{BASE}/review/{identity}/reject", data={"note": "Not for this purpose."}).status_code == 303
    shown = get(desk, "rosa", identity)
    assert (shown["state"], shown["decision_note"]) == ("REJECTED", "Not for this purpose.")
    assert {"submit", "edit", "withdraw"}.isdisjoint(shown["allowed_actions"])
    for path, status in (("submit", 409), ("withdraw", 409)):
        post(desk.operator("rosa"), f"/releases/{identity}/{path}", status=status)
    put(desk, identity, ("t1.csv", OTHER), status=409)
    vote(desk, "dana", identity, status=409)
    assert "Not for this purpose." in desk.browser("rosa").get(f"{BASE}/releases/{identity}").text


def test_an_author_withdraws_for_good(desk: Portal) -> None:
    identity = sequential(desk)
    vote(desk, "chris", identity)
    assert desk.browser("rosa").post(f"{BASE}/releases/{identity}/withdraw").status_code == 303
    assert get(desk, "chris", identity)["state"] == "WITHDRAWN"
    vote(desk, "dana", identity, status=409)
    post(desk.operator("rosa"), f"/releases/{identity}/submit", status=409)


def test_two_checkers_press_at_once(desk: Portal) -> None:
    identity = sequential(desk)
    vote(desk, "chris", identity)
    vote(desk, "dana", identity)
    answers: dict[str, int] = {}
    start = threading.Barrier(2)

    def press(who: str, path: str, body: Any) -> None:
        client = desk.operator(who)
        start.wait()
        answers[who] = client.post(f"{API}/releases/{identity}/{path}", json=body).status_code

    threads = [
        threading.Thread(target=press, args=("chris", "approve", None)),
        threading.Thread(target=press, args=("dana", "return", {"note": "Wait."})),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    state = get(desk, "rosa", identity)["state"]
    # an approved request may still be returned before it leaves, so both may win one after the other; never both lose
    assert (state, answers["chris"]) in {("APPROVED", 200), ("RETURNED", 200), ("RETURNED", 409)}
    assert answers["dana"] == (409 if state == "APPROVED" else 200)


def test_a_third_checker_finds_no_place_but_a_senior_does(desk: Portal) -> None:
    identity = sequential(desk)
    vote(desk, "chris", identity)
    vote(desk, "dana", identity)
    problem = vote(desk, "erin", identity, status=409)
    assert "already has its checkers" in str(problem)
    assert {"vote", "claim"}.isdisjoint(get(desk, "erin", identity)["allowed_actions"])
    assert desk.browser("erin").post(f"{BASE}/review/{identity}/claim").status_code == 409
    assert vote(desk, "sam", identity, "CHANGES_REQUESTED")["state"] == "REVIEWED"
    post(desk.operator("chris"), f"/releases/{identity}/approve", status=409)
    vote(desk, "sam", identity)
    assert post(desk.operator("chris"), f"/releases/{identity}/approve")["state"] == "APPROVED"


def test_an_early_return_before_and_after_a_resubmission(desk: Portal) -> None:
    identity = sequential(desk)
    page = desk.browser("chris")
    for turn, word in ((1, "Name the year."), (2, "Name the source.")):
        assert page.post(f"{BASE}/review/{identity}/return", data={"note": word}).status_code == 303
        shown = get(desk, "rosa", identity)
        assert (shown["state"], shown["turn"], shown["decision_note"]) == ("RETURNED", turn, word)
        vote(desk, "chris", identity, status=409)
        assert post(desk.operator("rosa"), f"/releases/{identity}/submit")["turn"] == turn + 1
    vote(desk, "chris", identity)
    assert vote(desk, "dana", identity)["state"] == "REVIEWED"


COMMENTS = [
    # no, who, what is read during the review, and once the request is returned
    (1, "rosa", "a", "abd"),
    (2, "chris", "abcd", "abcd"),
    (3, "dana", "abcd", "abcd"),
    (4, "sam", "abcd", "abcd"),
    (5, "erin", "", ""),
    (6, "mia", "", ""),
    (7, "ada", "", ""),
]
WORDS = {"a": "from-the-author", "b": "for-the-author", "c": "for-colleagues", "d": "second-for-the-author"}


def test_who_reads_which_comment_by_turn(desk: Portal, clock: FixedClock) -> None:
    identity = sequential(desk)
    _member(desk, clock, "mia", Role.RESEARCHER)
    for who, letter, visibility in (("rosa", "a", "PUBLIC"), ("chris", "b", "PUBLIC"), ("chris", "c", "PRIVATE"),
                                    ("dana", "d", "PUBLIC")):  # fmt: skip
        body = {"body": WORDS[letter], "visibility": visibility}
        post(desk.operator(who), f"/releases/{identity}/comments", body)
    for stage, column in (("review", 2), ("returned", 3)):
        if stage == "returned":
            post(desk.operator("dana"), f"/releases/{identity}/return", {"note": "Please mend."})
        for row in COMMENTS:
            bodies = {each["body"] for each in get(desk, row[1], identity)["comments"]}
            assert "".join(key for key, word in WORDS.items() if word in bodies) == row[column], (row[0], stage)
            place = "releases" if row[1] in ("rosa", "mia", "ada") else "review"
            text = desk.browser(row[1]).get(f"{BASE}/{place}/{identity}").text
            assert [key for key, word in WORDS.items() if f"{word}<" in text and key not in str(row[column])] == [], row


def _member(desk: Portal, clock: FixedClock, name: str, *roles: Role) -> None:
    with desk.context.database.write() as session:
        make_actor(session, clock, name, *roles)
        session.add(ProjectMember(project_id="promise", user=name, added_at=clock.now()))


def test_nobody_reviews_their_own_request(desk: Portal, clock: FixedClock) -> None:
    _member(desk, clock, "amir", Role.RESEARCHER, Role.OUTPUT_CHECKER)
    identity = sequential(desk)
    assert "vote" not in get(desk, "amir", identity)["allowed_actions"]
    for path, body in (("votes", {"file": "t1.csv", "choice": "APPROVED"}), ("claim", None), ("approve", None),
                       ("return", {"note": "x"}), ("reject", {"note": "x"})):  # fmt: skip
        post(desk.operator("amir"), f"/releases/{identity}/{path}", body, 403)
    file = get(desk, "chris", identity)["files"][0]
    form = {"file": file["id"], "seen": file["binding"], "choice": "APPROVED"}
    assert desk.browser("amir").post(f"{BASE}/review/{identity}/vote", data=form).status_code == 403
    assert "Review “Table 1”" not in desk.browser("amir").get(f"{BASE}/").text
    assert get(desk, "chris", identity)["files"][0]["votes"] == []


def test_a_supporting_file_is_not_voted_on(desk: Portal) -> None:
    identity = submit(desk, submit=False)["id"]
    put(desk, identity, ("t1.csv", TABLE), ("plan.txt", b"how it was made"), supporting="plan.txt")
    post(desk.operator("rosa"), f"/releases/{identity}/submit")
    shown = {file["name"]: file for file in get(desk, "chris", identity)["files"]}
    assert (shown["plan.txt"]["kind"], shown["plan.txt"]["votable"]) == ("SUPPORTING", False)
    vote(desk, "chris", identity, file="plan.txt", status=400)
    form = {"file": shown["plan.txt"]["id"], "seen": shown["plan.txt"]["binding"], "choice": "APPROVED"}
    assert desk.browser("chris").post(f"{BASE}/review/{identity}/vote", data=form).status_code == 400


def test_a_released_file_is_refused_as_new(desk: Portal) -> None:
    first = released(desk)
    rosa = desk.operator("rosa")
    answer = rosa.post(
        f"{API}/projects/promise/outputs", data={"title": "Again"}, files=[("files", ("other.csv", TABLE))]
    )
    assert answer.status_code == 409 and first in answer.text
    page = desk.browser("rosa").post(
        f"{BASE}/releases", data={"project": "promise", "title": "Again"}, files=[("files", ("other.csv", TABLE))]
    )
    assert page.status_code == 409 and first in page.text
    assert len(rosa.get(f"{API}/projects/promise/outputs").json()["releases"]) == 1


@pytest.mark.parametrize(
    "name", ["t1.exe", "t1", ".csv", "t1.csv.exe", "../t1.csv", "/etc/t1.csv", "a\\b.csv", "C:t.csv"]
)
def test_invalid_kinds_are_refused_and_nothing_is_lost(desk: Portal, name: str) -> None:
    identity = submit(desk, submit=False)["id"]
    before = get(desk, "rosa", identity)
    answer = desk.operator("rosa").post(f"{API}/releases/{identity}/files", files=[("files", (name, b"x"))])
    assert answer.status_code in (400, 422) and answer.json(), answer.text
    assert get(desk, "rosa", identity) == before


def test_a_half_failed_release_is_retried_by_a_press(desk: Portal) -> None:
    identity = sequential(desk)
    vote(desk, "chris", identity)
    vote(desk, "dana", identity)
    post(desk.operator("dana"), f"/releases/{identity}/approve")
    blob = airlock_of(desk.context).blobs.path(get(desk, "dana", identity)["files"][0]["sha256"])
    kept = blob.read_bytes()
    blob.chmod(0o600)
    blob.write_bytes(b"changed")
    page = desk.browser("dana")
    assert page.post(f"{BASE}/review/{identity}/release").status_code == 409
    shown = get(desk, "dana", identity)
    assert shown["state"] == "APPROVED" and "not the ones" in shown["release_problem"]
    assert "not the ones" in page.get(f"{BASE}/review/{identity}").text
    assert desk.operator("rosa").get(f"{API}/releases/{identity}/bundle").status_code == 404
    blob.write_bytes(kept)
    assert page.post(f"{BASE}/review/{identity}/release").status_code == 303
    assert page.post(f"{BASE}/review/{identity}/release").status_code == 303, "a second press changes nothing"
    assert get(desk, "rosa", identity)["state"] == "RELEASED"


def test_checkers_who_disagree_hold_a_file_back_until_one_gives_way(desk: Portal) -> None:
    identity = sequential(desk)
    vote(desk, "chris", identity)
    shown = vote(desk, "dana", identity, "CHANGES_REQUESTED")
    assert (shown["state"], shown["files"][0]["decision"]) == ("REVIEWED", "CONFLICTED")
    assert "approve" not in shown["allowed_actions"]
    post(desk.operator("dana"), f"/releases/{identity}/approve", status=409)
    assert vote(desk, "dana", identity)["files"][0]["decision"] == "APPROVED"
    assert post(desk.operator("dana"), f"/releases/{identity}/approve")["state"] == "APPROVED"


def test_a_revocation_reaches_those_who_downloaded(desk: Portal) -> None:
    identity = released(desk)
    rosa = desk.operator("rosa")
    assert rosa.get(f"{API}/releases/{identity}/bundle").status_code == 200
    post(desk.operator("chris"), f"/releases/{identity}/revoke", {"note": "A wrong year."}, status=403)
    post(desk.operator("sam"), f"/releases/{identity}/revoke", {"note": "A wrong year."})
    assert rosa.get(f"{API}/releases/{identity}/bundle").status_code == 404
    with desk.context.database.read() as session:
        event = next(each for each in list_events(session).events if each.action == "release.revoked")
        assert event.details["downloaded_by"] == ["rosa"]
        assert [told.user for told in told_by(session, event)] == ["rosa"]


def test_every_scenario_of_the_table_has_its_test() -> None:
    rows = [line.strip("|").split("|") for line in str(__doc__).splitlines() if line.startswith("| ")][1:]
    assert [int(row[0]) for row in rows] == list(range(1, len(rows) + 1)) and len(rows) >= 25
    for _, scenario, here, elsewhere in rows:
        name, module = here.strip(" `"), elsewhere.strip(" `")
        assert not name or callable(globals()[name]), scenario
        assert Path(__file__).with_name(f"{module}.py").read_text(encoding="utf-8").count("\ndef test_"), scenario
