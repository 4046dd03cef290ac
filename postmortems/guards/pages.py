"""The pages of guards: the list, one guard with its verdicts, and its form."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, make_response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.accounts.teams import queries as teams
from postmortems.actor import Actor
from postmortems.audit import queries as audit
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotFound, Problem, Stale
from postmortems.followup import queries as followup
from postmortems.gate.effectiveness import block_review
from postmortems.gate.enforcement import guard_changes, save_incident
from postmortems.gate.exemptions import requests
from postmortems.gate.findings import operations as findings_operations
from postmortems.gate.proof_path import way_back
from postmortems.gate.scenarios import queries as scenarios_queries
from postmortems.gate.verdicts import active_waivers, fail_modes
from postmortems.gate.verdicts.judge import GuardValue
from postmortems.guards import config_form, form_order, operations, queries, trial
from postmortems.guards.judgement import LEVELS
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.models import Guard
from postmortems.guards.services import known_services
from postmortems.incidents import slugs
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page, page, page_or_part
from postmortems.web.server.app_runtime import runtime
from postmortems.web.transactions import own_units

blueprint = Blueprint("guards", __name__)

PAGE_ROWS, STRIP, MOST_SERVICES = 50, 40, 200
PLAIN = ("slug", "title", "level", "on_error", "override", "max_age_s", "remedy", "owner")


@blueprint.get("/guards")
def index() -> Response:
    """The list; its filters are the address."""
    permissions.require(current_actor(), "guard.read")
    names = ("service", "target", "kind", "level", "q")
    said = {name: request.args.get(name, "").strip() for name in names}
    kept = {name: text for name, text in said.items() if text}
    filters = queries.Filters(said["service"], said["target"], said["kind"], said["level"], None, said["q"])
    found = queries.listing(filters, request.args.get("after", ""), PAGE_ROWS)
    return page_or_part(
        "guards/index.html",
        "guards/_list.html",
        filters=filters,
        is_narrowed=bool(kept),
        guards=found.rows,
        newest=queries.newest_evaluations([guard.id for guard in found.rows]),
        links=queries.links(found.rows),
        kinds=KINDS,
        levels=LEVELS,
        services=known_services.choices(),
        next_url=f"/guards?{urlencode(kept | {'after': found.after})}" if found.after else "",
        first_url=f"/guards?{urlencode(kept)}" if "after" in request.args else "",
    )


@blueprint.get("/guards/new")
def choose() -> Response:
    """First the kind, then the form made from it; `?item=AI-2` ties the guard to that item."""
    permissions.require(current_actor(), "guard.edit")
    kind = request.args.get("kind", "")
    if kind not in KINDS:
        body = page("guards/choose.html", kinds=KINDS.values(), item=_item(request.args.get("item", "")))
        return make_response(body)
    begun = form_order.DEFAULTS | {"slug": request.args.get("slug", "")}
    return _new_form(kind, begun, {}, request.args.getlist("targets"))


@blueprint.post("/guards/new")
def create() -> AnyResponse:
    """Make the guard, and name it in the item that it was made for."""
    actor = current_actor()
    permissions.require(actor, "guard.edit")
    kind = request.form.get("kind", "")
    if kind not in KINDS:
        raise Invalid("choose a kind first", "/kind")
    try:
        with session().begin_nested():
            # Who gives it a title need not think of a name, too.
            slug = _text("slug") or (slugs.slug_for(_text("title"), None) if _text("title") else "")
            fields = _posted(kind) | {"kind": kind, "slug": slug}
            guard = guard_changes.create(fields, actor=actor, vault=runtime().vault)
            _link(guard.slug, _text("item"), actor)
    except (Invalid, Conflict) as refused:
        return _new_form(kind, request.form, _errors(refused), request.form.getlist("targets"))
    flash(f"{guard.slug} is there. It starts at shadow: it records, and stops nothing yet.", "success")
    return redirect(way_back.address(request.values, f"/guards/{guard.slug}"), 303)


@blueprint.get("/guards/<slug>")
def show(slug: str) -> Response:
    """One guard: what it says, why it is there, what the drills showed, and its form."""
    permissions.require(current_actor(), "guard.read")
    return _show(queries.by_slug(slug))


@blueprint.post("/guards/<slug>")
def edit(slug: str) -> AnyResponse:
    """Change the guard; one that was edited meanwhile is refused with both versions."""
    guard = queries.by_slug(slug)
    revision = int(_text("revision")) if _text("revision").isdecimal() else None
    try:
        with session().begin_nested():
            guard_changes.edit(
                slug, _posted(guard.kind), revision, actor=current_actor(), vault=runtime().vault
            )
    except Invalid as invalid:
        return _show(guard, request.form, _errors(invalid))
    except Stale as stale:
        # What was typed stays; the next save edits what is stored now.
        values = request.form.copy()
        values["revision"] = str(stale.version)
        answer = _show(guard, values, _overtaken(stale))
        answer.status_code = 409
        return answer
    flash(f"{slug} saved, and the drills it takes part in were run again.", "success")
    return redirect(way_back.address(request.values, f"/guards/{slug}"), 303)


@blueprint.post("/guards/<slug>/test")
@own_units
def test(slug: str) -> AnyResponse:
    """Probe and judge by this guard now; no decision depends on it."""
    verdict = trial.run(slug, {"target": _text("target")}, actor=current_actor(), egress=runtime().egress)
    flash(f"Tested: {verdict.verdict.replace('_', ' ')}. {verdict.summary}", "success")
    return redirect(f"/guards/{slug}#verdicts", 303)


@blueprint.post("/guards/<slug>/delete")
def delete(slug: str) -> AnyResponse:
    """Take the guard away; the page has asked once."""
    guard_changes.delete(slug, actor=current_actor())
    flash(f"{slug} is gone. Items that relied on it have slid back.", "warning")
    return redirect("/guards", 303)


def _text(name: str) -> str:
    return request.form.get(name, "").strip()


def _posted(kind: str) -> dict[str, Any]:
    """The form as the fields of a guard; what cannot be a number stays text and is refused at its field."""
    fields: dict[str, Any] = {name: _text(name) for name in PLAIN if name != "slug"}
    fields["override"] = fields["override"] or "one"
    fields["max_age_s"] = int(fields["max_age_s"]) if fields["max_age_s"].isdecimal() else fields["max_age_s"]
    if not KINDS[kind].observes or not fields["max_age_s"]:
        del fields["max_age_s"]
    config = {name.removeprefix("config."): text for name, text in request.form.items() if "config." in name}
    fields |= {"is_enabled": bool(_text("is_enabled")), "targets": request.form.getlist("targets")}
    fields["config"] = config_form.from_form(KINDS[kind], config)
    return fields


def _link(slug: str, ref: str, actor: Actor) -> None:
    """Name the guard in the item it was made for, unless the item names it already."""
    if not ref:
        return
    item = followup.by_ref(ref, actor)
    named = [guard.written for guard in item.guards]
    if slug not in [guard.slug for guard in item.guards]:
        save_incident.edit_item(
            ref, {"guards": [*named, slug]}, actor=actor, message=f"Link the guard {slug}"
        )


def _item(ref: str) -> Any:
    try:
        return followup.by_ref(ref, current_actor()) if ref else None
    except NotFound:
        return None


def _errors(refused: Invalid | Conflict) -> forms.Errors:
    """Messages by field; a list's messages belong to the one input that shows the list."""
    if isinstance(refused, Conflict):
        return {"slug": [refused.detail]}
    wrong = [Problem(_field(problem.pointer), problem.detail) for problem in refused.problems]
    return forms.flatten(wrong)


