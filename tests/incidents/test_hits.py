"""What is shown around the words that were searched for."""

from __future__ import annotations

import re

import pytest

from postmortems.incidents import hits


def shown(text: str, words: str) -> str:
    """The parts as one text, hits in brackets."""
    pattern = re.compile("|".join(map(re.escape, words.split())), re.IGNORECASE)
    return "".join(f"[{part}]" if is_hit else part for is_hit, part in hits.around(text, pattern))


@pytest.mark.parametrize(
    "text, words, expected",
    [
        ("The hub is down.", "hub", "The [hub] is down."),
        ("The HUB is down, the hub!", "hub", "The [HUB] is down, the [hub]!"),
        ("One line\nand another", "line another", "One [line] and [another]"),
        ("---\ntitle: hub\n---\n\nThe hub.", "hub", "The [hub]."),
        ("Straße", "STRASSE", ""),
        ("nothing here", "hub", ""),
        ("a.b", "a.b", "[a.b]"),
        ("axb", "a.b", ""),
        ("---\ntitle: hub\n---\n\nNothing.", "hub", "title: [hub] Nothing."),
        ("---\nno end of front matter, hub", "hub", "no end of front matter, [hub]"),
        ("## Summary\n\n- the hub", "hub", "Summary the [hub]"),
    ],
)
def test_hits_are_marked_in_the_text_around_the_first(text: str, words: str, expected: str) -> None:
    assert shown(text, words) == expected


def test_long_texts_are_cut_around_the_hit() -> None:
    text = "word " * 100 + "hub" + " word" * 100

    cut = shown(text, "hub")

    assert cut.startswith("… ")
    assert cut.endswith(" …")
    assert len(cut) < 2 * hits.AROUND + 20
