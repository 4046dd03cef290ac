"""The page on which an incident is written: one form that also works without scripts."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, flash, make_response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db.session import session
from postmortems.document import model
from postmortems.document.json_form import convert
from postmortems.document.markdown.references import References
from postmortems.document.model import Document
from postmortems.document.part_merge import Choice
from postmortems.document.three_way_merge import Lean
from postmortems.errors import Invalid, Remedy, Stale
from postmortems.gate.enforcement import save_incident
from postmortems.guards import queries as guards
from postmortems.incidents import edit_merge, queries, rows
from postmortems.incidents.attachments import queries as attachments
from postmortems.incidents.drafts import draft_values
from postmortems.incidents.drafts import operations as drafts
from postmortems.incidents.drafts import queries as draft_queries
from postmortems.incidents.drafts.models import Draft
from postmortems.incidents.editor import (
    checklist,
    clash_choices,
    form,
    kind_proposals,
    picks,
    readings,
    template_sections,
)
from postmortems.incidents.items import team_rights
from postmortems.incidents.mentions import queries as mentions
from postmortems.incidents.models import Incident
from postmortems.incidents.restricted import restrictions
from postmortems.incidents.templates import queries as templates
from postmortems.incidents.templates import template
from postmortems.incidents.templates.template import Template
from postmortems.web import diff, forms
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page, page

blueprint = Blueprint("writing", __name__)

MOST_GUARDS = 200
# Up to so many are offered as boxes in every item; beyond, they are named.
FEW_GUARDS = 12
# What the last button of the form makes of the document's status; empty keeps it.
STATUS_OF = {"save": "", "publish": "published", "unpublish": "draft"}
SORTS = re.compile(r"sort-section-(\d{1,5})")
# How somebody goes on whose save another came before: what stands where both changed the same lines.
GOES_ON: dict[str, Lean] = {"keep-both": "both", "keep-mine": "mine", "keep-theirs": "theirs"}


@blueprint.get("/incidents/new")
def begin() -> Response:
    """An empty postmortem with the sections that most have, or the draft of one that `draft` names."""
    actor = current_actor()
    permissions.require_anywhere(actor, "incident.save")
    if draft := _asked_for(None):
        return _resumed(draft)
    known = picks.defaults(actor.name)
    asked = request.args.get("template", "")
    fitting = templates.fitting("", form.names(known["services"]))
    begun = _template(asked) or next(iter(fitting), None)
    return _form(None, template_sections.begun(begun) | known, "")


@blueprint.post("/incidents/new")
def create() -> AnyResponse:
    known = draft_queries.became(request.form.get("draft", ""), current_actor())
    # Sent twice, or again after going back, it is one incident: the second is an edit of what the first made.
    return _posted(queries.by_slug(known.slug, current_actor()), "1") if known else _posted(None)


@blueprint.get("/incidents/<slug>/edit")
def edit(slug: str) -> Response:
    """The form with what is stored, or with the draft that `draft` names."""
    actor = current_actor()
    permissions.require_anywhere(actor, "incident.save")
    incident = queries.by_slug(slug, actor)
    team_rights.require(actor, "incident.save", incident)
    if draft := _asked_for(incident):
        return _resumed(draft)
    values = form.complete(form.to_values(rows.to_document(incident)))
    return _form(incident, values, str(incident.version))


@blueprint.post("/incidents/<slug>/edit")
def save(slug: str) -> AnyResponse:
    return _posted(queries.front(slug, current_actor()))


@blueprint.post("/preview")
def preview() -> str:
    """The Markdown of the field that is named, as the page will show it."""
    text = request.form.get(request.args.get("field", ""), "")
    attached = attachments.of_slug(request.form.get("incident", ""))
    return page("incidents/preview.html", text=text, references=References(request.form.values(), attached))


def _asked_for(incident: Incident | None) -> Draft | None:
    """The draft that the address names; None, and a word about it, where it has ended."""
    name = request.args.get("draft", "")
    found = [draft for draft in draft_queries.of_incident(incident, current_actor()) if draft.name == name]
    if name and not found:
        flash("That draft was saved or discarded. This is what is stored.", "info")
    return found[0] if found else None


def _resumed(draft: Draft) -> Response:
    values, message = draft_values.fields(draft)
    return _form(draft.incident, values, str(draft.version or ""), draft=draft, message=message)


def _posted(incident: Incident | None, began: str = "") -> AnyResponse:
    actor = current_actor()
    permissions.require_anywhere(actor, "incident.save")
    if incident is not None:
        team_rights.require(actor, "incident.save", incident)
    values = form.complete(forms.nest(request.form.items(multi=True)))
    values = form.choose(values, request.form.get("choose", ""))
    # A way out of a refusal does again what was refused.
    version, button = began or request.form.get("version", ""), request.form.get("do") or _refused_button()
    if incident and button in GOES_ON:
        return _together(incident, values, version, GOES_ON[button])
    if incident and button == "keep-chosen":
        return _chosen(incident, values, version)
    if found := SORTS.fullmatch(button):
        return _form(incident, readings.sort(values, int(found[1])), version)
    values = kind_proposals.taken(values, button)
    if button == "template":
        return _form(incident, _with_template(values), version)
    if button not in STATUS_OF:
        return _form(incident, form.press(values, button), version)
    # The form keeps the status that is stored: a refused save has published nothing.
    json, places = form.to_json(values | {"status": STATUS_OF[button] or values["status"]})
    try:
        saved = _save(incident, convert.from_json(json), version, actor)
    except Stale as stale:
        return _overtaken(incident, stale)
    except Invalid as invalid:
        errors: dict[str, list[str]] = {}
        ways: dict[str, Sequence[Remedy]] = {}
        for wrong in invalid.problems:
            field = forms.field_name(form.at_fields(wrong.pointer, places))
            errors.setdefault(_shown_at(field), []).append(wrong.detail)
            if wrong.remedies:
                ways[field.rpartition(".")[0]] = wrong.remedies
        return _form(incident, values, version, errors, ways)
    drafts.end(request.form.get("draft", ""), saved, actor=actor)
    for untold in mentions.untold_in(rows.to_document(saved)):
        flash(f"{untold}.", "info")
    flash(_said(button, saved, version if incident else ""), "success")
    return redirect(f"/incidents/{saved.slug}", 303)


def _with_template(values: form.Values) -> form.Values:
    """The form with the sections of the template that was chosen; everything that was written stays."""
    chosen = _template(request.form.get("template_choice", ""))
    if chosen is None:
        flash("That template was deleted meanwhile. All you wrote is here; choose another.", "warning")
        return values
    return template_sections.changed(values, _template(values["template"]), chosen)


def _template(slug: str) -> Template | None:
    return next((one for one in templates.all_templates() if one.slug == slug), None)


def _templates(values: form.Values) -> dict[str, Any]:
    """The templates to choose from, the best first, and what the one of this report asks in each section."""
    severity, services = values["severity"].strip(), form.names(values["services"])
    offered = template.best_first(templates.all_templates(), severity, services)
    best = next((one for one in offered if template.fits(one, severity, services)), None)
    own = next((one for one in offered if one.slug == values["template"]), None)
    return {
        "offered_templates": offered,
        "own_template": own,
        "best_template": best if best is not own else None,
        "prompts": template_sections.prompts(values, own or best),
    }


def _refused_button() -> str:
    return request.form.get("refused", "save")


def _said(button: str, saved: Incident, version: str) -> str:
    said = "Published." if button == "publish" else "Saved."
    if not version or saved.version <= _edited(version) + 1:
        return said
    together = edit_merge.together_of(saved)
    rows = ", ".join(f"“{row}”" for row in together.moved) if together else ""
    moved = f" You both moved {rows}: it stands where you put it." if rows else ""
    return f"{said} What somebody else saved meanwhile is in it too.{moved}"


def _together(incident: Incident, values: form.Values, version: str, leans: Lean) -> Response:
    """The form with both edits in it, to be looked over; it edits the newest version, so nothing is lost."""
    json, _ = form.to_json(values)
    try:
        mine = convert.from_json(json)
        document = edit_merge.merged(incident, mine, _edited(version), leans=leans)
    except Invalid:
        document = None
    if document is None:
        return _form(incident, values, version)
    flash("Both edits are in the form. Look it over, then save.", "warning")
    merged = form.complete(form.to_values(document))
    choices = edit_merge.choices(incident, mine, _edited(version)) if leans == "both" else []
    return _form(incident, merged, str(incident.version), _to_choose(choices, merged))


def _chosen(incident: Incident, values: form.Values, version: str) -> Response:
    """The form with each change as it was chosen; the choice anew where somebody has saved since."""
    json, _ = form.to_json(values)
    try:
        mine = convert.from_json(json)
    except Invalid:
        return _form(incident, values, version)
    began, onto = _edited(version), request.form.get("onto", "")
    leans = clash_choices.taken(request.form)
    found = edit_merge.chosen(incident, mine, began, leans) if onto == str(incident.version) else None
    if found is None:
        return _overtaken(incident, edit_merge.stale(incident, mine, began))
    flash("What you chose is in the form. Look it over, then save.", "warning")
    return _form(incident, form.complete(form.to_values(found)), str(incident.version))


def _to_choose(choices: Sequence[Choice], values: form.Values) -> dict[str, list[str]]:
    """By field of the form, what both wrote where only one of them can stand."""
    told: dict[str, list[str]] = {}
    for choice in choices:
        name = ".".join(part for part in (form.stem_of(values, choice.item), choice.field) if part)
        theirs, mine = choice.theirs or "nothing", choice.mine or "nothing"
        told[name] = [f"you both changed it: theirs is {theirs}, yours is {mine}; choose one"]
    return told


def _save(incident: Incident | None, document: Document, version: str, actor: Actor) -> Incident:
    if not document.title:
        raise Invalid("Give it a title, so that people find it again", "/title")
    # What is refused is undone here already: the page that says so shows what is stored.
    with session().begin_nested():
        return save_incident.save(
            incident.slug if incident else None,
            document,
            version=_edited(version) if incident else None,
            actor=actor,
            message=request.form.get("message", "").strip(),
            opens="restricted" in request.form,
            merges=True,
        )


def _edited(version: str) -> int:
    """The version that was edited; 0, which no incident has, where the request does not say it."""
    return forms.whole_number(version) or 0


def _shown_at(name: str) -> str:
    """The field that shows a list's messages: the form has one for all services, one for all tickets."""
    steps = name.split(".")
    if steps[0] in form.LISTED:
        return steps[0]
    if len(steps) > 5 and steps[4] in {"tickets", "guards"}:
        return ".".join([*steps[:4], "tickets" if steps[4] == "tickets" else "other_guards"])
    return name


