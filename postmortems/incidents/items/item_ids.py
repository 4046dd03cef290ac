"""Ids of action items in a document that is about to be saved."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from sqlalchemy import select

from postmortems import visibility
from postmortems.audit.models import Event
from postmortems.db.session import session
from postmortems.document.model import Document, Item
from postmortems.errors import Invalid, Problem
from postmortems.incidents import guard_remarks
from postmortems.incidents.items import item_numbers
from postmortems.incidents.models import ActionItem

HIGHEST_CLAIMED = 9_999_999


def refuse_strangers(before: Document, *documents: Document) -> None:
    """Raise `Invalid` for ids in one of the documents that are not of the items that are stored `before`."""
    own = {"", *(item.id for item in before.items)}
    for document in documents:
        if strange := {item.id for item in document.items} - own:
            _refuse_ids(strange, document)


def claimed(document: Document, *, is_import: bool) -> Document:
    """The document of a new incident, if its ids may come in with it; else `Invalid`.

    A form or a program cannot know an id before the first save. A file can: exported from another
    installation, or from this one before it was set up again. Its ids stay, where nobody here ever had them.
    The caller holds the numbers, so that nobody takes one between the look and the claim.
    """
    numbers = {item.id: item_numbers.number_of(item.id) for item in document.items if item.id}
    if not numbers:
        return document
    _refuse_ids(set(numbers) if not is_import else _in_use(numbers) | _too_high(numbers), document)
    item_numbers.raise_to(max(number or 0 for number in numbers.values()))
    return document


def recognised(document: Document, before: Document) -> Document:
    """The document with ids for the items that came without but are, by their text, ones that were there."""
    named = {item.id for item in document.items}
    if "" not in named:
        return document
    free: defaultdict[str, list[str]] = defaultdict(list)
    for item in before.items:
        if item.id not in named:
            free[item.text].append(item.id)

    def identified(item: Item) -> Item:
        return item if item.id or not free[item.text] else replace(item, id=free[item.text].pop(0))

    return document.with_items(identified)


def given(document: Document) -> Document:
    """The document with the next free number for each item that has none."""
    count = sum(1 for item in document.items if not item.id)
    if not count:
        return document
    numbers = iter(item_numbers.take(count))
    return document.with_items(lambda item: item if item.id else replace(item, id=f"AI-{next(numbers)}"))


def refuse_guarded_loss(document: Document, before: Document) -> None:
    """Raise `Invalid` where an item would vanish that names guards: the gate relies on the link."""
    kept = {item.id for item in document.items}
    found = []
    for place, section in enumerate(before.sections):
        for item in section.items:
            if item.id not in kept and item.guards:
                names = ", ".join(map(guard_remarks.slug, item.guards))
                here = f"/sections/{place}" if place < len(document.sections) else "/sections"
                found.append(
                    Problem(here, f"{item.id} names {names}: unlink it first, then take the item out")
                )
    if found:
        raise Invalid(found)


def _in_use(numbers: dict[str, int | None]) -> set[str]:
    there = select(ActionItem.number).where(ActionItem.number.in_(numbers.values()))
    spoken_of = (
        select(Event.subject).where(Event.subject_kind == "item", Event.subject.in_(numbers)).distinct()
    )
    with visibility.seen_by(visibility.EVERYTHING):
        rows = session().scalars(there)
        return {f"AI-{number}" for number in rows} | set(session().scalars(spoken_of))


def _too_high(numbers: dict[str, int | None]) -> set[str]:
    # Numbers go on from the highest: one file must not use them up.
    return {ref for ref, number in numbers.items() if number is None or number > HIGHEST_CLAIMED}


def _refuse_ids(wrong: set[str], document: Document) -> None:
    told = "is not an item of this incident; leave the id out and the item gets one"
    found = [
        Problem(f"{pointer}/id", f"{item.id} {told}")
        for pointer, item in document.placed_items()
        if item.id in wrong
    ]
    if found:
        raise Invalid(found)
