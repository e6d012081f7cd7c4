"""Repairs and contributor sets the whole way: real browsers without scripts, a real lab, a real checker and data zone.

1. Rosa's colleague Alice sends three files that do not pass by the form, in a browser without scripts. Each file offers
   its repairs; she looks at what changes, takes one each, undoes one, takes it again, and submits.
2. In her lab Alice makes two tables of which one leaves three persons out, and whose numbers tell nobody. Their sealed
   sets of persons go with them through the airlock to the data zone, and the finding comes back.
"""

from __future__ import annotations

import io
import re
import subprocess
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from c2c_research.contributor_sets import MAGIC, BadSets, TableSets
from tests.e2e.conftest import PICTURES, Enclave, Visitors
from tests.e2e.lab import new_notebook, open_lab, run_cell

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(600)]
COUNTS = b"county,F,M,Total\nA,33,42,75\nB,4,51,55\nC,61,18,79\nTotal,98,111,209\n"
RATES = b"district,students,graduated_pct\nAlder,400,98.3\nBirch,250,61.2\nCedar,310,72.9\n"
APART = "Persons behind this table and behind"

TABLES = """import c2c_research as c2c
students = c2c.load("k12_completion", where="academic_year >= 2019")
left_out = list(students.person_id.drop_duplicates().head(3))
fewer = students[~students.person_id.isin(left_out)]
by_income = c2c.crosstab(students.academic_year, students.economically_disadvantaged, unit=students.person_id)
by_gender = c2c.crosstab(fewer.academic_year, fewer.gender, unit=fewer.person_id)
for name, table in (("income", by_income), ("gender", by_gender)):
    c2c.outputs.add(table.save(f"{name}.csv"))
sent = c2c.outputs.submit(title="Completion by income and by gender")
print(sent.id, *left_out)"""


def hidden_sheet() -> bytes:
    book = openpyxl.Workbook()
    for row in (["district", "students"], ["Alder", 400], ["Birch", 250]):
        book.active.append(row)
    book.create_sheet("raw").append(["Maria Lopez", "2004-02-11"])
    book["raw"].sheet_state = "hidden"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.fixture
