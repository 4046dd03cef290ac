"""Lists of items below other names than ours, or below sentences: what is one, and what only looks so."""

from __future__ import annotations

import pytest

from postmortems.document.markdown import parser
from postmortems.document.markdown.items import item_groups, item_states
from postmortems.document.text import is_all_there

LIST = "- Add an alert\n- Raise the limit\n"
ITEMS = ["Add an alert", "Raise the limit"]

# A line over a list => whether what is in the list is to be done.
LINES = {
    "We will:": True,
    "To prevent this, we will:": True,
    "To make sure that this does not happen again, we're going to do the following:": True,
    "We’ve agreed to:": True,
    "The following actions were agreed:": True,
    "Next steps:": True,
    "*Action items*": True,
    "**TODO:**": True,
    "The queue was full.\nWe plan to:": True,
    "We will": False,
    "We did the following:": False,
    "We had to restart these:": False,
    "The following services were affected:": False,
    "What went well:": False,
    "The queue has these parts:": False,
    "References:": False,
    "*Timeline*": False,
    "": False,
}


@pytest.mark.parametrize("line, is_one", LINES.items())
def test_a_line_over_a_list_may_promise_what_is_in_it(line: str, is_one: bool) -> None:
    assert item_groups.is_promise(line) == is_one


# A section of something else => the items in it, each with its owner.
SECTIONS: dict[str, list[tuple[str, str]]] = {
    f"## Root cause\n\nThe queue was full.\n\nWe will:\n\n{LIST}": [(text, "") for text in ITEMS],
    f"## Root cause\n\nThe queue was full. We did this:\n\n{LIST}": [],
    "## Root cause\n\nWe will never know:\n\n- which disk failed first\n- why nobody saw it\n": [],
    "## Afterwards\n\n- Add an alert (owner: Jane)\n- Raise the limit (owner: Bob)\n": [
        ("Add an alert", "Jane"),
        ("Raise the limit", "Bob"),
    ],
    "## Afterwards\n\n- @jane: add an alert\n- @bob: raise the limit\n": [
        ("add an alert", "@jane"),
        ("raise the limit", "@bob"),
    ],
    "## Afterwards\n\n- Add an alert (owner: Jane)\n- The limit was too low\n": [],
    "## Afterwards\n\n- Add an alert (owner: Jane)\n": [],
    "## People\n\n- @jane: commander\n- @bob: scribe\n": [],
    "## Impact\n\n- Add to cart failed (owner: Jane)\n- Raise hand failed (owner: Bob)\n": [],
    f"## Steps to reproduce\n\n{LIST}": [],
    f"## Recovery\n\n{LIST}": [],
    f"## Actionables\n\n{LIST}": [(text, "") for text in ITEMS],
    f"## Going forward\n\n{LIST}": [(text, "") for text in ITEMS],
    f"## How will we stop this from happening again?\n\n{LIST}": [(text, "") for text in ITEMS],
}


@pytest.mark.parametrize("section, items", SECTIONS.items())
def test_items_are_read_where_their_section_has_another_name(
    section: str, items: list[tuple[str, str]]
) -> None:
    text = f"# Hub down\n\n{section}"

    document = parser.parse(text)

    assert [(item.text, item.owner) for item in document.items] == items
    assert parser.parse(parser.write(document)) == document
    assert is_all_there(text, parser.write(document))


