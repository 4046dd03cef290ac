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
        # In the order of the page, whatever their numbers; what was taken out leaves no hole.
        (
            [("rows.10.text", "first"), ("rows.2.text", "last"), ("rows.10.title", "same row")],
            {"rows": [{"text": "first", "title": "same row"}, {"text": "last"}]},
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


@pytest.mark.parametrize(
    "text, zone, instant",
    [
        ("2026-10-24T18:00", "Europe/Berlin", "2026-10-24T18:00:00+02:00"),
        ("2026-10-25T01:59", "Europe/Berlin", "2026-10-25T01:59:00+02:00"),
        # It comes twice: the first, so that nothing lasts longer than meant.
        ("2026-10-25T02:30", "Europe/Berlin", "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T03:00", "Europe/Berlin", "2026-10-25T03:00:00+01:00"),
        ("2027-03-28T01:59", "Europe/Berlin", "2027-03-28T01:59:00+01:00"),
        ("2027-03-28T03:00", "Europe/Berlin", "2027-03-28T03:00:00+02:00"),
        ("2027-03-28T02:30", "", "2027-03-28T02:30:00+00:00"),
        # It says itself what it means.
        ("2026-10-25T02:30:00+01:00", "Europe/Berlin", "2026-10-25T02:30:00+01:00"),
    ],
)
def test_a_forms_clock_is_an_instant_by_the_zone_beside_it(text: str, zone: str, instant: str) -> None:
    assert forms.instant(text, zone, "until") == instant


@pytest.mark.parametrize(
    "text, zone, pointer, told",
    [
        ("2027-03-28T02:00", "Europe/Berlin", "/until", "the clocks go forward over it"),
        ("2027-03-28T02:59", "Europe/Berlin", "/until", "the clocks go forward over it"),
        ("soon", "Europe/Berlin", "/until", "is no time"),
        ("", "Europe/Berlin", "/until", "is no time"),
        ("0001-01-01T00:00", "Europe/Berlin", "/until", "is no time"),
        ("2027-03-28T02:00", "Mars/Olympus", "/zone", "is no zone"),
        ("2027-03-28T02:00", "Europe", "/zone", "is no zone"),
        ("2027-03-28T02:00", "../../etc/passwd", "/zone", "is no zone"),
        ("2027-03-28T02:00", "Europe/Ber\0lin", "/zone", "is no zone"),
        ("2027-03-28T02:00", "E" * 5_000, "/zone", "is no zone"),
    ],
)
def test_a_forms_clock_that_shows_no_time_is_told_at_its_field(
    text: str, zone: str, pointer: str, told: str
) -> None:
    with pytest.raises(Invalid, match=told) as refused:
        forms.instant(text, zone, "until")

    assert [problem.pointer for problem in refused.value.problems] == [pointer]
