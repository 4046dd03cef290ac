"""Publishing by API, page and command: the same act, with the same answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from postmortems.cli.publishing.publish import publish as command
from tests.apps import KEY, LOOPBACK
from tests.cli.import_folder import in_database, run
from tests.exchange.publishing.test_publish import begin, outlet_of
from tests.exchange.publishing.wiki import TOKEN, wiki
from tests.tables import put_migrated
from tests.world import World, build

SETTINGS = "/settings/publications"


def test_the_api_adds_an_outlet_and_publishes_there(world: World) -> None:
    with wiki("cloud") as found:
        slug = begin(world, found)
        browser, at = world.browser(), f"/api/v1/incidents/{slug}/publications"
        other = {**outlet_of(found), "name": "second"}
        added = browser.post("/api/v1/outlets", json=other, headers=world.headers("ben"))
        made = browser.post(at, json={"outlet": "wiki"}, headers=world.headers())
        [key] = found.pages
        found.edit(key, "<p>theirs</p>")
        again = browser.post(at, json={"outlet": "wiki"}, headers=world.headers())
        decided = browser.post(at, json={"outlet": "wiki", "overwrite": True}, headers=world.headers())
        listed = browser.get(at, headers=world.headers("cy"))

    assert (added.status_code, made.status_code, again.status_code, decided.status_code) == (
        201,
        200,
        409,
        200,
    )
    assert TOKEN not in added.text
    assert "somebody changed the page" in again.json["detail"]
    assert [(one["outlet"], one["standing"], one["version"]) for one in listed.json["publications"]] == [
        ("wiki", "current", "3")
    ]


WRONG = [
    ({"outlet": "blackboard"}, 404),
    ({}, 422),
    ({"outlet": "wiki", "overwrite": "yes"}, 422),
    ({"outlet": "wiki", "else": 1}, 422),
]


@pytest.mark.parametrize("body, status", WRONG)
def test_a_wrong_request_is_refused(world: World, body: dict[str, Any], status: int) -> None:
    with wiki("server") as found:
        slug = begin(world, found)
        path = f"/api/v1/incidents/{slug}/publications"
        answer = world.browser().post(path, json=body, headers=world.headers())

    assert (answer.status_code, found.calls) == (status, [])


@pytest.mark.parametrize("status", [401, 410, 429, 500])
def test_an_outlet_that_does_not_answer_is_no_fault_of_ours(world: World, status: int) -> None:
    with wiki("server") as found:
        slug = begin(world, found)
        found.answers = [(status, "{}")] * 2
        path, browser = f"/api/v1/incidents/{slug}/publications", world.browser()
        answer = browser.post(path, json={"outlet": "wiki"}, headers=world.headers())
        shown = world.browser("ben").send(SETTINGS, {"slug": slug, "outlet": "wiki"})

    assert (answer.status_code, answer.json["detail"]) == (503, f"Confluence answered {status}")
    assert f"Confluence answered {status}" in shown.text


def test_an_outlet_is_changed_and_removed_by_admins_alone(world: World) -> None:
    with wiki("server") as found:
        begin(world, found)
        browser, headers = world.browser(), world.headers("ben")
        [row] = browser.get("/api/v1/outlets", headers=headers).json["outlets"]
        at = f"/api/v1/outlets/{row['id']}"
        changed = browser.put(at, json={**outlet_of(found), "place": "DOCS"}, headers=headers)
        kept_out = browser.delete(at, headers=world.headers())
        removed = browser.delete(at, headers=headers)

    assert (changed.json["place"], kept_out.status_code, removed.status_code) == ("DOCS", 403, 204)


def test_the_page_publishes_and_asks_before_it_overwrites(world: World) -> None:
    with wiki("cloud") as found:
        slug = begin(world, found)
        browser = world.browser("ben")
        browser.send(SETTINGS, {"slug": f"https://p.example/incidents/{slug}", "outlet": "wiki"})
        [key] = found.pages
        found.edit(key, "<p>theirs</p>")
        browser.send(SETTINGS, {"slug": slug, "outlet": "wiki"})
        asked = browser.get(SETTINGS).text
        browser.send(SETTINGS, {"slug": slug, "outlet": "wiki", "overwrite": "true"})
        decided = browser.get(SETTINGS).text

    assert "changed there" in asked
    assert 'name="overwrite"' in asked
    assert "theirs" not in found.pages[key].body
    assert 'name="overwrite"' not in decided


def test_the_page_says_what_is_wrong_beside_the_field(world: World) -> None:
    browser = world.browser("ben")

    nothing = browser.send(f"{SETTINGS}/outlets", {"name": "wiki", "kind": "confluence"})

    assert nothing.status_code == 422
    assert "a token is needed" in nothing.text
    assert "the key of a space" in nothing.text


def test_the_page_names_an_incident_that_is_not_there(world: World) -> None:
    with wiki("cloud") as found:
        begin(world, found)
        answer = world.browser("ben").send(SETTINGS, {"slug": "nowhere", "outlet": "wiki"})

    assert answer.status_code == 422
    assert "there is no incident nowhere to publish" in answer.text


def test_the_page_is_for_admins(world: World) -> None:
    assert world.browser("ada").get(SETTINGS).status_code == 403


def test_the_command_tells_an_operator_what_is_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = put_migrated(tmp_path / "test.db")
    monkeypatch.setenv("POSTMORTEMS_DATABASE_URL", url)
    monkeypatch.setenv("POSTMORTEMS_SECRETS_KEY", KEY)
    with wiki("cloud") as found:
        slug = in_database(url, lambda: begin(build(), found))
        told = run(command, slug, "--to", "wiki")

    assert "127.0.0.1" in str(told.exception)
    assert "an operator sees why" not in str(told.exception)


def test_the_command_publishes_and_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = put_migrated(tmp_path / "test.db")
    monkeypatch.setenv("POSTMORTEMS_DATABASE_URL", url)
    monkeypatch.setenv("POSTMORTEMS_SECRETS_KEY", KEY)
    monkeypatch.setenv("POSTMORTEMS_EGRESS_ALLOW", LOOPBACK[0])
    with wiki("cloud") as found:
        slug = in_database(url, lambda: begin(build(), found))
        told = run(command, slug, "--to", "wiki")
        [key] = found.pages
        found.edit(key, "<p>theirs</p>")
        stopped = run(command, slug, "--to", "wiki")

    assert told.output == f"published  {found.url}/pages/{key}  version 1\n"
    assert "somebody changed the page" in str(stopped.exception)
