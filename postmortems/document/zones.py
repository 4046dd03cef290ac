"""The zone a timeline states for all its times: free text, as written, for a person to resolve."""

from __future__ import annotations

import re

from postmortems.document.notation import ZONE

ALL_TIMES = re.compile(
    r"\btimes?(?: below| here| listed| shown| given| stated)?(?: are| is)?(?: all)?(?: in)?:?[ \t]+"
    r"(?P<zone>\[?[A-Z][^.;,\n|]*)"
)
MENTION = re.compile(r"\b(?:times?|events?|timestamps?|timeline)\b", re.IGNORECASE)
LONGEST = 60


def zone_in(text: str) -> str:
    """The zone that a heading or a lead gives for the times below it, or `""`."""
    for paragraph in text.split("\n\n"):
        line = " ".join(paragraph.split("\n"))
        match = ALL_TIMES.search(line)
        zone = _cleaned(match["zone"]) if match else ""
        if zone:
            return zone
        found = _mentioned(line)
        if found:
            return found
    return ""


def _cleaned(text: str) -> str:
    """`[UTC](https://…) time`, `US/Pacific`, `UTC+1 (Zurich time)`, without what surrounds it."""
    text = re.sub(r"\[([^\[\]]*)\]\([^()]*\)", r"\1", text).strip(" \t*_`")
    if text.endswith(")") and text.count("(") < text.count(")"):
        text = text[:-1].rstrip(" \t*_`")
    return (
        text
        if len(text) <= LONGEST and "{" not in text and re.match(r"[A-Z]{2,}|[A-Z][a-z]+[/ ]|UTC", text)
        else ""
    )


def _mentioned(line: str) -> str:
    if not MENTION.search(line):
        return ""
    found = ZONE.search(line[:400])
    return found["zone"] if found else ""
