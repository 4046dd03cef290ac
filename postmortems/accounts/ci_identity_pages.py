"""Settings page of CI identities: the CI jobs that are known by their signature."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import ci_identities, permissions
from postmortems.errors import Conflict, Invalid
from postmortems.web import auth, downloads, forms, render

blueprint = Blueprint("identities", __name__, url_prefix="/settings/ci")

ISSUERS = ("https://token.actions.githubusercontent.com", "https://gitlab.com")
EXAMPLE = "repository: data8/infrastructure\nrepository_id: 123456789\nenvironment: prod"


@blueprint.get("")
def index() -> AnyResponse:
    return _page()


@blueprint.post("")
def add() -> AnyResponse:
    """Let jobs in whose claims are those of the form."""
    form, actor = request.form, auth.current_actor()
    try:
        name = form.get("name", "").strip()
        ci_identities.add(
            name,
            form.get("issuer", ""),
            _claims(form.get("claims", "")),
            form.getlist("scopes"),
            form.get("target", "").strip(),
            actor=actor,
        )
    except (Invalid, Conflict) as refusal:
        return _page(forms.errors(refusal, "name"))
    flash(f"Jobs that fit {name} are known from now on.", "success")
    return redirect("/settings/ci", 303)


@blueprint.post("/<name>/forget")
def forget(name: str) -> AnyResponse:
    ci_identities.remove(name, actor=auth.current_actor())
    flash(f"{name} is forgotten: such jobs are strangers now.", "success")
    return redirect("/settings/ci", 303)


def _claims(text: str) -> dict[str, str]:
    """One claim a line, `name: value`. Raises `Invalid` naming the line."""
    claims: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        name, mark, value = line.partition(":")
        if not line.strip():
            continue
        if not mark or name.strip() in claims:
            told = "says a claim twice" if mark else "is not written as name: value"
            raise Invalid(f"line {number} {told}", "/claims")
        claims[name.strip()] = value
    return claims


def _page(errors: forms.Errors | None = None) -> AnyResponse:
    permissions.require(auth.current_actor(), "people.manage")
    return render.form_page(
        "accounts/identities.html",
        errors=errors,
        form=request.form,
        known=ci_identities.listing(),
        scopes=ci_identities.SCOPES,
        issuers=ISSUERS,
        example=EXAMPLE,
        audience=downloads.own_url(),
    )
