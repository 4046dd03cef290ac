"""Two edits of one text, brought together line by line."""

from __future__ import annotations

import pytest

from postmortems.incidents.merging import merged

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
