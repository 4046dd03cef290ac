"""Settings → Due dates: policies, the calendars that they count in, and what was dated anew."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.accounts.teams import queries as teams
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document import model
from postmortems.errors import Conflict, Invalid
from postmortems.followup import rules
from postmortems.followup.policies import (
    calendar_form,
    exceptions,
    holiday_days,
    new_items,
    operations,
    policy_form,
    queries,
    redates,
)
from postmortems.followup.policies import calendars as calendar_operations
from postmortems.followup.policies.due_dates import Deadlines
from postmortems.followup.policies.models import HolidayCalendar, Redate
from postmortems.followup.policies.redate_plan import Preview
from postmortems.incidents.items import kinds
from postmortems.incidents.items.item_teams import ItemNames
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page
from postmortems.web.transactions import own_units

blueprint = Blueprint("due_policies", __name__)
HOME = "/settings/due-dates"


@blueprint.get(HOME)
def index() -> Response:
    """All policies, the most specific first, calendars, and what was dated anew lately."""
    permissions.require(current_actor(), "due_policy.read")
    runs = redates.latest() if permissions.may(current_actor(), "due_policy.edit") else []
    return form_page(
        "due_policies/index.html",
        policies=queries.stored(),
        titles={policy.id: policy.title for policy in queries.policies()},
        calendars=queries.calendars(),
        days_of=queries.counts_of_days(),
        runs=[(run, redates.counts(run)) for run in runs],
    )


@blueprint.get(f"{HOME}/new")
def new() -> Response:
    permissions.require(current_actor(), "due_policy.edit")
    return _policy(None, policy_form.filled_in(operations.PolicyValues()))


@blueprint.get(f"{HOME}/<int:number>")
def show(number: int) -> Response:
    permissions.require(current_actor(), "due_policy.read")
    return _policy(number, policy_form.filled_in(operations.values_of(queries.policy(number))))


@blueprint.post(f"{HOME}/new")
@own_units
def create() -> AnyResponse:
    with _unit():
        return _save(None)


@blueprint.post(f"{HOME}/<int:number>")
@own_units
def change(number: int) -> AnyResponse:
    """Show what would change, save with or without dating items anew, or delete."""
    with _unit():
        if request.form.get("do") != "delete":
            return _save(number)
        operations.delete(number, actor=current_actor())
        flash("The policy is deleted. Items keep the dates that it gave.", "success")
        return redirect(HOME, 303)


def _unit() -> AbstractContextManager[object]:
    """A preview looks at thousands of items and only reads, so that others write meanwhile."""
    return db.reading() if request.form.get("do") == "preview" else db.transaction()


@blueprint.post(f"{HOME}/redates/<int:number>/undo")
def undo(number: int) -> AnyResponse:
    """Give the items back the dates that they had."""
    try:
        with session().begin_nested():
            run = redates.undo(number, actor=current_actor())
        flash(_of_undo(run), "success")
    except Conflict as refused:
        flash(f"{refused.detail[:1].upper()}{refused.detail[1:]}.", "error")
    return redirect(HOME, 303)


def _of_undo(run: Redate) -> str:
    """What came of taking it back, also of the policy."""
    if run.state != "undone":
        return "The dates are being put back."
    counts = redates.counts(run)
    kept = counts.get("kept", 0)
    said = f"{counts.get('undone', 0)} put back" if kept else "The dates are as they were"
    left = f"; {kept} left alone, changed by others since" if kept else ""
    is_new = run.before is None and run.policy_id is not None
    return f"{said}{left}.{' The policy stays: delete it if it is not wanted.' if is_new else ''}"


@blueprint.get("/settings/holidays/new")
def new_calendar() -> Response:
    permissions.require(current_actor(), "due_policy.edit")
    return _calendar(None)


@blueprint.get("/settings/holidays/<slug>")
def show_calendar(slug: str) -> Response:
    permissions.require(current_actor(), "due_policy.read")
    return _calendar(queries.calendar(slug))


@blueprint.post("/settings/holidays/new")
def create_calendar() -> AnyResponse:
    return _save_calendar(None)


@blueprint.post("/settings/holidays/<slug>")
def change_calendar(slug: str) -> AnyResponse:
    """Save a calendar, or delete it."""
    permissions.require(current_actor(), "due_policy.edit")
    if request.form.get("do") != "delete":
        return _save_calendar(slug)
    try:
        calendar_operations.delete(slug, actor=current_actor())
        flash("The calendar is deleted.", "success")
    except Conflict as refused:
        flash(f"{refused.detail[:1].upper()}{refused.detail[1:]}.", "error")
        return redirect(f"/settings/holidays/{slug}", 303)
    return redirect(HOME, 303)


@blueprint.post("/action-items/<ref>/exception")
def except_item(ref: str) -> AnyResponse:
    """Date an item apart from policy, or end that."""
    actor, form = current_actor(), request.form
    permissions.require_anywhere(actor, "item.edit")
    try:
        with session().begin_nested():
            if form.get("do") == "end":
                exceptions.end(ref, actor=actor)
            else:
                due, until = _day("due"), _day("until")
                exceptions.grant(ref, due=due, until=until, reason=form.get("reason", ""), actor=actor)
        flash(f"{ref} saved.", "success")
    except (Invalid, Conflict) as refused:
        flash(f"Not saved: {refused.detail}.", "error")
    return redirect(f"/action-items/{ref}#policy", 303)


@blueprint.app_template_global()
def due_by_policy(
    severity: str, priority: str, kind: str, owner: str = "", team: str = "", services: str = ""
) -> Deadlines | None:
    """What an item that is saved now would get, for the form, which has services by comma or one a line."""
    if not (policies := queries.policies()):
        return None
    names = ItemNames(owner, team, tuple(name.strip() for name in services.replace("\n", ",").split(",")))
    slug = queries.team_slugs({"": names}, policies).get("", "")
    now = clock.now()
    return new_items.expected(severity, priority, kind or kinds.kind_of(""), slug, now, now.date())


@blueprint.app_template_global()
def deadline_of(item: Any) -> dict[str, Any] | None:
    """What a policy says of a stored item, and the exception to it."""
    row = queries.deadline_of(item.id)
    if row is None:
        return None
    titles = {policy.id: policy.title for policy in queries.policies()}
    today = clock.now().date()
    return {
        "row": row,
        "policy": titles.get(row.policy_id or 0, ""),
        "is_excepted": exceptions.is_running(row, today),
        "is_late_to_assign": rules.is_open(item.status)
        and not item.owner
        and row.assign_by is not None
        and row.assign_by < today,
    }


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, "").strip())
    except ValueError:
        raise Invalid("write a day such as 2018-02-08", f"/{name}") from None


def _save(number: int | None) -> AnyResponse:
    actor, button, posted = current_actor(), request.form.get("do", "save"), request.form
    permissions.require(actor, "due_policy.edit")
    version = forms.whole_number(posted.get("version", ""))
    version = -1 if version is None and number is not None else version
    with_undated = "with_undated" in posted
    try:
        with session().begin_nested():
            values = policy_form.read(posted)
            if button == "preview":
                seen = redates.preview(number, values, with_undated=with_undated, actor=actor)
                return _policy(number, dict(posted), seen=seen)
            if button == "redate":
                run = redates.save(number, values, version=version, with_undated=with_undated, actor=actor)
                done = redates.counts(run).get("done", 0)
                is_over = run.state == "done"
                told = f"Saved, and dated anew: {done}." if is_over else "Saved. A job dates the items anew."
            else:
                saved = operations.change(number, values, version=version, actor=actor) if number else None
                saved or operations.create(values, actor=actor)
                told = "Saved. Items that there are keep their dates."
    except (Invalid, Conflict) as refused:
        session().expire_all()
        return _policy(number, dict(posted), errors=forms.errors(refused, "severity"))
    flash(told, "success")
    return redirect(HOME, 303)


def _policy(
    number: int | None,
    form: dict[str, Any],
    *,
    seen: Preview | None = None,
    errors: forms.Errors | None = None,
) -> Response:
    known = queries.policy(number) if number is not None else None
    return form_page(
        "due_policies/edit.html",
        errors=errors,
        known=known,
        title=queries.as_policy(known).title if known else "",
        form=form,
        version=form.get("version") or (known.version if known else ""),
        seen=seen,
        model=model,
        teams=teams.choices(),
        calendar_choices=[(each.slug, each.name) for each in queries.calendars()],
    )


def _save_calendar(slug: str | None) -> AnyResponse:
    actor = current_actor()
    permissions.require(actor, "due_policy.edit")
    version = forms.whole_number(request.form.get("version", ""))
    uploaded = request.files.get("ical")
    data = uploaded.read(holiday_days.LARGEST_FILE + 1) if uploaded else b""
    try:
        # Before the first statement: a file of thousands of days takes most of a second, and others write.
        values = calendar_form.read(request.form, data, clock.now().year)
        with session().begin_nested():
            if slug is None:
                calendar_operations.create(values, actor=actor)
            else:
                held = -1 if version is None else version
                calendar_operations.change(slug, values, version=held, actor=actor)
    except (Invalid, Conflict) as refused:
        session().expire_all()
        known = queries.calendar(slug) if slug else None
        return _calendar(known, errors=forms.errors(refused, "name"))
    flash("Saved. Dates that were counted before stay.", "success")
    return redirect(HOME, 303)


def _calendar(known: HolidayCalendar | None, errors: forms.Errors | None = None) -> Response:
    days = queries.days_of(known.id) if known else {}
    form: Any = request.form if errors else calendar_form.filled_in(known, days)
    return form_page(
        "due_policies/calendar.html",
        errors=errors,
        known=known,
        form=form,
        weekend=set(calendar_form.weekend(form)),
        of_country=[day for day, is_own in days.items() if not is_own],
        today=clock.now().date(),
        version=request.form.get("version") or (known.version if known else ""),
        countries=holiday_days.countries(),
        weekdays=calendar_form.WEEKDAYS,
    )
