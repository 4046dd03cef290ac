"""What a browser and its system are called, by what they say of themselves."""

from __future__ import annotations

import pytest

from postmortems.accounts.browsers import devices

MOBILE = "Mobile Safari/604.1"


@pytest.mark.parametrize(
    "said, name",
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/130.0 Safari/537.36", "Chrome on Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17 Safari/605.1.15", "Safari on Mac"),
        (f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) CriOS/126 {MOBILE}", "Chrome on iPhone"),
        (f"Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/126 {MOBILE}", "Chrome on Android"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/126 Safari/537.36", "Chrome on ChromeOS"),
        ("curl/8.5.0", "a browser"),
        ("Firefox/1", "Firefox"),
        ("(Linux)", "a browser on Linux"),
    ],
)
def test_a_browser_is_called_as_people_call_it(said: str, name: str) -> None:
    assert devices.named(said) == name


@pytest.mark.parametrize(
    "said", ["", "x" * 100_000, "<script>alert(1)</script>", "\x00\ud800", "x" * 500 + "Firefox/"]
)
def test_nothing_that_was_sent_is_told_again(said: str) -> None:
    assert devices.named(said) == "a browser"
