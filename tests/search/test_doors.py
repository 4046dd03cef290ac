"""Search by page, box and API: what they say, and how they refuse."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date

import pytest
from flask.testing import FlaskClient

from postmortems.document.model import Document, Prose, Section
from tests.incidents.documents import save
from tests.world import World

HUB = Document(
    "The hub is down", date(2020, 1, 1), services=("data8/prod",), tags=("proxy",), status="published",
    sections=(Section("Summary", (Prose("The **configurable** proxy <b>forgot</b> its routes."),)),),
)  # fmt: skip


def client(world: World) -> FlaskClient:
    assert world.app is not None
    return world.app.test_client()


@pytest.fixture
def hub(world: World) -> str:
    return save(HUB).slug


def test_the_api_tells_hits_in_plain_text_with_the_words_marked(world: World, hub: str) -> None:
    answer = client(world).get("/api/v1/search?q=configurable team:x -nothing", headers=world.headers())
    only = client(world).get("/api/v1/search?q=configurable", headers=world.headers()).get_json()

    assert answer.get_json()["hits"] == []
    assert answer.get_json()["notes"][0].startswith("team: is no operator")
    (hit,) = only["hits"]
    assert (hit["kind"], hit["ref"], hit["url"], only["count"]) == ("incident", hub, f"/incidents/{hub}", 1)
    assert [part["text"] for part in hit["snippet"] if part["is_hit"]] == ["configurable"]
    assert (
        "".join(part["text"] for part in hit["snippet"])
        == "Summary The configurable proxy forgot its routes."
    )


@pytest.mark.usefixtures("any_database")
@pytest.mark.parametrize(
    "query", ["severity:9", "service:", "x" * 10_000, "word " * 1_000, "before:soon", '"' * 400 + "is:x"]
)
@pytest.mark.parametrize("address", ["/api/v1/search", "/api/v1/incidents", "/api/v1/action-items"])
def test_what_is_wrong_with_a_query_is_told_at_its_field(
    world: World, hub: str, query: str, address: str
) -> None:
    answer = client(world).get(address, query_string={"q": query}, headers=world.headers())

    assert answer.status_code == 422
    assert "/q" in answer.text or '"q"' in answer.text


ODD = ["the", "\0hub", '"hub', "%", "", "( AND * )", "-hub", "‮", "'; --"]


@pytest.mark.usefixtures("any_database")
@pytest.mark.parametrize("query", ODD)
def test_odd_queries_are_answered(world: World, hub: str, query: str) -> None:
    # PostgreSQL takes no NUL: it may be refused.
    fine = {200, 422} if "\0" in query else {200}
    for address in ("/search", "/search/picks", "/incidents", "/action-items"):
        assert world.browser().get(address, query_string={"q": query}).status_code in fine


@pytest.mark.usefixtures("any_database")
@pytest.mark.parametrize("address", ["/search", "/incidents", "/action-items"])
def test_no_query_takes_more_statements_than_one_of_a_word(
    world: World, hub: str, address: str, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    browser = world.browser()
    wrong = ["x" * 10_000, "word " * 1_000, "service:", '"' * 400 + "is:x", "the a of", *ODD]
    costs = []
    # What was found is kept: a word is looked for at first here.
    for query in ("hub", "forgot", *wrong):
        with count_queries() as seen:
            browser.get(address, query_string={"q": query})
        costs.append(len(seen))

    # An empty one is the list of all, whose rows have more to say.
    assert [
        cost for query, cost in zip(wrong, costs[2:], strict=True) if query.strip() and cost > costs[1]
    ] == []


def test_the_page_works_without_a_script_and_shows_no_markup_of_a_text(world: World, hub: str) -> None:
    page = world.browser().get("/search?q=configurable").text

    assert f'<a href="/incidents/{hub}">The hub is down</a>' in page
    assert "The <mark>configurable</mark> proxy forgot its routes." in page


def test_what_is_wrong_stands_on_the_page(world: World, hub: str) -> None:
    answer = world.browser().get("/search?q=is:lost")

    assert answer.status_code == 422
    assert "is:lost is none of open, overdue, draft, restricted" in answer.text


def test_related_incidents_are_named_with_the_reason(world: World, hub: str) -> None:
    again = save(replace(HUB, title="The hub is down again", sections=())).slug
    save(replace(HUB, title="Elsewhere", services=("data8/staging",), tags=(), sections=()))
    hidden = save(replace(HUB, title="Hidden", restricted=("ben",))).slug

    page = world.browser().get(f"/incidents/{hub}/related").text

    assert f"/incidents/{again}" in page
    assert "same target data8/prod, both tagged proxy" in page
    assert "Elsewhere" not in page
    assert hidden not in page
