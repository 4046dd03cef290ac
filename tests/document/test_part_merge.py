"""Two edits of one document, brought together part by part."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postmortems.document import part_merge
from postmortems.document.markdown import parser
from postmortems.document.model import Document, Entry, Item, Prose, Section
from tests.document import strategies

ITEM = Item("Refuse it.", id="AI-1", owner="@ada")
BASE = Document(
    title="It broke",
    date=date(2026, 3, 1),
    tags=("disk",),
    sections=(
        Section("Summary", (Prose("Nobody could work."),)),
        Section("Timeline", (Entry("09:12", "A deploy."), Entry("09:30", "Seen."))),
        Section("Conclusion", (Prose("It was the disk."),)),
        Section("Action items", (ITEM,)),
    ),
)


def saying(place: int, *blocks: Any) -> Document:
    """The document with other blocks in one section."""
    sections = list(BASE.sections)
    sections[place] = replace(sections[place], blocks=blocks)
    return replace(BASE, sections=tuple(sections))


@pytest.mark.parametrize(
    "mine, theirs",
    [
        (saying(0, Prose("Some could.")), saying(2, Prose("It was not."))),
        (replace(BASE, title="It broke twice"), replace(BASE, date=date(2026, 3, 2))),
        (replace(BASE, severity="SEV1"), replace(BASE, status="published")),
        (saying(3, replace(ITEM, text="Refuse it at once.")), saying(3, replace(ITEM, status="in_progress"))),
        (saying(3, replace(ITEM, owner="@ben")), saying(3, replace(ITEM, due=date(2026, 4, 1)))),
        (
            saying(1, Entry("09:12", "A bad deploy."), Entry("09:30", "Seen.")),
            saying(1, Entry("09:12", "A deploy."), Entry("09:30", "Seen.", kind="detection")),
        ),
        (saying(0, Prose("Nobody could work.\n\nMore.")), saying(2, Prose("It was the disk.\n\nMore."))),
    ],
)
def test_edits_of_different_parts_come_together(mine: Document, theirs: Document) -> None:
    one, other = part_merge.merged(BASE, mine, theirs), part_merge.merged(BASE, theirs, mine)

    assert one is not None
    assert one == other
    assert one not in (mine, theirs, BASE)


CLASHES = [
    (saying(0, Prose("Mine.")), saying(0, Prose("Theirs."))),
    (replace(BASE, title="Mine."), replace(BASE, title="Theirs.")),
    (saying(3, replace(ITEM, owner="@mine")), saying(3, replace(ITEM, owner="@theirs"))),
    (saying(3, replace(ITEM, text="Mine.")), saying(3)),
    (saying(1, Entry("10:00", "Mine.")), saying(1, Entry("11:00", "Theirs."))),
]


@pytest.mark.parametrize("mine, theirs", CLASHES)
def test_different_edits_of_the_same_part_do_not(mine: Document, theirs: Document) -> None:
    assert part_merge.merged(BASE, mine, theirs) is None
    assert part_merge.merged(BASE, theirs, mine) is None


def test_leaning_to_both_keeps_the_words_of_both() -> None:
    found = part_merge.merged(BASE, *CLASHES[0], leans="both")

    assert found is not None
    assert "Mine." in parser.write(found)
    assert "Theirs." in parser.write(found)


@pytest.mark.parametrize(
    "mine, theirs, both",
    [
        (replace(BASE, title="Mine"), replace(BASE, title="Theirs"), replace(BASE, title="Theirs / Mine")),
        *(
            (
                saying(3, replace(ITEM, **{name: "@mine"})),
                saying(3, replace(ITEM, **{name: "@theirs"})),
                saying(3, replace(ITEM, **{name: f"@theirs{between}@mine"})),
            )
            for name, between in part_merge.BOTH.items()
            if name not in {"title", "heading"}
        ),
    ],
)
def test_leaning_to_both_keeps_both_in_a_field_of_one_line(
    mine: Document, theirs: Document, both: Document
) -> None:
    assert part_merge.merged(BASE, mine, theirs, leans="both") == both


Acts = list[tuple[str, int]]


def _edited(author: str, acts: Acts) -> Document:
    """The document after these edits; each that writes brings a word of this author."""
    front: dict[str, Any] = {"title": BASE.title}
    sections = [list(section.blocks) for section in BASE.sections]
    for number, (act, place) in enumerate(acts):
        word, blocks = f"{author}{number}", sections[place]
        if act == "title":
            front["title"] += f" {word}"
        elif act == "dates":
            front["date"] = date(2026, 4 if author == "mine" else 5, number + 1)
        elif act == "adds" or not blocks:
            kind = {1: Entry("10:00", word), 3: Item(word)}.get(place, Prose(word))
            blocks.append(kind)
        elif act in {"removes", "moves"}:
            moved = blocks.pop(0)
            if act == "moves":
                blocks.append(moved)
        elif isinstance(blocks[0], Item) and act in {"owns", "clears", "dues"}:
            owner = "" if act == "clears" else f"{blocks[0].owner}, @{word}".removeprefix(", ")
            due = front.get("date", date(2026, 6, 1))
            blocks[0] = replace(blocks[0], **{"due": due} if act == "dues" else {"owner": owner})
        elif act == "above":
            blocks[0] = replace(blocks[0], text=f"{word} {blocks[0].text}")
        else:
            blocks[-1] = replace(blocks[-1], text=f"{blocks[-1].text} {word}")
    told = tuple(
        replace(section, blocks=tuple(blocks))
        for section, blocks in zip(BASE.sections, sections, strict=True)
    )
    return parser.normal(replace(BASE, **front, sections=told))


def words(*documents: Document) -> set[str]:
    return set(re.findall(r"[-\w]+", " ".join(map(parser.write, documents))))


ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["title", "dates", "adds", "removes", "moves", "owns", "clears", "dues", "above", "below"]
        ),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=120)
@given(ACTS, ACTS)
def test_no_new_word_of_two_authors_is_missing(mine: Acts, theirs: Acts) -> None:
    base = parser.normal(BASE)
    one, other = _edited("mine", mine), _edited("theirs", theirs)
    new = words(one, other) - words(base)

    alone = part_merge.merged(base, one, other)
    found = part_merge.merged(base, one, other, leans="both")
    asked = part_merge.choices(base, one, other)

    assert found is not None
    assert new <= words(found) | {word for choice in asked for word in (choice.mine, choice.theirs)}
    assert alone is None or (new <= words(alone) and not asked)


ONE_OF_TWO = [
    (replace(BASE, severity="SEV1"), replace(BASE, severity="SEV2"), "", "severity"),
    (replace(BASE, date=None), replace(BASE, date=date(2026, 3, 2)), "", "date"),
    (replace(BASE, timezone="UTC"), replace(BASE, timezone="Europe/Berlin"), "", "timezone"),
    (saying(3, replace(ITEM, status="done")), saying(3, replace(ITEM, status="wont_do")), "AI-1", "status"),
    (saying(3, replace(ITEM, owner="")), saying(3, replace(ITEM, owner="@ben")), "AI-1", "owner"),
]


@pytest.mark.parametrize("mine, theirs, item, field", ONE_OF_TWO)
def test_where_only_one_value_can_stand_somebody_is_asked(
    mine: Document, theirs: Document, item: str, field: str
) -> None:
    asked = part_merge.choices(BASE, mine, theirs)

    assert [(choice.item, choice.field) for choice in asked] == [(item, field)]
    assert part_merge.merged(BASE, mine, theirs) is None


def test_what_one_took_out_and_the_other_changed_stays() -> None:
    mine, theirs, _, _ = ONE_OF_TWO[1]

    assert part_merge.merged(BASE, mine, theirs, leans="both") == theirs
    assert part_merge.merged(BASE, theirs, mine, leans="both") == theirs


@settings(max_examples=20)
@given(strategies.documents, strategies.documents)
def test_who_alone_edited_is_right(one: Document, other: Document) -> None:
    base, edited = parser.normal(one), parser.normal(other)

    assert part_merge.merged(base, base, edited) == edited
    assert part_merge.merged(base, edited, base) == edited
    assert part_merge.merged(base, edited, edited) == edited


CHOSEN = {
    ("theirs", "theirs", "theirs"): ("Theirs", date(2026, 3, 3), "Said by them."),
    ("mine", "mine", "mine"): ("Mine", date(2026, 3, 2), "Said by me."),
    ("both", "theirs", "mine"): ("Theirs / Mine", date(2026, 3, 3), "Said by me."),
    ("mine", "both", "both"): ("Mine", date(2026, 3, 2), "Said by them.\nSaid by me."),
}


@pytest.mark.parametrize("leans, told", CHOSEN.items())
def test_each_clash_can_be_chosen_by_itself(leans: Any, told: tuple[str, date, str]) -> None:
    mine = replace(saying(0, Prose("Said by me.")), title="Mine", date=date(2026, 3, 2), tags=("mine",))
    theirs = replace(
        saying(0, Prose("Said by them.")), title="Theirs", date=date(2026, 3, 3), severity="SEV1"
    )

    found = part_merge.chosen(BASE, mine, theirs, leans)

    assert found is not None
    summary = found.sections[0].blocks[0]
    assert isinstance(summary, Prose)
    assert (found.title, found.date, summary.text) == told
    # What only one of them changed is kept, whatever was chosen.
    assert (found.tags, found.severity) == (("mine",), "SEV1")
    assert part_merge.chosen(BASE, mine, theirs, leans[:2]) is None
