"""The inbox: what you were told, what of it you have read, and the way to what it is about."""

from __future__ import annotations

from flask import Blueprint, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.notify.inbox import operations, queries, texts
from postmortems.notify.people.kinds import KINDS
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import page

blueprint = Blueprint("inbox", __name__, url_prefix="/notifications")
ROWS = 50


@blueprint.get("")
def index() -> str:
    """The inbox, newest first; `show=unread` for what is not read yet."""
    actor = current_actor()
    permissions.require(actor, "notification.read")
    only_unread = request.args.get("show") == "unread"
    before = forms.whole_number(request.args.get("before", ""))
    found = queries.listing(actor, is_read=False if only_unread else None, before=before, limit=ROWS)
    today = clock.now().date()
    return page(
        "notify/inbox.html",
        rows=[(told, texts.headline(told, today) or texts.past(told), texts.page(told)) for told in found],
        kinds=KINDS,
        only_unread=only_unread,
        before=before,
        more=found[-1].notification.id if len(found) == ROWS else None,
        newest=found[0].notification.id if found and before is None else None,
    )


@blueprint.post("/read")
def read_all() -> AnyResponse:
    """All that the page showed is read."""
    count = operations.read_all(
        up_to=forms.whole_number(request.form.get("up_to", "")) or 0, actor=current_actor()
    )
    flash(f"{count} marked as read.", "success")
    return redirect("/notifications", 303)


@blueprint.post("/<int:number>")
def open_one(number: int) -> AnyResponse:
    """Read one, and go to what it is about; or mark it as unread again."""
    is_read = request.form.get("do") != "unread"
    done = operations.read(number, is_read=is_read, actor=current_actor())
    return redirect(texts.page(queries.with_subjects([done])[0]) if is_read else "/notifications", 303)
