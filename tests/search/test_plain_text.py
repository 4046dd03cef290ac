"""Markdown as one reads it aloud."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.search.plain_text import MARKED, _unmarked, plain


@pytest.mark.parametrize(
    "text, expected",
    [
        ("A **bold** and _slanted_ `word`", "A bold and slanted word"),
        ("snake_case and 2 * 3 * 4", "snake_case and 2 * 3 * 4"),
        ("## Summary\n\n- one\n  * two\n1. three", "Summary\none\ntwo\nthree"),
        ("> said\n- [ ] to do", "said\nto do"),
        ('see [the docs](https://x.example "a") and ![a picture](p.png)', "see the docs and a picture"),
        ("[a][b] [c]", "a [c]"),
        ("<https://x.example/a> <!-- note --> <br>b</br>", "https://x.example/a b"),
        ("1 < 2 > 0", "1 < 2 > 0"),
        ("```sh\nrm -r x\n```", "rm -r x"),
        ("a | b\n---|---\n1 | 2", "a b\n1 2"),
        (r"\*not bold\*", "*not bold*"),
        ("~~gone~~", "gone"),
        ("-5 degrees", "-5 degrees"),
    ],
)
def test_marks_are_left_out_and_words_stay(text: str, expected: str) -> None:
    assert plain(text) == expected


@given(st.text("*_~`[]()<>!#|-\\ ab\n", max_size=400))
def test_any_text_has_a_plain_form(text: str) -> None:
    assert plain(text).count("a") <= text.count("a")


@given(st.text("*_~`[]()<>!#|-+=:\\ ab1.\n\t\ue021", max_size=8))
def test_what_seems_to_have_no_marks_has_none(text: str) -> None:
    assert MARKED.search(text) or _unmarked(text).split() == text.split()
