"""The pages of action items: the list, and one item with its history and form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, Response, flash, make_response, request
from markupsafe import Markup
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.accounts.teams import queries as teams
from postmortems.actor import Actor
from postmortems.db.session import session
from postmortems.document import model
from postmortems.errors import Invalid, Remedy
from postmortems.followup import queries, rules, schemas, sorts
from postmortems.followup.item import blockers, history, merges
from postmortems.followup.item import title_pages as titles
from postmortems.followup.queries import Filters, Line, Listed
from postmortems.followup.views import queries as views
from postmortems.gate.enforcement import confirmations, save_incident
from postmortems.gate.protection import queries as protection_queries
from postmortems.guards import queries as guards
from postmortems.guards.services import known_services
from postmortems.incidents import rows
from postmortems.incidents.comments import queries as comments
from postmortems.incidents.items import item_teams, team_rights
from postmortems.incidents.models import ActionItem
from postmortems.tickets import pages as tickets
from postmortems.web import forms, rendered_parts
from postmortems.web.auth import current_actor
from postmortems.web.kept import parts
from postmortems.web.render import page, page_or_part

blueprint = Blueprint("followup", __name__)

PAGE_ROWS, HISTORY_ROWS = 50, 20
UNCLOSED = ",".join(rules.UNCLOSED)
OPEN = ",".join(rules.OPEN)
# What people look for most, each by its label and the query of its list.
VIEWS = (
    ("Not closed", Filters(status=UNCLOSED)),
    ("Overdue", Filters(overdue=True)),
    ("Without owner", Filters(unowned=True)),
    ("Proposed", Filters(status="proposed")),
    ("Process fixes", Filters(status=OPEN, kind="process")),
    ("Done, not proven", Filters(unproven=True)),
    ("Regressed", Filters(protection="regressed")),
    ("Closed", Filters(status=",".join(rules.CLOSED))),
)
# Saved ones that stand above the list; there are more on their own page.
MOST_VIEWS = 8
EDITABLE = (
    "owner",
    "team",
    "due",
    "priority",
    "status",
    "reason",
    "outcome",
    "evidence",
    "done_when",
    "guardability",
)


class Asked(NamedTuple):
    """Which list was asked for: `filters` are None where the address has none."""

    filters: Filters | None
    after: str
    # Whether rows can be ticked.
    ticks: bool


@blueprint.get("/action-items")
def index() -> Response:
    """The list; its filters are the address. Without any it shows what is not closed.

    `edit=AI-2` shows that row as a form: how a row is edited without a script.
    """
    ref = request.args.get("edit", "")
    return _list(request.args, _row_form(queries.by_ref(ref, current_actor())) if ref else {})


def _list(said: Mapping[str, str], form: Mapping[str, Any]) -> Response:
    """The list that an address states, one of its rows as a form where there is a `form` for it."""
    asked = Asked(schemas.filters(said) if said else None, said.get("after", ""), "select" in said)
    if form:
        body = Markup(_rendered(asked, form, current_actor()))
    else:
        make, name = partial(_rendered, asked, form), ("action items", asked, PAGE_ROWS)
        body = parts.shown(name, make, is_personal=views.has_any(current_actor()))
    return page_or_part("followup/index.html", "_body.html", body=body)


def _rendered(asked: Asked, form: Mapping[str, Any], actor: Actor) -> str:
    """The list, as it is kept: without filters it begins with the view that the actor chose."""
    filters, after, unsorted = asked.filters or _first_view(actor), asked.after, ""
    try:
        found = queries.lines(filters, after, PAGE_ROWS)
    except Invalid as refused:
        if refused.problems[0].pointer != "/sort":
            raise
        filters, unsorted = replace(filters, sort=""), refused.problems[0].detail
        found = queries.lines(filters, "", PAGE_ROWS)
    is_whole, here = not (after or found.after), filters.query() or "status=any"
    lines = _with_edited(found.rows, form)
    owners = queries.owners()
    strangers = teams.strangers([*owners, *(line.owner for line in lines)])
    may_edit = permissions.may_anywhere(actor, "item.edit")
    return parts.rendered(
        "followup/_list.html",
        filters=filters,
        query=filters.query(),
        sort=sorts.read(filters.sort),
        unsorted=unsorted,
        plain=replace(filters, sort="").query() or "status=any",
        views=_views(actor),
        rows=lines,
        matching=len(found.rows) if is_whole else queries.matching_at_most(filters),
        **_offered(owners, strangers),
        trackers=tickets.trackers_to_choose(),
        tickets=tickets.of_lines(lines),
        ticks=asked.ticks and may_edit,
        edits=may_edit,
        fixed=_fixed(lines, actor) if may_edit else (),
        back=parse_qsl(here) + ([("after", after)] if after else []),
        next_url=f"/action-items?{here}&{urlencode({'after': found.after})}" if found.after else "",
        first_url=f"/action-items?{here}" if after else "",
        **{"errors": {}, "posted": {}, "ways": (), "rules": rules, **form},
    )


def _fixed(lines: Sequence[Line], actor: Actor) -> frozenset[int]:
    """The numbers of the rows that are not for whoever looks to edit, where others are."""
    numbers = frozenset(line.number for line in lines)
    return numbers - team_rights.allowed_numbers(actor, team_rights.EDIT, numbers)


def _offered(owners: Sequence[str], strangers: Mapping[str, str]) -> dict[str, Any]:
    """What the filters of the list offer, and what its rows are shown by."""
    return {
        "most": queries.MOST_COUNTED,
        "owners": [(name, f"{name} ({strangers[name]})" if name in strangers else name) for name in owners],
        "strangers": strangers,
        "services": known_services.choices(),
        "protections": sorts.PROTECTIONS,
        "kinds": model.ITEM_KINDS,
        "teams": teams.choices(),
        "severities": model.SEVERITIES,
        "model": model,
    }


def _with_edited(lines: Sequence[Line], form: Mapping[str, Any]) -> list[Line]:
    """The lines, and the one that is edited before them where it is no longer one of the page."""
    edited = form["row"].line if form else None
    is_there = edited is None or any(line.number == edited.number for line in lines)
    return [*lines] if is_there or edited is None else [edited, *lines]


def _views(actor: Actor) -> list[tuple[str, Filters]]:
    """The views that everybody has, then the saved ones, each with the query of its list."""
    saved = views.listing(actor)[:MOST_VIEWS] if actor.user_id is not None else []
    return [*VIEWS, *((view.row.name, view.filters) for view in saved)]


def _first_view(actor: Actor) -> Filters:
    chosen = views.default(actor)
    return VIEWS[0][1] if chosen is None else chosen.filters


def date_of(text: str, name: str) -> date | None:
    """A date of a form; None where it is empty. Raises `Invalid` at the field."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("is no date; write it as 2018-01-25", f"/{name}") from None


