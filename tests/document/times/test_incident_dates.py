"""The day of an incident, as reports tell it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from postmortems.document.markdown import parser
from postmortems.document.model import Document
from postmortems.document.times import incident_dates

REPORT = "## Timeline\n\n- 10:00 down\n- 10:30 up\n"
MAIL = "---\nmail_date: Tue, 10 Mar 2026 09:00\n---\n\n# Hub down\n\n"
# What stands above a timeline without days => the day of the incident, "" where nothing tells.
ABOVE = {
    "# Hub down from April 6 to April 11, 2023": "2023-04-06",
    "# Hub down April 6-11, 2023": "2023-04-06",
    "# Hub down, 6–11 April 2023": "2023-04-06",
    "# Hub down on April 6, fixed on April 11, 2023": "2023-04-06",
    "# Hub down after 3-4 April releases of 2023": "",
    "# Hub down\n\nThursday 2 July 2026 · SEV2 · Owner: Hannah": "2026-07-02",
    "# Hub down\n\n2 July 2026 · 9 July 2026": "2026-07-02",
    "# Hub down\n\nversion 1.0, 2026-10-05\n\n## Summary\n\nOn 1 October 2026 it was down.": "2026-10-01",
    "# Hub down\n\n## Date: July 2, 2026": "2026-07-02",
    "# Hub down\n\n## Start Date/Time\n\n19/11/2019 - 11:56 AM": "2019-11-19",
    "# Hub down\n\nReview held on 2026-04-16.": "",
    "# Hub down\n\nMeeting held on April 16, 2026, by all.": "",
    "---\ndetected_at: 2026-09-09T18:40:00-03:00\nresolved_at: 2026-09-10\n---\n\n# Hub down": "2026-09-09",
    "---\nresolved_at: 2026-09-10T01:00:00-03:00\n---\n\n# Hub down": "",
    "# Outage of 29 May\n\nAnna K | 2026-05-30 19:20 UTC": "2026-05-29",
    "# Outage of 29 May\n\nDate: 2026-09-30": "2026-09-30",
    "# Outage of 9 hosts\n\nDate: 2026-05-30": "2026-05-30",
    "# Hub down\n\nIncident: 28 August 2026, 14:05\n\nA similar case was on 1 March 2025.": "2026-08-28",
    "# Hub down\n\nIt was slow. A similar case was on 1 March 2025.": "",
    "# Hub down\n\nIncident: Loss of the 2025 uplink": "",
    "# Relatório\n\nData: 12/06/2026": "2026-06-12",
    "# Report\n\nDate: 12/06/2026\n\nThe 3:10 PM alert was the first.": "2026-12-06",
    f"{MAIL}Panne de 8 h 05 à 10 h 50 lundi 9 mars 2026.": "2026-03-09",
    f"{MAIL}As we wrote in our report of 3 May 2024.": "2026-03-10",
    f"{MAIL}The next review is due 2 March 2026.": "2026-03-10",
}


@pytest.mark.parametrize("above, day", ABOVE.items())
def test_the_day_is_that_of_the_incident_and_not_of_its_report(above: str, day: str) -> None:
    found = incident_dates.incident_date(parser.parse(f"{above}\n\n{REPORT}"))

    assert found == (date.fromisoformat(day) if day else None)


@pytest.mark.parametrize(
    "name, day",
    [
        ("PIR-2026-07-02.html", "2026-07-02"),
        ("2026-07-02-hub.md", "2026-07-02"),
        ("report-12026-07-02.md", ""),
        ("PIR-20260702.md", "2026-07-02"),
    ],
)
def test_the_name_of_a_file_tells_its_day_behind_letters_too(name: str, day: str) -> None:
    found = incident_dates.incident_date(parser.parse(f"# Hub down\n\n{REPORT}"), name)

    assert found == (date.fromisoformat(day) if day else None)


def test_the_day_is_looked_for_once_whatever_a_file_without_a_day_is_called_and_its_items_become(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = list[str]()
    looking = incident_dates._incident_date

    def counted(document: Document, name: str) -> date | None:
        asked.append(name)
        return looking(document, name)

    monkeypatch.setattr(incident_dates, "_incident_date", counted)
    document = parser.parse("# Hub down on 8 July 2031\n\n## Action items\n\n- Add an alert\n")
    numbered = document.with_items(lambda item: replace(item, id="AI-1"))
    asked.clear()

    found = {
        incident_dates.incident_date(each, name)
        for each in (document, numbered)
        for name in ("", "hub.md", "2031-07-09-hub.md")
    }

    assert found == {date(2031, 7, 8)}
    assert asked == ["", "2031-07-09-hub.md"]
