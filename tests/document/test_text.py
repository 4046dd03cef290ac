"""Words that must not be lost, and links in any form."""

from __future__ import annotations

import pytest

from postmortems.document.markdown.references import References
from postmortems.document.text import is_all_there, links, tidy


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


def test_only_blank_lines_at_the_ends_go() -> None:
    assert tidy("\ufeff\r\n \t\r\n    code  \r\n\r\n\u00a0\r\nend \r\n") == "    code  \n\n\u00a0\nend"
