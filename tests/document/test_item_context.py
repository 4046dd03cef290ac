"""Whose an item is, by what the report says elsewhere."""

from __future__ import annotations

import pytest

from postmortems.document.markdown import parser

# An item of a report of 10 March 2026 => what is left of it, its owner and due day.
DATED = {
    "Add an alert | Xolu | 2026-10-16": ("Add an alert", "Xolu", "2026-10-16"),
    "Add an alert [Jane] 16 October 2026": ("Add an alert [Jane] 16 October 2026", "Jane", "2026-10-16"),
    "Add an alert **@jane** _by March 16_": ("Add an alert **@jane** _by March 16_", "@jane", "2026-03-16"),
    "Add an alert | urgent | 2026-10-16": ("Add an alert | urgent", "", "2026-10-16"),
    "Add an alert | Monitoring | 2026-10-16": ("Add an alert | Monitoring", "", "2026-10-16"),
    "Add an alert | Needs a decision | 2026-10-16": ("Add an alert | Needs a decision", "", "2026-10-16"),
    "Compare A | B | 2026-01-01": ("Compare A | B | 2026-01-01", "", ""),
    "Add an alert [TLS] 16 October 2026": ("Add an alert [TLS] 16 October 2026", "", ""),
    "Add an alert (Xolu Adde, May 2026)": ("Add an alert (Xolu Adde, May 2026)", "Xolu Adde", ""),
    "Take the release (Xolu Adde, January 2026)": ("Take the release (Xolu Adde, January 2026)", "", ""),
    "Take the release (Ubuntu, April 2026)": ("Take the release (Ubuntu, April 2026)", "", ""),
    "Add an alert _by hand_": ("Add an alert _by hand_", "", ""),
}


@pytest.mark.parametrize("said, meant", DATED.items())
def test_an_item_says_whose_it_is_beside_its_day(said: str, meant: tuple[str, str, str]) -> None:
    document = parser.parse(f"# Hub down on 2026-03-10\n\n## Action items\n\n- {said}\n")

    [item] = document.items
    assert (item.text, item.owner, str(item.due or "")) == meant
    assert parser.parse(parser.write(document)) == document


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
