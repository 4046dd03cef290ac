"""Formats of trackers and incident tools by name, and which of them a text is."""

from __future__ import annotations

from postmortems.document.readers.incident_tools import (
    dispatch,
    firehydrant,
    incident_io,
    opsgenie,
    pagerduty,
    rootly,
    statuspage,
)
from postmortems.document.readers.issues import github, gitlab, jira
from postmortems.document.readers.records import json_text
from postmortems.document.readers.records.record_format import RecordFormat, looks_like_json
from postmortems.errors import Invalid

FORMATS: dict[str, RecordFormat] = {
    each.FORMAT.name: each.FORMAT
    for each in (
        github,
        gitlab,
        jira,
        pagerduty,
        opsgenie,
        incident_io,
        firehydrant,
        rootly,
        statuspage,
        dispatch,
    )
}


def recognised(text: str) -> RecordFormat | None:
    """The format that a text is in by what it holds; None where it is none of these."""
    if not looks_like_json(text):
        return next((each for each in FORMATS.values() if each.is_it(text)), None)
    try:
        loaded = json_text.loaded(text)
    except Invalid:
        return None
    return next((each for each in FORMATS.values() if each.raws(loaded)), None)
