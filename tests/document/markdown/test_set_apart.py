"""Times and items that stand in fences, quotations, boxes and tabs."""

from __future__ import annotations

import pytest

from postmortems.document.markdown import parser

TIMES = {
    "```\n10:00 down\n10:30 up\n```": ["10:00", "10:30"],
    "~~~\n- 10:00 down\n- 10:30 up\n~~~": ["10:00", "10:30"],
    "```text\n10:00 down\n10:30 up\n```": [],
    "```console\n10:00 boot\n10:30 login\n```": [],
    "```\n10:00:01 ERROR no route\n10:00:02 WARN again\n```": [],
    "```\nsyslog:\n10:00 down\n10:30 up\n```": [],
    "```\n10:00 down\n```": [],
    "```\n10:00 down\n10:30 up\na\nb\nc\n```": [],
    "    10:00 down\n    10:30 up": ["10:00", "10:30"],
    "    10:00:01 ERROR no route\n    10:00:02 WARN again": [],
    "    boot\n    10:00 down": [],
    "> 10:00 down\n> 10:30 up": ["10:00", "10:30"],
    "> [!NOTE]\n> 10:00 down\n> 10:30 up": [],
    '=== "Web"\n\n    - 10:00 down\n    - 10:30 up': ["10:00", "10:30"],
    '??? note "Web"\n    10:00 down\n    10:30 up': ["10:00", "10:30"],
    "- 09:00 off\n\n```\n10:00 down\n10:30 up\n```": ["09:00"],
}


@pytest.mark.parametrize("inside, written", TIMES.items())
def test_times_are_read_where_nothing_else_in_the_section_is_one(inside: str, written: list[str]) -> None:
    document = parser.parse(f"# Hub down on 2025-03-04\n\n## Timeline\n\n{inside}\n\nThat is all.\n")

    assert [entry.written for entry in document.entries] == written
    assert parser.parse(parser.write(document)) == document


ITEMS = {
    "> - [ ] Add an alert\n> - [x] Add a graph": [("Add an alert", "open"), ("Add a graph", "done")],
    "\t- Add an alert\n\tthat pages\n\t- Add a graph": [
        ("Add an alert\nthat pages", ""),
        ("Add a graph", ""),
    ],
    "    make install\n    - echo": [],
    "> Add an alert": [],
    "> - Add an alert": [("Add an alert", "")],
    "> Asked at the meeting:\n> - Add an alert": [],
    "- Add a test\n\n> - [x] Add an alert": [("Add a test", ""), ("Add an alert", "done")],
    "> - [ ] Add an alert\n\n| Action | Owner |\n|---|---|\n| Add a test | Ada |": [
        ("Add an alert", "open"),
        ("Add a test", ""),
    ],
    "- Add a test\n\n> - so said the vendor\n> - and again": [("Add a test", "")],
    '!!! success "Done"\n\n    - Add an alert': [("Add an alert", "done")],
    "!!! todo\n    - Add an alert\n    - Add a graph": [("Add an alert", "open"), ("Add a graph", "open")],
    '!!! warning "Mind the gap"\n\n    - Add an alert': [("Add an alert", "")],
}


@pytest.mark.parametrize("inside, meant", ITEMS.items())
def test_items_in_a_quotation_are_read_alone_and_with_boxes_beside_others(
    inside: str, meant: list[tuple[str, str]]
) -> None:
    document = parser.parse(f"# Hub down\n\n## Action items\n\n{inside}\n")

    assert [(item.text, item.status) for item in document.items] == meant
    assert parser.parse(parser.write(document)) == document
