"""Two edits of one text, brought together line by line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.document.three_way_merge import merged

BASE = "a\nb\nc\nd\ne\n"


@pytest.mark.parametrize(
    "mine, theirs, together",
    [
        (BASE, BASE, BASE),
        ("a\nB\nc\nd\ne\n", BASE, "a\nB\nc\nd\ne\n"),
        (BASE, "a\nb\nc\nd\nE\n", "a\nb\nc\nd\nE\n"),
        ("a\nB\nc\nd\ne\n", "a\nb\nc\nd\nE\n", "a\nB\nc\nd\nE\n"),
        ("a\nB\nc\nd\ne\n", "a\nB\nc\nd\ne\n", "a\nB\nc\nd\ne\n"),
        ("a\nB\nc\nD\ne\n", "a\nB\nc\nd\ne\n", "a\nB\nc\nD\ne\n"),
        ("new\na\nb\nc\nd\ne\n", "a\nb\nc\nd\ne\nlast\n", "new\na\nb\nc\nd\ne\nlast\n"),
        ("a\nc\nd\ne\n", "a\nb\nc\nd\n", "a\nc\nd\n"),
        ("", "", ""),
        ("", BASE, ""),
    ],
)
def test_edits_of_different_lines_come_together(mine: str, theirs: str, together: str) -> None:
    assert merged(BASE, mine, theirs) == together
    assert merged(BASE, theirs, mine) == together


@pytest.mark.parametrize(
    "mine, theirs",
    [
        ("a\nB\nc\nd\ne\n", "a\nbb\nc\nd\ne\n"),
        ("a\nc\nd\ne\n", "a\nB\nc\nd\ne\n"),
        ("", "a\nb\nc\nd\nE\n"),
        ("a\nb\nx\nc\nd\ne\n", "a\nb\ny\nc\nd\ne\n"),
    ],
)
def test_different_edits_of_the_same_lines_do_not(mine: str, theirs: str) -> None:
    assert merged(BASE, mine, theirs) is None
    assert merged(BASE, theirs, mine) is None


TEXTS = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d", ""]), max_size=8).map("".join)


@given(TEXTS, TEXTS)
def test_who_alone_edited_is_right(base: str, edited: str) -> None:
    assert merged(base, base, edited) == edited
    assert merged(base, edited, base) == edited
    assert merged(base, edited, edited) == edited


@given(TEXTS, TEXTS, TEXTS)
def test_no_new_line_of_either_is_lost(base: str, mine: str, theirs: str) -> None:
    found = merged(base, mine, theirs, leans="both")

    assert found is not None
    assert merged(base, mine, theirs) in (None, found)
    assert merged(base, mine, theirs) == merged(base, theirs, mine)
    new = set(mine.split("\n")) | set(theirs.split("\n"))
    assert new - set(base.split("\n")) <= set(found.split("\n"))
