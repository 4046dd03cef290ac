"""Which of the places that mention somebody are new in an edit."""

from __future__ import annotations

import pytest

from postmortems.incidents.mentions import places
from postmortems.incidents.mentions.places import Moves

MEANT = {"sam": "sam", "Sam": "sam", "kim": "kim"}
# What stood, what stands, and what became of sam's mentions.
EDITS = {
    "nothing": ({}, {}, Moves()),
    "a first mention": ({}, {"a": "ask @sam"}, Moves(came=("a",))),
    "two places": ({}, {"a": "@sam", "b": "@sam"}, Moves(came=("a", "b"))),
    "twice in one place": ({}, {"a": "@sam and\n@sam"}, Moves(came=("a",))),
    "the same": ({"a": "@sam"}, {"a": "@sam"}, Moves()),
    "other words around it": ({"a": "@sam"}, {"a": "ask @sam now"}, Moves()),
    "other capitals": ({"a": "@sam"}, {"a": "@Sam"}, Moves()),
    "once more in the same place": ({"a": "@sam"}, {"a": "@sam\n\n@sam"}, Moves()),
    "taken out": ({"a": "@sam"}, {"a": "nobody"}, Moves(went=("a",))),
    "into code": ({"a": "@sam"}, {"a": "`@sam`"}, Moves(went=("a",))),
    "a line that moved": (
        {"a": "one\nask @sam"},
        {"a": "one", "b": "ask  @sam\ntwo"},
        Moves(moved=(("a", "b"),)),
    ),
    "a list that moved": ({"a": "- @sam"}, {"b": "* @sam"}, Moves(moved=(("a", "b"),))),
    "another line elsewhere": ({"a": "thank @sam"}, {"b": "ask @sam"}, Moves(came=("b",), went=("a",))),
    "a line that was copied": ({"a": "@sam"}, {"a": "@sam", "b": "@sam"}, Moves(came=("b",))),
    "moved and copied": ({"a": "@sam"}, {"b": "@sam", "c": "@sam"}, Moves(came=("c",), moved=(("a", "b"),))),
    "two that changed places": ({"a": "1 @sam", "b": "2 @sam"}, {"b": "1 @sam", "a": "2 @sam"}, Moves()),
    "somebody else": ({}, {"a": "@kim, @nobody and @sam.x"}, Moves()),
    "a link elsewhere": ({}, {"a": "[@sam][x]", "b": "[x]: https://example.org"}, Moves()),
}


@pytest.mark.parametrize("before, after, wanted", EDITS.values(), ids=EDITS)
def test_an_edit_is_news_where_it_mentions_somebody_anew(
    before: dict[str, str], after: dict[str, str], wanted: Moves
) -> None:
    was, now = (
        places.by_person(places.said(each, other), MEANT).get("sam", {})
        for each, other in ((before, after), (after, before))
    )

    assert places.moves(was, now) == wanted
