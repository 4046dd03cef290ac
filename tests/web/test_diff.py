"""A diff shows what changed with a little around it, and inside a line which words."""

from __future__ import annotations

import pytest

from postmortems.web import diff
from postmortems.web.diff import Line


def shown(lines: list[Line]) -> list[str]:
    """Each line as a sign and its text, changed parts in brackets."""
    signs = {"same": " ", "added": "+", "removed": "-", "gap": "…"}
    return [
        signs[line.kind] + "".join(f"[{text}]" if is_changed else text for is_changed, text in line.parts)
        for line in lines
    ]


@pytest.mark.parametrize(
    "before, after, expected",
    [
        ("same\n", "same\n", []),
        ("", "", []),
        ("", "first\n", ["+[first]"]),
        ("gone\n", "", ["-[gone]"]),
        (
            "down for one hour\n",
            "down for two hours\n",
            ["-down for [one hour]", "+down for [two hours]"],
        ),
        ("a\n", "a\nb\n", [" a", "+[b]"]),
    ],
)
def test_lines_and_words_that_changed_are_marked(before: str, after: str, expected: list[str]) -> None:
    assert shown(diff.lines(before, after)) == expected


def test_three_lines_stand_around_a_change_and_gaps_for_the_rest() -> None:
    before = "\n".join(str(number) for number in range(20))

    lines = diff.lines(before, before.replace("10", "ten"))

    assert shown(lines) == ["…", " 7", " 8", " 9", "-[10]", "+[ten]", " 11", " 12", " 13", "…"]
    assert [line.old for line in lines if line.kind == "removed"] == [11]
    assert [line.new for line in lines if line.kind == "added"] == [11]


def test_nothing_of_either_text_is_lost() -> None:
    before, after = "one two\nthree\nfour\n", "one 2\nthree four\nfive\nsix\n"

    lines = diff.lines(before, after)

    for text, kinds in ((before, {"same", "removed"}), (after, {"same", "added"})):
        told = ["".join(part for _, part in line.parts) for line in lines if line.kind in kinds]
        assert told == text.splitlines()


def test_very_long_lines_are_compared_by_words_too() -> None:
    before = "word " * 3000

    removed, added = diff.lines(before, f"{before}more ")

    assert [text for is_changed, text in added.parts if is_changed] == ["more "]
    assert not any(is_changed for is_changed, _ in removed.parts)
