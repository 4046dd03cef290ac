"""What somebody took from an item stays away as long as its words are the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from postmortems.document.markdown import parser
from postmortems.document.markdown.items import emptied_fields
from postmortems.document.model import Document, Item, Section

DAY = date(2026, 12, 20)
LED, DATED = "bob: measure the queue", "Measure the queue by 2026-12-20"
ENDED = "Measure the queue. @bob"
BLANK = {"owner": "", "due": None}


def document(*items: Item) -> Document:
    return Document(title="It broke", sections=(Section("Action items", items),))


def saved(before: Item, sent: Item, *others: Item) -> Item:
    was, now = document(before), document(sent, *others)
    return emptied_fields.kept(parser.normal(now), now, was).items[0]


# What stood there before, what is sent, and what is kept of it.
SAVES: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    # Emptied by hand, and not touched since.
    ({"text": LED, "owner": "bob"}, {"text": LED}, {"text": LED, **BLANK}),
    ({"text": LED}, {"text": LED}, {"text": LED, **BLANK}),
    ({"text": LED}, {"text": LED, "priority": "P1"}, {"text": LED, "priority": "P1", **BLANK}),
    ({"text": DATED, "due": DAY}, {"text": DATED}, {"text": DATED, **BLANK}),
    ({"text": LED, "owner": "bob"}, {"text": f"{LED}  "}, {"text": LED, **BLANK}),
    # Of two, the one that is empty.
    (
        {"text": f"{LED} by 2026-12-20", "owner": "bob", "due": DAY},
        {"text": f"{LED} by 2026-12-20", "owner": "", "due": DAY},
        {"text": f"{LED} by 2026-12-20", "owner": "", "due": DAY},
    ),
    # Words that the reading takes for a field stay words.
    ({"text": ENDED, "owner": "ada"}, {"text": ENDED}, {"text": ENDED, **BLANK}),
    ({"text": ENDED, "owner": "ada"}, {"text": ENDED, "owner": "kim"}, {"text": ENDED, "owner": "kim"}),
    # Other words are read.
    ({"text": LED}, {"text": "kim: measure the queue"}, {"owner": "kim"}),
    ({"text": "Measure", "owner": "Bob"}, {"text": "Measure (Kim)"}, {"text": "Measure", "owner": "Kim"}),
    ({"text": "Measure", "due": DAY}, {"text": DATED}, {"text": DATED, "due": DAY}),
    # What is said is kept, whatever the words are.
    ({"text": LED}, {"text": LED, "owner": "kim"}, {"owner": "kim"}),
    ({"text": LED, "owner": "bob"}, {"text": LED, "owner": "bob"}, {"owner": "bob"}),
]


@pytest.mark.parametrize("before, sent, kept", SAVES)
def test_words_are_read_where_they_are_new(
    before: dict[str, Any], sent: dict[str, Any], kept: dict[str, Any]
) -> None:
    found = saved(Item(id="AI-1", **before), Item(id="AI-1", **sent))

    assert {name: getattr(found, name) for name in kept} == kept


def test_a_new_item_is_read_by_its_words() -> None:
    assert saved(Item("Other", id="AI-2"), Item(LED)).owner == "bob"


def test_what_is_read_as_it_was_sent_is_the_same_document() -> None:
    sent = document(Item("Measure", id="AI-1"))
    read = parser.normal(sent)

    assert emptied_fields.kept(read, sent, document(replace(sent.items[0], owner="bob"))) is read
