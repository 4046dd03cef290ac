"""Texts of digests: one line that says it all, and each section with its first items and the way on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from postmortems.document.markdown.items import item_blanks
from postmortems.incidents.models import ActionItem
from postmortems.notify.digests.contents import SECTIONS, SHOWN, Digest, Section
from postmortems.notify.inbox.texts import due_note
from postmortems.notify.notice import Line, Notice, Part, plain

NOTHING = "Nothing is overdue"
WORDS = {"overdue": "overdue", "soon": "due soon", "reopened": "re-opened", "unproven": "not proven"}
WORDS |= {"unowned": "without an owner"}


def title(digest: Digest, team: str = "") -> str:
    """`3 overdue, 2 due soon`; that nothing is overdue is said, too."""
    said = [f"{digest[name].count:,} {words}" for name, words in WORDS.items() if digest[name].count]
    if not digest["overdue"].count:
        said.insert(0, NOTHING)
    return (f"{plain(team, 60)}: " if team else "") + ", ".join(said)


def read(data: Mapping[str, Any]) -> Digest:
    """The digest that a notification keeps."""
    found = {name: data.get(name, (0, ())) for name in SECTIONS}
    return {name: Section(int(count), tuple(numbers)) for name, (count, numbers) in found.items()}


def notice(
    digest: Digest, items: Mapping[int, ActionItem], url: str, today: date, *, owner: str, team: str = ""
) -> Notice:
    """A digest as it is told; `items` are those of its numbers that its reader may see, `url` is our own."""
    parts = tuple(
        _part(name, digest[name], items, url, today, owner=owner) for name in SECTIONS if digest[name].count
    )
    why = f"You lead the team {plain(team, 60)}." if team else "You get a digest of what is assigned to you."
    return Notice(title(digest, team), "", parts, f"{url}/action-items", "All action items", why)


def _part(
    name: str, section: Section, items: Mapping[int, ActionItem], url: str, today: date, *, owner: str
) -> Part:
    heading, filters = SECTIONS[name]
    asked = filters(today)
    query = (asked if name == "unowned" else replace(asked, owner=owner)).query()
    shown = [items[number] for number in section.numbers[:SHOWN] if number in items]
    return Part(
        f"{heading} ({section.count:,})",
        tuple(_line(item, url, today) for item in shown),
        section.count - len(shown),
        f"{url}/action-items?{query}",
    )


def _line(item: ActionItem, url: str, today: date) -> Line:
    note = ", ".join(filter(None, (due_note(item, today), item.owner and f"owner {plain(item.owner, 60)}")))
    return Line(plain(item_blanks.told(item.text)), item.ref, note, f"{url}/action-items/{item.ref}")
