"""Pasted notes become rows, and nothing is dropped."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given

from postmortems.document.markdown import writer
from postmortems.document.model import Block, Entry, Prose, Section
from postmortems.document.readers import pasted as readers_pasted
from postmortems.document.text import words
from tests.document.strategies import texts

DAY = date(2018, 1, 25)
# What somebody copied, and the rows that it becomes.
FOLDER = Path(__file__).parents[1] / "chats"
# What Slack writes of a thread below a message: of all that is copied, this alone goes.
COUNTS = re.compile(r"^(?:\d+ replies|Last reply|View thread).*$", re.MULTILINE)
PART = re.compile(r"^=== (?:pasted|rows) ===\n", re.MULTILINE)


def rows(text: str, day: date | None = None) -> list[tuple[str, str]]:
    return [_shown(block) for block in readers_pasted.rows(text, day=day)]


def _shown(block: Block) -> tuple[str, str]:
    assert isinstance(block, Entry | Prose)
    return (block.written, block.text) if isinstance(block, Entry) else ("", block.text)


def test_lines_with_times_are_rows_and_the_others_belong_to_the_one_above() -> None:
    assert rows("notes from the call\n14:30 upgraded\nby sam\n\n~15:10 slow\n  15:35-15:40 down") == [
        ("", "notes from the call"),
        ("14:30", "upgraded\nby sam"),
        ("~15:10", "slow"),
        ("15:35-15:40", "down"),
    ]


def test_bullets_of_any_sort_are_taken_off() -> None:
    assert rows("- 14:30 one\n* 15:00: two\n  - detail\n3. 15:30 - three\n• 4pm PST four") == [
        ("14:30", "one"),
        ("15:00", "two\n  - detail"),
        ("15:30", "three"),
        ("4pm PST", "four"),
    ]


def test_a_chat_puts_the_name_before_the_time() -> None:
    assert rows("Sam Lee  4:05 PM\nit is down\nAda [16:10]\non it\n[1/25/2018 4:12 PM] Ben: back") == [
        ("4:05 PM", "Sam Lee:\nit is down"),
        ("16:10", "Ada:\non it"),
        ("1/25/2018 4:12 PM", "Ben: back"),
    ]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.md")), ids=lambda path: path.stem)
def test_a_chat_is_read_as_it_is_copied(path: Path) -> None:
    _, pasted, wanted = PART.split(path.read_text(encoding="utf-8"))

    assert writer.section(Section("", readers_pasted.rows(pasted))) == wanted.rstrip("\n")
    assert not words(COUNTS.sub("", pasted)) - words(wanted)


def test_a_chat_in_a_fence_stays_code() -> None:
    assert rows("10:40 said:\n```\nSam Lee  10:45 AM\nit is down\n```") == [
        ("10:40", "said:\n```\nSam Lee  10:45 AM\nit is down\n```")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "# Disk full\n\n## Summary\n\nFull.\n\n## Timeline\n\n10:00 full",
        "---\ntitle: Disk full\n---\n\n## Impact\n\nAll.\n\n## Root cause\n\nLogs.",
        "Disk full\n\nSummary\n\nFull.\n\nTimeline\n\n10:00 full",
    ],
)
def test_a_whole_postmortem_is_known_by_its_sections(text: str) -> None:
    document = readers_pasted.document(text)

    assert document is not None
    assert document.title == "Disk full"


@pytest.mark.parametrize(
    "text", ["", "10:00 full\n10:10 freed", "## Timeline\n\n10:00 full", "# Notes\n\nhello"]
)
def test_notes_are_no_postmortem(text: str) -> None:
    assert readers_pasted.document(text) is None


def test_the_day_is_given_to_the_first_row_that_has_none() -> None:
    assert rows("14:30 one\n15:00 two", DAY)[0] == ("2018-01-25 14:30", "one")
    assert rows("Jan 24, 14:30 one\n15:00 two", DAY)[0] == ("Jan 24, 14:30", "one")
    assert rows("2018-01-24\n14:30 one", DAY)[1] == ("14:30", "one")
    assert rows("no time at all", DAY) == [("", "no time at all")]


def test_days_on_their_own_line_stay_between_the_rows() -> None:
    assert rows("May 12\n23:00 one\nMay 13\n01:00 two") == [
        ("", "### May 12"),
        ("23:00", "one"),
        ("", "### May 13"),
        ("01:00", "two"),
    ]


def test_log_lines_in_a_fence_are_no_rows() -> None:
    assert rows("14:30 look:\n```\n14:31:07 error\n```\n14:32 fixed") == [
        ("14:30", "look:\n```\n14:31:07 error\n```"),
        ("14:32", "fixed"),
    ]


def test_a_table_is_read_row_by_row() -> None:
    assert rows("| Time | Event |\n|---|---|\n| 14:30 | one |\n| 15:00 | two |")[1:] == [
        ("14:30", "one"),
        ("15:00", "two"),
    ]


def test_nothing_is_nothing() -> None:
    assert readers_pasted.rows("") == ()
    assert readers_pasted.rows(" \r\n\r\n") == ()


@given(texts)
def test_no_word_of_a_pasted_text_is_lost(text: str) -> None:
    kept = [(*_shown(block), getattr(block, "title", "")) for block in readers_pasted.rows(text, day=DAY)]

    assert not words(text) - words("\n".join("\n".join(parts) for parts in kept))
