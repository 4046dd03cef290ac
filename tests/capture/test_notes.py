"""Notes as entries: where one goes, how its time is written, and what is no note."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from postmortems.capture import notes
from postmortems.capture.notes import Note
from postmortems.document.markdown import parser
from postmortems.document.model import Document, Entry
from postmortems.errors import Invalid

NOW = datetime(2026, 3, 2, 13, 5, 40, tzinfo=UTC)
FRONT = "---\ntitle: Hub down\ndate: 2026-03-02\ntimezone: Europe/Zurich\n---\n\n"
LINES = Path(__file__).with_name("cases_of_times.txt").read_text(encoding="utf-8").splitlines()
TIMES = [tuple(map(str.strip, line.split("|"))) for line in LINES if not line.startswith("#")]


def noted(text: str, note: Note, now: datetime = NOW) -> tuple[Document, Entry]:
    document, (section, block) = notes.appended(parser.parse(text), note, now)
    entry = document.sections[section].blocks[block]
    assert isinstance(entry, Entry)
    return document, entry


@pytest.mark.parametrize("stands, said, written", TIMES)
def test_a_time_is_written_as_the_others_are(stands: str, said: str, written: str) -> None:
    _, entry = noted(f"{FRONT}## Timeline\n\n### {stands} - down\n", Note("rolled back", at=said))

    assert entry.written == written


@pytest.mark.parametrize(
    "said",
    ["25:00", "14:61", "tomorrow", "soon", "2026-13-01 10:00", "14:05 rolled back", "-5m ago", "2026-03-02"],
)
def test_what_is_no_time_is_refused(said: str) -> None:
    with pytest.raises(Invalid) as refused:
        noted(f"{FRONT}## Timeline\n", Note("x", at=said))

    assert [problem.pointer for problem in refused.value.problems] == ["/at"]


def test_without_date_and_zone_the_time_has_both() -> None:
    _, entry = noted("---\ntitle: Hub down\n---\n\n## Timeline\n", Note("down"))

    assert entry.written == "2026-03-02 13:05 UTC"


def test_days_later_the_time_has_its_date() -> None:
    later = datetime(2026, 3, 5, 13, 5, tzinfo=UTC)

    _, entry = noted(f"{FRONT}## Timeline\n\n### 13:50 - down\n", Note("back"), later)

    assert entry.written == "2026-03-05 14:05"


OLD = f"{FRONT}## Timeline\n\n### 13:50 - down\n"
ON_GOING = f"{OLD}\n### 2026-03-19 09:00 - again\n"


@pytest.mark.parametrize(
    "stands, said, written",
    [
        (OLD, "14:05", "14:05"),
        (OLD, "13:05 UTC", "14:05"),
        (OLD, "12:00", "12:00"),
        (OLD, "23:59", "23:59"),
        (OLD, "2026-03-20 10:00", "2026-03-20 10:00"),
        (OLD, "2026-03-02 24:00", "2026-03-02 24:00"),
        (OLD, "10m ago", "2026-03-20 13:55"),
        (ON_GOING, "14:00", "2026-03-20 14:00"),
        ("---\ntitle: Hub down\n---\n\n## Timeline\n", "14:00", "2026-03-19 14:00 UTC"),
    ],
)
def test_a_clock_alone_is_of_the_incidents_day_once_that_is_over(
    stands: str, said: str, written: str
) -> None:
    later = datetime(2026, 3, 20, 13, 5, tzinfo=UTC)

    _, entry = noted(stands, Note("seen", at=said), later)

    assert entry.written == written


def test_past_midnight_the_clock_is_enough() -> None:
    late = datetime(2026, 3, 2, 23, 5, tzinfo=UTC)

    _, entry = noted(f"{FRONT}## Timeline\n\n### 23:50 - down\n", Note("back"), late)

    assert entry.written == "00:05"


def test_a_note_stands_behind_what_is_not_later() -> None:
    text = f"{FRONT}## Timeline\n\n### 13:50 - a\n\n### 13:55 - b\n\n### 14:00 - c\n"

    document, _ = noted(text, Note("x", at="13:55"))

    assert [entry.text or entry.title for entry in document.entries] == ["a", "b", "x", "c"]


def test_the_timeline_is_made_before_what_was_learned() -> None:
    text = "## Summary\n\nx\n\n## Lessons learned\n\ny\n\n## Action items\n\n- [ ] z\n"

    document, _ = noted(text, Note("down"))

    assert [section.heading for section in document.sections] == [
        "Summary",
        "Timeline",
        "Lessons learned",
        "Action items",
    ]


def test_nothing_else_changes() -> None:
    text = f"{FRONT}## Summary\n\nx\n\n## Timeline\n\n### 13:50 - a\n\nb\n\n### Tuesday\n\nc\n"
    before = parser.parse(text)

    document, entry = noted(text, Note("x"))

    assert [block for block in document.sections[1].blocks if block != entry] == list(
        before.sections[1].blocks
    )
    assert document.sections[0] == before.sections[0]


@pytest.mark.parametrize(
    "text",
    [
        "rolled back",
        "# Impact\n\nall of it",
        "## Impact\n\nall of it",
        "### 14:00 - more\n\ntext",
        "- one\n- two",
        "- [ ] look at it",
        "14:00 one\n15:00 two",
        "```\nunclosed",
        "---",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "מערכת למטה",
        "é́́ text",
    ],
)
def test_what_is_noted_is_one_entry_when_it_is_read_again(text: str) -> None:
    document, entry = noted(f"{FRONT}## Timeline\n\n### 13:50 - a\n", Note(text))

    read = parser.normal(document)

    assert len(read.sections) == len(document.sections)
    assert read.entries[-1] == entry


@pytest.mark.parametrize(
    "note, pointer",
    [
        (Note(""), "/text"),
        (Note("  \n "), "/text"),
        (Note("x" * 20_001), "/text"),
        (Note("x", title="y" * 501), "/title"),
        (Note("x", kind="joke"), "/kind"),
        (Note("a\0b"), "/text"),
        (Note("a\ud800"), "/text"),
        (Note("x", title="a\0b"), "/title"),
        (Note("x\n\n- Kind: trigger"), "/text"),
    ],
)
def test_what_is_no_note_is_refused(note: Note, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        noted(f"{FRONT}## Timeline\n", note)

    assert pointer in [problem.pointer for problem in refused.value.problems]
