"""A browser's own words in two."""

from __future__ import annotations

import pytest

from services.web.browsers import browser_name

# number, what the browser says of itself, what its owner reads
BROWSERS = [
    (1, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
    (2, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/150.0 Safari/537.36", "Chrome on Windows"),
    (3, "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/150.0 Safari/537.36 Edg/150.0", "Edge on Windows"),
    (4, "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605 Version/18 Safari/605", "Safari on macOS"),
    (5, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Mobile Safari/604", "Safari on iPhone"),
    (6, "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/150.0 Mobile Safari/537.36", "Chrome on Android"),
    (7, "curl/8.9", "curl/8.9"),
    (8, "", "unknown"),
]


@pytest.mark.parametrize(("number", "agent", "name"), BROWSERS, ids=[str(each[0]) for each in BROWSERS])
def test_a_browser_has_a_name_that_its_owner_knows(number: int, agent: str, name: str) -> None:
    assert browser_name(agent) == name
