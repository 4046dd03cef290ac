"""What the form asks for while somebody writes: readings of times and the page as it will look."""

from __future__ import annotations

import pytest

from tests.world import World

HEAD = {"title": "It <b>broke</b>", "date": "2026-03-04", "sections.0.heading": "Timeline"}


def rows(*written: str) -> dict[str, str]:
    """A form of entries with these times and a text before them."""
    form = HEAD | {"sections.0.blocks.0.type": "prose", "sections.0.blocks.0.text": "Before <i>it</i>."}
    for place, words in enumerate(written, 1):
        stem = f"sections.0.blocks.{place}"
        form |= {f"{stem}.type": "entry", f"{stem}.written": words, f"{stem}.text": f"At **{place}**."}
    return form


def test_each_time_is_told_in_its_place(world: World) -> None:
    answer = world.browser().send("/write/readings", rows("~09:15", "soon", "", "<b>8</b>"))

    prose, first, words, blank, hostile = answer.json["sections"][0]
    assert prose is None
    assert first == {"html": "read as about 2026-03-04 09:15", "time": "2026-03-04T09:15:00", "is_odd": False}
    assert (words["time"], words["is_odd"]) == (None, True)
    assert "this is no time that can be read" in words["html"]
    assert blank == {"html": "", "time": None, "is_odd": False}
    assert "<b>" not in hostile["html"]


def test_the_preview_shows_what_readers_will_see(world: World) -> None:
    page = world.browser().send("/write/preview", rows("09:15", "09:20")).text

    assert "It &lt;b&gt;broke&lt;/b&gt;" in page
    assert "<strong>2</strong>" in page
    assert "Before " in page
    assert 'class="drawing"' in page


@pytest.mark.parametrize(
    "form", [{}, {"sections": "x"}, {"sections.0.blocks.0.type": "no such"}, {"date": "x"}]
)
@pytest.mark.parametrize("path", ["/write/readings", "/write/preview", "/write/rows"])
def test_a_form_that_is_none_of_ours_is_answered_as_far_as_it_goes(
    world: World, path: str, form: dict[str, str]
) -> None:
    assert world.browser().send(path, form).status_code == 200


def test_pasted_notes_are_answered_as_rows(world: World) -> None:
    notes = {"text": "14:30 it broke\r\nand stayed so\r\n14:40 mended", "date": "2026-03-04"}

    answer = world.browser().send("/write/rows", notes).json

    assert answer["is_whole"] is False
    told = [(row["type"], row["written"], row["text"]) for row in answer["rows"]]
    assert told == [
        ("entry", "2026-03-04 14:30", "it broke\nand stayed so"),
        ("entry", "14:40", "mended"),
    ]


def test_a_whole_postmortem_that_is_pasted_is_told_to_be_one(world: World) -> None:
    whole = (
        "# Down\n\n## Summary\n\nIt broke.\n\n## Timeline\n\n14:30 it broke\n\n## Action items\n\n- mend it"
    )

    answer = world.browser().send("/write/rows", {"text": whole})

    assert answer.json == {"is_whole": True, "rows": []}


@pytest.mark.parametrize("path", ["/write/readings", "/write/preview", "/write/rows"])
def test_who_may_not_write_is_told_nothing(world: World, path: str) -> None:
    assert world.browser("cy").send(path, HEAD).status_code == 403
