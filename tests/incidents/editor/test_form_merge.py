"""What others saved, brought into a form by part and field: a table, and that nothing of either is lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.document.model import Block, Document, Entry, Item, Prose, Section
from postmortems.incidents.editor import form, form_merge
from postmortems.incidents.editor.form_merge import Changes

TEXT = Prose("One.\n\nTwo.\n\nThree.", id="p1")
FIRST, SECOND = Entry("10:00", "It broke.", id="e1"), Entry("11:00", "It runs.", id="e2")
ITEM = Item("Watch it", id="AI-1", owner="ada", guards=("lab-hours",))


def doc(
    summary: tuple[Block, ...] = (TEXT,), times: tuple[Block, ...] = (FIRST, SECOND), **front: Any
) -> Document:
    sections = (
        Section("Summary", summary, id="s1"),
        Section("Timeline", times, id="s2"),
        Section("Action items", (front.pop("item", ITEM),), id="s3"),
    )
    return Document(title=front.pop("title", "It broke"), sections=sections + front.pop("more", ()), **front)


BASE = doc()


def found(mine: Document, theirs: Document, base: Document = BASE) -> Changes:
    return form_merge.changes(*(form.complete(form.to_values(each)) for each in (base, mine, theirs)))


def text(words: str) -> Prose:
    return replace(TEXT, text=words)


@pytest.mark.parametrize(
    "mine, theirs, sets",
    [
        (BASE, BASE, []),
        (doc(title="Mine"), BASE, []),
        (BASE, doc(title="Theirs"), [("", "title", "It broke", "Theirs")]),
        (doc(title="Alike"), doc(title="Alike"), []),
        (BASE, doc((text("Other."),)), [("p1", "text", TEXT.text, "Other.")]),
        (BASE, doc(status="published"), [("", "status", "", "published")]),
        (BASE, doc(tags=("a", "b")), [("", "tags", "", "a, b")]),
        (BASE, doc(item=replace(ITEM, guards=("b",))), [("AI-1", "guards", "lab-hours", "b")]),
        (
            doc(item=replace(ITEM, text="Mine")),
            doc(item=replace(ITEM, owner="ben")),
            [("AI-1", "owner", "ada", "ben")],
        ),
        (
            doc((text("One, mine.\n\nTwo.\n\nThree."),)),
            doc((text("One.\n\nTwo.\n\nThree, theirs."),)),
            [("p1", "text", "One, mine.\n\nTwo.\n\nThree.", "One, mine.\n\nTwo.\n\nThree, theirs.")],
        ),
    ],
)
def test_what_only_others_changed_is_put_in(
    mine: Document, theirs: Document, sets: list[tuple[str, str, str, str]]
) -> None:
    changes = found(mine, theirs)

    assert changes.sets == sets
    assert (changes.clashes, changes.lost, changes.added, changes.removed) == ([], [], [], [])


def test_what_both_changed_is_told_line_by_line() -> None:
    changes = found(
        doc((text("One, mine.\n\nTwo.\n\nThree, mine."),)),
        doc((text("One, theirs.\n\nTwo.\n\nThree, theirs."),)),
    )

    assert changes.sets == []
    ((key, name, hunks),) = changes.clashes
    assert (key, name) == ("p1", "text")
    assert [hunk.versions or hunk.text for hunk in hunks] == [
        ("One.", "One, mine.", "One, theirs."),
        "\nTwo.\n",
        ("Three.", "Three, mine.", "Three, theirs."),
    ]


NEW = Entry("10:30", "Seen.", id="e9")
MINE = Entry("10:40", "Not saved yet.")


@pytest.mark.parametrize(
    "mine, theirs, added, removed, lost, order",
    [
        ((FIRST, SECOND), (FIRST, NEW, SECOND), ["e9"], [], [], ["e1", "e9", "e2"]),
        ((FIRST, MINE, SECOND), (FIRST, NEW, SECOND), ["e9"], [], [], ["e1", "#1-1", "e9", "e2"]),
        ((FIRST, SECOND), (SECOND,), [], ["e1"], [], ["e2"]),
        ((FIRST, SECOND), (SECOND, FIRST), [], [], [], ["e2", "e1"]),
        ((SECOND, FIRST), (FIRST, SECOND), [], [], [], None),
        ((replace(FIRST, text="Mine."), SECOND), (SECOND,), [], [], [("e1", "theirs")], None),
        ((SECOND,), (replace(FIRST, text="Theirs."), SECOND), [], [], [("e1", "yours")], None),
        ((SECOND,), (FIRST, SECOND), [], [], [], None),
        ((SECOND, MINE), (SECOND,), [], [], [], None),
    ],
)
def test_rows_come_go_and_move_as_only_one_of_them_has_it(
    mine: tuple[Block, ...],
    theirs: tuple[Block, ...],
    added: list[str],
    removed: list[str],
    lost: list[tuple[str, str]],
    order: list[str] | None,
) -> None:
    changes = found(doc(times=mine), doc(times=theirs))

    assert ([part.key for part in changes.added], changes.removed, changes.lost) == (added, removed, lost)
    assert (dict(changes.layout)["s2"] if changes.layout else None) == order


def test_a_section_comes_with_its_rows_and_goes_with_them() -> None:
    more = (Section("Lessons", (Prose("Learnt.", id="p9"),), id="s9"),)

    come, gone = found(BASE, doc(more=more)), found(doc(more=more), BASE, doc(more=more))

    assert [(part.key, part.home) for part in come.added] == [("s9", ""), ("p9", "s9")]
    assert come.layout is not None
    assert come.layout[-1] == ("s9", ["p9"])
    assert sorted(gone.removed) == ["p9", "s9"]


def test_a_section_that_others_took_out_stays_while_somebody_writes_in_it() -> None:
    was = (Section("Lessons", (Prose("Learnt.", id="p9"),), id="s9"),)
    now = (Section("Lessons", (Prose("Learnt.", id="p9"), Prose("Typed just now.")), id="s9"),)

    changes = found(doc(more=now), BASE, doc(more=was))

    assert (changes.removed, changes.layout) == (["p9"], [*_standing(), ("s9", ["#3-1"])])


def _standing() -> list[tuple[str, list[str]]]:
    return [("s1", ["p1"]), ("s2", ["e1", "e2"]), ("s3", ["AI-1"])]


LINES = st.lists(st.sampled_from(["a", "b", "c"]), max_size=4).map(lambda lines: "\n\n".join(lines) or "-")


@given(LINES, LINES, LINES)
def test_no_line_of_either_is_lost_without_a_word(base: str, mine: str, theirs: str) -> None:
    changes = found(doc((text(mine),)), doc((text(theirs),)), doc((text(base),)))

    told = [
        words for _, _, hunks in changes.clashes for hunk in hunks for words in hunk.versions or (hunk.text,)
    ]
    stands = [new for *_, new in changes.sets] or [mine]
    if changes.clashes:
        assert {*mine.split(), *theirs.split()} <= {*" ".join(told).split()}
    else:
        assert {*mine.split(), *theirs.split()} - {*base.split()} <= {*stands[0].split()}
