"""What the form asks for while somebody writes: readings of times, the page as it will look, words to pick.

Nothing is stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import Blueprint, jsonify, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from postmortems import search_words
from postmortems.accounts import permissions
from postmortems.document.markdown.references import References
from postmortems.document.times.timeline_times import Reading
from postmortems.errors import Invalid
from postmortems.guards import queries as guards
from postmortems.guards.services import known_services
from postmortems.incidents import timeline_chart
from postmortems.incidents.attachments import queries as attachments
from postmortems.incidents.editor import form, picks, preview, readings
from postmortems.incidents.editor.picks import Pick
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import page

blueprint = Blueprint("write", __name__, url_prefix="/write")

MOST_GUARDS, LONGEST_TYPED = 200, 200


def _services(typed: str) -> list[Pick]:
    known = known_services.listing(limit=known_services.MOST_OFFERED)
    named = [Pick(one.name, one.title if one.is_registered else "unconfirmed") for one in known]
    return picks.matching([*named, *(Pick(name) for name in known_services.targets(known))], typed)


def _guards(typed: str) -> list[Pick]:
    known = guards.listing(guards.Filters(q=typed), limit=MOST_GUARDS).rows
    return picks.matching([Pick(guard.slug, guard.title) for guard in known], typed)


# By kind of word, what offers those that go with what was typed.
OFFERS: dict[str, Callable[[str], list[Pick]]] = {
    "people": lambda typed: picks.matching(picks.people(), typed),
    "accounts": lambda typed: picks.matching(picks.accounts(), typed),
    "tags": lambda typed: picks.matching(picks.tags(), typed),
    "zones": lambda typed: picks.matching(picks.zones(), typed),
    "incidents": picks.incidents,
    "services": _services,
    "guards": _guards,
}


@blueprint.get("/choices")
def choices() -> AnyResponse:
    """Words that go with what was typed (`q`), of the kind `of`, and whether `q` is one that is known."""
    permissions.require(current_actor(), "incident.save")
    kind, typed = request.args.get("of", ""), request.args.get("q", "")[:LONGEST_TYPED]
    if kind not in OFFERS:
        raise Invalid(f"is none of {', '.join(OFFERS)}", "/of")
    found = OFFERS[kind](typed)
    wanted = search_words.person(typed) if kind == "people" else typed.strip()
    said = [search_words.person(pick.value) if kind == "people" else pick.value for pick in found]
    return jsonify(picks=[asdict(pick) for pick in found], is_known=not wanted or wanted in said)


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
        references=References(texts, attachments.of_slug(request.form.get("incident", ""))),
        chart=timeline_chart.draw(entries, timeline_chart.zone_of(entries, values["timezone"])),
        drawn_in=next((section for section in sections if preview.entries([section])), None),
        services=form.names(values["services"]),
        tags=form.names(values["tags"]),
    )


def _posted() -> form.Values:
    permissions.require(current_actor(), "incident.save")
    return form.complete(forms.nest(request.form.items(multi=True)))
