"""Comments on the pages: counts beside the parts, threads below the report, forms without a script."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.incidents.comments.test_comments_api import SUMMARY, TIMELINE, Incident
from tests.world import Browser, World


@pytest.fixture
def incident(any_database: str, client: FlaskClient, world: World) -> Incident:
    return Incident(client, world)


@pytest.fixture
def browser(world: World) -> Browser:
    return world.browser()


def test_the_page_counts_comments_beside_their_part_and_shows_the_threads(
    incident: Incident, browser: Browser
) -> None:
    part = incident.part(TIMELINE, 1)
    first = incident.say("Was it **15:30**?", part=part)
    incident.say("It was.", reply_to=first["id"])

    page = browser.get(f"/incidents/{incident.slug}").text

    assert f'href="/incidents/{incident.slug}#about-{part}">2<span' in page
    assert f'id="about-{part}"' in page
    assert f'id="part-{part}"' in page
    assert "<strong>15:30</strong>" in page
    assert "<!--part" not in page


def test_each_part_has_a_way_to_comment_on_it(incident: Incident, browser: Browser) -> None:
    page = browser.get(f"/incidents/{incident.slug}").text

    for part in (incident.part(SUMMARY), incident.part(SUMMARY, 0), incident.part(TIMELINE, 3), "AI-1"):
        address = f"/incidents/{incident.slug}/comments?part={part}"
        assert f"{address}#comment-form" in page
        assert f'<option value="{part}" selected>' in browser.get(address).text


def test_a_comment_a_suggestion_and_a_reply_by_form(incident: Incident, browser: Browser) -> None:
    address, part = f"/incidents/{incident.slug}/comments", incident.part(SUMMARY, 0)

    added = browser.send(address, {"part": part, "text": "Better:", "suggestion": "It was worse.\r\n"})
    number = added.headers["Location"].rpartition("-")[2]
    browser.send(address, {"reply_to": number, "text": "Yes."})
    browser.send(f"{address}/{number}/apply")

    first, reply = incident.comments()
    assert (first["suggestion"], first["suggestion_state"]) == ("It was worse.", "applied")
    assert (reply["part"], reply["text"]) == (part, "Yes.")
    page = browser.get(f"/incidents/{incident.slug}").text
    assert "applied in version 2" in page
    assert "1 resolved" in page


def test_words_that_were_left_as_they_are_are_no_suggestion(incident: Incident, browser: Browser) -> None:
    part = incident.part(SUMMARY, 0)
    words = incident.body["sections"][SUMMARY]["blocks"][0]["text"]

    browser.send(f"/incidents/{incident.slug}/comments", {"part": part, "text": "Hm", "suggestion": words})

    assert incident.comments()[0]["suggestion"] is None


def test_what_is_refused_comes_back_with_what_was_typed(incident: Incident, browser: Browser) -> None:
    sent = {"part": "nothing", "text": "Kept words"}

    answer = browser.send(f"/incidents/{incident.slug}/comments", sent)

    assert answer.status_code == 422
    assert "Kept words" in answer.text
    assert "is no part of" in answer.text


def test_a_button_that_came_too_late_says_why(incident: Incident, browser: Browser) -> None:
    said = incident.say(part="AI-1", suggestion="Ask first")
    address = f"/incidents/{incident.slug}/comments/{said['id']}"

    browser.send(f"{address}/apply")
    again = browser.send(f"{address}/apply", follow_redirects=True)

    assert "This suggestion was applied in version 2." in again.text


def test_threads_are_resolved_edited_and_deleted_by_form(incident: Incident, browser: Browser) -> None:
    said = incident.say("First")
    address = f"/incidents/{incident.slug}/comments/{said['id']}"

    browser.send(f"{address}/resolve", {"resolved": "1"})
    assert incident.comments()[0]["resolved_by"] == "ada"
    browser.send(f"{address}/resolve", {"resolved": "0"})
    assert incident.comments()[0]["resolved_at"] is None
    browser.send(f"{address}/edit", {"text": "First, edited"})
    assert incident.comments()[0]["text"] == "First, edited"
    browser.send(f"{address}/delete")
    assert incident.comments()[0]["deleted_by"] == "ada"
    assert "First, edited" not in browser.get(f"/incidents/{incident.slug}").text


def test_a_part_that_was_removed_is_named_by_the_words_it_had(incident: Incident, browser: Browser) -> None:
    incident.say("Why?", part=incident.part(TIMELINE, 1))
    sections = incident.body["sections"]
    del sections[TIMELINE]["blocks"][1]
    incident.save(sections=sections)

    page = browser.get(f"/incidents/{incident.slug}").text

    assert "On a part that was removed" in page
    assert "Production gets it by mistake." in page


@pytest.mark.parametrize("words", ["<script>alert(1)</script>", "<!--part AI-1-->", "[a](javascript:b())"])
def test_what_people_say_is_never_markup(incident: Incident, browser: Browser, words: str) -> None:
    incident.say(words, part=incident.part(SUMMARY, 0), suggestion=words)

    page = browser.get(f"/incidents/{incident.slug}").text

    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert "<!--part" not in page
