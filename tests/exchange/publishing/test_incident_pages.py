"""The page of an incident on which its authors publish it elsewhere."""

from __future__ import annotations

from tests.exchange.publishing.test_publish import begin
from tests.exchange.publishing.wiki import wiki
from tests.world import World


def test_an_author_publishes_and_decides_on_the_page_of_the_incident(world: World) -> None:
    with wiki("cloud") as found:
        slug = begin(world, found)
        browser, at = world.browser(), f"/incidents/{slug}/publications"
        offered = browser.get(at).text
        done = browser.send(at, {"outlet": "wiki"}, follow_redirects=True).text
        [key] = found.pages
        found.edit(key, "<p>theirs</p>")
        refused = browser.send(at, {"outlet": "wiki"}, follow_redirects=True).text
        decided = browser.send(at, {"outlet": "wiki", "overwrite": "true"}, follow_redirects=True).text

    assert "none yet" in offered
    assert at in browser.get(f"/incidents/{slug}").text
    assert "Published." in done
    assert "current" in done
    assert "somebody changed the page" in refused
    assert "Overwrite" in refused
    assert "Published." in decided


def test_who_may_not_save_neither_publishes_nor_is_offered_it(world: World) -> None:
    with wiki("cloud") as found:
        slug = begin(world, found)
        browser, at = world.browser("cy"), f"/incidents/{slug}/publications"

        assert browser.get(at).status_code == 403
        assert browser.send(at, {"outlet": "wiki"}).status_code == 403
        assert at not in browser.get(f"/incidents/{slug}").text
        assert not found.pages


def test_an_incident_that_is_not_there_has_no_such_page(world: World) -> None:
    assert world.browser().get("/incidents/none/publications").status_code == 404


def test_without_an_outlet_the_page_says_who_adds_one(world: World) -> None:
    with wiki("cloud") as found:
        slug = begin(world, found)
        world.browser("ben").send("/settings/publications/outlets/1/remove")

        assert "No place to publish yet" in world.browser().get(f"/incidents/{slug}/publications").text
