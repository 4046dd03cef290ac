"""What the form asks for while somebody writes: how times are read, and the page as it will look.

Each is asked with the whole form, and nothing is stored.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, jsonify, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.document.markdown.references import References
from postmortems.document.times.timeline_times import Reading
from postmortems.incidents import timeline_chart
from postmortems.incidents.editor import form, preview, readings
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import page

blueprint = Blueprint("write", __name__, url_prefix="/write")


@blueprint.post("/readings")
def times() -> AnyResponse:
    """Of each section's rows: what is told of an entry's time, and when that was; null for any other row.

    `time` compares with the other times of its section; it is null where nothing could be read.
    """
    values = _posted()
    read = readings.of(values)
    return jsonify(sections=[_told(section, at, read) for at, section in enumerate(values["sections"])])


def _told(section: form.Values, section_at: int, read: readings.Readings) -> list[dict[str, Any] | None]:
    moments = readings.moments(read, section_at, len(section["blocks"]))
    return [
        _of_entry(block, read.get((section_at, place)), moments[place]) if block["type"] == "entry" else None
        for place, block in enumerate(section["blocks"])
    ]


def _of_entry(block: form.Values, reading: Reading | None, moment: datetime | None) -> dict[str, Any]:
    html = render_template("incidents/_edit_reading.html", reading=reading, written=block["written"])
    time = moment.isoformat() if moment else None
    return {"html": html.strip(), "time": time, "is_odd": bool(reading and reading.warnings)}


@blueprint.post("/preview")
def whole() -> str:
    """The page as readers would see it with what is in the form."""
    values = _posted()
    sections = preview.sections(values, readings.of(values))
    entries = preview.entries(sections)
    texts = (block.get("text", "") for section in values["sections"] for block in section["blocks"])
    return page(
        "incidents/whole_preview.html",
        values=values,
        sections=sections,
        numbers={entry.id: entry.id for entry in entries},
        references=References(texts),
        drawing=timeline_chart.draw(entries, timeline_chart.zone_of(entries, values["timezone"])),
        drawn_in=next((section for section in sections if preview.entries([section])), None),
        services=form.names(values["services"]),
        tags=form.names(values["tags"]),
    )


def _posted() -> form.Values:
    permissions.require(current_actor(), "incident.save")
    return form.complete(forms.nest(request.form.items(multi=True)))
