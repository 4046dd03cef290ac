"""What the form must never do: overwrite unseen, or fail on fields that no form of ours sends."""

from __future__ import annotations

import re

import pytest

from tests.world import World

FORM = {"title": "It broke", "date": "2026-03-01", "sections.0.heading": "Summary", "do": "save"}
PROSE = "sections.0.blocks.0"


@pytest.fixture
def path(world: World) -> str:
    """The address of an incident that somebody has saved twice."""
    first = world.browser().send("/incidents/new", FORM)
    path = first.headers["Location"]
    form = FORM | {f"{PROSE}.type": "prose", f"{PROSE}.text": "Theirs.", "version": "1"}
    assert world.browser().send(f"{path}/edit", form).status_code == 303
    return path


@pytest.mark.parametrize("version", [None, "", "x", "-1", "1e3", "0", "1", "²", "99", "9" * 5000])
def test_a_save_that_names_no_version_or_another_overwrites_nothing(
    world: World, path: str, version: str | None
) -> None:
    form = FORM | {f"{PROSE}.type": "prose", f"{PROSE}.text": "Mine."}
    if version is not None:
        form["version"] = version

    answer = world.browser("ben").send(f"{path}/edit", form)

    assert answer.status_code == 409
    assert "Mine." in answer.text
    assert "Theirs." in answer.text
    assert "Theirs." in world.browser().get(f"{path}.md").text


def test_the_version_may_be_left_out_of_a_new_incident(world: World) -> None:
    assert world.browser().send("/incidents/new", FORM | {"version": "9" * 5000}).status_code == 303


def test_500_rows_are_kept_in_the_order_of_the_page_whatever_their_numbers(world: World) -> None:
    numbers = [*range(250, 500), *range(250)]
    form = {**FORM, "sections.0.heading": "Timeline"}
    for number in numbers:
        stem = f"sections.0.blocks.{number}"
        form |= {f"{stem}.type": "entry", f"{stem}.written": "12:00", f"{stem}.text": f"Number {number}."}

    path = world.browser().send("/incidents/new", form).headers["Location"]

    told = re.findall(r"Number (\d+)\.", world.browser().get(f"{path}.md").text)
    assert [int(number) for number in told] == numbers
