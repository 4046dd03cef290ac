"""The editor's drafts over HTTP: kept, resumed, compared, discarded, and ended by the save."""

from __future__ import annotations

from typing import Any

import pytest

from postmortems.accounts import operations as accounts
from postmortems.db import session as db
from tests.browser_forms import form_of
from tests.world import Browser, World

NAME = "a" * 32
FORM = {
    "title": "It broke",
    "date": "2026-03-01",
    "sections.0.heading": "Summary",
    "sections.0.blocks.0.type": "prose",
    "sections.0.blocks.0.text": "It did.",
}
SAVE = {"do": "save"}


@pytest.fixture
def ada(world: World) -> Browser:
    return world.browser()


def keep(browser: Browser, name: str = NAME, step: int = 1, **fields: Any) -> dict[str, Any]:
    """What the server says of what is typed."""
    answer = browser.send(f"/drafts/{name}", FORM | {"draft_tab": "one", "draft_step": str(step)} | fields)
    told: dict[str, Any] = answer.json
    return told | {"status": answer.status_code}


def incident(browser: Browser) -> str:
    """The address of a stored incident."""
    address: str = browser.send("/incidents/new", FORM | SAVE).headers["Location"]
    return address


def test_half_filled_rows_and_what_is_pasted_come_back(ada: Browser) -> None:
    half = {
        "date": "2026-0",
        "severity": "",
        "message": "why",
        "sections.1.heading": "Timeline",
        "sections.1.paste": "14:30 not made into rows",
        "sections.1.blocks.0.type": "entry",
        "sections.1.blocks.0.written": "",
        "sections.1.blocks.0.text": "",
        "sections.1.blocks.1.type": "entry",
        "sections.1.blocks.1.written": "14:3",
        "sections.1.blocks.1.text": "half",
        "removed.0.heading": "Gone",
        "removed.0.at": "1",
        "removed.0.blocks.0.type": "prose",
        "removed.0.blocks.0.text": "can be put back",
    }
    assert keep(ada, **half)["state"] == "kept"

    shown = form_of(ada.get(f"/incidents/new?draft={NAME}").text)

    assert {name: shown[name] for name in half if name != "severity"} == {
        name: text for name, text in half.items() if name != "severity"
    }
    assert (shown["draft"], shown["draft_mark"], shown["version"]) == (NAME, "one-1", "")


def test_the_editor_offers_it_and_home_lists_it_to_nobody_else(ada: Browser, world: World) -> None:
    place = incident(ada)
    slug = place.removeprefix("/incidents/")
    keep(ada, version="1", draft_of=slug, title="Qwords of mine")

    for browser, is_mine in ((ada, True), (world.browser("ben"), False)):
        for address in ("/", "/drafts", f"{place}/edit"):
            text = browser.get(address).text
            assert (NAME in text, "Qwords" in text) == (is_mine, is_mine), address
        for address in (place, "/incidents", f"{place}/history", f"{place}.md"):
            assert "Qwords" not in browser.get(address).text, address
        assert f'href="{place}"' not in browser.get("/incidents?q=Qwords").text
    ben = world.browser("ben")
    assert ben.get(f"/drafts/{NAME}").status_code == 404
    assert ben.send(f"/drafts/{NAME}/discard").status_code == 404
    assert "Qwords" not in ben.get(f"{place}/edit?draft={NAME}").text


def test_of_drafts_with_the_same_words_one_is_offered(ada: Browser) -> None:
    for letter, text in (("a", "Alike."), ("b", "Alike."), ("c", "Other.")):
        keep(ada, letter * 32, **{"sections.0.blocks.0.text": text})

    offered = ada.get("/incidents/new").text

    assert [f"?draft={letter * 32}" in offered for letter in "abc"] == [False, True, True]
    assert "Alike." in ada.get(f"/incidents/new?draft={'a' * 32}").text


def test_what_differs_is_told_word_by_word(ada: Browser) -> None:
    place = incident(ada)
    slug = place.removeprefix("/incidents/")
    keep(ada, version="1", draft_of=slug, **{"sections.0.blocks.0.text": "It did not."})

    page = ada.get(f"/drafts/{NAME}").text

    assert "<ins>" in page
    assert "<del>" not in page
    assert "not" in page


@pytest.mark.parametrize("field, text", [("date", "2026-0"), ("severity", "SEV"), ("timezone", "Nowhere/X")])
def test_what_differs_is_told_of_what_is_half_filled(ada: Browser, field: str, text: str) -> None:
    keep(ada, **{field: text, "sections.0.paste": "pasted words"})

    page = ada.get(f"/drafts/{NAME}")

    assert page.status_code == 200
    assert text in page.text
    assert "pasted words" in page.text


def test_a_long_paste_is_shown_without_comparing(ada: Browser) -> None:
    keep(ada, **{"sections.0.blocks.0.text": "line\n\n" * 5000 + "end of it"})

    page = ada.get(f"/drafts/{NAME}").text

    assert "Too long to compare" in page
    assert "end of it" in page


