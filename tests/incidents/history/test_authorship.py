"""Who wrote a part is who changed it last, whatever became of the parts around it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings

from postmortems.document.model import Document, Entry, Item, Prose, Section
from postmortems.document.part_pairs import paired
from postmortems.incidents.history import authorship
from tests.document import strategies

SUMMARY = Section("Summary", (Prose("Nobody could work, for the disk was full."),))
TIMELINE = Section("Timeline", (Entry("09:12", "A deploy."), Entry("09:30", "Seen.")))
BASE = Document(title="It broke", sections=(SUMMARY, TIMELINE))


def written(*documents: Document) -> authorship.Written:
    """What is noted after these were saved, as versions 1, 2, …."""
    found = authorship.begun(documents[0], 1)
    for number, (before, after) in enumerate(pairwise(documents), 2):
        found = authorship.followed(found, before, after, paired(before, after), number)
    return found


def test_what_nobody_touched_stays_who_wrote_its() -> None:
    entries = (*TIMELINE.blocks, Entry("10:00", "Over."))
    second = replace(BASE, sections=(SUMMARY, replace(TIMELINE, blocks=entries)))
    third = replace(second, title="It broke again")

    found = written(BASE, second, third)

    assert found == {"fields": {"title": 3}, "sections": [[1, [1]], [1, [1, 1, 2]]]}


def test_a_renamed_and_moved_section_keeps_who_wrote_its_blocks() -> None:
    renamed, cause = replace(SUMMARY, heading="What happened"), Section("Cause", (Prose("The disk."),))
    before = replace(BASE, sections=(*BASE.sections, cause))

    found = written(before, replace(BASE, sections=(TIMELINE, cause, renamed)))

    assert found["sections"] == [[1, [1, 1]], [1, [1]], [2, [1]]]


def test_what_is_taken_out_is_an_edit_of_its_section() -> None:
    found = written(BASE, replace(BASE, sections=(SUMMARY, replace(TIMELINE, blocks=TIMELINE.blocks[:1]))))

    assert found["sections"] == [[1, [1]], [2, [1]]]


def test_what_was_written_before_it_was_noted_says_so() -> None:
    after = replace(
        BASE,
        sections=(SUMMARY, replace(TIMELINE, blocks=(Entry("09:12", "A bad deploy."), TIMELINE.blocks[1]))),
    )

    found = authorship.followed(None, BASE, after, paired(BASE, after), 7)

    assert found == {"fields": {"title": 0}, "sections": [[0, [0]], [0, [7, 0]]]}


@settings(max_examples=40)
@given(strategies.documents, strategies.documents)
def test_it_always_follows_the_document(before: Document, after: Document) -> None:
    found = written(before, after, before)

    assert authorship.fits(found, before)
    assert all(1 <= version <= 3 for heading, blocks in found["sections"] for version in (heading, *blocks))


def test_where_all_parts_stay_where_they_stood_the_short_way_notes_the_same() -> None:
    items = Section("To do", (Prose("x"), Item("One", id="AI-1"), Item("Two", id="AI-2")))
    before = replace(BASE, sections=(SUMMARY, items))
    after = before.with_items(lambda item: replace(item, owner="kim") if item.id == "AI-2" else item)

    for known in (authorship.begun(before, 3), authorship.begun(BASE, 3), None):
        said = authorship.followed_in_place(known, before, after, 4)
        assert said == authorship.followed(known, before, after, paired(before, after), 4)
        assert said["sections"][1][1][2] == 4