# What stands below "Action items" => the items, each with owner and state.
GROUPS: dict[str, list[tuple[str, str, str]]] = {
    "- Jane\n  - Add an alert\n- Bob\n  - Raise the limit\n": [
        ("Add an alert", "Jane", ""),
        ("Raise the limit", "Bob", ""),
    ],
    "- Detection:\n  - Add an alert\n- Prevention:\n  - Raise the limit\n": [
        ("Add an alert", "", ""),
        ("Raise the limit", "", ""),
    ],
    "- Kafka\n  - it is too slow\n- Redis\n  - it is too small\n": [
        ("Kafka\n- it is too slow", "", ""),
        ("Redis\n- it is too small", "", ""),
    ],
    "- Improve the monitoring\n  - Add an alert\n": [("Improve the monitoring\n- Add an alert", "", "")],
    "### Jane Doe\n\n- Add an alert\n\n### Web team\n\n- Raise the limit\n- Warn Bob (owner: Ann)\n": [
        ("Add an alert", "Jane Doe", ""),
        ("Raise the limit", "Web team", ""),
        ("Warn Bob", "Ann", ""),
    ],
    "### Monitoring\n\n- Add an alert\n": [("Add an alert", "", "")],
    "### Our team\n\n- Add an alert\n": [("Add an alert", "", "")],
    "### Add an alert\n\nOwner: Jane\n\nIt was late.\n": [("Add an alert\n\nIt was late.", "Jane", "")],
    "### Alert system\n\n**Done**: review who has access\n": [("review who has access", "", "done")],
    "**Add an alert**\nOwner: Jane\n\n**Raise the limit**\nOwner: Bob\n": [
        ("**Add an alert**", "Jane", ""),
        ("**Raise the limit**", "Bob", ""),
    ],
    "Add an alert\nRaise the limit\n": [("Add an alert", "", ""), ("Raise the limit", "", "")],
    "We talked about it\nand will see\n": [],
    "Jane will add an alert. Bob will raise the limit.\n": [
        ("Jane will add an alert.", "Jane", ""),
        ("Bob will raise the limit.", "Bob", ""),
    ],
    "Kafka will be replaced. Bob will raise the limit.\n": [],
    "### Immediate actions (completed)\n\n- Add an alert\n": [("Add an alert", "", "done")],
    "The following items are already completed:\n\n- Add an alert\n\nStill open:\n\n- Raise the limit\n": [
        ("Add an alert", "", "done"),
        ("Raise the limit", "", "open"),
    ],
    "We talk about what is done:\n\n- Add an alert\n": [("Add an alert", "", "")],
    "How we know that it is complete is written here:\n\n- Add an alert\n": [("Add an alert", "", "")],
}


# What a list of items is called => the state of what is in it; "" for one that says none.
NAMES = {
    "Actions already taken": "done",
    "Actions taken already": "done",
    "Actions we have already taken": "done",
    "Tasks completed so far": "done",
    "Follow-ups: done": "done",
    "Actions in progress": "in_progress",
    "Actions still open": "open",
    "Actions not started": "open",
    "Already done": "done",
    "Actions taken": "",
    "Actions to be taken": "",
    "Actions": "",
    "Tasks taken from the backlog": "",
    "Fixes for what is done": "",
}


@pytest.mark.parametrize("name, status", NAMES.items())
def test_what_a_list_is_called_may_say_the_state_of_what_is_in_it(name: str, status: str) -> None:
    assert item_states.of_label(name) == status


@pytest.mark.parametrize(
    "name, status", [("Actions already taken", "done"), ("Actions still open", ""), ("Next steps", "")]
)
def test_items_have_the_state_that_their_section_is_called_by(name: str, status: str) -> None:
    document = parser.parse(f"# Hub down\n\n## {name}\n\n{LIST}")

    assert [(item.text, item.status) for item in document.items] == [(text, status) for text in ITEMS]
    assert parser.parse(parser.write(document)) == document


@pytest.mark.parametrize("below, items", GROUPS.items())
def test_what_stands_over_items_says_whose_they_are_and_how_far(
    below: str, items: list[tuple[str, str, str]]
) -> None:
    text = f"# Hub down\n\n## Action items\n\n{below}"

    document = parser.parse(text)

    assert [(item.text, item.owner, item.status) for item in document.items] == items
    assert parser.parse(parser.write(document)) == document
    assert is_all_there(text, parser.write(document))
