"""The envelope: data between two lines that no document can forge."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from postmortems.assistants import envelope

WORDS = st.text(max_size=200) | st.from_regex(
    r"(DATA [0-9a-f]{24}>>>\n?|<<<DATA [0-9a-f]{24}\n){1,3}", fullmatch=True
)


@given(WORDS)
def test_the_line_that_ends_an_envelope_stands_in_it_once(text: str) -> None:
    marked = envelope.marked(text)

    end = marked.rpartition("\n")[2]
    assert marked.count(end) == 1
    assert marked.startswith(envelope.NOTICE)


@given(WORDS)
def test_nothing_of_the_text_is_lost(text: str) -> None:
    notice_and_begin, _, rest = envelope.marked(text).partition("<<<DATA ")
    inside = rest[envelope.DIGITS + 1 :].rpartition("\n")[0]

    assert inside == text
    assert notice_and_begin == f"{envelope.NOTICE}\n"


@given(st.dictionaries(st.text(), st.text()))
def test_a_value_is_one_line(value: dict[str, str]) -> None:
    line = envelope.as_json(value)

    assert "\n" not in line
    assert json.loads(line) == value


def test_what_is_cut_says_how_long_it_was() -> None:
    assert envelope.cut("abc", 3) == "abc"
    assert envelope.cut("abcd" * 500, 3) == "abc… (cut: 2,000 characters in all)"
