"""What is odd about a document is told with its line."""

from __future__ import annotations

import pytest

from postmortems.document.lint import warnings
from postmortems.document.markdown import parser

TOLD = "it begins with a time, and is read as part of the entry at {}"


def merged(text: str) -> list[tuple[int, str, str]]:
    """The warnings about lines that may be entries: line, words and what is said."""
    found = warnings.of(parser.parse(text), text)
    return [(each.line, each.words, each.text) for each in found if "begins with a time" in each.text]


@pytest.mark.parametrize(
    "body, line, words, entry",
    [
        ("- 10:00 first\n- 10:05 compared with\n  10:02 of before", 7, "10:02 of before", "10:05"),
        ("- 10:00 first\n  - 10:05 below it", 6, "- 10:05 below it", "10:00"),
        ("- 10:00 first\n\n  **10:05** apart", 7, "**10:05** apart", "10:00"),
        ("### 10:00\n\nfirst\n10:05 second", 8, "10:05 second", "10:00"),
        ("| Time | What |\n|---|---|\n| 10:00 | first |\n\n> 10:05 quoted", None, "", ""),
        ("### 10:00\n\n```\n10:05 a log\n```", None, "", ""),
        ("### 10:00\n\nUntil 10:05 nobody knew.", None, "", ""),
        ("### 10:00\n\n- 2 hosts\n- 10 % of requests", None, "", ""),
        ("### 2024-03-18\n\n10:05 first\n10:10 second", None, "", ""),
    ],
)
def test_a_line_inside_an_entry_that_begins_with_a_time_is_told(
    body: str, line: int | None, words: str, entry: str
) -> None:
    found = merged(f"# R 2024-03-18\n\n## Timeline\n\n{body}\n")

    assert found == ([] if line is None else [(line, words, TOLD.format(entry))])


def test_a_warning_is_the_same_when_the_document_is_read_again() -> None:
    text = "# R 2024-03-18\n\n## Timeline\n\n- 10:00 a\n  - 10:05 b\n- 10:10 c\n"
    written = parser.write(parser.parse(text))

    assert [each[1:] for each in merged(written)] == [each[1:] for each in merged(text)]
