"""The editor's form as values: from a document and back without loss, and what each button does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given

from postmortems.document.json_form import convert
from postmortems.document.model import Block, Category, Document, Entry, Item, Prose, Section
from postmortems.incidents.editor import form as editor_form
from postmortems.web import forms
from tests.document.strategies import well_formed

WRITTEN = Document(
    title="It broke",
    date=date(2018, 1, 25),
    services=("data8/prod", "biology"),
    extra=(("layout", "post"),),
    sections=(
        Section("Summary", (Prose("One."), Prose("Two."))),
        Section("Timeline", (Entry("14:30", "It begins.", kind="trigger"), Entry("~15:00", title="Seen"))),
        Section(
            "Action items",
            (
                Category("Process"),
                Item(
                    "Refuse it.",
                    id="AI-2",
                    due=date(2018, 2, 8),
                    guards=("lab-hours (soft)",),
                    tickets=("t1", "t2"),
                ),
            ),
        ),
    ),
)


def values(document: Document = WRITTEN) -> editor_form.Values:
    return editor_form.complete(editor_form.to_values(document))


def headings(form: editor_form.Values) -> list[str]:
    return [section["heading"] for section in form["sections"]]


def test_a_document_survives_the_form() -> None:
    json, _ = editor_form.to_json(values())

    assert convert.from_json(json) == WRITTEN


@given(well_formed)
def test_every_document_survives_the_form_but_for_rows_that_say_nothing(document: Document) -> None:
    json, _ = editor_form.to_json(values(document))

    told = [
        replace(section, blocks=tuple(block for block in section.blocks if says_anything(block)))
        for section in document.sections
    ]
    assert convert.from_json(json) == replace(document, sections=tuple(told))


def says_anything(block: Block) -> bool:
    """Whether the block says anything: an entry without time, title and text does not."""
    return not isinstance(block, Entry) or bool(block.written or block.title or block.text)


@pytest.mark.parametrize(
    "button, expected",
    [
        ("add-section", ["Summary", "Timeline", "Action items", ""]),
        ("add-section-0", ["Summary", "", "Timeline", "Action items"]),
        ("remove-section-1", ["Summary", "Action items"]),
        ("down-section-0", ["Timeline", "Summary", "Action items"]),
        ("up-section-2", ["Summary", "Action items", "Timeline"]),
        # At the edge, outside, or unknown: nothing happens.
        ("up-section-0", ["Summary", "Timeline", "Action items"]),
        ("down-section-2", ["Summary", "Timeline", "Action items"]),
        ("remove-section-9", ["Summary", "Timeline", "Action items"]),
        ("remove-section", ["Summary", "Timeline", "Action items"]),
        ("add-entry-9", ["Summary", "Timeline", "Action items"]),
        ("add-section-99999999999999999999", ["Summary", "Timeline", "Action items"]),
        ("edit-on", ["Summary", "Timeline", "Action items"]),
        ("", ["Summary", "Timeline", "Action items"]),
    ],
)
def test_buttons_of_sections(button: str, expected: list[str]) -> None:
    assert headings(editor_form.press(values(), button)) == expected


@pytest.mark.parametrize(
    "button, times",
    [
        ("add-entry-1", ["14:30", "~15:00", ""]),
        ("add-entry-1-0", ["14:30", "", "~15:00"]),
        ("remove-block-1-0", ["~15:00"]),
        ("down-block-1-0", ["~15:00", "14:30"]),
        ("up-block-1-1", ["~15:00", "14:30"]),
        ("up-block-1-0", ["14:30", "~15:00"]),
        ("remove-block-1-7", ["14:30", "~15:00"]),
        ("copy-block-1-0", ["14:30", "14:30", "~15:00"]),
        ("copy-block-1-9", ["14:30", "~15:00"]),
        ("copy-block-1", ["14:30", "~15:00"]),
        ("copy-section-1", ["14:30", "~15:00"]),
    ],
)
def test_buttons_of_rows(button: str, times: list[str]) -> None:
    form = editor_form.press(values(), button)

    assert [block["written"] for block in form["sections"][1]["blocks"]] == times


def test_a_copied_item_is_a_new_item() -> None:
    form = editor_form.press(values(), "copy-block-2-1")

    assert [block.get("id") for block in form["sections"][2]["blocks"]] == ["", "AI-2", ""]
    assert form["sections"][2]["blocks"][2]["text"] == "Refuse it."


def test_pasted_notes_become_rows_after_those_that_are_there() -> None:
    form = values(editor_form.FRESH)
    form["date"] = "2018-01-25"
    form["sections"][1]["paste"] = "14:30 it begins\n15:10 it ends"

    blocks = editor_form.press(form, "paste-rows-1")["sections"][1]["blocks"]

    assert [block["type"] for block in blocks] == ["entry", "entry"]
    assert "it begins" in blocks[0]["text"] + blocks[0]["title"]
    assert form["sections"][1]["paste"] == ""


def test_blank_rows_are_left_out_and_messages_still_find_their_fields() -> None:
    form = values()
    for button in ("add-section-0", "add-entry-2-0"):
        editor_form.press(form, button)

    json, places = editor_form.to_json(form)

    assert convert.from_json(json) == WRITTEN
    assert editor_form.at_fields("/sections/1/blocks/1/written", places) == "/sections/2/blocks/2/written"
    assert editor_form.at_fields("/sections/2/heading", places) == "/sections/3/heading"
    assert editor_form.at_fields("/title", places) == "/title"


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"title": ["a list"], "sections": "text"},
        {"sections": ["text", {"blocks": "text"}, {"blocks": [{"type": "no-such-type"}, "text"]}]},
        {"sections": [{"heading": {"deep": "x"}, "blocks": [{"type": "item", "guards": {"a": "b"}}]}]},
    ],
)
def test_a_form_that_is_no_form_of_ours_is_read_as_far_as_it_goes(posted: dict[str, Any]) -> None:
    json, _ = editor_form.to_json(editor_form.complete(posted))

    assert convert.from_json(json).items == ()


def test_other_guards_are_added_to_those_that_are_ticked() -> None:
    form = values()
    form["sections"][2]["blocks"][1]["other_guards"] = "Staging-Online, target-confirmed"

    json, _ = editor_form.to_json(form)

    assert convert.from_json(json).items[0].guards == (
        "lab-hours (soft)",
        "staging-online",
        "target-confirmed",
    )


ROWS = [(s, b) for s, section in enumerate(WRITTEN.sections) for b in range(len(section.blocks))]


@pytest.mark.parametrize("section, block", ROWS)
def test_a_removed_block_can_be_put_back_where_it_was(section: int, block: int) -> None:
    before = editor_form.complete(editor_form.to_values(WRITTEN))

    removed = editor_form.press(
        editor_form.complete(editor_form.to_values(WRITTEN)), f"remove-block-{section}-{block}"
    )
    sent = forms.nest(
        pair
        for place, one in enumerate(removed["removed"])
        for pair in editor_form.hidden(one, f"removed.{place}")
    )
    back = editor_form.press(editor_form.complete(removed | sent), "restore-section-0")

    assert removed["sections"] != before["sections"]
    assert back["sections"][section]["blocks"][block]["is_new"]
    assert editor_form.complete(back) == before


def test_a_block_is_put_back_into_its_section_wherever_that_stands_now() -> None:
    values = editor_form.complete(editor_form.to_values(WRITTEN))

    for button in ("remove-block-1-0", "up-section-1", "restore-section-0"):
        values = editor_form.press(values, button)

    assert [section["heading"] for section in values["sections"]][:2] == ["Timeline", "Summary"]
    assert values["sections"][0]["blocks"][0]["text"] == "It begins."


def test_an_empty_block_is_removed_for_good() -> None:
    values = editor_form.press(
        editor_form.complete(editor_form.to_values(editor_form.FRESH)), "remove-block-1-0"
    )

    assert values["removed"] == []


@pytest.mark.parametrize(
    "button, called",
    [
        ("remove-section-0", "Summary"),
        ("remove-block-2-1", "AI-2 Refuse it."),
        ("remove-block-1-0", "14:30 It begins."),
    ],
)
def test_what_can_be_put_back_has_a_name(button: str, called: str) -> None:
    values = editor_form.press(editor_form.complete(editor_form.to_values(WRITTEN)), button)

    assert [editor_form.removed_name(one) for one in values["removed"]] == [called]
