"""Every page that the router offers, each opened by the people who may; what is wrong with it in a browser."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from starlette.testclient import TestClient

from services.api.app import doors
from tests.e2e.served import Reader
from tests.portal import BASE
from tests.property.town import NOBODY, Town

AXE = (Path(__file__).parents[1] / "vendor" / "axe" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FRAME = [[".c2c-demo"], [".c2c-header"], [".usa-footer"]]
WIDE, ZOOMED, PHONE = 1280, 640, 390
PICTURES = os.environ.get("C2C_WALK_PICTURES")
NO_PAGES = {"/healthz", "/login", "/oauth_callback", "/lab/{project}", "/lab/{project}/state"}
"""What answers a GET and is no page of the frame: doors of the hub, and the lab's own window."""
_PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")


@dataclass(frozen=True)
class Stop:
    """A page of the walk, and who opens it."""

    path: str
    who: str


def stops(town: Town, people: tuple[str, ...], everybody: bool = False) -> list[Stop]:
    """Each page once, by the first who may open it; `everybody`: by all who may."""
    browsers = {name: _client(town, name) for name in people}
    found = []
    for path in _addresses(town):
        for name, client in browsers.items():
            answer = client.get(f"{BASE}{path}")
            if answer.status_code == 200 and _is_page(answer.headers):
                found.append(Stop(path, name))
                if not everybody:
                    break
    return found


def _is_page(headers: Mapping[str, str]) -> bool:
    return headers["content-type"].startswith("text/html") and "content-disposition" not in headers


def unvisited(town: Town, seen: list[Stop]) -> set[str]:
    """Pages of the router that no stop has opened, by their pattern."""
    patterns = {pattern: re.compile(_PARAMETER.sub("[^/]+", pattern)) for pattern in _patterns(town)}
    return {
        pattern for pattern, matches in patterns.items()
        if not any(matches.fullmatch(stop.path.partition("?")[0]) for stop in seen)
    }  # fmt: skip


@dataclass
class Walker:
    """One person's browser on the walk, and what it found: page → what is wrong there."""

    reader: Reader
    name: str
    wrong: dict[str, list[str]] = field(default_factory=dict)
    links: set[str] = field(default_factory=set)
    frame_too: bool = True

    def visit(self, path: str) -> None:
        """Open the page wide, zoomed and on a phone."""
        page, told = self.reader.page, self.wrong.setdefault(f"{path} ({self.name})", [])
        page.set_viewport_size({"width": WIDE, "height": 900})
        self.reader.alarms.clear()
        self.reader.go(path)
        told += self.reader.alarms + self._axe() + [*self._words()]
        self.links |= {
            each.split("#")[0] for each in page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
        }
        self._picture(path, WIDE)
        for width in (ZOOMED, PHONE):
            page.set_viewport_size({"width": width, "height": 800})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                told.append(f"scrolls sideways at {width} px")
        self._picture(path, PHONE)
        if not told:
            del self.wrong[f"{path} ({self.name})"]

    def _axe(self) -> list[str]:
        """Every rule, on the frame with this person's first page only: it is the same on all."""
        page = self.reader.page
        page.evaluate(AXE)
        found = page.evaluate(
            "([without, tags]) => axe.run({include: [['html']], exclude: without}, "
            "{runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})",
            [[] if self.frame_too else FRAME, RULES],
        )
        self.frame_too = False
        assert len(found["passes"]) > 10  # it looked at the page
        return [f"{each['id']}: {node['html'][:160]}" for each in found["violations"] for node in each["nodes"][:3]]

    def _words(self) -> Iterator[str]:
        """What no page may show or lack."""
        page = self.reader.page
        if page.locator("h1").count() != 1:
            yield "has not one heading"
        text = page.locator("main").inner_text()
        if len(text.split()) < 8:
            yield f"says nothing: {text!r}"
        for what, shape in (("ISO time", r"\d{4}-\d\d-\d\dT\d\d"), ("Python", r"\{'|<\w+ object")):
            if match := re.search(shape, text):
                yield f"shows {what}: {text[max(0, match.start() - 40) : match.end() + 20]!r}"

    def _picture(self, path: str, width: int) -> None:
        if PICTURES:
            name = f"{path.strip('/').replace('/', '_') or 'home'}-{self.name}-{width}.png"
            self.reader.page.screenshot(path=str(Path(PICTURES) / name), full_page=True)


def dead(town: Town, who: str, links: set[str], origin: str) -> list[str]:
    """Links of our own that lead this person nowhere."""
    client = _client(town, who)
    own = {each.removeprefix(origin) for each in links if each.startswith(f"{origin}{BASE}")}
    return [each for each in sorted(own) if 400 <= client.get(each).status_code < 503]  # 503: the hub is not there


def _client(town: Town, who: str) -> TestClient:
    return town.portal.stranger() if who == NOBODY else town.portal.browser(who)


def _patterns(town: Town) -> list[str]:
    """The pages in the router's own words."""
    table = doors(town.portal.app)
    own = (path.removeprefix(BASE) for method, path in table if method == "GET" and path.startswith(f"{BASE}/"))
    return [path for path in own if not path.startswith("/api/") and path not in NO_PAGES]


def _addresses(town: Town) -> Iterator[str]:
    """Each pattern with every known name in its places."""
    for pattern in _patterns(town):
        names = _PARAMETER.findall(pattern)
        for values in product(*(town.known.get(name, []) for name in names)):
            path = pattern
            for value in values:
                path = _PARAMETER.sub(value, path, count=1)
            yield path
