"""The gate as pages: ask, read the answer with its reasons, record and drill scenarios."""

from __future__ import annotations

import pytest

from tests.shown import FOUNDING, with_demo, words
from tests.world import World

REPLAY = {
    "target": "data8/prod",
    "declared_target": "biology/prod",
    "digest": "sha256:51f1d28fbdd7c95fb2ce13fa96dfb6a4d9d3ff0acd1a7b5b5ac4f0b6c9a2e6d1",
    "at": "2018-01-25T15:30",
    "zone": "America/Los_Angeles",
}
FACTS = """\
at: 2018-01-25T15:30:00-08:00
request:
  service: data8
  target: prod
  declared_target: biology/prod
  artifact: {digest: "sha256:5100000000000000000000000000000000000000000000000000000000000000"}
"""


@pytest.fixture
def shown(world: World) -> World:
    return with_demo(world)


def test_the_replay_is_blocked_and_the_page_says_by_what_why_and_what_to_do(shown: World) -> None:
    browser = shown.browser("cy")
    answer = browser.send("/gate/ask", REPLAY)
    assert answer.status_code == 303

    text = words(browser.get(answer.headers["Location"]).text)

    for part in (
        "Blocked: data8/prod",
        "dry run",
        "frozen until 19:00 PST (labs)",
        "declared biology/prod, but this goes to data8/prod",
        "nobody has attested staging-validated",
        "Because Accidental merge to prod brings things down (2018-01-25): AI-3",
        "What to do Start the run again for the hub you mean",
        "Could pass 2018-01-26 03:00 UTC",
    ):
        assert part in text


def test_an_unknown_target_is_blocked_in_words(shown: World) -> None:
    answer = shown.browser().send("/gate/ask", {"target": "data8/moon"}, follow_redirects=True)

    assert "data8/moon is no target we know" in words(answer.text).replace("Data8", "data8")


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"target": ""}, "choose a target"),
        ({"target": "data8"}, "choose a target"),
        ({"zone": "Mars/Olympus"}, "is no zone"),
        ({"zone": "../../etc/passwd"}, "is no zone"),
        ({"at": "later"}, "is no time"),
        ({"change_kind": "magic"}, "Must be one of"),
        ({"digest": "x" * 300}, "is no digest"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_in_the_form(
    shown: World, changes: dict[str, str], message: str
) -> None:
    answer = shown.browser().send("/gate/ask", REPLAY | changes)

    assert answer.status_code == 422
    assert message in words(answer.text)


def test_decisions_are_filtered_by_the_address(shown: World) -> None:
    browser = shown.browser()
    browser.send("/gate/ask", REPLAY)

    def count(query: str) -> int:
        return browser.get(f"/gate?{query}").text.count("<tr><td>")

    assert count("target=data8/prod&decision=block&sort=dry") == 1
    assert count("service=data8") == 1
    assert count("sort=real") == count("decision=wait") == count("target=biology/prod") == 0


def test_a_scenario_is_recorded_drilled_changed_and_deleted(shown: World) -> None:
    browser = shown.browser()
    form = {
        "incident": FOUNDING.rpartition("/")[2],
        "name": "Again",
        "kind": "bad",
        "as": "text",
        "facts": FACTS,
    }
    path = browser.send("/gate/scenarios/new", form).headers["Location"]
    assert "block as it should" in words(browser.get(path).text)

    again = form | {"kind": "good", "revision": "1"}
    answer = browser.send(f"{path}/edit", again, follow_redirects=True)
    assert "block not as it should" in words(answer.text)

    answer = browser.send(f"{path}/drill", follow_redirects=True)
    assert "That is not as it should be." in words(answer.text)

    assert browser.send(f"{path}/delete").headers["Location"] == FOUNDING
    assert browser.get(path).status_code == 404


def test_all_scenarios_of_an_incident_are_drilled_from_its_page(shown: World) -> None:
    answer = shown.browser().send(f"{FOUNDING}/drill", follow_redirects=True)

    assert "Drilled 2, all as they should be." in words(answer.text).replace(
        "Drilled 2: all", "Drilled 2, all"
    )
    assert shown.browser("cy").send(f"{FOUNDING}/drill").status_code == 403
