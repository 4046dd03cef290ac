"""What is shown around the words that were searched for."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.incidents import search_snippets


def shown(text: str, words: str) -> str:
    """The parts as one text, hits in brackets."""
    pattern = search_snippets._pattern(words)
    assert pattern is not None
    return "".join(f"[{part}]" if is_hit else part for is_hit, part in search_snippets.around(text, pattern))


@pytest.mark.parametrize(
    "text, words, expected",
    [
        ("The hub is down.", "hub", "The [hub] is down."),
        ("The HUB is down, the hub!", "hub", "The [HUB] is down, the [hub]!"),
        ("One line\nand another", "line another", "One [line] and [another]"),
        ("---\ntitle: hub\n---\n\nThe hub.", "hub", "The [hub]."),
        ("Die Straße ist", "STRASSE", "Die [Straße] ist"),
        ("in İstanbul, ISTANBUL", "istanbul", "in [İstanbul], [ISTANBUL]"),
        ("Ошибка!", "ошибка", "[Ошибка]!"),
        ("u\u0308ber ÜBER", "über", "[über] [ÜBER]"),
        ("İİİİ ß uber", "UBER", "İİİİ ß [uber]"),
        ("ﬁle", "i", "[ﬁ]le"),
        ("ßs", "s", "[ß][s]"),
        ("lab hub users and\nlab\nusers", '"lab users"', "lab hub users and [lab users]"),
        ("lab users lab", '"lab users" lab', "[lab users] [lab]"),
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
    assert len(cut) < 2 * search_snippets.AROUND + 20


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(["hub", "ÜBER", "ss", '"a b"']))
def test_marking_loses_no_character(before: str, words: str) -> None:
    text = f"{before} hub über ß a b {before}"

    parts = search_snippets.around(text, search_snippets._pattern(words) or re.compile(""))

    assert any(is_hit for is_hit, _ in parts)
    shown = "".join(part for _, part in parts).removeprefix("… ").removesuffix(" …")
    assert shown.strip() in " ".join(
        search_snippets.MARKS.sub(" ", search_snippets.search_words.composed(text)).split()
    )
