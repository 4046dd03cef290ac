"""What the open form is told of saves by others: by whom, of which version, and nothing that is hidden."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser_forms import form_of
from tests.incidents.drafts.test_pages import FORM, SAVE
from tests.world import Browser, World

SUMMARY = "sections.0.blocks.0.text"


@pytest.fixture
def place(any_database: str, world: World) -> str:
    address: str = world.browser().send("/incidents/new", FORM | SAVE).headers["Location"]
    return address


def edited(browser: Browser, place: str, **fields: str) -> dict[str, Any]:
    """The form as somebody has it open, with what they typed."""
    return dict(form_of(browser.get(f"{place}/edit").text)) | fields


def test_theirs_is_told_by_part_with_who_saved_it(place: str, world: World) -> None:
    ada, ben = world.browser(), world.browser("ben")
    mine = edited(ada, place, title="Mine")
    ben.send(f"{place}/edit", edited(ben, place, **{SUMMARY: "Theirs."}) | SAVE)

    told = ada.send("/write/changes", mine).json

    assert (told["version"], told["by"], told["is_untouched"], told["clashes"]) == (2, "ben", False, [])
    assert told["sets"] == [[mine["sections.0.blocks.0.id"], "text", FORM[SUMMARY], "Theirs."]]


def test_nobody_hears_of_changes_to_what_they_may_not_see(place: str, world: World) -> None:
    ada, ben = world.browser(), world.browser("ben")
    theirs = edited(ben, place)
    ada.send(f"{place}/edit", edited(ada, place, restricted="ada") | SAVE)

    assert ben.send("/write/changes", theirs).status_code == 404


@pytest.mark.parametrize("version", ["", "0", "7", "-1", "x", "9" * 30])
def test_a_version_that_never_was_is_refused(place: str, world: World, version: str) -> None:
    ada = world.browser()

    assert ada.send("/write/changes", edited(ada, place, version=version)).status_code == 422
