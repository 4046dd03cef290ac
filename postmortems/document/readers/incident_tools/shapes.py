"""What the JSON of several incident tools has in common: lists beside their incidents, people, services."""

from __future__ import annotations

import re
from collections.abc import Iterator

from postmortems.document.model import Item
from postmortems.document.readers import html
from postmortems.document.readers.records import json_text
from postmortems.document.readers.records.json_text import Raw
from postmortems.document.readers.records.record import day
from postmortems.document.readers.records.record_markdown import levelled_below

NAME = re.compile(r"[\w./-]{1,60}")
HTML = re.compile(
    r"</?(?:p|br|ul|ol|li|h[1-6]|div|strong|b|em|a|code|pre|table|blockquote)\b[^<>]*/?>", re.IGNORECASE
)


def incidents(loaded: object, *keys: str) -> list[Raw]:
    """The incidents in what was loaded: under one of these keys, as one or a list, or the list itself."""
    if isinstance(loaded, list):
        return [raw for each in loaded for raw in incidents(each, *keys) or json_text.dicts([each])]
    for key in keys:
        found = json_text.at(loaded, key)
        rows = [found] if isinstance(found, dict) else json_text.dicts(found)
        if isinstance(found, dict | list):
            return [with_beside(loaded, raw, is_alone=len(rows) == 1) for raw in rows]
    return [loaded] if isinstance(loaded, dict) else []


def with_beside(loaded: object, raw: Raw, *, is_alone: bool) -> Raw:
    """An incident with the lists that stand beside it in the file, as far as they are its own."""
    beside = loaded if isinstance(loaded, dict) else {}
    lists = {key: value for key, value in beside.items() if key not in raw and listed(value)}
    own = {
        key: [each for each in listed(value) if _belongs(each, raw, is_alone=is_alone)]
        for key, value in lists.items()
    }
    return {**raw, **{key: value for key, value in own.items() if value and value != listed(raw.get(key))}}


def listed(value: object) -> list[Raw]:
    """The objects of a list, or of a page of one: `{"data": [...]}`, `{"data": {"entries": [...]}}`."""
    for key in ("data", "entries"):
        value = value.get(key, value) if isinstance(value, dict) else value
    return json_text.dicts(value)


def _belongs(each: Raw, raw: Raw, *, is_alone: bool) -> bool:
    """Whether a row is of this incident: it names it, or names none beside an incident that is alone."""
    named = json_text.first(each, "incident_id", "incidentId") or json_text.line(each, "incident", "id")
    is_incident = "incident_updates" in each or "incident_status" in each
    return not is_incident and (named == json_text.line(raw, "id") or (is_alone and not named))


def split_services(names: list[str]) -> tuple[tuple[str, ...], str]:
    """Names that are those of services here, and all of them as a field where any is told in words."""
    if names and all(map(NAME.fullmatch, names)):
        return tuple(names), ""
    return (), ", ".join(names)


def own_fields(raw: Raw) -> Iterator[tuple[str, str]]:
    """The fields that a company added to incidents, as fields of the report: those that hold a value."""
    for each in json_text.dicts(raw, "custom_fields"):
        name = json_text.first(each, "display_name", "name", "slug")
        value = each.get("value")
        rows = value if isinstance(value, list) else [value]
        said = ", ".join(
            filter(None, (json_text.line({"value": row}, "value") or person(row) for row in rows))
        )
        if name and said:
            yield name, said


def person(raw: object, *path: str) -> str:
    """A person's name, or the address where no name is told."""
    found = json_text.at(raw, *path)
    return json_text.first(found, "name", "full_name", "summary", "display_name", "email") if found else ""


def prose(text: str) -> str:
    """A text that a tool keeps as Markdown, or as HTML, as Markdown."""
    return html.fragment(text) if HTML.search(text) else text


def private(*values: object) -> str:
    """What tells that an incident is not for everybody there, as the field `visibility`."""
    said = {str(value).lower() for value in values}
    return "private" if said & {"private", "restricted", "true"} else ""


def item(
    title: str,
    *,
    more: str = "",
    owner: str = "",
    due: object = None,
    status: str = "",
    priority: str = "",
    ticket: str = "",
    reason: str = "",
) -> Item:
    """An action item; what is said of it stands below its title."""
    told = levelled_below(more)
    text = title if not told or told == title else f"{title}\n\n{told}"
    return Item(
        text,
        owner=owner,
        due=day(due) if isinstance(due, str) else None,
        status=status,
        reason=reason,
        priority=priority,
        tickets=(ticket,) if ticket else (),
    )
