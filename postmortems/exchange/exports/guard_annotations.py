"""Annotations in exported documents: each guard's level, an item's protection, and what it waits for."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from postmortems.db.session import session
from postmortems.document.model import Document, Item
from postmortems.followup.item import written_blockers
from postmortems.gate.models import ItemProtection
from postmortems.guards.models import Guard
from postmortems.incidents import guard_remarks
from postmortems.incidents.items.item_numbers import number_of
from postmortems.incidents.models import ActionItem

# By the guard's slug: its level, and whether it is enabled.
Levels = dict[str, tuple[str, bool]]


def annotated(document: Document) -> Document:
    """The document with remarks behind its guards, `staging-online (soft, enforced)`, and with blockers.

    They hold on the day of the export; `guard_remarks.bare` takes them off again when the text comes back.
    Two queries for guards, four at most for blockers.
    """
    document = written_blockers.noted(document)
    slugs = {guard_remarks.slug(written) for item in document.items for written in item.guards}
    if not slugs:
        return document
    rows = session().execute(select(Guard.slug, Guard.level, Guard.is_enabled).where(Guard.slug.in_(slugs)))
    levels = {slug: (level, is_enabled) for slug, level, is_enabled in rows}
    protections = _protections(document)
    return document.with_items(
        lambda item: replace(item, guards=_guards(item, levels, protections.get(item.id, "")))
    )


def _protections(document: Document) -> dict[str, str]:
    numbers = [number_of(item.id) for item in document.items if item.guards]
    rows = session().execute(
        select(ActionItem.number, ItemProtection.protection)
        .join(ItemProtection, ItemProtection.item_id == ActionItem.id)
        .where(ActionItem.number.in_(numbers))
    )
    return {f"AI-{number}": protection for number, protection in rows}


def _guards(item: Item, levels: Levels, protection: str) -> tuple[str, ...]:
    said = []
    for written in item.guards:
        slug = guard_remarks.slug(written)
        if guard_remarks.is_remarked(written):
            said.append(written)
            continue
        if slug not in levels:
            said.append(guard_remarks.remark(slug, ["no such guard"]))
            continue
        level, is_enabled = levels[slug]
        words = [level if is_enabled else "disabled", protection]
        said.append(guard_remarks.remark(slug, [word for word in words if word]))
    return tuple(said)
