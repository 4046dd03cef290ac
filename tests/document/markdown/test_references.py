"""What one part of a document defines, another may use: links and footnotes, wherever they stand."""

from __future__ import annotations

import pytest

from postmortems.document.markdown.references import References

USE = "See [the issue][163] and [b], noted[^1]."


@pytest.mark.parametrize(
    "elsewhere, handed",
    [
        ("[163]: https://example.org/163", "[163]: <https://example.org/163>"),
        (
            "[163]: https://example.org/1 'So'\n[b]: <x y>",
            "[163]: <https://example.org/1> 'So'\n\n[b]: <x y>",
        ),
        ("[B]:\n  https://example.org/2\n  (two)", "[B]: <https://example.org/2> (two)"),
        ("[b]: one\n[b]: two", "[b]: <one>"),
        ("- a list\n\n  [b]: inside", "[b]: <inside>"),
        ("> [b]: quoted", "[b]: <quoted>"),
        ("[^1]: A note.", "[^1]: A note."),
        ("[^1]: A note\nthat goes on.\n[^2]: Another.", "[^1]: A note\n    that goes on."),
        ("[^1]: A note\n\n    with two parts.", "[^1]: A note\n\n    with two parts."),
        ("[^1]: A note of [x].\n\n[x]: y", "[^1]: A note of [x].\n\n[x]: <y>"),
        ("Words.\n[b]: is no definition amid a paragraph", ""),
        ("[b]: two words", ""),
        ("[c]: nobody", ""),
        ("```\n[b]: code\n```", ""),
        ("    [b]: code", ""),
        ("[b]:", ""),
        ("[ ]: x", ""),
    ],
)
def test_a_part_is_handed_what_it_uses(elsewhere: str, handed: str) -> None:
    assert References([USE, elsewhere]).for_text(USE) == handed


def test_a_part_is_not_handed_what_it_defines_itself() -> None:
    text = "See [b].\n\n[b]: mine"

    assert References(["[b]: other", text]).for_text(text) == ""


@pytest.mark.parametrize(
    "text, shown",
    [("[^2]: Nobody refers to it.", "\\[^2]: Nobody refers to it."), ("[^1]: One.", "[^1]: One.")],
)
def test_a_note_without_its_mark_is_text(text: str, shown: str) -> None:
    assert References([USE, text]).shown(text) == shown
