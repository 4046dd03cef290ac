"""One's own account and tokens; people and the audit log for admins."""

from __future__ import annotations

import re
from typing import Any

import pytest

from postmortems.accounts import operations, queries
from postmortems.db import session as db
from tests.world import PASSWORD, World

SECRET = re.compile(r"pm_[\w-]{43}")


def test_a_token_is_shown_once_and_works(world: World) -> None:
    browser = world.browser("ada")

    made = browser.send("/settings/tokens", {"name": "deploys", "scopes": "gate:read", "days": "90"})

    found = SECRET.search(made.text)
    assert found is not None
    assert found[0] not in browser.get("/settings/tokens").text
    headers = {"Authorization": f"Bearer {found[0]}"}
    assert world.browser("cy").get("/api/v1/gate/decisions", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "form", [{"name": "", "scopes": "read"}, {"name": "x"}, {"name": "x", "scopes": "all"}]
)
def test_a_wrong_token_is_shown_again_with_what_is_wrong(world: World, form: dict[str, str]) -> None:
    answer = world.browser("ada").send("/settings/tokens", form)

    assert answer.status_code == 422
    assert "Not saved yet" in answer.text


def test_a_token_is_revoked_by_its_owner(world: World) -> None:
    browser = world.browser("ada")
    with db.reading():
        token_id = queries.tokens_of(world.ada.user_id or 0)[0].id

    assert browser.send(f"/settings/tokens/{token_id}/revoke").status_code == 303

    assert browser.get("/api/v1/incidents", headers=world.headers("ada")).status_code == 401


@pytest.mark.parametrize("token_id", ["999999", "9" * 30])
def test_a_token_that_is_not_there_is_not_found(any_database: str, world: World, token_id: str) -> None:
    assert world.browser("ben").send(f"/settings/tokens/{token_id}/revoke").status_code in {404, 422}


def test_another_ones_token_is_not_even_there(world: World) -> None:
    with db.reading():
        token_id = queries.tokens_of(world.ben.user_id or 0)[0].id

    assert world.browser("ada").send(f"/settings/tokens/{token_id}/revoke").status_code == 404


def test_a_new_password_keeps_this_browser_and_ends_the_others(world: World) -> None:
    here, there = world.browser("ada"), world.browser("ada")
    form = {"current": PASSWORD, "password": "another long password", "again": "another long password"}

    assert here.send("/settings/password", form).status_code == 303

    assert here.get("/settings").status_code == 200
    assert there.get("/settings").status_code == 303


@pytest.mark.parametrize(
    "form, word",
    [
        ({"current": "wrong", "password": "another long password"}, "not your present password"),
        ({"current": PASSWORD, "password": "short"}, "12 to 1024 characters"),
        ({"current": PASSWORD, "password": "another long password", "again": "x"}, "passwords differ"),
    ],
)
def test_a_wrong_password_change_says_why(world: World, form: dict[str, str], word: str) -> None:
    answer = world.browser("ada").send("/settings/password", {"again": form.get("password", ""), **form})

    assert answer.status_code == 422
    assert word in answer.text


def test_an_admin_adds_somebody_and_gets_their_link(world: World) -> None:
    answer = world.browser("ben").send("/settings/people", {"name": "dora", "role": "viewer"})

    link = re.search(r"http://localhost(/sign-in/link/[\w-]+)", answer.text)
    assert link is not None
    stranger = world.browser("cy")
    stranger.delete_cookie("postmortems")
    assert stranger.send(link[1]).status_code == 303
    assert "dora" in stranger.get("/settings").text


@pytest.mark.parametrize(
    "form",
    [{"name": "ada", "role": "viewer"}, {"name": "a b", "role": "viewer"}, {"name": "x", "role": "god"}, {}],
)
def test_a_wrong_account_is_shown_again_with_what_is_wrong(world: World, form: dict[str, str]) -> None:
    answer = world.browser("ben").send("/settings/people", form)

    assert answer.status_code == 422
    assert "Not saved yet" in answer.text


def test_an_admin_changes_a_role_and_switches_off_and_on(world: World) -> None:
    browser, ada = world.browser("ben"), world.browser("ada")

    browser.send("/settings/people/ada", {"do": "role", "role": "viewer"})
    assert "viewer" in ada.get("/settings").text
    browser.send("/settings/people/ada", {"do": "switch-off"})
    assert ada.get("/settings").status_code == 303
    browser.send("/settings/people/ada", {"do": "switch-on"})

    with db.reading():
        user = queries.account("ada")
    assert (user.role, user.is_active) == ("viewer", True)


def test_the_last_admin_cannot_be_switched_off(world: World) -> None:
    answer = world.browser("ben").send("/settings/people/ben", {"do": "switch-off"})

    assert answer.status_code == 409
    assert "only admin" in answer.text


@pytest.mark.parametrize("path", ["/settings/people", "/settings/audit"])
@pytest.mark.parametrize("name", ["ada", "cy"])
def test_these_pages_are_for_admins(world: World, path: str, name: str) -> None:
    assert world.browser(name).get(path).status_code == 403


def test_the_audit_log_tells_what_was_done_newest_first(world: World) -> None:
    browser = world.browser("ben")
    browser.send("/settings/people", {"name": "dora", "role": "viewer"})

    page = browser.get("/settings/audit").text

    assert page.index("user link made") < page.index("user added")


def test_the_audit_log_is_paged_by_key(world: World) -> None:
    with db.transaction():
        for number in range(120):
            operations.add_user(f"user{number}", "viewer", actor=world.ben)
    browser = world.browser("ben")

    seen: list[str] = []
    path: str | None = "/settings/audit"
    while path:
        page = browser.get(path).text
        seen += re.findall(r"<td data-label=\"To\">(user\d+)</td>", page)
        following = re.search(r'href="(/settings/audit\?before=\d+)"', page)
        path = following[1] if following else None

    assert seen == [f"user{number}" for number in reversed(range(120))]


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "1; DROP TABLE events", ""])
def test_a_strange_page_of_the_audit_log_is_the_first(any_database: str, world: World, before: str) -> None:
    assert world.browser("ben").get("/settings/audit", query_string={"before": before}).status_code == 200


@pytest.mark.parametrize("path", ["/settings/people", "/settings/audit", "/settings/tokens"])
def test_a_list_costs_the_same_queries_however_long(world: World, path: str, count_queries: Any) -> None:
    browser = world.browser("ben")

    def grow(count: int) -> int:
        with db.transaction():
            for number in range(count):
                operations.add_user(f"u{count}x{number}", "viewer", actor=world.ben)
                operations.add_token("ben", "t", ["read"], None, actor=world.ben)
        with count_queries() as counted:
            assert browser.get(path).status_code == 200
        return len(counted)

    assert grow(10) == grow(1000)
