"""The report as page, Markdown, CSV and JSON: the same fixes in the same order, none, one or many."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from postmortems.document.model import Document, Item, Section
from postmortems.reports.pages import PAGE_ROWS
from tests.conftest import Clock
from tests.incidents.documents import save
from tests.shown import words
from tests.world import World

PAGE, API = "/reports/process-fixes", "/api/v1/reports/process-fixes"
TODAY = date(2026, 3, 2)


def keep(*items: Item, title: str = "It fell", **more: Any) -> str:
    given = {"date": date(2026, 1, 5), "services": ("data8/prod",)} | more
    return save(Document(title, sections=(Section("Action items", items),), **given)).slug


def fix(text: str, **more: Any) -> Item:
    return Item(text, **({"kind": "process", "status": "open"} | more))


def many(count: int) -> None:
    """Fixes with and without owners and due dates, in incidents of ten."""
    for first in range(0, count, 10):
        keep(
            *(
                fix(
                    f"Fix number {n}.",
                    owner=("", "@kim", "@ada")[n % 3],
                    due=TODAY + timedelta(days=n - 40) if n % 4 else None,
                )
                for n in range(first, min(first + 10, count))
            ),
            title=f"Outage {first}",
            services=("data8/prod", "till/prod") if first % 20 else (),
        )


def on_page(text: str) -> list[str]:
    listed = text[text.index('id="fixes"') : text.index('id="again"')]
    return re.findall(r'<tr><td><code>AI-\d+</code> <a href="/action-items/(AI-\d+)"', listed)


def in_markdown(text: str) -> list[str]:
    listed = text[text.index("## The open fixes") : text.index("## Incidents that could")]
    return re.findall(r"^\| (AI-\d+) ", listed, re.MULTILINE)


def in_json(client: FlaskClient, world: World, query: str = "", limit: int = 37) -> list[str]:
    found, after = [], ""
    while True:
        asked = {"limit": str(limit), "after": after}
        body = client.get(
            API,
            query_string=asked | dict(pair.split("=") for pair in query.split("&") if pair),
            headers=world.headers(),
        ).json
        found += [one["ref"] for one in body["items"]]
        after = body["next"]
        if not after:
            return found


def in_csv(client: FlaskClient, world: World, query: str = "") -> list[str]:
    text = client.get(f"{API}?format=csv&{query}", headers=world.headers()).text
    return [line["id"] for line in csv.DictReader(io.StringIO(text))]


# By how many there are and what is asked for: how many are listed.
OPEN = {
    0: {"": 0, "service=data8": 0, "service=-": 0, "service=till/prod": 0},
    1: {"": 1, "service=data8": 0, "service=-": 1, "service=till/prod": 0},
    300: {"": 300, "service=data8": 150, "service=-": 150, "service=till/prod": 150},
}


@pytest.mark.parametrize("count", OPEN)
@pytest.mark.parametrize("query", ["", "service=data8", "service=-", "service=till/prod"])
def test_every_form_has_the_same_fixes_in_the_same_order(
    world: World, client: FlaskClient, clock: Clock, count: int, query: str
) -> None:
    many(count)
    listed = in_json(client, world, query)

    assert len(listed) == OPEN[count][query]
    assert on_page(world.browser().get(f"{PAGE}?{query}").text) == listed[:PAGE_ROWS]
    assert in_csv(client, world, query) == listed
    markdown = client.get(f"{API}?format=markdown&{query}", headers=world.headers()).text
    assert in_markdown(markdown) == listed


@pytest.mark.parametrize("group", ["service", "owner", "incident", "age"])
def test_markdown_has_the_groups_of_the_page(
    world: World, client: FlaskClient, clock: Clock, group: str
) -> None:
    many(40)
    page = world.browser().get(f"{PAGE}?group={group}").text
    link = html.unescape(re.search(r'href="([^"]*format=markdown[^"]*)"', page)[1])  # type: ignore[index]
    markdown = client.get(link, headers=world.headers()).text

    assert in_markdown(markdown) == on_page(page)
    listed = page[page.index('id="fixes"') : page.index('id="again"')]
    heads = re.findall(r'scope="rowgroup">(.*?) <span class="mute">\d+</span>', listed)
    named = re.findall(r"^### (.*)$", markdown, re.MULTILINE)
    assert [re.sub(r"<(?:span|b).*", "", head).strip() or "(none named)" for head in heads] == [
        name.replace("\\", "") for name in named
    ]


def test_two_incidents_of_one_title_are_two_groups(world: World) -> None:
    for day in (1, 2):
        keep(fix(f"Fix of day {day}."), title="Down again", date=date(2026, 1, day))
    page = world.browser().get(f"{PAGE}?group=incident").text
    assert page.count('scope="rowgroup">Down again') == 2


def test_past_the_longest_list_the_pages_go_on_with_their_filters(world: World, clock: Clock) -> None:
    many(510)
    browser, found = world.browser(), []
    address = f"{PAGE}?group=owner&service="
    pages = 0
    while address:
        text = browser.get(address).text
        found += on_page(text)
        pages += 1
        assert "on this page" in text
        onward = re.search(r'href="(/reports/process-fixes\?[^"]*after=[^"]*)"', text)
        address = html.unescape(onward[1]) if onward else ""
        assert not address or "group=owner" in address
    assert pages == 11
    assert len(found) == len(set(found)) == 510


def test_due_today_is_not_overdue_and_the_day_is_that_of_utc(
    world: World, client: FlaskClient, clock: Clock
) -> None:
    keep(
        fix("Yesterday.", due=TODAY - timedelta(days=1)),
        fix("Today.", due=TODAY),
        fix("Later.", due=TODAY + timedelta(days=1)),
        timezone="Pacific/Auckland",
    )
    for moment, late in (
        (datetime(2026, 3, 2, 0, 0, tzinfo=UTC), 1),
        (datetime(2026, 3, 2, 23, 59, tzinfo=UTC), 1),
        (datetime(2026, 3, 3, 0, 0, tzinfo=UTC), 2),
    ):
        clock.set(moment)
        page = world.browser().get(PAGE).text
        assert page.count(" overdue</b>") == late
        body = client.get(API, headers=world.headers()).json
        assert [one["overdue"] for one in body["items"]] == [n < late for n in range(3)]
        figures = {one["name"]: one["value"] for one in body["figures"]}
        assert figures["overdue"] == late
        markdown = client.get(f"{API}?format=markdown", headers=world.headers()).text
        assert markdown.count(" overdue |") == late


@pytest.mark.parametrize("reader, sees", [("ada", True), ("cy", False), ("ben", False)])
def test_a_restricted_fix_is_in_no_form_for_others(
    world: World, client: FlaskClient, reader: str, sees: bool
) -> None:
    keep(
        fix("Look at the qanary.", owner="@qanaryowner"),
        title="Qanary",
        services=("qanary/prod",),
        restricted=("ada",),
    )
    keep(fix("Open to all."))
    for group in ("none", "service", "owner", "incident", "age"):
        told = world.browser(reader).get(f"{PAGE}?group={group}").text
        assert ("qanary" in told.casefold()) is sees
    for form in ("json", "csv", "markdown"):
        told = client.get(f"{API}?format={form}", headers=world.headers(reader)).text
        assert ("qanary" in told.casefold()) is sees


def test_an_empty_report_says_so_in_every_form(world: World, client: FlaskClient) -> None:
    assert "No process fix is open." in words(world.browser().get(PAGE).text)
    assert "None is open." in client.get(f"{API}?format=markdown", headers=world.headers()).text
    body = client.get(API, headers=world.headers()).json
    assert (body["items"], body["next"]) == ([], "")


def test_figures_stand_in_one_line_of_markdown_and_their_meaning_at_its_end(
    world: World, client: FlaskClient
) -> None:
    keep(fix("Order disks."))
    told = client.get(f"{API}?format=markdown", headers=world.headers()).text
    lines = told.splitlines()
    assert lines[4].startswith("Open: 1 · Overdue: 0 · Unowned: 1")
    heads = [line for line in lines if line.startswith("## ")]
    assert (heads[0], heads[-1]) == ("## The open fixes", "## What each figure counts")