@blueprint.get("/action-items/<ref>")
def show(ref: str) -> Response:
    """One item: what is asked, where it stands and why, what happened to it, and the form that changes it."""
    return _show(queries.by_ref(ref, current_actor()))


@blueprint.post("/action-items/<ref>")
def edit(ref: str) -> AnyResponse:
    """Change the fields of the form; an admin may close without proof and say why."""
    actor = current_actor()
    item = queries.by_ref(ref, actor)
    message = request.form.get("message", "").strip()
    try:
        # What is refused is undone here already: the page that says so shows what is stored.
        with session().begin_nested():
            save_incident.edit_item(ref, _changes(), actor=actor, message=message)
    except Invalid as invalid:
        return _show(item, _errors(invalid), 422, _ways_out(invalid))
    flash(f"{ref} saved.", "success")
    return redirect(f"/action-items/{ref}", 303)


@blueprint.get("/action-items/<ref>/row")
def row(ref: str) -> str:
    """One row of the list: as it reads, or with `?edit=1` as a small form."""
    return _row(queries.by_ref(ref, current_actor()), is_form="edit" in request.args)


@blueprint.post("/action-items/<ref>/row")
def edit_row(ref: str) -> AnyResponse | str:
    """The small form of a row: owner, due date and status. Without a script the whole list comes back."""
    actor, is_part = current_actor(), "HX-Request" in request.headers
    said = dict(parse_qsl(request.form.get("back", "")))
    try:
        with session().begin_nested():
            save_incident.edit_item(ref, _changes(), actor=actor)
    except Invalid as invalid:
        form = _row_form(queries.by_ref(ref, actor), _errors(invalid), _ways_out(invalid))
        shown = make_response(page("followup/_row_form.html", **form)) if is_part else _list(said, form)
        shown.status_code = 422
        return shown
    if is_part:
        return _row(queries.by_ref(ref, actor), is_form=False)
    flash(f"{ref} saved.", "success")
    return redirect(f"/action-items?{urlencode(said)}", 303)


