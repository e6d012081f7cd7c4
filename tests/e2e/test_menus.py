"""Every entry of every menu of the lab is chosen once, in the portal's frame: none is dead.

Dead is an entry that ends in an error, that asks for an address which the gateway or the lab's server refuses, or that
would open another page. What is greyed out is not chosen. Of entries that differ in their value alone (languages of the
text editor, themes) the first and the last stand for all. Everything is tried in a notebook and in a text file.
Entries are found again by their names, for places move when others come and go; one that has meanwhile become grey or
is no longer there is recorded and left, and those must stay few.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Frame, Locator, TimeoutError, expect

from tests.e2e.conftest import Enclave, Visitor, Visitors
from tests.e2e.lab import READY, fresh, new_notebook, open_lab, run_cell

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(1800)]
SHOWN = ".lm-Menu-item:not(.lm-mod-hidden):not(.lm-mod-collapsed):not(.lm-mod-disabled):not([data-type=separator])"
REFUSAL = re.compile("policy|refused|blocked|not allowed|failed to load|violat", re.IGNORECASE)
"""What a browser writes into its console when it is kept from something; Lab's own races say other words."""
UNTITLED = re.compile(r"Untitled\d*\.ipynb")
"""The menu Tabs names the open notebook, which is another one later."""


@dataclass(frozen=True)
class Entry:
    """Where an entry is: the menu, then its label in it or the submenu's and its own; `twin` counts equal labels."""

    top: int
    title: str
    labels: tuple[str, ...]
    twin: int = 0

    @property
    def name(self) -> str:
        return " > ".join((self.title, *self.labels))


@dataclass
class Troubles:
    """What a person would call an error while an entry was tried."""

    found: list[str] = field(default_factory=list)

    def watch(self, visitor: Visitor, host: str) -> None:
        """Hear of refused requests, errors in the console and pages that open."""
        page = visitor.page
        page.on("response", lambda answer: self._heard(answer.status >= 400 and host in answer.url, answer.url))
        page.on(
            "console", lambda said: self._heard(said.type == "error" and bool(REFUSAL.search(said.text)), said.text)
        )
        page.context.on("page", lambda _: self._heard(True, "another page"))

    def _heard(self, counts: bool, what: str) -> None:
        if counts:
            self.found.append(what[:200])

    @contextmanager
    def of(self, name: str, seen: dict[str, list[str]]) -> Iterator[None]:
        """Put the troubles of a block below its name."""
        self.found.clear()
        yield
        if self.found:
            seen[name] = list(self.found)


@pytest.mark.parametrize("where", ["notebook", "text file"])
def test_no_entry_of_a_menu_is_dead(where: str, visitors: Visitors, enclave: Enclave) -> None:
    rosa = visitors.login("rosa")
    rosa.go("/projects/college-report")
    rosa.page.get_by_role("button", name="Open the lab").click()
    lab, troubles = open_lab(rosa.page), Troubles()
    _stand(lab, where)
    troubles.watch(rosa, "rosa.")
    dead: dict[str, list[str]] = {}
    gone: list[str] = []
    entries = _entries(lab)
    for entry in entries:
        with troubles.of(entry.name, dead):
            for _ in range(2 if "Appearance" in entry.name else 1):  # what is shown or hidden comes back
                if not _choose(lab, entry):
                    gone.append(entry.name)
                _leave_dialog(lab, troubles)
        if (
            entry.name.endswith(("Close Tab", "Close All Tabs"))
            or lab.locator(".jp-Document >> visible=true").count() != 1
        ):
            _stand(lab, where)
    enclave.c2c("session", "stop", "rosa", "college-report")
    print(json.dumps({"entries": len(entries), "gone": gone}))
    assert not dead, json.dumps(dead, indent=1)
    assert len(gone) <= len(entries) / 10, gone
    assert len(entries) - len(gone) > (90 if where == "notebook" else 40)


def _stand(lab: Frame, where: str) -> None:
    """A fresh layout with one document open: two cells that ran, or the welcome's text."""
    if where == "notebook":
        new_notebook(lab)
        run_cell(lab, "1 + 1")
        return
    lab.goto(fresh(lab))
    lab.locator(".jp-DirListing-item", has_text="Welcome.md").click(button="right", timeout=READY)
    lab.locator(".lm-Menu-item", has_text="Open With").hover()
    lab.locator(".lm-Menu-item", has_text="Editor").first.click()
    expect(lab.locator(".jp-FileEditor")).to_be_visible(timeout=READY)


