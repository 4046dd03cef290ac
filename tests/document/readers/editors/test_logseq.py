"""Pages of Logseq: an outline whose headings and tasks are bullets."""

from __future__ import annotations

import pytest

from postmortems.document.markdown import parser
from postmortems.document.readers import formats, registry
from postmortems.document.readers.editors import logseq

PAGE = """\
title:: Router outage
date:: [[Mar 19th, 2026]]
owner:: [[Ada Lo]]
tags:: network, router

- ## Summary
\t- The router failed.
\t  It was old.
\t  id:: 64f0c1de-1111-4222-8333-444455556666
- ## Timeline
  collapsed:: true
\t- 10:05 router down
\t\t- Grafana shows it
\t- 10:40 router up
- ## Action items
\t- ### Process
\t\t- TODO [#A] Buy a router
\t\t  DEADLINE: <2026-03-25 Wed>
\t\t  owner:: [[Ada Lo]]
\t\t- DONE Restart it
\t\t  :LOGBOOK:
\t\t  CLOCK: [2026-03-19 Thu 10:00:00]
\t\t  :END:
\t- LATER Label the cables
\t- DOING Order a spare
\t- CANCELED Paint it
- ## Notes
\t- ```bash
\t  - ping router
\t  # no heading
\t  ```
"""


def test_a_page_reads_as_the_report_that_it_is() -> None:
    document = registry.read("pages/Router outage.md", PAGE.encode())

    assert (document.title, str(document.date), document.tags) == (
        "Router outage", "2026-03-19", ("network", "router"),
    )  # fmt: skip
    assert [section.heading for section in document.sections] == [
        "Summary", "Timeline", "Action items", "Notes",
    ]  # fmt: skip
    assert [(entry.written, entry.text) for entry in document.entries] == [
        ("10:05", "router down\n- Grafana shows it"),
        ("10:40", "router up"),
    ]
    assert [(item.text, item.owner, str(item.due or ""), item.status) for item in document.items] == [
        ("Buy a router", "Ada Lo", "2026-03-25", "open"),
        ("Restart it", "", "", "done"),
        ("Label the cables", "", "", "open"),
        ("WIP: Order a spare", "", "", "in_progress"),
        ("Paint it (won't do)", "", "", "wont_do"),
    ]
    assert document.items[0].priority == "P1"
    assert parser.parse(parser.write(document)) == document


def test_what_logseq_keeps_for_itself_is_not_shown_and_words_are() -> None:
    text = registry.to_markdown("a.md", PAGE)

    assert not [word for word in ("collapsed", "64f0c1de", "LOGBOOK", "CLOCK") if word in text]
    assert "It was old." in text
    assert "# no heading" in text


@pytest.mark.parametrize(
    "text, is_one",
    [
        ("- ## Summary\n\t- It broke.\n- ## Timeline\n\t- 10:05 down\n", True),
        ("title:: X\n\n- ## Summary\n  - It broke.\n", True),
        ("- ## Summary\n\t- It broke.\n", False),
        ("# Title\n\n- ## Summary\n- ## Timeline\n", False),
        ("Words.\n\n- ## Summary\n- ## Timeline\n", False),
        ("- a\n- b\n", False),
        ("```\n- ## Summary\n- ## Timeline\n```\n", False),
    ],
)
def test_only_an_outline_of_headings_is_taken_for_one(text: str, is_one: bool) -> None:
    found = formats.format_of("a.md", text)

    assert logseq.is_page(text) is is_one
    assert (found is not None and found.name == "logseq") is is_one