def _row(item: ActionItem, *, is_form: bool) -> str:
    values = _row_form(item)
    line, strangers = values["row"].line, teams.strangers([item.owner])
    if is_form:
        return page("followup/_row_form.html", **values)
    told = {"line": line, "strangers": strangers, "tickets": tickets.of_lines([line])}
    return page("followup/_row.html", **values, **told)


def _row_form(
    item: ActionItem, errors: forms.Errors | None = None, ways: Sequence[Remedy] = ()
) -> dict[str, Any]:
    """What the form of a row shows: its item, what was posted, and what is wrong with that."""
    row = Listed(item, queries.protection_of(item))
    return {"row": row, "posted": request.form, "errors": errors or {}, "ways": ways, "rules": rules}


def _show(
    item: ActionItem, errors: forms.Errors | None = None, status: int = 200, ways: Sequence[Remedy] = ()
) -> Response:
    protection = protection_queries.of_items([item.id]).get(item.id)
    body = page(
        "followup/show.html",
        item=item,
        strangers=teams.strangers([item.owner]),
        answering=item_teams.of_item(item),
        heading=titles.of(item, rendered_parts.shown(item.incident).references),
        protection=protection,
        guards=guards.by_slugs([guard.slug for guard in item.guards]),
        blockers=blockers.of(item),
        merged_into=merges.into(item),
        merged=merges.of(item),
        is_confirmation_asked=confirmations.is_asked(item),
        threads=comments.threads(item.incident, rows.to_document(item.incident), item.ref),
        history=history.of(item, request.args.get("after", ""), HISTORY_ROWS),
        values={name: request.form.get(name, _text(getattr(item, name))) for name in EDITABLE},
        errors=errors or {},
        ways=ways,
        age=rules.age_days(item.opened_at, clock.now(), item.closed_at),
        rules=rules,
        model=model,
        is_demo=item.incident.is_demo,
        **tickets.shown(item),
    )
    return make_response(body, status)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _changes() -> dict[str, Any]:
    """What the form says, as the fields of an item; those it does not have stay."""
    said: dict[str, Any] = {name: request.form[name].strip() for name in EDITABLE if name in request.form}
    # The buttons that choose the proof asked stand beside the field of that name, and count before it.
    if chosen := request.form.get("choose_guardability"):
        said["guardability"] = chosen
    if "due" in said:
        said["due"] = date_of(said["due"], "due")
    return said


def _ways_out(invalid: Invalid) -> list[Remedy]:
    return [remedy for problem in invalid.problems for remedy in problem.remedies]


def _errors(invalid: Invalid) -> forms.Errors:
    """Messages by the item's own field, whatever its place in the document."""
    by_field: forms.Errors = {}
    for name, messages in forms.flatten(invalid.problems).items():
        by_field.setdefault(name.rsplit(".", 1)[-1], []).extend(messages)
    return by_field
