"""Pages of bulk edits: the form under the list, the preview of what changes, progress, and undo."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode

from flask import Blueprint, flash, make_response, request
from markupsafe import Markup
from marshmallow import ValidationError
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from postmortems.accounts import permissions
from postmortems.db import session as db
from postmortems.document import model
from postmortems.errors import Conflict, Invalid
from postmortems.followup import queries as items
from postmortems.followup import schemas as followup
from postmortems.followup.bulk import api, models, plan, queries, schemas
from postmortems.followup.filters import Filters
from postmortems.gate.enforcement import bulk_edits, bulk_plans
from postmortems.tickets import pages as tickets
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import invalid
from postmortems.web.render import page, page_or_part
from postmortems.web.transactions import own_units

blueprint = Blueprint("bulk_pages", __name__)

PAGE_ROWS = 100
# What may be emptied for all of them.
EMPTIED = {"owner": "", "team": "", "due": None, "priority": ""}


@blueprint.post("/action-items/bulk")
@own_units
def create() -> Response:
    """Plan an edit of the items that are ticked, or of all that the list's filters let through.

    What thousands of items say is read while others write.
    """
    actor = current_actor()
    with db.reading():
        permissions.require_anywhere(actor, "item.edit")
        try:
            wanted = _wanted()
            ready = bulk_plans.prepared(_items(), wanted, actor=actor)
        except Invalid as refused:
            return _form(refused)
    number = bulk_edits.keep(ready, actor=actor)
    return redirect(f"/action-items/bulk/{number}?{urlencode({'back': _back()})}", 303)


@blueprint.get("/action-items/bulk/new")
def bar() -> str:
    """The form alone, for a list whose rows a script lets be ticked; the address has the list's filters."""
    permissions.require_anywhere(current_actor(), "item.edit")
    filters = _filters(request.query_string.decode("ascii", "replace"))
    return page(
        "followup/bulk/_bar.html",
        query=filters.query(),
        matching=items.matching_at_most(filters),
        most=items.MOST_COUNTED,
        trackers=tickets.trackers_to_choose(),
        model=model,
    )


def _wanted() -> dict[str, Any]:
    """What the form sets; an empty field sets nothing, a ticked one under `empty` empties it."""
    said: dict[str, Any] = {
        name: text for name in plan.SETTABLE if (text := request.form.get(name, "").strip())
    }
    said |= {name: EMPTIED[name] for name in request.form.getlist("empty") if name in EMPTIED}
    if not said:
        raise Invalid("say what to set: choose or write at least one of these", "/set")
    try:
        return dict(schemas.BulkSetSchema().load(said))
    except ValidationError as wrong:
        raise invalid({"set": wrong.messages}) from wrong


def _items() -> list[plan.ItemFacts]:
    if request.form.get("of") == "all":
        found = queries.of_filters(_filters(request.form.get("filter", "")))
    else:
        numbers = [int(text) for text in request.form.getlist("i") if text.isdecimal() and len(text) < 10]
        found = queries.of_numbers(numbers[: queries.MOST_ITEMS])
    if not found:
        raise Invalid("tick the items that it is about, or take all that the list shows", "/items")
    return found


def _filters(query: str) -> Filters:
    """The filters that the query of a list's address states."""
    return followup.filters({name: values[0] for name, values in parse_qs(query).items()}, "/filter")


def _back() -> str:
    """The query of the list that one came from."""
    return request.values.get("filter", "") or request.values.get("back", "")


def _form(refused: Invalid) -> Response:
    problems = [(each.pointer.rpartition("/")[2], each.detail) for each in refused.problems]
    errors: forms.Errors = {}
    for field, detail in problems:
        errors.setdefault(field if field in plan.SETTABLE else "", []).append(detail)
    body = page(
        "followup/bulk/form.html",
        posted=request.form,
        ticked=request.form.getlist("i"),
        emptied=request.form.getlist("empty"),
        query=request.form.get("filter", ""),
        errors=errors,
        model=model,
    )
    return make_response(body, 422)


@blueprint.get("/action-items/bulk/<int:number>")
def show(number: int) -> Response:
    """What an edit changes, or how far it is, row by row; htmx asks for the part while it goes on."""
    edit = queries.by_id(number, current_actor())
    state = request.args.get("state", "")
    after = request.args.get("after", "")
    rows = queries.lines(
        number,
        int(after) if after.isdecimal() and len(after) < 10 else 0,
        PAGE_ROWS + 1,
        state if state in models.LINE_STATES else "",
    )
    back = _back()
    kept = urlencode([(name, value) for name, value in (("state", state), ("back", back)) if value])
    more = f"{request.path}?{kept}&after={rows[PAGE_ROWS - 1].line.number}" if len(rows) > PAGE_ROWS else ""
    return page_or_part(
        "followup/bulk/show.html",
        "followup/bulk/_edit.html",
        edit=edit,
        counts=queries.counts(number),
        rows=rows[:PAGE_ROWS],
        remarks=api.remarks(plan.from_json(edit.values)) if edit.state == models.PLANNED else [],
        back=back,
        state=state,
        next_url=more,
        first_url=f"{request.path}?{kept}" if after else "",
        is_at_work=edit.state in bulk_edits.AT_WORK,
    )


@blueprint.post("/action-items/bulk/<int:number>/apply")
def apply(number: int) -> Response:
    """Do what the preview showed; a long edit goes on in the background."""
    edit = bulk_edits.apply(number, actor=current_actor())
    return _after(number, edit.state == models.DONE)


@blueprint.post("/action-items/bulk/<int:number>/undo")
def undo(number: int) -> Response:
    """Give the items back what they said before."""
    try:
        edit = bulk_edits.undo(number, actor=current_actor())
    except Conflict as conflict:
        flash(f"{str(conflict)[:1].upper()}{str(conflict)[1:]}.", "warning")
        return redirect(f"/action-items/bulk/{number}", 303)
    return _after(number, edit.state == models.UNDONE)


def _after(number: int, is_done: bool) -> Response:
    """Back to the list with what came of it; to its own page while it goes on, or where something stayed."""
    counts, back = queries.counts(number), _back()
    if is_done:
        flash(Markup(page("followup/bulk/_told.html", number=number, counts=counts)), "success")
    if not is_done or set(counts) & {models.REFUSED, models.CONFLICT, models.KEPT}:
        return redirect(f"/action-items/bulk/{number}?{urlencode({'back': back})}", 303)
    return redirect(f"/action-items?{urlencode(parse_qs(back), doseq=True)}", 303)