def without_scripts(chromium: Browser, visitors: Visitors, enclave: Enclave) -> Any:
    """A page of Alice's in a browser that runs no scripts."""
    alice = visitors.login("alice")
    kept = alice.page.context.storage_state()
    context = chromium.new_context(
        storage_state=kept, java_script_enabled=False, viewport={"width": 1280, "height": 900}
    )
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def pictures(page: Page, name: str) -> None:
    """The page wide and narrow; it never scrolls sideways."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for width, height in ((390, 800), (1280, 900)):
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=str(PICTURES / f"{name}-{width}.png"), full_page=True)


def take(page: Page, name: str, word: str) -> None:
    """Take the repair of one file: look at the difference, then use it."""
    page.get_by_role("link", name=f"Repair: {word} {name}").click()
    expect(page.get_by_role("button", name="Use the repaired file")).to_be_visible()
    pictures(page, f"repair-{word}")
    page.get_by_role("button", name="Use the repaired file").click()
    expect(page.get_by_role("button", name=f"Undo the repair of {name}")).to_be_visible()


def test_files_are_repaired_without_scripts(without_scripts: Page, enclave: Enclave) -> None:
    page = without_scripts
    page.goto(f"{enclave.url}/services/portal/releases/new?project=college-going")
    page.get_by_label("Title").fill("Three files to be repaired")
    page.get_by_label("Files").set_input_files(
        [
            {"name": "counts.csv", "mimeType": "text/csv", "buffer": COUNTS},
            {"name": "rates.csv", "mimeType": "text/csv", "buffer": RATES},
            {"name": "book.xlsx", "mimeType": "application/octet-stream", "buffer": hidden_sheet()},
        ]
    )
    with page.expect_navigation():
        page.get_by_role("button", name="Store and check").click()
    expect(page.get_by_role("heading", name="Three files to be repaired")).to_be_visible()
    for name in ("counts.csv", "rates.csv", "book.xlsx"):
        looking = page.get_by_role("button", name=f"Look for repairs of {name}")
        if looking.count():  # the worker may have been there before
            with page.expect_navigation():
                looking.click()
    page.reload()
    pictures(page, "repairs")
    for name, word in (("counts.csv", "round"), ("rates.csv", "band"), ("book.xlsx", "strip")):
        take(page, name, word)
    page.get_by_role("button", name="Undo the repair of counts.csv").click()
    expect(page.get_by_role("button", name="Undo the repair of counts.csv")).to_have_count(0)
    take(page, "counts.csv", "round")
    pictures(page, "repaired")
    page.get_by_role("button", name="Submit to the checkers").click()
    expect(page.get_by_role("status")).to_contain_text("Submitted")
    expect(page.get_by_role("button", name="Undo the repair of counts.csv")).to_have_count(0)
    release = page.url.rpartition("/")[2].partition("?")[0]
    kinds = [event["action"] for event in enclave.c2c_json("audit", "list", "--action", "release.repair")["events"]]
    assert kinds.count("release.repair_undone") >= 1 and kinds.count("release.repair_taken") >= 4
    assert enclave.c2c_json("review", "show", release, "--as", "alice")["status"] == "pass"


def test_sets_of_persons_are_compared_in_the_data_zone_and_findings_come_back(
    visitors: Visitors, enclave: Enclave
) -> None:
    alice = visitors.login("alice")
    alice.go("/projects/college-going")
    alice.page.get_by_role("button", name="Open the lab").click()
    lab = open_lab(alice.page)
    new_notebook(lab)
    said = run_cell(lab, TABLES).inner_text()
    release = re.search(r"rel_\w+", said)
    assert release is not None, said
    shown = enclave.c2c_json("review", "show", release[0], "--as", "alice")
    messages = {file["name"]: [each["message"] for each in file["findings"]] for file in shown["files"]}
    for one, other in (("income.csv", "gender.csv"), ("gender.csv", "income.csv")):
        assert any(text.startswith(APART) and other in text for text in messages[one]), messages
    alice.go(f"/releases/{release[0]}")
    link = alice.page.locator(".review-finding").get_by_role("link", name="gender.csv").first
    assert re.fullmatch(r"#fil_\w+", link.get_attribute("href") or "")
    left_out = re.findall(r"\d{12,}", said)
    assert len(left_out) == 3, said
    _check_nothing_lies_open(enclave, left_out)


def _check_nothing_lies_open(enclave: Enclave, persons: list[str]) -> None:
    """Outside the data zone the sets are ciphertext, nobody mounts the zone's folder, and no log names a person."""
    sealed = [body for path in (enclave.data / "airlock").rglob("*") if path.is_file()
              and (body := path.read_bytes()).startswith(MAGIC)]  # fmt: skip
    assert len(sealed) >= 2
    for body in sealed:
        assert len({*body}) > 100
        with pytest.raises(BadSets):
            TableSets.decode(body[len(MAGIC) :])
    assert any((enclave.data / "research" / "contributors").rglob("*"))
    for service in ("portal", "worker", "checker", "hub", "gateway"):
        container = _container(enclave, service)
        folder = _docker("exec", container, "ls", "/c2c/research")
        assert folder.returncode != 0 and "No such file" in folder.stderr, service
        logs = _docker("logs", container)
        assert not any(person in logs.stdout + logs.stderr for person in persons), service
    for folder in ("airlock", "app", "events", "mail"):
        for path in (path for path in (enclave.data / folder).rglob("*") if path.is_file()):
            assert not any(person.encode() in path.read_bytes() for person in persons), path


def _container(enclave: Enclave, service: str) -> str:
    instance = re.search(r"^C2C_INSTANCE=(\S+)", (enclave.data / "compose.env").read_text(), re.M)
    assert instance is not None
    wanted = (
        "--filter",
        f"label=org.c2c.instance={instance[1]}",
        "--filter",
        f"label=com.docker.compose.service={service}",
    )
    return _docker("ps", "-q", *wanted).stdout.strip()


def _docker(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False, timeout=60)
