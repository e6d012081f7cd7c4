"""The whole road once, in real browsers and real containers.

Before the curtain rises, `make demo` has taken ten providers' files in, matched two years, published two editions,
had two requests approved by the providers concerned, and built their extracts.

1. Alice opens her project from the portal and gets a lab without a network. In a notebook she loads her extract, makes
   a table that shows its own findings, repairs it, asks a differentially private count, and submits the table.
2. Ben, a member, cannot review it; Olivia and Omar, who are not, claim it, read it beside its findings, and approve it.
3. The worker releases it. Alice downloads the bundle, and the record verifies offline; a changed byte does not.
4. Rosa runs a registered report; its outputs become a draft release request.
5. Adele adds a person, suspends Ben and stops Alice's lab; Audrey verifies the audit trail, in which every step stands.
6. Anybody reads the public page.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from playwright.sync_api import expect

from services.cli.demo.stages import wait_for
from tests.e2e.conftest import Enclave, Visitors
from tests.e2e.lab import new_notebook, open_lab, run_cell

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(900)]
T = TypeVar("T")
TITLE = "Graduates by income and completion"

LOAD = """import c2c_research as c2c
students = c2c.load("k12_completion", where="academic_year >= 2019")
print(len(students) > 0)"""
TABLE = """table = c2c.crosstab(students.academic_year, students.economically_disadvantaged, unit=students.person_id)
table"""
PRIVATE = """answer = c2c.dp.count("k12_completion", by="gender", where={"academic_year": 2021}, error=100)
answer"""
SUBMIT = """c2c.outputs.add(table.round().save("graduates.csv"))
sent = c2c.outputs.submit(title="Graduates by income and completion", purpose="Table 1 of the paper")
print(sent.id, sent.state)"""
STEPS = {
    "agreement.activated", "contribution.received", "contribution.accepted", "match_run.running", "match_run.accepted",
    "edition.published", "request.submitted", "request.forwarded", "request.provider_approved", "request.approved",
    "project.created", "extract.ready", "portal.session_opened", "lab.opened", "lab.granted", "sandbox.create",
    "dp.reserved", "dp.spent", "release.submitted", "release.checked", "release.claimed", "release.voted",
    "release.approved", "release.released", "release.downloaded", "report.succeeded", "user.added", "user.suspended",
    "lab.stopped", "sandbox.remove",
}  # fmt: skip

NO_NETWORK = """import socket
tried = []
for address in (("1.1.1.1", 53), ("172.17.0.1", 80), ("127.0.0.1", 8000)):
    with socket.socket() as probe:
        probe.settimeout(2)
        tried.append(probe.connect_ex(address) != 0)
