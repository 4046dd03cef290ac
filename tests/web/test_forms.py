"""Posted names become the nested values that JSON would have brought; messages find back to their names."""

from __future__ import annotations

from typing import Any

import pytest

from postmortems.errors import Invalid, Problem
from postmortems.web import forms


@pytest.mark.parametrize(
    "pairs, nested",
    [
        ([], {}),
        ([("title", "It broke")], {"title": "It broke"}),
        ([("a.b.c", "x")], {"a": {"b": {"c": "x"}}}),
        ([("rows.0.text", "one"), ("rows.1.text", "two")], {"rows": [{"text": "one"}, {"text": "two"}]}),
        # In the numbers' order, however they came; what was taken out leaves no hole.
        (
            [("rows.10.text", "last"), ("rows.2.text", "first")],
            {"rows": [{"text": "first"}, {"text": "last"}]},
        ),
        ([("guards[]", "a"), ("guards[]", "b")], {"guards": ["a", "b"]}),
        ([("rows.0.guards[]", "a")], {"rows": [{"guards": ["a"]}]}),
        # Browsers send \r\n; a form's text has \n.
        ([("text", "one\r\ntwo\rthree")], {"text": "one\ntwo\nthree"}),
        # A field that came twice keeps its first value: our forms have each once.
        ([("title", "one"), ("title", "two")], {"title": "one"}),
    ],
)
def test_names_are_paths(pairs: list[tuple[str, str]], nested: dict[str, Any]) -> None:
    assert forms.nest(pairs) == nested


@pytest.mark.parametrize(
    "pairs",
    [
        [("a", "x"), ("a.b", "y")],
        [("a.b", "x"), ("a", "y")],
        [("a[]", "x"), ("a.b", "y")],
        [("a.b", "x"), ("a[]", "y")],
        [("a", "x"), ("a[]", "y")],
        [(".".join("abcdefghij"), "too deep")],
        [("rows.123456.text", "too far down")],
    ],
)
def test_names_that_contradict_each_other_or_go_too_deep_are_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(Invalid, match="form"):
        forms.nest(pairs)


def test_messages_are_told_by_the_name_of_their_field() -> None:
    problems = [
        Problem("/sections/2/blocks/0/due", "no date"),
        Problem("/sections/2/blocks/0/due", "and in the past"),
        Problem("/a~1b/c~0d", "escaped"),
        Problem("", "all of it"),
    ]

    assert forms.flatten(problems) == {
        "sections.2.blocks.0.due": ["no date", "and in the past"],
        "a/b.c~d": ["escaped"],
        "": ["all of it"],
    }
