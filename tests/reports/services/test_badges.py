"""Badges: what they say, who sees them, and that no name breaks them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from postmortems.db import session as db
from postmortems.document.model import Item
from postmortems.reports.services import badge, badge_pages
from postmortems.reports.services.badge import Said
from postmortems.reports.services.counts import Counts
from tests.conftest import Clock
from tests.reports.services import told_services
from tests.world import World

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"badges": "public"}


@pytest.fixture
def told(any_database: str, world: World, clock: Clock) -> World:
    told_services.told(world)
    return world


def title(answer: TestResponse) -> str:
    return ElementTree.fromstring(answer.data).findtext(f"{SVG}title") or ""


@pytest.mark.parametrize(
    "service, status, says",
    [
        ("hub", 200, "Action items of hub: 3 open, 2 overdue, 1 unproven"),
        ("data8", 200, "Action items of data8: 1 open, 1 overdue"),
        ("idle", 200, "Action items of idle: no open items"),
        ("nothing", 404, "Action items of nothing: unknown"),
        # A restricted incident alone names it: nobody is told that there is such a service.
        ("vault", 404, "Action items of vault: unknown"),
        ("hub/prod", 404, ""),
    ],
)
def test_it_says_what_everybody_may_know(
    told: World, client: FlaskClient, service: str, status: int, says: str
) -> None:
    for asking in (client, told.browser("ada")):
        answer = asking.get(f"/badges/{service}.svg")

        assert answer.status_code == status
        assert not says or title(answer) == says


def test_it_is_kept_for_a_minute_and_asked_for_by_its_tag(told: World, client: FlaskClient) -> None:
    first = client.get("/badges/hub.svg")
    again = client.get("/badges/hub.svg", headers={"If-None-Match": first.headers["ETag"]})
    told_services.write("Once more", Item("Do it.", status="open"), services=("hub",))
    changed = client.get("/badges/hub.svg", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert first.headers["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert first.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Set-Cookie" not in first.headers
    assert (again.status_code, again.data) == (304, b"")
    assert (changed.status_code, title(changed)) == (
        200,
        "Action items of hub: 4 open, 2 overdue, 1 unproven",
    )


@pytest.mark.parametrize("name", ["a b", 'x"<&>y', "größe", "日本語のサービス", "a.svg", "-", "x" * 200])
def test_any_name_that_a_service_has_is_shown(told: World, client: FlaskClient, name: str) -> None:
    told_services.write(f"About {name!r}", Item("Do it.", status="open"), services=(name,))

    answer = client.get(f"/badges/{quote(name, safe='')}.svg")

    assert answer.status_code == 200, answer.text
    assert title(answer) == f"Action items of {' '.join(name.split())}: 1 open"


@pytest.mark.parametrize("name", ["%00", "x" * 5000, "%F0%28%8C%BC", "%ED%A0%80", "%2e%2e"])
def test_a_name_that_no_service_can_have_is_unknown(world: World, client: FlaskClient, name: str) -> None:
    assert client.get(f"/badges/{name}.svg").status_code == 404


def test_it_costs_as_much_with_many_incidents_as_with_few(
    told: World, client: FlaskClient, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    def statements() -> int:
        with count_queries() as asked:
            assert client.get("/badges/hub.svg").status_code == 200
        return len(asked)

    few = statements()
    for number in range(20):
        told_services.write(f"Report {number}", Item("Do it.", status="open"), services=("hub",))

    assert statements() == few


class TestKeys:
    @pytest.fixture
    def app_settings(self) -> dict[str, Any]:
        return {}

    def test_the_address_on_the_services_page_shows_it_to_whoever_has_it(
        self, told: World, app: Flask, client: FlaskClient
    ) -> None:
        with app.test_request_context(), db.reading():
            offered = badge_pages.offered("hub")

        assert offered is not None
        assert offered.markdown in told.browser("cy").get("/services/hub").text
        assert title(client.get(offered.path)).endswith("3 open, 2 overdue, 1 unproven")

    @pytest.mark.parametrize("query", ["", "?key=", "?key=" + "0" * 40, "?key=größe", "?key=%00"])
    def test_without_the_key_it_is_as_unknown_as_what_does_not_exist(
        self, told: World, client: FlaskClient, query: str
    ) -> None:
        answer = client.get(f"/badges/hub.svg{query}")

        assert (answer.status_code, title(answer)) == (404, "Action items of hub: unknown")

    def test_the_key_of_one_service_does_not_show_another(
        self, told: World, app: Flask, client: FlaskClient
    ) -> None:
        with app.test_request_context():
            path = badge_pages.address("hub").partition("127.0.0.1:8000")[2]

        assert client.get(path).status_code == 200
        assert client.get(path.replace("hub", "data8")).status_code == 404

    def test_the_page_of_what_restricted_incidents_alone_name_offers_none(self, told: World) -> None:
        page = told.browser("ada").get("/services/vault")

        assert page.status_code == 200
        assert "/badges/" not in page.text


STATES = [
    (Counts(), Said("clear", "no open items")),
    (Counts(open=1), Said("open", "1 open")),
    (Counts(open=2, overdue=1), Said("overdue", "2 open, 1 overdue")),
    (Counts(unproven=3), Said("unproven", "3 unproven")),
    (Counts(open=2, unproven=3), Said("unproven", "2 open, 3 unproven")),
    (Counts(2, 1, 3), Said("overdue", "2 open, 1 overdue, 3 unproven")),
]


@pytest.mark.parametrize("counts, says", STATES)
def test_the_worst_gives_the_colour_and_words_say_all(counts: Counts, says: Said) -> None:
    assert badge.said(counts) == says


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    digits = colour.removeprefix("#")
    digits = digits if len(digits) == 6 else "".join(2 * each for each in digits)
    parts = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [badge.LABEL, *badge.COLOURS.values()])
def test_white_letters_are_read_on_each_colour(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5


@given(st.text())
def test_whatever_the_name_it_is_well_formed_and_fits(name: str) -> None:
    root = ElementTree.fromstring(badge.svg(name, badge.UNKNOWN))

    lengths = [int(text.attrib["textLength"]) for text in root.iter(f"{SVG}text")]
    assert int(root.attrib["width"]) == sum(lengths) + 4 * badge.PADDING
    assert int(root.attrib["width"]) < 600
    assert root.attrib["aria-label"] == root.findtext(f"{SVG}title")
    assert not list(root.iter(f"{SVG}script"))