@pytest.mark.parametrize("button", ["save", "publish"])
def test_a_save_ends_it_and_what_comes_late_does_not_bring_it_back(ada: Browser, button: str) -> None:
    keep(ada)
    saved = ada.send("/incidents/new", FORM | {"do": button, "draft": NAME})
    assert saved.status_code == 303

    late = keep(ada, step=2)

    assert (late["status"], late["state"]) == (409, "ended")
    assert NAME not in ada.get("/drafts").text
    again = ada.get(f"/incidents/new?draft={NAME}").text
    assert "was saved or discarded" in again
    assert form_of(again)["title"] == ""


def test_a_refused_save_ends_nothing(ada: Browser) -> None:
    keep(ada)

    assert ada.send("/incidents/new", FORM | {"title": "", "do": "save", "draft": NAME}).status_code == 422
    assert NAME in ada.get("/drafts").text


def test_nobody_ends_the_draft_of_another(ada: Browser, world: World) -> None:
    keep(ada)
    world.browser("ben").send("/incidents/new", FORM | SAVE | {"draft": NAME})

    assert NAME in ada.get("/drafts").text


def test_sent_twice_it_is_one_incident(ada: Browser) -> None:
    form = FORM | SAVE | {"draft": NAME}
    first = ada.send("/incidents/new", form).headers["Location"]
    second = ada.send("/incidents/new", form).headers["Location"]
    after_back = ada.send("/incidents/new", form | {"title": "It broke again"}).headers["Location"]

    assert first == second == after_back
    assert [ada.get(f"{first}/history/{version}").status_code for version in (1, 2, 3)] == [200, 200, 404]
    assert "It broke again" in ada.get(first).text


def test_a_draft_of_an_old_version_is_brought_together_with_what_was_saved_since(
    ada: Browser, world: World
) -> None:
    place = incident(ada)
    slug = place.removeprefix("/incidents/")
    keep(ada, version="1", draft_of=slug, **{"sections.0.blocks.0.text": "Mine."})
    theirs = FORM | SAVE | {"severity": "SEV1", "version": "1"}
    assert world.browser("ben").send(f"{place}/edit", theirs).status_code == 303

    page = ada.get(f"{place}/edit?draft={NAME}").text
    assert "version 2 was saved since" in page
    saved = ada.send(f"{place}/edit", form_of(page) | SAVE)

    assert saved.status_code == 303
    text = ada.get(f"{place}.md").text
    assert "Mine." in text
    assert "SEV1" in text


def test_another_tab_is_not_written_over(ada: Browser) -> None:
    keep(ada, title="One tab")

    other = keep(ada, draft_tab="two", title="Another tab")

    assert (other["status"], other["state"]) == (409, "overtaken")
    assert keep(ada, name="b" * 32, draft_tab="two", title="Another tab")["state"] == "kept"
    page = ada.get("/incidents/new").text
    assert "One tab" in page
    assert "Another tab" in page


def test_discarding_shows_what_is_stored(ada: Browser) -> None:
    place = incident(ada)
    keep(ada, version="1", draft_of=place.removeprefix("/incidents/"))

    answer = ada.send(f"/drafts/{NAME}/discard")

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{place}/edit")
    assert NAME not in ada.get("/drafts").text
    assert keep(ada, step=2, draft_mark="one-1")["state"] == "ended"


def test_who_could_not_restrict_does_not_open_it_by_an_older_draft(ada: Browser, world: World) -> None:
    place = (
        world.browser("ben")
        .send("/incidents/new", FORM | SAVE | {"restricted": "ada, ben"})
        .headers["Location"]
    )
    keep(ada, version="1", draft_of=place.removeprefix("/incidents/"))
    with db.transaction():
        accounts.change_user("ada", role="admin", is_active=True, actor=world.ben)

    shown = form_of(ada.get(f"{place}/edit?draft={NAME}").text)

    assert shown["restricted"] == "ada, ben"
    assert ada.send(f"{place}/edit", shown | SAVE).status_code == 303
    assert world.browser("cy").get(place).status_code == 404


@pytest.mark.parametrize(
    "fields, status",
    [
        ({"csrf_token": "of before"}, 403),
        ({"draft_tab": ""}, 422),
        ({"draft_step": "x" * 50, "draft_tab": "x" * 50}, 422),
        ({"draft_of": "no-such-incident", "version": "1"}, 404),
        ({"version": "9"}, 422),
        ({"title.x.y": "a branch"}, 422),
    ],
)
def test_what_is_refused_keeps_nothing(ada: Browser, fields: dict[str, str], status: int) -> None:
    sent = FORM | {"draft_tab": "one", "draft_step": "1"} | fields

    assert ada.send(f"/drafts/{NAME}", sent).status_code == status
    assert NAME not in ada.get("/drafts").text


def test_who_is_not_signed_in_is_told_so_without_the_text(ada: Browser) -> None:
    ada.delete_cookie("postmortems")

    answer = ada.send(f"/drafts/{NAME}", FORM | {"draft_tab": "one", "draft_step": "1"})

    assert answer.status_code == 401
    assert "It did." not in answer.text
