"""Devices: what people call a browser and its system, by what it says of itself.

A short list suffices: one has to know one's own again. What is in no list is told by nothing that was sent.
"""

from __future__ import annotations

# So much of what a browser says is looked at.
LONGEST = 500
# Those that say they are others, too, come before these.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def named(user_agent: str) -> str:
    """`Firefox on Linux`; `a browser` where it says nothing that we know."""
    said = user_agent[:LONGEST]
    browser, system = (_first(said, known) for known in (BROWSERS, SYSTEMS))
    return f"{browser or 'a browser'} on {system}" if system else browser or "a browser"


def _first(said: str, known: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in known if mark in said), "")
