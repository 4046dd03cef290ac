"""Pages for who forgot their password, and behind the links that are mailed."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, make_response, request
from werkzeug.wrappers import Response as AnyResponse

from postmortems import clock
from postmortems.accounts import pages as sign_in_pages
from postmortems.accounts.factors import step_pages
from postmortems.accounts.models import User
from postmortems.db.session import session
from postmortems.errors import Invalid, TooMany
from postmortems.notify.access import operations
from postmortems.notify.access.models import MailedLink
from postmortems.notify.people.links import Links
from postmortems.web import forms, render
from postmortems.web.forms import Errors
from postmortems.web.server.app_runtime import runtime
from postmortems.web.transactions import SAFE_METHODS

blueprint = Blueprint("access", __name__, url_prefix="/sign-in")

PASSKEYS = "/settings/second-step"


@blueprint.route("/forgotten", methods=["GET", "POST"])
def forgotten() -> Response:
    """Ask for a link by mail. The answer is the same whoever has the name, if anybody has."""
    settings = current_app.extensions["settings"]
    can_help = bool(settings.smtp_url) and not settings.oidc_only
    values = {"can_help": can_help, "only": settings.oidc_only, "provider": settings.oidc_name}
    if request.method in SAFE_METHODS or not can_help:
        return render.form_page("notify/access/forgotten.html", **values)
    name = request.form.get("name", "")
    try:
        operations.ask_reset(name, request.remote_addr or "", clock.now())
    except TooMany as held:
        answer = render.form_page(
            "notify/access/forgotten.html", errors={"name": [held.detail]}, name=name, **values
        )
        answer.status_code = 429
        answer.headers["Retry-After"] = str(held.retry_after_s)
        return answer
    return render.form_page("notify/access/forgotten.html", is_asked=True, **values)


@blueprint.route("/mail/<token>", methods=["GET", "POST"])
def mailed(token: str) -> AnyResponse:
    """Choose a password, or go on without one. Only a button uses the link: mail scanners open it too."""
    link = operations.opened(Links(runtime().settings).read_access(token), clock.now())
    if link is None:
        return make_response(render.page("notify/access/mailed.html", link=None), 403)
    if request.method in SAFE_METHODS:
        return _page(link)
    password: str | None = request.form.get("password", "")
    if request.form.get("do") == "passkey" or runtime().settings.oidc_only:
        password = None
    elif password != request.form.get("again"):
        return _page(link, {"again": ["the two passwords differ"]})
    try:
        with session().begin_nested():
            user = operations.use(link, password, clock.now())
    except Invalid as refusal:
        return _page(link, forms.errors(refusal, "password"))
    return _entered(user, chose_password=password is not None)


def _page(link: MailedLink, errors: Errors | None = None) -> Response:
    only = runtime().settings.oidc_only
    return render.form_page("notify/access/mailed.html", errors=errors, link=link, only=only)


def _entered(user: User, *, chose_password: bool) -> AnyResponse:
    """In; but whoever reads the mail has not the phone, too."""
    target, way = ("/", sign_in_pages.PASSWORD) if chose_password else (PASSKEYS, sign_in_pages.LINK)
    if sign_in_pages.needs_second_step(user):
        return step_pages.begun(user, target, by_link=not chose_password)
    return sign_in_pages.enter(user, target, way=way)
