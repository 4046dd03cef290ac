"""Owners by whose name nobody can sign in are marked wherever they stand, for one query a page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from postmortems.accounts import operations as accounts
from postmortems.accounts import queries as accounts_queries
from postmortems.accounts.teams import queries as teams
from postmortems.db import session as db
from tests.accounts.teams.owners import owned
from tests.incidents.documents import SYSTEM
from tests.world import World

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
NOTE = "Nobody can sign in by this name"
# A file that leaves the house; a row of the form, in which the owner is being typed; an account's owner.
ELSEWHERE = {"incidents/standalone.html", "incidents/_edit_item.html", "accounts/programs/_owner.html"}


@pytest.mark.parametrize(
    "owner, told",
    [
        ("ada", ""),
        ("@ada", ""),
        ("@Ada", ""),
        (" @ada ", ""),
        ("", ""),
        ("@kim", "no account"),
        ("Ada Lovelace", "no account"),
        ("ada, ben", "no account"),
        ("@ädä", ""),
        ("ad", "no account"),
        ("%", "no account"),
        ("@gone", "account switched off"),
    ],
)
def test_who_is_a_stranger(any_database: Any, owner: str, told: str) -> None:
    with db.transaction():
        for name in ("ada", "ben", "gone"):
            accounts.add_user(name, "author", actor=SYSTEM)
        accounts_queries.account("gone").is_active = False
    with db.reading():
        assert teams.strangers([owner]) == ({owner: told} if told else {})


def test_a_capital_in_an_accounts_name_makes_nobody_a_stranger(any_database: Any) -> None:
    with db.transaction():
        accounts.add_user("Zoe.K", "author", actor=SYSTEM)
    with db.reading():
        assert teams.strangers(["@zoe.k", "ZOE.K"]) == {}


PAGES = {
    "the incident": "/incidents/2020-02-01-it-fell",
    "the list": "/action-items",
    "its filter": "/action-items?status=any&owner=kim",
    "an item": "/action-items/AI-1",
    "a row": "/action-items/AI-1/row",
    "the service": "/services/data8",
    "the report": "/reports/process-fixes",
    "the report by owner": "/reports/process-fixes?group=owner",
}
KEPT = {
    PAGES[name] for name in ("the incident", "the list", "its filter", "the report", "the report by owner")
}
page = pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)


@page
def test_a_stranger_is_marked_on_every_page(world: World, path: str) -> None:
    owned("@kim")
    assert NOTE in world.browser("cy").get(path).text


@page
def test_whoever_has_an_account_is_not(world: World, path: str) -> None:
    owned("@Ada")
    assert NOTE not in world.browser("cy").get(path).text


def test_the_filter_says_it_in_its_choices(world: World) -> None:
    owned("@kim", "@ada")
    text = world.browser().get("/action-items").text
    assert ">@kim (no account)" in text
    assert ">@ada<" in text


@page
def test_a_page_asks_for_accounts_once_whatever_it_shows(world: World, path: str, count_queries: Any) -> None:
    owned(*(f"@kim{number}" for number in range(30)))
    browser = world.browser("cy")
    with count_queries() as statements:
        browser.get(path)
    asked = [one for one in statements if "users.small_name" in one]
    # Asked besides: whom the filter itself means, and which team answers for the owner of an item; and what a
    # page that is kept has read, all once more, to know when that has changed.
    has_more = path in (PAGES["its filter"], PAGES["an item"])
    is_kept = path in KEPT
    assert len(asked) == (1 + has_more) * (1 + is_kept)


def test_no_template_writes_an_owner_without_the_mark() -> None:
    bare = re.compile(r"\{\{(?![^}]*ui\.(?:owner|field)\()[^}]*\bowner\b[^}]*\}\}")
    found = {
        f"{path.relative_to(TEMPLATES)}: {match[0]}"
        for path in TEMPLATES.rglob("*.html")
        if str(path.relative_to(TEMPLATES)) not in ELSEWHERE
        for match in bare.finditer(re.sub(r'"[^"{}]*"', '""', path.read_text()))
        if "select(" not in match[0]
    }
    assert not found


def test_no_template_writes_a_services_address_but_the_macro_and_its_own_pages() -> None:
    named = re.compile(r'/services/(?:" ~|\{\{)(?![^}]*urlencode)')
    assert not [path.name for path in TEMPLATES.rglob("*.html") if named.search(path.read_text())]