def _entries(lab: Frame) -> list[Entry]:
    """What can be chosen now, named as a person reads it."""
    found: list[Entry] = []
    for top in range(lab.locator("#jp-MainMenu .lm-MenuBar-item").count()):
        title = lab.locator("#jp-MainMenu .lm-MenuBar-item").nth(top).inner_text()
        rows = _rows(_open(lab, top))
        labels = [label for label, _, _ in rows]
        for place, (label, _, is_menu) in enumerate(rows):
            if not is_menu:
                found.append(Entry(top, title, (label,), labels[:place].count(label)))
                continue
            below = _rows(_submenu(_open(lab, top), place))
            kept = [i for i, row in enumerate(below) if _stands_for_all(i, [each[1] for each in below])]
            names = [row[0] for row in below]
            found += [Entry(top, title, (label, names[i]), names[:i].count(names[i])) for i in kept]
        _close(lab)
    return found


def _stands_for_all(place: int, commands: list[str]) -> bool:
    same = [i for i, command in enumerate(commands) if command == commands[place]]
    return place in (same[0], same[-1])


def _rows(menu: Locator) -> list[tuple[str, str, bool]]:
    """Label, command, whether it is a submenu: of what a menu shows and does not grey out."""
    rows: list[tuple[str, str, bool]] = menu.locator(SHOWN).evaluate_all(
        """all => all.map(e => [e.querySelector('.lm-Menu-itemLabel').innerText.trim(),
                                e.dataset.command || '', e.dataset.type === 'submenu'])"""
    )
    return [(UNTITLED.sub("Untitled.ipynb", label), command, is_menu) for label, command, is_menu in rows]


def _open(lab: Frame, top: int, patience: float = READY) -> Locator:
    _close(lab)
    lab.locator("#jp-MainMenu .lm-MenuBar-item").nth(top).click(timeout=patience)
    menu = lab.locator(".lm-Menu").first
    expect(menu).to_be_visible()
    return menu


def _submenu(menu: Locator, place: int, patience: float = READY) -> Locator:
    menu.locator(SHOWN).nth(place).click(timeout=patience)
    below = menu.page.frame_locator("#frame").locator(".lm-Menu").nth(1)
    expect(below).to_be_visible()
    return below


def _choose(lab: Frame, entry: Entry) -> bool:
    """Choose an entry; a dialog that comes late is closed, and the entry tried again.

    False when it is three times not among what can be chosen; that it is there and cannot be clicked is an error.
    """
    seen = False
    for patience in (5_000, 10_000, READY):
        with suppress(TimeoutError, AssertionError):
            menu = _open(lab, entry.top, patience)
            if len(entry.labels) == 2:
                if (place := _place(menu, entry.labels[0], 0)) is None:
                    continue
                menu = _submenu(menu, place, patience)
            if (place := _place(menu, entry.labels[-1], entry.twin)) is None:
                continue
            seen = True
            menu.locator(SHOWN).nth(place).click(timeout=patience)
            lab.page.wait_for_timeout(600)
            return True
        lab.page.wait_for_timeout(1_000)
    assert not seen, f"the entry {entry.name} cannot be chosen"
    return False


def _place(menu: Locator, label: str, twin: int) -> int | None:
    """Where the label stands now among what can be chosen."""
    places = [place for place, row in enumerate(_rows(menu)) if row[0] == label]
    return places[twin] if twin < len(places) else None


def _leave_dialog(lab: Frame, troubles: Troubles) -> None:
    """Close what asks; one that says an error is a trouble."""
    for dialog in lab.locator(".jp-Dialog >> visible=true").all():
        said = dialog.inner_text()
        if "error" in said.lower():
            troubles.found.append(said[:200])
    _close(lab)


def _close(lab: Frame) -> None:
    """Close what is open above the page: menus, dialogs, the palette."""
    above = (
        lab.locator(".lm-Menu >> visible=true")
        .or_(lab.locator(".jp-Dialog, .jp-ModalCommandPalette"))
        .locator("visible=true")
    )
    for _ in range(10):
        if not above.count():
            return
        lab.page.keyboard.press("Escape")
        lab.page.wait_for_timeout(100)
