"""Summary of an edit in few words, for the audit trail. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from operator import attrgetter
from typing import Any

from postmortems.document.model import Document, Item, Section
from postmortems.incidents.items.lifecycle import CLOSED

FRONT = [field.name for field in fields(Document) if field.name != "sections"]
# But for those that have events of their own.
ITEM = [field.name for field in fields(Item) if field.name not in {"id", "owner", "due", "status"}]
OF_FRONT, OF_ITEM = attrgetter(*FRONT), attrgetter(*ITEM)
LONGEST_QUOTE = 200
# Of a longer text its event has the beginning; the versions of the incident have the whole.
LONGEST_VALUE = 2_000

# (verb, ref, data)
ItemEvent = tuple[str, str, dict[str, Any]]


def parts(before: Document, after: Document) -> list[str]:
    """The front matter's fields and the sections' headings that differ."""
    both = zip(FRONT, OF_FRONT(before), OF_FRONT(after), strict=True)
    front = [name for name, was, now in both if was != now]
    old, new = _by_heading(before), _by_heading(after)
    changed = [f"section {key[0] or 'at the top'}" for key in new if old.get(key) != new[key]]
    gone = [f"section {key[0] or 'at the top'} removed" for key in old if key not in new]
    moved = [] if changed or gone or list(old) == list(new) else ["order of the sections"]
    return front + changed + gone + moved


def item_events(before: Document, after: Document) -> Iterator[ItemEvent]:
    """(verb, ref, data) for each thing that happened to an item, in the document's order."""
    old = {item.id: item for item in before.items}
    new = {item.id: item for item in after.items}
    for ref, item in new.items():
        if ref not in old:
            yield "item.added", ref, {"text": quote(item.text)}
        else:
            yield from _edits(ref, old[ref], item)
    for ref, item in old.items():
        if ref not in new:
            yield "item.removed", ref, {"text": item.text}


def quote(text: str) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1] + "…"


def _edits(ref: str, before: Item, after: Item) -> Iterator[ItemEvent]:
    status = {"from": before.status or "open", "to": after.status or "open"}
    if status["from"] != status["to"]:
        verb = "item.progressed"
        if status["to"] in CLOSED:
            verb = "item.closed"
        elif status["from"] in CLOSED:
            verb = "item.reopened"
        yield verb, ref, status | ({"reason": after.reason} if after.reason else {})
    if before.owner != after.owner:
        yield "item.assigned", ref, {"from": before.owner, "to": after.owner}
    if before.due != after.due:
        yield "item.dated", ref, {"from": _iso(before), "to": _iso(after)}
    edited = [
        name for name, was, now in zip(ITEM, OF_ITEM(before), OF_ITEM(after), strict=True) if was != now
    ]
    if edited:
        values = {
            side: {name: _value(getattr(item, name)) for name in edited}
            for side, item in (("from", before), ("to", after))
        }
        yield "item.edited", ref, {"fields": edited, **values}


def _value(value: str | tuple[str, ...]) -> str | list[str]:
    if isinstance(value, tuple):
        return list(value)
    return value if len(value) <= LONGEST_VALUE else value[: LONGEST_VALUE - 1] + "…"


def _iso(item: Item) -> str:
    return item.due.isoformat() if item.due else ""


def _by_heading(document: Document) -> dict[tuple[str, int], Section]:
    """Sections by heading and, as headings may repeat, by how often it stood before."""
    found: dict[tuple[str, int], Section] = {}
    times: Counter[str] = Counter()
    for section in document.sections:
        found[section.heading, times[section.heading]] = section
        times[section.heading] += 1
    return found
