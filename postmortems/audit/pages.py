"""Page of the audit log, for admins: everything that was done, with filters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, request
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.audit import log
from postmortems.audit.log import Filters
from postmortems.errors import NotAllowed
from postmortems.web import auth, forms, render

blueprint = Blueprint("audit_log", __name__, url_prefix="/settings")

PAGE = 50
TEXTS = {"actor": 100, "verb": 60, "subject": 200, "q": 100}
DAYS = ("since", "until")


@blueprint.get("/audit")
def index() -> AnyResponse:
    """Everything that was done and matches the filters, newest first."""
    if not permissions.may(auth.current_actor(), "people.manage"):
        raise NotAllowed("the audit log is for admins")
    asked = {name: request.args.get(name, "").strip() for name in (*TEXTS, *DAYS)}
    errors: forms.Errors = {}
    filters = _filters(asked, errors)
    said = request.args.get("before", "")
    before = int(said) if said.isdecimal() and len(said) <= 9 else None
    page = log.Page([], set()) if errors else log.page(filters, limit=PAGE, before=before)
    return render.form_page(
        "accounts/audit.html",
        errors=errors,
        asked=asked,
        narrowed={name: value for name, value in asked.items() if value},
        events=page.events,
        withheld=page.withheld,
        more=page.more,
        before=before,
    )


def _filters(asked: Mapping[str, str], errors: forms.Errors) -> Filters:
    """What is asked for; what is wrong of it goes into `errors`."""
    for name, longest in TEXTS.items():
        if len(asked[name]) > longest or "\0" in asked[name]:
            errors[name] = [f"write up to {longest} letters"]
    days: dict[str, date | None] = {}
    for name in DAYS:
        try:
            days[name] = date.fromisoformat(asked[name]) if asked[name] else None
        except ValueError:
            errors[name] = ["is no date; write it as 2018-01-25"]
    if errors:
        return Filters()
    if days["since"] and days["until"] and days["until"] < days["since"]:
        errors["until"] = ["this day is before the first one"]
    return Filters(**{name: asked[name] for name in TEXTS}, since=days["since"], until=days["until"])
