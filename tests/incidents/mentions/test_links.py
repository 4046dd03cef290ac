"""Mentions are links on every page that shows Markdown, for whoever may follow them, and words in files."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from postmortems.db import session as db
from postmortems.document.model import Document, Entry, Item, Prose, Section
from postmortems.incidents.mentions import queries
from tests.incidents.documents import FOUNDING, save
from tests.world import World

Counting = Callable[[], AbstractContextManager[list[str]]]
LINK = re.compile(r'<a class="mention" href="([^"]*)" title="([^"]*)">([^<]*)</a>')
BEN = ("/action-items?owner=%40ben", "Action items of ben", "@ben")


def saying(text: str, **changes: object) -> str:
    """The slug of an incident whose summary, entry and item say this."""
    rows = (Prose(text), Entry("12:10", text=text))
    sections = (Section("Summary", rows), Section("Action items", (Item(text),)))
    return str(save(replace(FOUNDING, sections=sections, **changes)).slug)  # type: ignore[arg-type]


def links(page: str) -> list[tuple[str, ...]]:
    assert "mention-" not in page
    return LINK.findall(page)


@pytest.fixture
def hidden(client: FlaskClient, world: World) -> str:
    """The slug of an incident that is shown to ada alone."""
    return str(save(Document(title="Leak & loss", restricted=("ada",))).slug)


def test_an_incidents_page_links_accounts_in_every_part(client: FlaskClient, world: World) -> None:
    slug = saying("Ask @ben. Or @nobody, or @Ben!")

    page = world.browser().get(f"/incidents/{slug}").text

    assert links(page) == [BEN, (*BEN[:2], "@Ben")] * 3
    assert ">@ben</a>. Or @nobody, or" in page


def test_an_incident_is_linked_for_those_alone_who_may_see_it(
    client: FlaskClient, world: World, hidden: str
) -> None:
    slug = saying(f"As #{hidden}, and #nothing.")

    shown = [world.browser(name).get(f"/incidents/{slug}").text for name in ("ada", "ben", "ada")]

    assert [links(page) for page in shown] == [
        [(f"/incidents/{hidden}", "Leak &amp; loss", f"#{hidden}")] * 3,
        [],
        [(f"/incidents/{hidden}", "Leak &amp; loss", f"#{hidden}")] * 3,
    ]
    assert "Leak" not in shown[1]
    assert f"As #{hidden}, and #nothing." in shown[1]


def test_comments_previews_and_items_link_too(client: FlaskClient, world: World) -> None:
    slug = saying("Ask @ben")
    browser = world.browser()
    browser.send(f"/incidents/{slug}/comments", form={"text": "@ben, look"})
    item = re.findall(r"AI-\d+", browser.get(f"/incidents/{slug}").text)[0]

    assert links(browser.get(f"/incidents/{slug}/comments").text) == [BEN]
    assert links(browser.get(f"/action-items/{item}").text) == [BEN]
    assert links(browser.send("/preview?field=a", form={"a": "Ask @ben"}).text) == [BEN]


@pytest.mark.parametrize("form", ["html", "markdown", "json"])
def test_a_file_has_the_words_as_they_are_written(client: FlaskClient, world: World, form: str) -> None:
    slug = saying("Ask @ben as in #nothing")

    text = client.get(f"/api/v1/incidents/{slug}?format={form}", headers=world.headers()).text

    assert text.count("Ask @ben as in #nothing") == 3
    assert "mention" not in text


def test_markdown_with_mentions_comes_back_byte_for_byte(client: FlaskClient, world: World) -> None:
    slug = saying("Ask @ben, `@ben` and \\@ben; see #nothing.\n\n- #nothing @ben")
    address = f"/api/v1/incidents/{slug}"
    headers = {**world.headers(), "Accept": "text/markdown", "Content-Type": "text/markdown"}
    text = client.get(address, headers=headers).data

    client.put(f"{address}?version=1", headers=headers, data=text)

    assert client.get(address, headers=headers).data == text


def test_a_page_asks_twice_whoever_it_mentions(
    client: FlaskClient, world: World, count_queries: Counting
) -> None:
    few, many = (
        saying(" ".join(f"@p{n} #i{n}" for n in range(count)), title=str(count)) for count in (1, 90)
    )
    counts = []
    for slug in (few, many):
        world.browser().get(f"/incidents/{slug}")
        with count_queries() as statements:
            world.browser().get(f"/incidents/{slug}")
        counts.append(len(statements))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("forged", ["mention-00000000", "mention-", "mention"])
def test_nobody_writes_our_marks_by_hand(client: FlaskClient, world: World, forged: str) -> None:
    page = world.browser().get(f"/incidents/{saying(f'<b class={forged!r}>x</b>')}").text

    assert page.count("<b>x</b>") == 3


def test_a_comparison_shows_the_words(client: FlaskClient, world: World) -> None:
    slug = saying("Ask @ben")
    address = f"/api/v1/incidents/{slug}"
    document = client.get(address, headers=world.headers()).get_json()
    document["sections"][0]["blocks"][0]["text"] = "Ask @ben and @cy now"
    client.put(address, headers=world.headers(), json=document)

    page = world.browser().get(f"/incidents/{slug}/diff?from=1&to=2").text

    assert "mention-" not in page


def test_a_text_of_nothing_but_names_takes_few_statements(
    client: FlaskClient, world: World, count_queries: Counting
) -> None:
    names = {f"p{number}" for number in range(50_000)}

    with db.reading(), count_queries() as statements:
        assert set(queries.accounts(names | {"ben"})) == {"ben"}

    asked = [one for one in statements if "FROM users" in one]
    assert len(asked) == queries.MOST_NAMES // queries.AT_ONCE
