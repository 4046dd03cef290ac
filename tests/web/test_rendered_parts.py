"""What a page shows of a document is made once for each version, and for nobody who may not see it."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from postmortems.document.model import Entry, Item, Prose, Section
from tests.incidents.documents import FOUNDING, save
from tests.world import World

Counting = Callable[[], AbstractContextManager[list[str]]]
# What only the sections' rows can say; a page of a version that was shown before does without them.
OF_SECTIONS = ("FROM sections", "FROM prose", "FROM entries", "FROM categories")


def of_length(length: int) -> str:
    """The address of an incident with so many entries and items."""
    entries = tuple(Entry(f"12:{at % 60:02}", title=f"line {at}") for at in range(length))
    items = (Item("Refuse it."),) * length
    sections = (Section("Timeline", entries), Section("Action items", items))
    return f"/incidents/{save(replace(FOUNDING, title=f'Of {length}', sections=sections)).slug}"


# Made anew for each form.
FORM_TOKEN = re.compile(r'name="csrf_token" value="[^"]*"')


def saying(text: str, **changes: object) -> str:
    """The address of an incident whose summary says this."""
    sections = (Section("Summary", (Prose(text),)), Section("Action items", (Item("Refuse it."),)))
    return f"/incidents/{save(replace(FOUNDING, sections=sections, **changes)).slug}"  # type: ignore[arg-type]


def test_a_page_costs_few_queries_and_the_same_for_any_length(
    client: FlaskClient, world: World, count_queries: Counting
) -> None:
    counts = []
    for address in (of_length(100), of_length(1_000)):
        world.browser().get(address)
        with count_queries() as statements:
            assert world.browser().get(address).status_code == 200
        assert not [one for one in statements if any(name in one for name in OF_SECTIONS)]
        counts.append(len([one for one in statements if one.startswith("SELECT")]))

    assert counts[0] == counts[1] <= 13


def test_a_page_looks_the_same_when_it_is_looked_at_again(client: FlaskClient, world: World) -> None:
    address = of_length(10)

    first, again = (FORM_TOKEN.sub("", world.browser().get(address).text) for _ in range(2))

    assert first.count('class="entry ') == again.count('class="entry ') == 10
    assert first.count('class="item"') == again.count('class="item"') == 10
    assert first.split("<main")[1] == again.split("<main")[1]


def test_a_save_shows_at_once(client: FlaskClient, world: World) -> None:
    address = saying("Nobody knew.")
    assert "Nobody knew." in world.browser().get(address).text

    slug = address.rpartition("/")[2]
    sections = (Section("Summary", (Prose("Somebody knew."),)),)
    save(replace(FOUNDING, sections=sections), slug)
    html = world.browser().get(address).text

    assert "Somebody knew." in html
    assert "Nobody knew." not in html


@pytest.mark.parametrize("looked_at_before", [False, True])
def test_a_restricted_document_is_shown_to_the_named_alone(
    client: FlaskClient, world: World, looked_at_before: bool
) -> None:
    address = saying("A secret.", restricted=("ada",))
    if looked_at_before:
        assert "A secret." in world.browser("ada").get(address).text

    answer = world.browser("cy").get(address)

    assert answer.status_code == 404
    assert "A secret." not in answer.text


def test_an_item_is_as_it_is_now_for_whoever_looks(client: FlaskClient, world: World) -> None:
    address = saying("Both look.")

    author, reader = (world.browser(name).get(address).text for name in ("ada", "cy"))

    assert "Edit<span" in author.split('class="item-head"')[1]
    assert "Edit<span" not in reader.split('class="item-head"')[1]
