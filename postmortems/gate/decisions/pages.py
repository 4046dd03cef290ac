"""The pages of the gate: the list of decisions, and a form to ask without effect."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.db import session as db
from postmortems.errors import Invalid
from postmortems.gate import deploy_request
from postmortems.gate.decisions import ask as decisions_ask
from postmortems.gate.decisions import queries
from postmortems.gate.deploy_request import DeployRequest
from postmortems.gate.verdicts import decision_table
from postmortems.guards.judgement import CHANGE_KINDS
from postmortems.guards.services import known_services
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page, page_or_part
from postmortems.web.server.app_runtime import runtime
from postmortems.web.transactions import own_units

blueprint = Blueprint("gate", __name__)

PAGE_ROWS, MOST_SERVICES = 50, 200
SORTS = {"": None, "real": False, "dry": True}
FILTERS = ("service", "target", "decision", "sort", "artifact", "guard", "since", "until", "stopped_by")
ASKED = ("target", "declared_target", "digest", "sha", "change_kind", "at", "zone")


@blueprint.get("/gate")
def index() -> Response:
    """Decisions, newest first; the filters are the address."""
    permissions.require(current_actor(), "gate.read")
    texts = {name: request.args.get(name, "").strip() for name in FILTERS}
    filters = queries.Filters(
        texts["service"],
        texts["target"],
        texts["decision"],
        SORTS.get(texts["sort"]),
        artifact=texts["artifact"],
        guard=texts["guard"],
        since=_day(texts["since"]),
        until=_day(texts["until"]),
        stopped_by=texts["stopped_by"],
    )
    listed = queries.decisions(filters, request.args.get("after", ""), PAGE_ROWS)
    kept = {name: text for name, text in texts.items() if text}
    return page_or_part(
        "gate/index.html",
        "gate/_list.html",
        said=texts,
        is_narrowed=bool(kept),
        decisions=listed.rows,
        services=known_services.choices(),
        words=decision_table.DECISIONS,
        next_url=f"/gate?{urlencode(kept | {'after': listed.after})}" if listed.after else "",
        first_url=f"/gate?{urlencode(kept)}" if "after" in request.args else "",
    )


def _day(text: str) -> date | None:
    """A day of the filter; what is none narrows nothing."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@blueprint.get("/gate/ask")
def form() -> Response:
    """A question to the gate, filled from the address where it says something."""
    permissions.require(current_actor(), "gate.ask")
    return _form({name: request.args.get(name, "") for name in ASKED}, {})


@blueprint.post("/gate/ask")
@own_units
def ask() -> AnyResponse:
    """Ask without consequence: the answer is kept as a dry run."""
    values = {name: request.form.get(name, "").strip() for name in ASKED}
    try:
        asked = _asked(values)
        answer = decisions_ask.ask_once(asked, actor=current_actor(), runtime=runtime()).stored()
    except Invalid as invalid:
        with db.reading():
            return _form(values, _errors(invalid))
    return redirect(f"/gate/{answer.id}", 303)


def _asked(values: Mapping[str, str]) -> DeployRequest:
    service, mark, target = values["target"].partition("/")
    if not (service and mark and target):
        raise Invalid("choose a target, or write one as service/target", "/target")
    fields = {
        "service": service,
        "target": target,
        "declared_target": values["declared_target"],
        "artifact": {"digest": values["digest"], "sha": values["sha"]},
        "change_kind": values["change_kind"] or "feature",
        "at": forms.instant(values["at"], values["zone"], "at") if values["at"] else None,
        "dry_run": True,
    }
    return deploy_request.load(fields)


def _errors(invalid: Invalid) -> dict[str, list[str]]:
    """Messages by the form's own fields, which are fewer than the request's."""
    named: dict[str, list[str]] = {}
    for name, messages in forms.flatten(invalid.problems).items():
        field = name.rsplit(".", 1)[-1]
        named.setdefault(field if field in ASKED else "target", []).extend(messages)
    return named


def _form(values: Mapping[str, str], errors: dict[str, list[str]]) -> Response:
    targets = known_services.targets(known_services.listing(limit=MOST_SERVICES))
    asked_for = request.args.get("service", "")
    chosen = values["target"] or next((name for name in targets if name.startswith(f"{asked_for}/")), "")
    return form_page(
        "gate/ask.html",
        values={**values, "target": chosen},
        errors=errors,
        targets=targets,
        change_kinds=CHANGE_KINDS,
    )
