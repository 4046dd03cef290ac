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

NOTHING = "holds no report: {}; ask for more than was asked for, another page or another time"
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


def broken(text: str) -> str:
    """Why a text that may be one of these is none: JSON that breaks off among its records; "" for others."""
    if not looks_like_json(text) or not any(each.hint in text for each in FORMATS.values()):
        return ""
    try:
        json_text.loaded(text)
    except Invalid as refusal:
        return refusal.detail if json_text.CUT_OFF in refusal.detail else ""
    return ""


def without_records(loaded: object) -> str:
    """What to say of an answer whose lists are all empty, as nothing was found; "" of any other."""
    if loaded in ([], {}):
        return NOTHING.format("it is empty")
    lists = (
        {key: each for key, each in loaded.items() if isinstance(each, list)}
        if isinstance(loaded, dict)
        else {}
    )
    if not lists or any(lists.values()):
        return ""
    return NOTHING.format(f"its list “{next(iter(lists))}” is empty")


def why_none(text: str) -> str:
    """The same of a text; "" of one that is no JSON."""
    try:
        return without_records(json_text.loaded(text)) if looks_like_json(text) else ""
    except Invalid:
        return ""
