"""Due-date policies and holiday calendars over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Response, url_for
from marshmallow import Schema

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.db import session as db
from postmortems.followup import queries as followup
from postmortems.followup.policies import (
    calendars,
    exceptions,
    holiday_days,
    operations,
    queries,
    redates,
    schemas,
)
from postmortems.followup.policies.calendars import CalendarValues
from postmortems.followup.policies.models import HolidayCalendar, StoredPolicy
from postmortems.incidents.models import ActionItem
from postmortems.web.auth import current_actor
from postmortems.web.openapi import etags
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint(
    "due_policies", "Due-date policies: how long items may take, in whose days, and who hears of it when"
)

Fields = dict[str, Any]


@blueprint.route("/policies/due-dates", methods=["GET"])
@contract(returns=schemas.DuePoliciesSchema, errors=(), scope_note="read")
def index() -> Response:
    """Due-date policies, the most specific first: the first one that fits an item holds for it"""
    permissions.require(current_actor(), "due_policy.read")
    return etags.answered(schemas.DuePoliciesSchema, {"policies": [_shown(row) for row in queries.stored()]})


@blueprint.route("/policies/due-dates", methods=["POST"])
@contract(
    body=schemas.DuePolicyRedateSchema,
    returns=schemas.DuePolicySchema,
    status=201,
    errors=(409,),
    scope_note="admin",
)
def create(body: Fields) -> Response:
    """Make a policy; with `redate` the items that there are are dated anew, too"""
    made = _saved(None, body)
    return _created(schemas.DuePolicySchema, made, url_for("due_policies_api.show", number=made["id"]))


@blueprint.route("/policies/due-dates/preview", methods=["POST"])
@contract(
    body=schemas.DuePreviewBodySchema,
    returns=schemas.DuePreviewSchema,
    errors=(404,),
    scope_note="admin",
    own_units=True,
)
def preview(body: Fields) -> Fields:
    """What a new or changed policy would do to the dates of the items that there are; changes nothing"""
    number, with_undated = body.pop("id"), body.pop("with_undated")
    values, actor = schemas.values(body), current_actor()
    # It looks at thousands of items: others write meanwhile.
    with db.reading():
        return schemas.preview(redates.preview(number, values, with_undated=with_undated, actor=actor))


@blueprint.route("/policies/due-dates/redates", methods=["GET"])
@contract(returns=schemas.DueRedatesSchema, errors=(), scope_note="admin")
def list_redates() -> Fields:
    """The newest times that items were dated anew"""
    permissions.require(current_actor(), "due_policy.edit")
    return {"redates": [schemas.redate(run, redates.counts(run)) for run in redates.latest()]}


@blueprint.route("/policies/due-dates/redates/<int:number>", methods=["GET"])
@contract(returns=schemas.DueRedateSchema, errors=(404,), scope_note="admin")
def show_redate(number: int) -> Fields:
    """How far one of them is"""
    permissions.require(current_actor(), "due_policy.edit")
    run = redates.named(number)
    return schemas.redate(run, redates.counts(run))


@blueprint.route("/policies/due-dates/redates/<int:number>/undo", methods=["POST"])
@contract(returns=schemas.DueRedateSchema, errors=(404, 409), scope_note="admin")
def undo_redate(number: int) -> Fields:
    """Give the items back the dates that they had, and the policy what it said"""
    run = redates.undo(number, actor=current_actor())
    return schemas.redate(run, redates.counts(run))


@blueprint.route("/policies/due-dates/<int:number>", methods=["GET"])
@contract(returns=schemas.DuePolicySchema, errors=(404,), scope_note="read")
def show(number: int) -> Response:
    """One policy"""
    permissions.require(current_actor(), "due_policy.read")
    return etags.answered(schemas.DuePolicySchema, _shown(queries.policy(number)))


@blueprint.route("/policies/due-dates/<int:number>", methods=["PUT"])
@contract(
    body=schemas.DuePolicyRedateSchema,
    returns=schemas.DuePolicySchema,
    errors=(404, 409, 412),
    scope_note="admin",
)
def change(body: Fields, number: int) -> Response:
    """Change a policy; with `redate` the items that there are are dated anew, too"""
    permissions.require(current_actor(), "due_policy.read")
    etags.refuse_changed(schemas.DuePolicySchema, lambda: _shown(queries.policy(number)), "the policy")
    return etags.answered(schemas.DuePolicySchema, _saved(number, body))


@blueprint.route("/policies/due-dates/<int:number>", methods=["DELETE"])
@contract(status=204, errors=(404,), scope_note="admin")
def delete(number: int) -> None:
    """Delete a policy; items keep the dates that it gave"""
    operations.delete(number, actor=current_actor())


@blueprint.route("/action-items/<ref>/deadline", methods=["GET"])
@contract(returns=schemas.ItemDeadlineSchema, errors=(404,), scope_note="read")
def show_deadline(ref: str) -> Fields:
    """What a policy says of an item, and the exception that it has"""
    return _deadline(followup.by_ref(ref, current_actor()))


@blueprint.route("/action-items/<ref>/exception", methods=["PUT"])
@contract(
    body=schemas.DueExceptionBodySchema,
    returns=schemas.ItemDeadlineSchema,
    errors=(404, 409),
    scope_note="write",
)
def grant_exception(body: Fields, ref: str) -> Fields:
    """Date an item apart from policy, with a reason and an end"""
    return _deadline(exceptions.grant(ref, **body, actor=current_actor()))


@blueprint.route("/action-items/<ref>/exception", methods=["DELETE"])
@contract(returns=schemas.ItemDeadlineSchema, errors=(404, 409), scope_note="write")
def end_exception(ref: str) -> Fields:
    """End an item's exception: it gets its policy's date back"""
    return _deadline(exceptions.end(ref, actor=current_actor()))


@blueprint.route("/holidays", methods=["GET"])
@contract(returns=schemas.HolidayCalendarsSchema, errors=(), scope_note="read")
def holidays() -> Response:
    """Holiday calendars, and the countries whose holidays are known"""
    permissions.require(current_actor(), "due_policy.read")
    counts = queries.counts_of_days()
    rows = [schemas.calendar_line(row, counts.get(row.id, 0)) for row in queries.calendars()]
    shown = {"calendars": rows, "countries": holiday_days.countries()}
    return etags.answered(schemas.HolidayCalendarsSchema, shown)


@blueprint.route("/holidays", methods=["POST"])
@contract(
    body=schemas.HolidayCalendarBodySchema,
    returns=schemas.HolidayCalendarSchema,
    status=201,
    errors=(409,),
    scope_note="admin",
)
def create_calendar(body: Fields) -> Response:
    """Make a holiday calendar"""
    permissions.require(current_actor(), "due_policy.edit")
    made = calendars.create(_values(body), actor=current_actor())
    address = url_for("due_policies_api.show_calendar", slug=made.slug)
    return _created(schemas.HolidayCalendarSchema, _calendar(made), address)


@blueprint.route("/holidays/<slug>", methods=["GET"])
@contract(returns=schemas.HolidayCalendarSchema, errors=(404,), scope_note="read")
def show_calendar(slug: str) -> Response:
    """One holiday calendar with its days"""
    permissions.require(current_actor(), "due_policy.read")
    return etags.answered(schemas.HolidayCalendarSchema, _calendar(queries.calendar(slug)))


@blueprint.route("/holidays/<slug>", methods=["PUT"])
@contract(
    body=schemas.HolidayCalendarEditSchema,
    returns=schemas.HolidayCalendarSchema,
    errors=(404, 409, 412),
    scope_note="admin",
)
def change_calendar(body: Fields, slug: str) -> Response:
    """Change a holiday calendar; dates that were counted in it stay"""
    permissions.require(current_actor(), "due_policy.edit")
    version = body.pop("version")
    # Before the first statement: a file of thousands of days takes most of a second, and others write.
    values = _values(body)
    etags.refuse_changed(
        schemas.HolidayCalendarSchema, lambda: _calendar(queries.calendar(slug)), "the calendar"
    )
    changed = calendars.change(slug, values, version=version, actor=current_actor())
    return etags.answered(schemas.HolidayCalendarSchema, _calendar(changed))


@blueprint.route("/holidays/<slug>", methods=["DELETE"])
@contract(status=204, errors=(404, 409), scope_note="admin")
def delete_calendar(slug: str) -> None:
    """Delete a holiday calendar that no policy counts in"""
    calendars.delete(slug, actor=current_actor())


def _deadline(item: ActionItem) -> Fields:
    return schemas.deadline(item, queries.deadline_of(item.id))


def _saved(number: int | None, body: Fields) -> Fields:
    actor, values, version = current_actor(), schemas.values(body), body["version"]
    if body["redate"]:
        run = redates.save(number, values, version=version, with_undated=body["with_undated"], actor=actor)
        row = queries.policy(run.policy_id or 0)
        return schemas.policy(row, run.title, schemas.redate(run, redates.counts(run)))
    if number is None:
        return _shown(operations.create(values, actor=actor))
    return _shown(operations.change(number, values, version=version, actor=actor))


def _shown(row: StoredPolicy) -> Fields:
    return schemas.policy(row, queries.as_policy(row).title)


def _calendar(row: HolidayCalendar) -> Fields:
    days = queries.days_of(row.id)
    return {
        "id": row.slug,
        "version": row.version,
        "known_until": row.known_until,
        "days": [day for day, is_own in days.items() if is_own],
        "holidays": [day for day, is_own in days.items() if not is_own],
        **{name: getattr(row, name) for name in ("name", "country", "subdivision", "weekend")},
    }


def _values(body: Fields) -> CalendarValues:
    days = set(body["days"])
    if body["ical"]:
        days |= holiday_days.from_ical(body["ical"].encode(), clock.now().year)
    weekend = None if body["weekend"] is None else frozenset(body["weekend"])
    return CalendarValues(body["name"], body["country"], body["subdivision"], weekend, frozenset(days))


def _created(schema: type[Schema], made: Fields, address: str) -> Response:
    response = etags.answered(schema, made, 201)
    response.headers["Location"] = address
    return response
