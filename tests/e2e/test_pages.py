"""Every door of the portal, opened by the people who find it in their menu, wide and narrow."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Enclave, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(600)]
PEOPLE = ("alice", "olivia", "maria", "cde-reviewer", "rosa", "admin", "audrey", "tomas", "dana")
MORE = {
    "alice": (
        "/projects/college-going",
        "/projects/college-going/budget",
        "/projects/college-going/jobs",
        "/imports?project=college-going",
        "/imports/new",
        "/requests/new",
        "/releases/new",
    ),
    "rosa": ("/reports/college-going",),
    "maria": ("/projects/college-going", "/register"),
    "dana": ("/editions/2025r1", "/editions/contributions"),
}
NARROW = 390


@pytest.mark.parametrize("name", PEOPLE)
def test_every_page_of_a_persons_menu_opens(name: str, visitors: Visitors, enclave: Enclave) -> None:
    visitor = visitors.login(name)
    page, problems = visitor.page, []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    links = page.locator("nav[aria-label=Main] a.usa-nav-link").evaluate_all("all => all.map(each => each.href)")
    assert len(links) >= 7
    for address in [*links, *(f"{enclave.url}/services/portal{path}" for path in MORE.get(name, ()))]:
        page.set_viewport_size({"width": 1280, "height": 900})
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        assert page.locator("h1").count() == 1, address
        page.set_viewport_size({"width": NARROW, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW, address
    assert problems == []
