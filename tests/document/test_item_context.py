"""Whose an item is, by what the report says elsewhere."""

from __future__ import annotations

import pytest

from postmortems.document.markdown import parser

# What stands above, an item => its owner.
NAMED = [
    ("## Participants\n\n- Zubin Oye (commander)\n- Xolu Adde, scribe", "Add an alert (Zubin)", "Zubin"),
    ("## Participants\n\n- Zubin Oye (commander)", "Add an alert [ZO]", "ZO"),
    ("## Participants\n\n- Zubin Oye (commander)", "Zubin: add an alert", "Zubin"),
    ("## Participants\n\n- Zubin Oye (commander)", "Add an alert (TLS)", ""),
    ("## Components\n\n- Kafka (queue)\n- Redis, cache", "Restart it (Kafka)", ""),
    ("## Participants\n\n- Commander: Zubin Oye", "Commander: add an alert", ""),
    ("Written by Zubin Oye and Xolu Adde.", "Xolu Adde will add an alert", "Xolu Adde"),
    ("Written by hand.", "Hand: add an alert", ""),
    ("The queue was replaced by Kafka.", "Restart it (Kafka)", ""),
    ("Lead: Zubin Oye", "Add an alert. Zubin, 2026-04-01.", "Zubin"),
]


@pytest.mark.parametrize("above, item, owner", NAMED)
def test_a_name_is_somebodys_where_the_report_says_so(above: str, item: str, owner: str) -> None:
    document = parser.parse(f"# Hub down on 2026-03-10\n\n{above}\n\n## Action items\n\n- {item}\n")

    assert [each.owner for each in document.items] == [owner]
    assert parser.parse(parser.write(document)) == document
