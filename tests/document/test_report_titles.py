"""Titles that say only what kind of document it is, and what keys state instead."""

from __future__ import annotations

import pytest

from postmortems.document import report_titles
from postmortems.document.markdown import parser

KINDS = {
    "Incident report": True,
    "POST-INCIDENT REVIEW": True,
    "Post-mortem": True,
    "Major Incident Report:": True,
    "RCA": True,
    "Rapport d'incident": True,
    "Störungsbericht": True,
    "Incident report: DNS": False,
    "Postmortem of 2024-01-01": False,
    "Reviewer outage": False,
    "": False,
}


@pytest.mark.parametrize("title, is_kind", KINDS.items())
def test_a_title_may_say_no_more_than_the_kind_of_a_document(title: str, is_kind: bool) -> None:
    assert report_titles.is_kind(title) == is_kind


KEYS = {
    "Subject: Loss of uplink": "Loss of uplink",
    "**Incident:** Loss of uplink": "Loss of uplink",
    "| Title | Loss of uplink |": "Loss of uplink",
    "Incident: INC-551": "",
    "Incident: 2026-03-16": "",
    "Incident: https://example.org/1": "",
    "Incident: Outage": "",
    "Name: Incident report": "",
    "## Summary\n\n| Field | Value |\n|---|---|\n| Title | Loss of uplink |": "Loss of uplink",
    "## Summary\n\n- **Title:** Loss of uplink": "Loss of uplink",
    "## Summary\n\nTitle: Loss of uplink": "",
    "## Summary\n\n| Incident | Loss of uplink |\n|---|---|\n| Lead | Ada |": "",
    "Lead: Ada Lo": "",
    "12 May 2024 - Loss of uplink": "12 May 2024 - Loss of uplink",
    "12 May 2024 - Loss of uplink\n\n13 May 2024 - Uplink is back": "",
    "12 May 2024, 14:05 - Loss of uplink": "",
    "12 May 2024 - loss": "",
}


@pytest.mark.parametrize("line, title", KEYS.items())
def test_a_key_is_the_title_below_such_a_heading_alone(line: str, title: str) -> None:
    below = parser.parse(f"# Incident report\n\n{line}\n\n## Impact\n\nNone.\n")

    assert (below.title, below.heading) == ((title, "Incident report") if title else ("Incident report", ""))
    assert parser.parse(f"# Hub down\n\n{line}\n\n## Impact\n\nNone.\n").title == "Hub down"


# What stands before the report's sections => its title, and the heading beside it.
BESIDE = {
    "---\ntitle: Postmortem\n---\n\n# Hub down": ("Hub down", "Postmortem"),
    "---\ntitle: Hub down\n---\n\n# Postmortem": ("Hub down", "Postmortem"),
    "---\ntitle: Postmortem\n---\n\nSubject: Hub was down": ("Hub was down", "Postmortem"),
    "---\ntitle: Postmortem\n---\n\n# Incident report\n\nSubject: Hub was down": (
        "Postmortem",
        "Incident report",
    ),
    "---\ntitle: Postmortem\n---\n": ("Postmortem", ""),
    "# Incident report 2025-118\n\nSubject: Hub was down": ("Hub was down", "Incident report 2025-118"),
    "# Postmortem INC-7\n\nSubject: Hub was down": ("Hub was down", "Postmortem INC-7"),
    "# Postmortem, 3 May 2025\n\nSubject: Hub was down": ("Hub was down", "Postmortem, 3 May 2025"),
    "# Postmortem\n\nHub down for an hour\n3 May 2025": ("Hub down for an hour", "Postmortem"),
    "# Postmortem\n\nHub down for an hour": ("Hub down for an hour", "Postmortem"),
    "# Postmortem\n\nThe hub was down.": ("Postmortem", ""),
    "# Postmortem\n\nThe hub was down\nfor an hour": ("Postmortem", ""),
    "# Postmortem\n\nTuesday, 3 May 2025": ("Postmortem", ""),
    "# Postmortem\n\n- Hub down": ("Postmortem", ""),
    '---\ntitle: RCA\nincident: "Hub was down"\n---\n': ("Hub was down", "RCA"),
    "---\ntitle: RCA\nincident: INC-7\n---\n": ("RCA", ""),
    "# INC-881\n\n**Title:** Barrier stayed closed": ("Barrier stayed closed", "INC-881"),
    "# INC-881": ("INC-881", ""),
    "# Incident report 2025-118": ("Incident report 2025-118", ""),
}


@pytest.mark.parametrize("before, meant", BESIDE.items())
def test_of_two_titles_the_one_that_says_which_incident_it_was_is_it(
    before: str, meant: tuple[str, str]
) -> None:
    document = parser.parse(f"{before}\n\n## Impact\n\nNone.\n")

    assert (document.title, document.heading) == meant
    assert parser.parse(parser.write(document)) == document


REPORT = "## Summary\n\nAll was down on 2024-03-01.\n\n## Timeline\n\n- 10:00 down\n- 10:30 up\n"
# What stands above a report => its title.
ABOVE = {
    "# Incident report\n\n## Hub was down\n\nDate: 2024-03-01": "Hub was down",
    "# Incident report\n\n# Hub was down": "Hub was down",
    "# INC-123\n\n## Hub was down\n\n| Date | 2024-03-01 |\n|---|---|\n| Lead | Ada |": "Hub was down",
    "# Incident report\n\n## Incident details\n\nDate: 2024-03-01": "Incident report",
    "# Incident report\n\n## General incident information\n\nDate: 2024-03-01": "Incident report",
    "# Incident report\n\n## People\n\nAda": "Incident report",
    "# Correction of errors\n\n**Hub was down**": "Hub was down",
    "# Root cause analysis\n\nTitle: Hub was down": "Hub was down",
    "# Root cause analysis: hub was down": "Root cause analysis: hub was down",
    "# Root cause analysis of the hub outage": "Root cause analysis of the hub outage",
    "# Root cause: the disk was full": "",
    "# Impact": "",
    "# Postmortem\n\n## Title\n\nHub was down": "Hub was down",
    "# Postmortem\n\n## Title\n\nHub was down.\n\nAll of it.": "Postmortem",
    "## Incident report for the hub outage\n\n## Date: March 1, 2024": "Incident report for the hub outage",
    "**Hub was down**\n\nDate: 2024-03-01": "Hub was down",
    "Hub was down\n\nDate: 2024-03-01": "Hub was down",
    "Title: Hub was down\nDate: 2024-03-01": "Hub was down",
    "The hub was down for all. It is up again.": "",
    "---\nincident: Hub was down\n---": "Hub was down",
    "Incident summary\n===\n\nDate: 1 March 2024\nTitle: Hub was down\n\nIt was.": "Hub was down",
}


@pytest.mark.parametrize("above, title", ABOVE.items())
def test_the_title_is_found_wherever_it_stands_above_a_report(above: str, title: str) -> None:
    document = parser.parse(f"{above}\n\n{REPORT}")

    assert document.title == title
    assert parser.parse(parser.write(document)) == document
