"""Pages of digests: one as it was told, and when they come."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems import clock, zone_tables
from postmortems.accounts.models import User
from postmortems.db.session import session
from postmortems.errors import Invalid, NotFound
from postmortems.notify.digests import letters, operations, queries, schedule
from postmortems.notify.inbox import queries as inbox
from postmortems.notify.people import queries as people
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page, page

blueprint = Blueprint("digests", __name__)
PAGE = "/settings/digests"


@blueprint.get("/notifications/<int:number>/digest")
def show(number: int) -> str:
    """A digest that you were told, without what was restricted since."""
    told = inbox.one(number, current_actor())
    if told.kind != operations.KIND:
        raise NotFound("this is no digest")
    reader = session().get_one(User, told.user_id)
    return page("notify/digest.html", notice=letters.notice(told, reader, "", clock.now()), at=told.at)


@blueprint.get(PAGE)
def schedules() -> Response:
    return _schedules()


@blueprint.post(PAGE)
def change() -> AnyResponse:
    """Save when one's own digest comes, or that of a team."""
    form = request.form
    values: dict[str, Any] = {name: form.get(name, "") for name in ("team", "every", "zone")}
    for name in ("weekday", "hour"):
        number = forms.whole_number(form.get(name, ""))
        values[name] = -1 if number is None else number
    try:
        operations.change(**values, actor=current_actor())
    except Invalid as refused:
        return _schedules(forms.errors(refused, "every"), values["team"])
    flash("Saved.", "success")
    return redirect(PAGE, 303)


def _schedules(errors: forms.Errors | None = None, wrong: str = "") -> Response:
    actor = current_actor()
    mine = people.own(actor)
    user_id = actor.user_id or 0
    teams = [(team.slug, team.name) for team in queries.led_by(user_id)]
    known = {row.team.slug if row.team else "": row for row in queries.stored_of(user_id)}
    return form_page(
        "notify/digests.html",
        errors=errors,
        wrong=wrong,
        form=request.form if errors else {},
        whose=[("", "You"), *teams],
        known=known,
        zone=mine.zone,
        schedule=schedule,
        weekdays=list(enumerate(schedule.WEEKDAYS)),
        hours=[(hour, f"{hour:02}:00") for hour in range(24)],
        zones=sorted(zone_tables.available_timezones()),
    )
