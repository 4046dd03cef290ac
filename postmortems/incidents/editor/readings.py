"""How the times of the form's entries are read, and a timeline in the order of its times. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar

from postmortems.document import model
from postmortems.document.json_form import convert
from postmortems.document.times import timeline_times
from postmortems.document.times.timeline_times import Reading
from postmortems.errors import Invalid
from postmortems.incidents.editor import form

Row = TypeVar("Row")
# By place in the form: section, block.
Readings = dict[tuple[int, int], Reading]


def of(values: form.Values) -> Readings:
    """How each entry's time is read, by its place in the form; none while the form cannot be read."""
    json, places = form.to_json(values)
    try:
        document = convert.from_json(json)
    except Invalid:
        return {}
    found = iter(timeline_times.read_entries(document))
    readings = {}
    for s, section in enumerate(document.sections):
        for b, block in enumerate(section.blocks):
            if isinstance(block, model.Entry):
                _, _, section_at, _, block_at = places[f"/sections/{s}/blocks/{b}"].split("/")
                readings[int(section_at), int(block_at)] = next(found)
    return readings


def moments(readings: Readings, section_at: int, count: int) -> list[datetime | None]:
    """When each of a section's rows was, to compare them: in UTC where all of them tell it."""
    found = [readings.get((section_at, place), Reading()) for place in range(count)]
    if all(reading.instant for reading in found if reading.at):
        return [reading.instant and reading.instant.astimezone(UTC) for reading in found]
    return [reading.at for reading in found]


def by_time(rows: Sequence[Row], times: Sequence[datetime | None]) -> list[Row]:
    """The rows, earliest first: equal times keep their order, one without stays behind the row before it.

    Rows before the first that has a time stay in front.
    """
    lead: list[Row] = []
    runs: list[tuple[datetime, list[Row]]] = []
    for row, time in zip(rows, times, strict=True):
        if time is not None:
            runs.append((time, [row]))
        elif runs:
            runs[-1][1].append(row)
        else:
            lead.append(row)
    return lead + [row for _, run in sorted(runs, key=lambda found: found[0]) for row in run]


def sort(values: form.Values, section_at: int) -> form.Values:
    """The form with that section's rows in the order of their times, if it has such a section."""
    if section_at < len(values["sections"]):
        section = values["sections"][section_at]
        times = moments(of(values), section_at, len(section["blocks"]))
        section["blocks"] = by_time(section["blocks"], times)
    return values
