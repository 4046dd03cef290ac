"""Pages of an account's life: Settings → People → rename, and switch off with what is left to do."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions, queries
from postmortems.accounts.programs import queries as programs
from postmortems.accounts.teams import queries as teams
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid
from postmortems.gate.enforcement import departures
from postmortems.incidents.items import owners
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page

# So many accounts are offered; others are typed.
PEOPLE = 1_000

blueprint = Blueprint("lifecycle", __name__, url_prefix="/settings/people")


@blueprint.route("/<name>/name", methods=["GET", "POST"])
def rename(name: str) -> AnyResponse:
    """Give an account another name."""
    actor, errors = current_actor(), forms.Errors()
    permissions.require(actor, "people.manage")
    wanted = request.form.get("name", "").strip()
    if request.method == "POST":
        try:
            with session().begin_nested():
                owners.rename_account(name, wanted, actor=actor)
        except (Invalid, Conflict) as refused:
            session().expire_all()
            errors = forms.errors(refused, "name")
        else:
            flash(f"{name} is called {wanted} from now on.", "success")
            return redirect("/settings/people", 303)
    user = queries.account(name)
    return form_page("accounts/name.html", errors=errors, user=user, typed=wanted or user.name)


@blueprint.get("/<name>/off")
def leaving(name: str) -> Response:
    """What ends with the account, and who gets the items that are left."""
    return _leaving(name)


@blueprint.post("/<name>/off")
def switch_off(name: str) -> AnyResponse:
    """Switch the account off and hand its items over."""
    actor, to = current_actor(), request.form.get("to", "").strip().removeprefix("@")
    permissions.require(actor, "people.manage")
    try:
        with session().begin_nested():
            gone = departures.switch_off(name, to=to, actor=actor)
    except (Invalid, Conflict) as refused:
        session().expire_all()
        return _leaving(name, forms.errors(refused))
    flash(_told(gone, name, to), "success")
    return redirect("/settings/people", 303)


def _told(gone: departures.Departure, name: str, to: str) -> str:
    handed = gone.edit.total if gone.edit is not None else 0
    said = [f"{name} is switched off."]
    if handed:
        said.append(f"Handed to {to}: {handed} open action item{'' if handed == 1 else 's'}.")
    if gone.programs:
        answers = f"{to} answers" if to else f"{name} still answers"
        said.append(f"{answers} for service accounts: {', '.join(gone.programs[:10])}.")
    if gone.stay:
        said.append(f"{len(gone.stay)} stay{'s' if len(gone.stay) == 1 else ''} with {name}.")
    return " ".join(said)


def _leaving(name: str, errors: forms.Errors | None = None) -> Response:
    permissions.require(current_actor(), "people.manage")
    return form_page(
        "accounts/leaving.html",
        errors=errors,
        user=queries.account(name),
        items=departures.owned(name),
        programs=programs.owned(queries.account(name).id),
        people=[each for each in queries.able(permissions.EVERYBODY, PEOPLE) if each != name],
        teams=teams.choices(),
        form=request.form,
    )