def _overtaken(stale: Stale) -> forms.Errors:
    """Beside each field that differs, what somebody else saved there meanwhile."""
    mine, theirs = json.loads(stale.mine), json.loads(stale.theirs)
    pairs = {f"/{name}": (mine[name], theirs.get(name)) for name in mine if name != "config"}
    names = mine["config"].keys() | theirs["config"].keys()
    pairs |= {f"/config/{name}": (mine["config"].get(name), theirs["config"].get(name)) for name in names}
    told = "somebody else saved {} here meanwhile; what you sent is still in the form"
    differing = [
        Problem(pointer, told.format(json.dumps(there, ensure_ascii=False) if there else "nothing"))
        for pointer, (here, there) in sorted(pairs.items())
        if here != there
    ]
    return forms.flatten(differing) or {"title": ["somebody else saved it meanwhile, and to the same"]}


def _field(pointer: str) -> str:
    steps = pointer.split("/")
    return "/".join(steps[: 3 if steps[1:2] == ["config"] else 2])


def _new_form(kind: str, values: Mapping[str, Any], errors: forms.Errors, targets: Sequence[str]) -> Response:
    item = _item(request.values.get("item", ""))
    first = form_order.first_names(KINDS[kind])
    sample = {name: value for name, value in KINDS[kind].sample.items() if name in first}
    filled = _form_values({} if errors else config_form.shown(KINDS[kind], sample), values)
    return form_page(
        "guards/new.html",
        kind=KINDS[kind],
        order=form_order.ordered(KINDS[kind], filled, errors),
        back_to=way_back.address(request.values, ""),
        values=filled,
        errors=errors,
        targets=list(targets),
        services=queries.services(limit=MOST_SERVICES),
        levels=LEVELS,
        item=item,
    )


def _form_values(shown: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"config.{name}": text for name, text in shown.items()} | dict(values.items())


def _show(
    guard: Guard, posted: Mapping[str, Any] | None = None, errors: forms.Errors | None = None
) -> Response:
    kind = KINDS.get(guard.kind)
    stored = {name: str(getattr(guard, name)) for name in PLAIN}
    stored["is_enabled"] = "on" if guard.is_enabled else ""
    targets = [target.full_name for target in operations.in_order(guard.targets)]
    if request.args.get("level") in LEVELS:
        stored["level"] = request.args["level"]
    # What a form sent is all there is to show: a box that was unticked is not in it.
    shown = config_form.shown(kind, guard.config) if kind and posted is None else {}
    values = _form_values(shown, stored if posted is None else posted)
    return form_page(
        "guards/show.html",
        guard=guard,
        strangers=teams.strangers([guard.owner]),
        kind=kind,
        fields=config_form.fields_of(kind) if kind else [],
        config=config_form.shown(kind, guard.config) if kind else {},
        values=values,
        order=form_order.ordered(kind, values, errors or {}) if kind else None,
        errors=errors,
        targets=targets,
        chosen=targets if posted is None else request.form.getlist("targets"),
        services=queries.services(limit=MOST_SERVICES),
        levels=LEVELS,
        because=queries.because([guard])[guard.id],
        last_probe=queries.newest_probe(guard) if permissions.may(current_actor(), "secret.manage") else None,
        items=queries.items_of(guard),
        evaluations=queries.evaluations(guard, "", STRIP).rows,
        drilled=scenarios_queries.drilled(guard.slug),
        blocks=block_review.of_guard(guard),
        definitions=block_review.DEFINITIONS,
        fail_modes=fail_modes.modes(GuardValue.of(guard)),
        findings=findings_operations.of_guard(guard.slug, targets),
        passed=active_waivers.of_guard(guard.slug),
        requested=requests.of_guard(guard.slug),
        events=audit.of("guard", guard.slug, limit=10),
        is_demo=guard.is_demo,
    )
