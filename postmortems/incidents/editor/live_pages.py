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
from postmortems.document.readers import pasted
from postmortems.document.times.timeline_times import Reading
from postmortems.errors import Invalid
from postmortems.guards import queries as guards
from postmortems.guards.services import known_services
from postmortems.incidents import edit_merge, queries, rows, timeline_chart
from postmortems.incidents.attachments import queries as attachments
from postmortems.incidents.editor import checklist, form, form_merge, picks, preview, readings
from postmortems.incidents.editor.picks import Pick
from postmortems.incidents.history import queries as history
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
    permissions.require_anywhere(current_actor(), "incident.save")
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


@blueprint.post("/rows")
def pasted_rows() -> AnyResponse:
    """The rows that pasted notes are (`text`, of the day `date`), and whether they are a whole postmortem."""
    permissions.require_anywhere(current_actor(), "incident.save")
    text = request.form.get("text", "").replace("\r\n", "\n").replace("\r", "\n")
    if pasted.document(text):
        return jsonify(is_whole=True, rows=[])
    return jsonify(is_whole=False, rows=form.rows_of(form.pasted_rows(text, request.form.get("date", ""))))


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


@blueprint.post("/checklist")
def lacking() -> AnyResponse:
    """What is missing before it may be published, by field; and the template that fits best.

    `lacking` is null while the form cannot be read. A field is named by the order of sections and rows.
    """
    values = _posted()
    found, best = checklist.of(values), checklist.best_template(values)
    return jsonify(
        lacking=None if found is None else [asdict(lack) for lack in found],
        best_template={"slug": best.slug, "name": best.name} if best else None,
    )


@blueprint.post("/changes")
def changes() -> AnyResponse:
    """What others saved since the form's `version`, for the form that is sent: nothing of it is stored.

    Rows are named by their place among those that were sent, `[section, row]`; what is new, by its id.
    """
    values = _posted()
    incident = queries.by_slug(request.form.get("incident", ""), current_actor())
    version = forms.whole_number(request.form.get("version", "")) or 0
    stored = rows.to_document(incident)
    base = edit_merge.began_from(incident, version, stored, form_merge.document(values))
    if base is None:
        raise Invalid("is no version of this incident", "/version")
    if "restricted" not in request.form:
        del values["restricted"]
    began, now = (form.complete(form.to_values(each)) for each in (base, stored))
    found = form_merge.changes(began, values, now)
    authors = history.authors_since(incident, version)
    own, new = form_merge.parts(values), form_merge.parts(now)
    return jsonify(
        version=incident.version,
        by=", ".join(authors),
        is_untouched=form_merge.is_same(began, values),
        places={key: part.at for key, part in own.items()},
        sets=found.sets,
        clashes=[
            {"key": key, "field": name, "hunks": [hunk.told() for hunk in hunks]}
            for key, name, hunks in found.clashes
        ],
        lost=[{"key": key, "by": by, "part": _new_part(new.get(key))} for key, by in found.lost],
        added=[_new_part(part) for part in found.added],
        removed=found.removed,
        layout=found.layout,
    )


def _new_part(part: form_merge.Part | None) -> dict[str, Any] | None:
    if part is None:
        return None
    return {"key": part.key, "type": part.kind, "fields": part.fields, "home": part.home}


def _posted() -> form.Values:
    permissions.require_anywhere(current_actor(), "incident.save")
    return form.complete(forms.nest(request.form.items(multi=True)))
