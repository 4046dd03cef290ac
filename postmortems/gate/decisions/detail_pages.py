"""The page of one decision: what was refused, why, what helps, and the form that requests an override."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.accounts.teams import queries as teams
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotAllowed
from postmortems.gate.decisions import live_drill, queries
from postmortems.gate.effectiveness import block_review
from postmortems.gate.exemptions import overrides
from postmortems.gate.verdicts import active_waivers
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page

blueprint = Blueprint("decisions", __name__)

SPANS = (("900", "15 minutes"), ("3600", "an hour"), ("14400", "four hours"))


@blueprint.get("/gate/<decision_id>")
def show(decision_id: str) -> Response:
    """One decision: what was asked, what each guard said, why it exists, and what to do."""
    permissions.require(current_actor(), "gate.read")
    return _show(decision_id)


@blueprint.post("/gate/<decision_id>/overrides")
def request_override(decision_id: str) -> AnyResponse:
    """Ask for guards to be passed over; whoever may grant it finds it on the decision's page."""
    expires_s = request.form.get("expires_s", "")
    fields = {
        "guards": request.form.getlist("guards"),
        "reason": request.form.get("reason", ""),
        "ticket": request.form.get("ticket", "").strip(),
        "expires_s": int(expires_s) if expires_s.isdecimal() and len(expires_s) < 8 else expires_s,
    }
    try:
        with session().begin_nested():
            overrides.request(decision_id, fields, actor=current_actor())
    except Invalid as invalid:
        errors: forms.Errors = {}
        for problem in invalid.problems:
            errors.setdefault(problem.pointer.split("/")[1], []).append(problem.detail)
        return _show(decision_id, fields, errors)
    flash("Requested. An admin has to grant it before the deploy is asked for again.", "success")
    return redirect(f"/gate/{decision_id}#overrides", 303)


@blueprint.post("/gate/overrides/<int:override_id>/<any(grant, refuse):act>")
def answer_override(override_id: int, act: str) -> AnyResponse:
    """Grant or refuse what was requested."""
    permissions.require_anywhere(current_actor(), "override.grant")
    decision_id = active_waivers.override(override_id).decision_id
    try:
        with session().begin_nested():
            if act == "grant":
                override = overrides.grant(override_id, actor=current_actor())
                items = f"; {', '.join(override.items)} follows it up" if override.items else ""
                flash(f"Granted{items}. The same request will be let past these guards, once.", "success")
            else:
                overrides.refuse(override_id, actor=current_actor())
                flash("Refused.", "success")
    except (Conflict, NotAllowed) as refused:
        if not current_actor().is_person:
            raise
        flash(refused.detail, "error")
    return redirect(f"/gate/{decision_id}#overrides", 303)


@blueprint.post("/gate/<decision_id>/confirmations")
def confirm(decision_id: str) -> AnyResponse:
    """Say whether the block stopped a real problem."""
    is_real = request.form.get("is_real") == "yes"
    try:
        with session().begin_nested():
            block_review.confirm(decision_id, is_real, request.form.getlist("guards"), actor=current_actor())
    except (Conflict, Invalid) as refused:
        flash(refused.detail, "error")
    else:
        flash("Kept: it counts in the precision of these guards.", "success")
    return redirect(f"/gate/{decision_id}#worth", 303)


def _show(
    decision_id: str, values: Mapping[str, Any] | None = None, errors: forms.Errors | None = None
) -> Response:
    decision = queries.decision(decision_id)
    guards = decision.answer.get("guards", [])
    override = decision.answer.get("override", {})
    passing = [guard for guard in guards if guard["effective"] == "allow" and guard["verdict"] != "waived"]
    return form_page(
        "gate/show.html",
        decision=decision,
        drilled=live_drill.of_decision(decision),
        answer=decision.answer,
        strangers=teams.strangers(_owners(guards)),
        not_allowing=[guard for guard in guards if guard["effective"] != "allow"],
        waived=[guard for guard in guards if guard["verdict"] == "waived"],
        watching=[guard for guard in passing if guard["level"] == "shadow"],
        passing=[guard for guard in passing if guard["level"] != "shadow"],
        instant=datetime.fromisoformat,
        overrides=active_waivers.overrides_of(decision.id),
        stopping=block_review.stopping(decision),
        confirmations=block_review.confirmations(decision.id),
        passable=[] if decision.is_dry_run or not decision.artifact else override.get("guards", []),
        people={guard["guard"]: guard.get("override", 0) for guard in guards},
        values=values or {"expires_s": "3600", "guards": []},
        errors=errors,
        spans=SPANS,
        is_demo=decision.is_demo,
    )


def _owners(guards: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Whose items the guards are there for, and who answers for what was waived."""
    for guard in guards:
        yield from (link["action_item"]["owner"] for link in guard.get("because", ()))
        if waiver := guard.get("waiver"):
            yield waiver.get("owner", "")
