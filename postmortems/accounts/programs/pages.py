"""Pages of service accounts: Settings → Service accounts, one of them, and making its tokens."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import operations as accounts
from postmortems.accounts import permissions
from postmortems.accounts import queries as accounts_queries
from postmortems.accounts.programs import operations, queries
from postmortems.accounts.teams import queries as teams
from postmortems.actor import SCOPES
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page

PAGE = "/settings/service-accounts"
EXPIRIES = (("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("", "never"))
DAY_S = 86_400
# So many people are offered; others are typed.
PEOPLE = 1_000
FIELDS = ("name", "role", "purpose", "owner", "team")

blueprint = Blueprint("programs", __name__, url_prefix=PAGE)


@blueprint.get("")
def index() -> Response:
    """All of them, and a form for another."""
    permissions.require(current_actor(), operations.MANAGE)
    return _index()


@blueprint.post("")
def add() -> AnyResponse:
    """Open one."""
    permissions.require(current_actor(), operations.MANAGE)
    try:
        with session().begin_nested():
            account = operations.add({"name": "", "role": "", **_sent()}, actor=current_actor())
    except (Invalid, Conflict) as refused:
        return _index(forms.errors(refused, "name"))
    flash(f"{account.user.name} is there. What signs it in is a token: an admin makes one below.", "success")
    return redirect(f"{PAGE}/{account.user.name}", 303)


@blueprint.get("/<name>")
def show(name: str) -> Response:
    """One, with its tokens."""
    permissions.require(current_actor(), operations.MANAGE)
    return _show(name)


@blueprint.post("/<name>")
def change(name: str) -> AnyResponse:
    """Save what the form says, or switch it off or on."""
    permissions.require(current_actor(), operations.MANAGE)
    do = request.form.get("do", "")
    fields = {"is_active": do == "switch-on"} if do in ("switch-on", "switch-off") else _sent()
    try:
        with session().begin_nested():
            operations.change(name, fields, actor=current_actor())
    except Invalid as refused:
        session().expire_all()
        return _show(name, forms.errors(refused))
    flash("Saved.", "success")
    return redirect(f"{PAGE}/{name}", 303)


@blueprint.post("/<name>/tokens")
def add_token(name: str) -> AnyResponse:
    """Make a token of it and show the secret, this once."""
    actor, days = current_actor(), request.form.get("days", "")
    permissions.require(actor, "people.manage")
    queries.by_name(name)
    expires_s = int(days) * DAY_S if days.isdecimal() and len(days) < 6 else None
    named = request.form.get("token", "").strip()
    try:
        _, secret = accounts.add_token(
            name,
            named,
            request.form.getlist("scopes"),
            expires_s,
            networks=request.form.get("networks", "").replace(",", " ").split(),
            actor=actor,
        )
    except (Invalid, Conflict) as refused:
        return _show(name, {("token" if key == "name" else key): value for key, value in
                            forms.errors(refused, "token").items()})  # fmt: skip
    return _show(name, secret=secret)


@blueprint.post("/<name>/tokens/<int:token_id>/revoke")
def revoke_token(name: str, token_id: int) -> AnyResponse:
    """Make one of its tokens useless."""
    permissions.require(current_actor(), "people.manage")
    queries.by_name(name)
    token = accounts.revoke_token(token_id, actor=current_actor())
    flash(f"The token “{token.name}” is revoked.", "success")
    return redirect(f"{PAGE}/{name}", 303)


def _sent() -> dict[str, str]:
    return {name: request.form[name].strip() for name in FIELDS if name in request.form}


def _index(errors: forms.Errors | None = None) -> Response:
    found = queries.listing(after=request.args.get("after", ""), limit=queries.PAGE + 1)
    rows = found[: queries.PAGE]
    return form_page(
        "accounts/programs/index.html",
        errors=errors,
        form=request.form,
        accounts=rows,
        next_url=f"{PAGE}?after={rows[-1].user.name}" if len(found) > queries.PAGE else "",
        **_choices(),
    )


def _show(name: str, errors: forms.Errors | None = None, secret: str = "") -> Response:
    account = queries.by_name(name)
    return form_page(
        "accounts/programs/show.html",
        errors=errors,
        form=request.form,
        account=account,
        said=operations.said_of(account),
        tokens=accounts_queries.tokens_of(account.user_id),
        secret=secret,
        scopes=[scope for scope in SCOPES if scope in accounts.scopes_for(account.user)],
        expiries=EXPIRIES,
        **_choices(),
    )


def _choices() -> dict[str, object]:
    may_give_any = permissions.may(current_actor(), "people.manage")
    roles = accounts.SERVICE_ROLES if may_give_any else (operations.PLAIN_ROLE,)
    return {
        "roles": roles,
        "people": accounts_queries.able(permissions.EVERYBODY, PEOPLE),
        "teams": teams.choices(),
    }
