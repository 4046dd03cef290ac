"""Words that must not be lost, and links in any form."""

from __future__ import annotations

import pytest

from postmortems.document.markdown.references import References
from postmortems.document.text import is_all_there, links, tidy, words


@pytest.mark.parametrize(
    "text, found",
    [
        ("see https://example.org/1.", ["https://example.org/1"]),
        ("([issue](https://example.org/1))", ["https://example.org/1"]),
        ("<https://example.org/a_(b)>", ["https://example.org/a_(b)"]),
        ("(https://example.org/a_(b))", ["https://example.org/a_(b)"]),
        ("[#1][one] and [two]", ["https://example.org/1", "https://example.org/2"]),
        ("[ONE][]", ["https://example.org/1"]),
        ("[three] https://example.org/1 https://example.org/1", ["https://example.org/1"]),
        (
            "{{[x](https://example.org/1)}} [y](https://example.org/2)]",
            ["https://example.org/1", "https://example.org/2"],
        ),
        ("![image](x.png)", []),
    ],
)
def test_a_link_is_found_in_any_form(text: str, found: list[str]) -> None:
    references = References(
        ["[one]: https://example.org/1 'title'\n[Two]: <https://example.org/2>\n[^1]: a note"]
    )

    assert list(links(text, references.targets())) == found


def test_every_definition_of_a_block_is_found() -> None:
    text = (
        "[a]: https://example.org/1\n[b]: <https://example.org/2> 'b'\n[c]:\n  https://example.org/3\n[d]: e"
    )

    assert References([f"{text}\n[d]: e"]).targets() == {
        "a": "https://example.org/1",
        "b": "https://example.org/2",
        "c": "https://example.org/3",
        "d": "e",
    }


def test_a_word_that_came_twice_must_be_there_twice() -> None:
    assert is_all_there("one two one", "one, one, two")
    assert not is_all_there("one two one", "one two")
    assert not is_all_there("error 4902", "error")


# A tag that goes on in the next line takes along words that are its own; lines that stand elsewhere do not.
WRITTEN_OTHERWISE = [
    ("the same lines in another order", "one\ntwo\nthree 456", "three 456\none\ntwo", True),
    ("a line came twice", "one\none", "one\ntwo", False),
    ("words of one line in two", "one two\nthree", "one\ntwo\nthree", True),
    ("a word in a line that is there once more", "one\none two", "one\none", False),
    ("a tag over two lines is gone", "one<br\nclass='x'>two", "one\ntwo", True),
    ("a tag over two lines, and one is there too", "<p\nrows\n>one", "rows\none", True),
    ("words behind a sign that is no tag", "a < b\ncause\n", "a < b", False),
    ("what was in a tag is text", "rows", "<p\nrows\n>", False),
    ("a mark of ours", "one {.entry}\ntwo", "one\ntwo", True),
]


@pytest.mark.parametrize(
    "source, written, is_there",
    [row[1:] for row in WRITTEN_OTHERWISE],
    ids=[row[0] for row in WRITTEN_OTHERWISE],
)
def test_a_word_is_looked_for_in_all_lines(source: str, written: str, is_there: bool) -> None:
    assert is_all_there(source, written) is is_there
    assert is_there is (words(source) <= words(written))


def test_only_blank_lines_at_the_ends_go() -> None:
    assert tidy("\ufeff\r\n \t\r\n    code  \r\n\r\n\u00a0\r\nend \r\n") == "    code  \n\n\u00a0\nend"