def _form(
    incident: Incident | None,
    values: form.Values,
    version: str,
    errors: dict[str, list[str]] | None = None,
    ways: Mapping[str, Sequence[Remedy]] | None = None,
    draft: Draft | None = None,
    message: str = "",
) -> Response:
    """The form with its messages; `ways` out by the name of the item that may not be closed.

    `draft` is shown where one is resumed; those beside it are offered.
    """
    known = guards.listing(limit=MOST_GUARDS).rows
    return form_page(
        "incidents/edit.html",
        incident=incident,
        values=values,
        removed=[
            (form.removed_name(section), form.hidden(section, f"removed.{place}"))
            for place, section in enumerate(values["removed"])
        ],
        version=version,
        errors=errors,
        ways=ways or {},
        refused=request.form.get("do") or _refused_button(),
        message=message or request.form.get("message", ""),
        **_drafts(incident, draft),
        **_templates(values),
        lacking=checklist.of(values) if values["status"] != "published" else None,
        checklist_asks=checklist.asks(),
        roles=[form.role(section) for section in values["sections"]],
        readings=readings.of(values),
        guards=known,
        model=model,
        errors_in=form.errors_in,
        blanks=form.blanks(),
        offers_guards=len(known) <= FEW_GUARDS,
        may_restrict=incident is None or restrictions.may_change(current_actor(), incident.created_by),
    )


def _drafts(incident: Incident | None, draft: Draft | None) -> dict[str, Any]:
    """What the page says of drafts: the one that it shows, under which name, and those that it offers."""
    name = draft.name if draft else request.form.get("draft") or secrets.token_hex(16)
    beside = draft_queries.offered(incident, current_actor()) if request.method == "GET" else []
    return {
        "draft": draft,
        "draft_name": name,
        "draft_mark": draft.mark if draft else request.form.get("draft_mark", ""),
        "offered": [other for other in beside if other.name != name],
    }


def _overtaken(incident: Incident | None, stale: Stale) -> Response:
    """Both texts side by side, with everything that was typed kept in the form."""
    kept = [
        (name, text)
        for name, text in request.form.items(multi=True)
        if name not in {"csrf_token", "written_by", "do", "onto"}
        and not name.startswith(clash_choices.PREFIX)
    ]
    body = page(
        "incidents/stale.html",
        incident=incident,
        stale=stale,
        kept=kept,
        offers=clash_choices.offered(stale.clashes),
        lines=diff.lines(stale.theirs, stale.mine),
    )
    return make_response(body, 409)
