"""Settings → Chat: what one's own chat accounts are, a code to link another, and how chats are connected."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, flash
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.capture.chats import commands, operations, queries
from postmortems.config import Settings
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page

blueprint = Blueprint("chat_settings", __name__)
PAGE = "/settings/chat"


@blueprint.get(PAGE)
def show() -> Response:
    return _show()


@blueprint.post(f"{PAGE}/codes")
def make_code() -> Response:
    """Make a code and show it, this once."""
    return _show(operations.make_code(actor=current_actor()))


@blueprint.post(f"{PAGE}/accounts/<int:account_id>/unlink")
def unlink(account_id: int) -> AnyResponse:
    name = operations.unlink(account_id, actor=current_actor())
    flash(f"The chat account is {name}’s no longer.", "success")
    return redirect(PAGE, 303)


def _show(code: str = "") -> Response:
    actor = current_actor()
    permissions.require(actor, "notification.read")
    settings: Settings = current_app.extensions["settings"]
    others = queries.accounts() if permissions.may(actor, "people.manage") else []
    return form_page(
        "capture/chat.html",
        errors=None,
        code=code,
        command=commands.NAME,
        mine=queries.accounts(actor.user_id or 0),
        others=[account for account in others if account.user_id != actor.user_id],
        url=settings.url,
        has_slack=bool(settings.slack_secrets),
        has_mattermost=bool(settings.mattermost_tokens),
    )
