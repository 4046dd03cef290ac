"""Bundles: several notices of one kind as one, for who would be told of many items at once. Pure.

Each thing keeps its own row in the outbox, which says whether it was told; those that wait for one reader
when the first of them is sent go with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from postmortems.notify.notice import Notice, Part

# What is told of items by itself, so that a bulk edit or a morning can bring many of it. Not what a person
# says to another: each mention and each review that is asked for stays a mail of its own.
TITLES = {
    "reminder": "Reminders of {} items",
    "escalation": "{} items need a decision",
    "assigned": "{} items were assigned",
    "reopened": "{} items are open again",
    "free": "{} items are free to begin",
}
# More are counted, and found at the address of the bundle.
SHOWN = 20


def name(kind: str) -> str:
    """What is sent with others of this name; "" for what goes alone."""
    return kind if kind in TITLES else ""


def together(kind: str, notices: Sequence[Notice], url: str, button: str) -> Notice:
    """One notice of all of them, under headings as they have; `url` is where the others are found."""
    if len(notices) == 1:
        return notices[0]
    listed = dict.fromkeys(
        (part.heading, line) for one in notices for part in one.parts for line in part.lines
    )
    if len(listed) == 1:
        return notices[0]
    parts: dict[str, Part] = {}
    for heading, line in list(listed)[:SHOWN]:
        known = parts.get(heading, Part(heading))
        parts[heading] = replace(known, lines=(*known.lines, line))
    left = len(listed) - SHOWN
    found = (*parts.values(), Part("And others", more=left, url=url)) if left > 0 else tuple(parts.values())
    return Notice(TITLES[kind].format(f"{len(listed):,}"), "", found, url, button, notices[0].why)
