"""Pages of what one hears of: Settings → Notifications, and the links in mails, which need no signing in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems import zone_tables
from postmortems.accounts import permissions
from postmortems.accounts import queries as accounts
from postmortems.config import Settings
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotFound, TooMany, Unavailable
from postmortems.notify.people import operations, queries
from postmortems.notify.people.kinds import KINDS, WAYS, hears
from postmortems.notify.people.links import Links
from postmortems.notify.people.quiet_hours import clock_time
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page, page
from postmortems.web.server.app_runtime import runtime

blueprint = Blueprint("notification_settings", __name__)
PAGE = "/settings/notifications"


@blueprint.get(PAGE)
def show() -> Response:
    return _show()


@blueprint.post(PAGE)
def change() -> AnyResponse:
    """Save the switches, or the address: each has a button of its own."""
    form, actor = request.form, current_actor()
    try:
        with session().begin_nested():
            if form.get("do") == "address":
                address, sends = form.get("address", ""), bool(_settings().smtp_url)
                row = operations.set_address(actor.name, address, actor=actor, sends_mail=sends)
                told = f"A mail is on its way to {row.address}: press the button in it."
                flash(told if row.address and row.confirmed_at is None else "Saved.", "success")
            else:
                operations.change(**_fields(), actor=actor)
                flash("Saved.", "success")
    except (Invalid, Conflict, Unavailable, TooMany) as refused:
        session().expire_all()
        return _show(forms.errors(refused, "address"))
    return redirect(PAGE, 303)


@blueprint.route("/settings/people/<name>/mail", methods=["GET", "POST"])
def address_of(name: str) -> AnyResponse:
    """An admin's page of somebody else's mail address."""
    actor = current_actor()
    permissions.require(actor, "people.manage")
    user = accounts.account(name)
    errors: forms.Errors = {}
    if request.method == "POST":
        address = request.form.get("address", "")
        try:
            with session().begin_nested():
                operations.set_address(name, address, actor=actor, sends_mail=bool(_settings().smtp_url))
            flash(f"Mail to {name} goes there from now on." if address.strip() else "Taken away.", "success")
            return redirect("/settings/people", 303)
        except (Invalid, Unavailable, TooMany) as refused:
            errors = forms.errors(refused, "address")
    mine = queries.of_user(user.id)
    typed = request.form.get("address", mine.address)
    return form_page("notify/address.html", errors=errors, user=user, mine=mine, typed=typed)


@blueprint.route("/notifications/off/<token>", methods=["GET", "POST"])
def switch_off(token: str) -> Response:
    """Switch a kind of mail off: by the button of the page, or by the mailer's own (RFC 8058).

    Reading it changes nothing: scanners of mail open links, too.
    """
    found = _links().read_off(token)
    if found is None:
        return make_response(page("notify/off.html", kind=None), 404)
    user_id, kind = found
    if request.method == "POST":
        try:
            operations.switch_off(user_id, kind)
        except NotFound:
            return make_response(page("notify/off.html", kind=None), 404)
    return make_response(page("notify/off.html", kind=KINDS[kind], is_done=request.method == "POST"))


@blueprint.route("/notifications/confirm/<token>", methods=["GET", "POST"])
def confirm(token: str) -> Response:
    """Confirm a mail address by the button of the page."""
    found = _links().read_confirm(token)
    if found is None:
        return make_response(page("notify/confirm.html", address=""), 404)
    user_id, address = found
    try:
        if request.method == "POST":
            operations.confirm(user_id, address)
    except NotFound:
        return make_response(page("notify/confirm.html", address=""), 404)
    return make_response(page("notify/confirm.html", address=address, is_done=request.method == "POST"))


def _settings() -> Settings:
    return runtime().settings


def _links() -> Links:
    return Links(_settings())


def _fields() -> dict[str, Any]:
    form = request.form
    is_on = set(form.getlist("on"))
    switches = (f"{kind}:{way}" for kind in KINDS for way in WAYS)
    return {
        "zone": form.get("zone", "").strip(),
        "quiet_from": form.get("quiet_from", ""),
        "quiet_until": form.get("quiet_until", ""),
        "off": [switch for switch in switches if switch not in is_on],
    }


def _show(errors: forms.Errors | None = None) -> Response:
    actor = current_actor()
    permissions.require(actor, "notification.read")
    mine = queries.of_user(actor.user_id or 0)
    return form_page(
        "notify/settings.html",
        errors=errors,
        form=request.form if errors else {},
        mine=mine,
        quiet=(clock_time(mine.quiet_from), clock_time(mine.quiet_until)),
        kinds=KINDS,
        ways=WAYS,
        hears=hears,
        zones=sorted(zone_tables.available_timezones()),
        sends_mail=bool(_settings().smtp_url),
    )
