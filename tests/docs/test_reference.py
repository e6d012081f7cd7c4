"""What is written says what the code does."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from enclave.core.settings import Settings
from services.cli.docs import FOLDER, PAGES
from services.cli.main import COMMANDS
from services.web.glossary import glossary
from tests.pictures import LARGEST, SHOWN
from tests.spec.render import PAGE as RULEBOOK
from tests.spec.render import page as rulebook_page

ROOT = Path(__file__).parents[2]
PROSE = [ROOT / "README.md", ROOT / "DEVELOPERS.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("name", PAGES)
def test_generated_pages_are_up_to_date(name: str) -> None:
    written = (FOLDER / name).read_text(encoding="utf-8")
    assert written.endswith(PAGES[name]().rstrip() + "\n"), "run `make docs`"


def test_the_rulebook_says_what_the_engine_does() -> None:
    assert RULEBOOK.read_text(encoding="utf-8") == rulebook_page(), "run `make docs`"


def test_every_setting_and_command_is_documented() -> None:
    settings = (FOLDER / "settings.md").read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if f"C2C_{name.upper()}" not in settings] == []
    commands = (FOLDER / "commands.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"## `c2c {name}`" not in commands] == []


def test_the_terms_that_pages_explain_stand_in_the_glossary() -> None:
    used = set()
    for template in (ROOT / "services" / "web" / "templates").rglob("*.html"):
        used |= set(re.findall(r"term\(\"([^\"]+)\"", template.read_text(encoding="utf-8")))
    assert {term for term in used if term.lower() not in glossary()} == set()
    assert len(glossary()) > 20


@pytest.mark.parametrize("page", PROSE, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_to_files_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_the_readme_shows_pictures_that_are_small_and_have_words() -> None:
    pictures = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert {Path(path).stem for _, path in pictures} == set(SHOWN)
    for words, path in pictures:
        data = (ROOT / path).read_bytes()
        width, height = struct.unpack(">II", data[16:24])
        assert data.startswith(b"\x89PNG") and width >= 1000 and height >= 600
        assert len(data) <= LARGEST, f"{path} is too large: python -m tests.pictures makes it smaller"
        assert len(words.split()) >= 5
