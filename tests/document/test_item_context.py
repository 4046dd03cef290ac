"""Whose an item is, by what the report says elsewhere."""

from __future__ import annotations

import pytest

from postmortems.document import item_context
from postmortems.document.markdown import parser
from postmortems.document.model import Document
from postmortems.document.times.dates import Order

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


# A report whose items say no more than they did => one that somebody is named for, how often it is settled.
SETTLED = {
    "# Hub of {} down\n\n## Action items\n\n- Add an alert, at last.\n- Drill it, too.": 1,
    "# Hub of {} down\n\nLead: Xolu Adde\n\n## Action items\n\n* Xolu: add an alert": 2,
}


@pytest.mark.parametrize("report, times", SETTLED.items())
def test_what_is_read_again_as_it_was_is_settled_once(
    report: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = list[Document]()
    order = item_context._order

    def counted(document: Document) -> Order:
        known.append(document)
        return order(document)

    monkeypatch.setattr(item_context, "_order", counted)

    document = parser.parse(report.format(times))

    assert parser.write(document) != report.format(times)
    assert len(known) == times