print(tried)"""


def test_a_table_goes_from_the_extract_to_a_verified_release(
    visitors: Visitors, enclave: Enclave, tmp_path: Path
) -> None:
    alice = visitors.login("alice")
    alice.go("/projects/college-going")
    alice.page.get_by_role("button", name="Open the lab").click()
    lab = open_lab(alice.page)
    new_notebook(lab)
    expect(run_cell(lab, LOAD)).to_contain_text("True")
    expect(run_cell(lab, NO_NETWORK)).to_contain_text("[True, True, True]")
    expect(run_cell(lab, TABLE).first).to_be_visible()
    expect(run_cell(lab, PRIVATE).first).to_contain_text("half_width")
    sent = run_cell(lab, SUBMIT)
    expect(sent).to_contain_text("rel_")
    alice.picture("lab")
    release, state = sent.inner_text().split()[:2]
    assert state == "SUBMITTED"

    ben = visitors.login("ben")
    ben.go(f"/review/{release}")
    expect(ben.page.get_by_role("alert")).to_be_visible()

    for name in ("olivia", "omar"):
        checker = visitors.login(name)
        if name == "olivia":
            checker.picture("home")
        checker.go("/review")
        checker.page.get_by_role("button", name=f"Claim {TITLE}").click()
        checker.go(f"/review/{release}")
        if name == "omar":
            checker.picture("desk")
        checker.page.get_by_role("button", name="Approve graduates.csv").click()
        expect(checker.page.get_by_role("status")).to_be_visible()
    checker.page.get_by_role("button", name="Approve the release").click()

    _wait_until_released(enclave, release)
    alice.go(f"/releases/{release}")
    with alice.page.expect_download() as waiting:
        alice.page.get_by_role("link", name="Download the bundle").click()
    bundle = tmp_path / "bundle.zip"
    waiting.value.save_as(bundle)
    verified = enclave.c2c_json("review", "record", "verify", str(bundle))
    assert verified["holds"], verified
    assert enclave.c2c("review", "record", "verify", str(_with_a_changed_byte(bundle, tmp_path))).returncode == 1


def test_a_registered_report_becomes_a_draft(visitors: Visitors, enclave: Enclave) -> None:
    rosa = visitors.login("rosa")
    rosa.go("/reports/college-going")
    rosa.page.get_by_label("By", exact=True).select_option("race_ethnicity")
    rosa.page.get_by_label(re.compile("Academic year")).fill("2022")
    rosa.page.get_by_role("button", name="Run the report").click()
    run = enclave.c2c_json("report", "status", "--as", "rosa")[0]["id"]
    finished = _until(lambda: _report(enclave, run), "the report's end")
    assert finished["state"] == "SUCCEEDED", finished
    draft = enclave.c2c_json("review", "show", finished["release"], "--as", "rosa")
    assert draft["state"] == "DRAFT"
    assert any(file["name"].endswith(".csv") for file in draft["files"])


def test_administrators_manage_people_and_sessions(visitors: Visitors, enclave: Enclave) -> None:
    admin = visitors.login("admin")
    admin.go("/people")
    admin.page.get_by_label("Login name").fill("nora")
    admin.page.get_by_label("Full name").fill("Nora Novak")
    admin.page.get_by_label("E-mail").fill("nora@enclave.example")
    admin.page.locator("fieldset").get_by_text("researcher", exact=True).click()
    admin.page.get_by_role("button", name="Add", exact=True).click()
    expect(admin.page.locator("#setup-link")).to_have_attribute("href", re.compile("/welcome/"))

    admin.go("/people")
    expect(admin.page.get_by_role("row", name=re.compile("^nora"))).to_be_visible()
    row = admin.page.get_by_role("row", name=re.compile("^ben"))
    row.get_by_text("Suspend…").click()
    row.get_by_label("Reason").fill("left the university")
    row.get_by_role("button", name="Suspend ben").click()
    expect(admin.page.get_by_role("status")).to_contain_text("ben is suspended")

    admin.go("/sessions")
    admin.page.get_by_role("button", name="Stop the lab of alice").click()
    expect(admin.page.get_by_role("status")).to_be_visible()
    _until(lambda: enclave.c2c_json("session", "list") == [] or None, "the lab's stop")


def test_every_step_stands_in_the_audit_and_the_chain_holds(visitors: Visitors, enclave: Enclave) -> None:
    audrey = visitors.login("audrey")
    audrey.go("/audit?check=true")
    expect(audrey.page.get_by_text("The chain holds")).to_be_visible()
    target = enclave.data / "audit.jsonl"
    assert enclave.c2c("audit", "export", str(target)).returncode == 0
    actions = {json.loads(line)["action"] for line in target.read_text().splitlines()}
    missing = STEPS - actions
    assert not missing, sorted(missing)


def test_anybody_reads_what_was_released(visitors: Visitors, enclave: Enclave) -> None:
    stranger = visitors.stranger()
    stranger.go("/public")
    stranger.page.get_by_role("link", name=re.compile("College-going by family income")).click()
    expect(stranger.page.get_by_text("Approved by")).to_be_visible()
    stranger.picture("public")


def _wait_until_released(enclave: Enclave, release: str) -> None:
    _until(lambda: _state(enclave, release) == "RELEASED" or None, "the release")


def _state(enclave: Enclave, release: str) -> str:
    return str(enclave.c2c_json("review", "show", release, "--as", "alice")["state"])


def _report(enclave: Enclave, run: str) -> dict[str, str] | None:
    found = enclave.c2c_json("report", "status", run, "--as", "rosa")
    return found if found["state"] in ("SUCCEEDED", "FAILED", "CANCELLED") else None


def _until(look: Callable[[], T | None], what: str) -> T:
    return wait_for(look, what, 120)


def _with_a_changed_byte(bundle: Path, folder: Path) -> Path:
    """The bundle with one digit of the released table changed."""
    changed = folder / "changed.zip"
    with zipfile.ZipFile(bundle) as source, zipfile.ZipFile(changed, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename.endswith("graduates.csv"):
                content = content[:-2] + bytes([content[-2] ^ 1]) + content[-1:]
            target.writestr(entry.filename, content)
    return changed
