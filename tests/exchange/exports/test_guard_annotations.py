"""What an export says behind each guard's name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from postmortems import clock as the_clock
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Item, Section
from postmortems.exchange.exports import guard_annotations
from postmortems.gate.models import ItemProtection
from postmortems.guards.models import Guard
from postmortems.incidents import queries, rows
from postmortems.incidents.models import ActionItem
from tests.incidents.documents import FOUNDING, SYSTEM, save, stored, with_item
from tests.statements import counted


def guard(slug: str, **fields: Any) -> Guard:
    now: datetime = the_clock.now()
    return Guard(slug=slug, kind="window", config={}, created_at=now, edited_at=now, **fields)


def linked(*guards: str) -> str:
    """The slug of the founding incident with these guards on AI-2."""
    slug = save(FOUNDING).slug
    save(with_item(stored(slug), "AI-2", guards=guards), slug)
    return slug


def annotated(slug: str) -> Document:
    with db.reading():
        return guard_annotations.annotated(rows.to_document(queries.by_slug(slug, SYSTEM)))


@pytest.mark.parametrize(
    "fields, protection, remark",
    [
        ({"level": "soft"}, "enforced", "soft, enforced"),
        ({"level": "shadow"}, "shadow", "shadow, shadow"),
        ({"level": "hard", "is_enabled": False}, "regressed", "disabled, regressed"),
        ({"level": "advisory"}, None, "advisory"),
    ],
)
def test_a_guard_is_followed_by_its_level_and_the_items_protection(
    any_database: str, fields: dict[str, Any], protection: str | None, remark: str
) -> None:
    slug = linked("staging-online")
    with db.transaction():
        session().add(guard("staging-online", **fields))
        item = session().query(ActionItem).filter_by(number=2).one()
        if protection:
            session().add(ItemProtection(item_id=item.id, protection=protection, since=the_clock.now()))

    document = annotated(slug)

    assert document.items[1].guards == (f"staging-online ({remark})",)
    assert document.items[0].guards == ()
    assert save(document, slug, version=2).version == 2


def test_a_name_without_a_guard_says_so_and_the_authors_remark_stays(database: str) -> None:
    slug = linked("later", "other (ask Sam)")

    assert annotated(slug).items[1].guards == ("later (no such guard)", "other (ask Sam)")


def test_it_takes_as_many_queries_for_one_item_as_for_fifty(database: str) -> None:
    asked = []
    for count in (1, 50):
        items = tuple(Item(f"fix {number}", guards=(f"guard-{number}",)) for number in range(count))
        slug = save(Document(title=f"Of {count}", sections=(Section("To do", items),))).slug
        with db.reading():
            document = rows.to_document(queries.by_slug(slug, SYSTEM))
            with counted() as seen:
                guard_annotations.annotated(document)
        asked.append(len(seen))

    # Two for guards, and one for what items wait for.
    assert asked == [3, 3]
