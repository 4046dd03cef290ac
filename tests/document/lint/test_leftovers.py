"""What is told of a text that is unfinished or broken: the line, the author's words, and what came of it."""

from __future__ import annotations

import pytest

from postmortems.document.lint import leftovers

ODD = [
    ("---\ntitle: A\nno key\n---\n", 3, "no key", "no `key: value`, so the front matter is kept as text"),
    ("---\ntitle: A\n", 1, "---", "front matter begins here and no --- ends it, so it is kept as text"),
    ("+++\ntitle = A\n+++\n", 2, "title = A", "no TOML, so the front matter is kept as text"),
    ("---\ntitle: A\n\tdate: 2020-01-01\n---\n", 2, "title: A",
     "no title that can be read, so this is kept as it is written"),
    ("---\nauthor: B\nservices: {a: [}\n---\n", 3, "services: {a: [}",
     "no services that can be read, so this is kept as it is written"),
    ("---\ntitle: A\nauthor: B\ntitle: C\n---\n", 4, "title: C",
     "title is there twice; the first counts, so this is kept as it is written"),
    ("---\ntags: a b\n---\n", 2, "tags: a b", "no tags that can be read, so this is kept as it is written"),
    ("---\ntags: a, , b\n---\n", 2, "tags: a, , b",
     "no tags that can be read, so this is kept as it is written"),
    ("---\ntags: 'a, b'\n---\n", 2, "tags: 'a, b'",
     "no tags that can be read, so this is kept as it is written"),
]  # fmt: skip
FINE = [
    "---\ntitle: A\ntags: outage, dns\n---\n",
    "---\ntitle: A: B\ndate: 2020-01-02\ntags: [a, b]\nauthor: {name: C}\n---\n\nWords.\n",
    "+++\ntitle = 'A'\n+++\n",
    "---\n\nA text between rules.\n\n---\n",
    "Words alone.\n",
    "",
]


@pytest.mark.parametrize("text, line, words, told", ODD)
def test_front_matter_that_cannot_be_read_is_told_by_its_line(
    text: str, line: int, words: str, told: str
) -> None:
    assert leftovers.slips(text.splitlines(), []) == [leftovers.Slip("front", line, words, told)]


@pytest.mark.parametrize("text", FINE)
def test_what_can_be_read_is_no_slip(text: str) -> None:
    assert leftovers.slips(text.splitlines(), []) == []


# What a text says of "TODO" => whether somebody meant to come back to it.
TO_DO = {
    "## TODO\n\n- Add an alert\n": False,
    "## Action items / TODO\n\n1. Add an alert\n": False,
    "**Tasks (TODO):**\n\n- [ ] Add an alert\n": False,
    "TODO list:\n- Add an alert\n": False,
    "**TODO**\n\n| Action | Owner |\n|---|---|\n| Add an alert | Jane |\n": False,
    "## Summary\n\nTODO\n": True,
    "## TODO\n": True,
    "## TODO\n\nAsk Jane what it was.\n": True,
    "## Summary (TODO)\n\n- Queue full\n": True,
    "TODO: describe the impact:\n\n- Queue full\n": True,
    "- TODO\n- Add an alert\n": True,
    "- Add an alert TODO:\n  - Jane\n": True,
}


@pytest.mark.parametrize("text, is_left", TO_DO.items())
def test_todo_is_what_a_list_may_be_called(text: str, is_left: bool) -> None:
    slips = leftovers.slips(text.splitlines(), [])

    assert [slip.words for slip in slips if slip.kind == "template"] == ["TODO"] * is_left
