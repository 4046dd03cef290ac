"""Settings page of stored secrets."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.errors import Invalid, Unavailable
from postmortems.vault import operations as vault_operations
from postmortems.web import auth, forms, render
from postmortems.web.server.app_runtime import runtime

blueprint = Blueprint("secrets", __name__, url_prefix="/settings/secrets")


@blueprint.get("")
def index() -> AnyResponse:
    return _page()


@blueprint.post("")
def keep() -> AnyResponse:
    """Keep the secret of the form, or replace the one of its name."""
    form, actor = request.form, auth.current_actor()
    name = form.get("name", "").strip()
    try:
        origin, value = form.get("origin", "").strip(), form.get("value", "")
        vault_operations.keep(name, origin, value, actor=actor, vault=runtime().vault)
    except (Invalid, Unavailable) as refusal:
        return _page(forms.errors(refusal, "value"))
    flash(f"store:{name} is kept. It is not shown again.", "success")
    return redirect("/settings/secrets", 303)


@blueprint.post("/<name>/forget")
def forget(name: str) -> AnyResponse:
    vault_operations.forget(name, actor=auth.current_actor())
    flash(f"store:{name} is forgotten: guards that name it cannot look any more.", "warning")
    return redirect("/settings/secrets", 303)


def _page(errors: forms.Errors | None = None) -> AnyResponse:
    permissions.require(auth.current_actor(), "secret.manage")
    kept = vault_operations.listing(request.args.get("after", ""))
    return render.form_page(
        "vault/secrets.html",
        errors=errors,
        form=request.form,
        kept=kept,
        more=kept[-1].name if len(kept) == vault_operations.PAGE else "",
        allowed=runtime().vault.allowed,
    )
