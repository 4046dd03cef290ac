"""Titles that stand among what is known of an incident."""

from __future__ import annotations

import pytest

from postmortems.document.readers import html
from postmortems.document.readers.editors import stated_titles

STATED = {
    "in a table": ("<table><tr><td>Incident:</td><td>Hub down</td></tr></table>", "Hub down"),
    "in the body of a table": (
        "<table><tbody><tr><td>No</td></tr><tr><td>Title</td><td>Hub down</td></tr></tbody></table>",
        "Hub down",
    ),
    "on a line": ("<p>Lead: Ada</p><p><b>Title:</b> Hub down</p>", "Hub down"),
    "behind a heading": ("<h1>Summary</h1><p>Title: Hub down</p>", ""),
    "an empty one": ("<p>Title:</p>", ""),
    "another key": ("<p>Status: done</p>", ""),
    "in a table of three": ("<table><tr><td>Title</td><td>Hub</td><td>x</td></tr></table>", ""),
}


@pytest.mark.parametrize("text, title", STATED.values(), ids=STATED.keys())
def test_a_title_is_found_among_keys_above_all_headings(text: str, title: str) -> None:
    assert stated_titles.found(html.parsed(text).children) == title
