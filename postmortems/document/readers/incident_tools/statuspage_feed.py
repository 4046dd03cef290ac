"""Reads a status page's Atom or RSS feed: each update is a paragraph, `Mar 4, 15:30 UTC` above its words.

The year is not in it: an update is of the year of the entry's date, or of the one before.
"""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from postmortems.document.readers import html
from postmortems.document.readers.issues.jira_xml import parsed
from postmortems.document.readers.markup_tree import Element, text_of
from postmortems.document.readers.to_markdown import compose
from postmortems.document.text import one_line

IS_IT = re.compile(r"<(?:feed|rss)\b.*?<(?:entry|item)\b.*?<(?:small|&lt;small)|&lt;small&gt;", re.DOTALL)
FIRST = 262_144
STAMP = re.compile(r"(?P<day>[A-Z][a-z]{2} +\d{1,2}) *, *(?P<clock>\d{1,2}:\d{2}) *(?P<zone>[A-Z]{2,5})?")


def is_it(text: str) -> bool:
    """Whether a text is such a feed: entries whose content has times in small print."""
    return text.lstrip("\ufeff \t\r\n").startswith("<") and bool(IS_IT.search(text[:FIRST]))


def incidents(text: str) -> list[dict[str, Any]]:
    """The incidents of a feed in the shape of the page's JSON. Raises `Invalid` where it breaks off."""
    root = parsed(text)
    entries = [each for each in _below(root) if each.tag in ("entry", "item")]
    return [_incident(entry) for entry in entries]


def _below(element: Element) -> list[Element]:
    found: list[Element] = []
    waiting = [element]
    while waiting:
        each = waiting.pop()
        inner = [child for child in each.children if isinstance(child, Element)]
        found += inner
        waiting += [child for child in inner if child.tag in ("feed", "rss", "channel")]
    return found


def _child(entry: Element, *tags: str) -> Element:
    found = (child for child in entry.children if isinstance(child, Element) and child.tag in tags)
    return next(found, Element("none"))


def _incident(entry: Element) -> dict[str, Any]:
    link = _child(entry, "link")
    address = link.attributes.get("href", "") or one_line(text_of(link))
    published = _instant(one_line(text_of(_child(entry, "published", "pubDate", "updated"))))
    content = html.parsed(text_of(_child(entry, "content", "description")))
    updates = [update for child in content.children if (update := _update(child, published))]
    return {
        "id": address.rstrip("/").rpartition("/")[2],
        "name": one_line(text_of(_child(entry, "title"))),
        "shortlink": address,
        "created_at": min(filter(None, (update["display_at"] for update in updates)), default=""),
        "impact": "maintenance" if _is_maintenance(content) else "",
        "incident_updates": updates,
    }


def _instant(said: str) -> datetime | None:
    try:
        return (
            datetime.fromisoformat(said.replace("Z", "+00:00"))
            if said[:4].isdecimal()
            else parsedate_to_datetime(said)
        )
    except (ValueError, TypeError, IndexError):
        return None


def _is_maintenance(content: Element) -> bool:
    return "THIS IS A SCHEDULED EVENT" in text_of(content)


def _update(node: object, near: datetime | None) -> dict[str, str]:
    """A paragraph of the content: when, in which state, what was said."""
    if not isinstance(node, Element) or node.tag not in ("p", "div"):
        return {}
    small = _child(node, "small")
    strong = _child(node, "strong")
    match = STAMP.search(one_line(text_of(small)))
    rest = [child for child in node.children if child is not small and child is not strong]
    body = re.sub(r"^(?:<br>)?\s*(?:\\?-|–|—)?\s*", "", compose(rest))
    return {"status": one_line(text_of(strong)), "body": body, "display_at": _stamp(match, near)}


def _stamp(match: re.Match[str] | None, near: datetime | None) -> str:
    if match is None or near is None:
        return ""
    year = near.year
    try:
        at = datetime.strptime(f"{match['day']} {year} {match['clock']}", "%b %d %Y %H:%M")  # noqa: DTZ007
    except ValueError:
        return ""
    # The entry's date is that of its last change, and no update is after it.
    if at.date() > near.date() and at.month > near.month:
        at = at.replace(year=year - 1)
    zone = "+00:00" if match["zone"] in ("UTC", "GMT", None) else f" {match['zone']}"
    return f"{at.isoformat()}{zone}" if zone.startswith("+") else f"{at:%Y-%m-%d %H:%M}{zone}"
