"""Services, guards, their kinds and verdicts, and evidence, over HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, make_response, request, url_for

from postmortems.accounts import permissions
from postmortems.errors import Invalid, NotFound
from postmortems.gate.enforcement import guard_changes
from postmortems.guards import config_form, operations, queries, schemas, trial
from postmortems.guards import responses as guards_responses
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.models import Evaluation, Guard
from postmortems.guards.services import known_services
from postmortems.guards.services.known_services import KnownService
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract
from postmortems.web.server.app_runtime import runtime

blueprint = api_blueprint("guards", "What is deployed where, the guards over it, and what they judge.")

Fields = dict[str, Any]


@blueprint.route("/services", methods=["GET"])
@contract(query=schemas.PageQuery, returns=guards_responses.ServicesOut, scope_note="read")
def list_services(query: Fields) -> Fields:
    """Services by name, registered ones with their targets in promotion order, and those incidents name."""
    permissions.require(current_actor(), "guard.read")
    limit = query["limit"]
    found = known_services.listing(query["after"], limit + 1)
    after = found[limit - 1].name if len(found) > limit else ""
    return {"services": found[:limit], "next": after}


@blueprint.route("/services", methods=["POST"])
@contract(body=schemas.ServiceBody, returns=guards_responses.ServiceOut, status=201, scope_note="admin")
def add_service(body: Fields) -> KnownService:
    """Add a service with its targets; one that incidents name is registered by it."""
    made = operations.add_service(
        body["name"], body["title"], body["targets"], team=body["team"], actor=current_actor()
    )
    return KnownService(made.name, made)


@blueprint.route("/services/<name>", methods=["GET"])
@contract(returns=guards_responses.ServiceOut, scope_note="read")
def show_service(name: str) -> KnownService:
    """One service with its targets, registered or named by incidents."""
    permissions.require(current_actor(), "guard.read")
    return known_services.one(name)


@blueprint.route("/services/<name>", methods=["PUT"])
@contract(body=schemas.ServiceEditBody, returns=guards_responses.ServiceOut, scope_note="admin")
def edit_service(body: Fields, name: str) -> KnownService:
    """Give a service this title and these targets; one that guards cover cannot go."""
    actor = current_actor()
    permissions.require(actor, "service.edit")
    queries.service(name)
    saved = operations.save_service(name, body["title"], body["targets"], team=body["team"], actor=actor)
    return KnownService(name, saved)


@blueprint.route("/services/<name>", methods=["DELETE"])
@contract(status=204, scope_note="admin")
def remove_service(name: str) -> None:
    """Remove a service that no guard covers, with its evidence."""
    operations.delete_service(name, actor=current_actor())


@blueprint.route("/guard-kinds", methods=["GET"])
@contract(returns=guards_responses.KindsOut, scope_note="read")
def list_kinds() -> Fields:
    """The kinds of guards, each with the JSON Schema of its configuration."""
    permissions.require(current_actor(), "guard.read")
    return {
        "kinds": [
            {
                "kind": kind.slug,
                "label": kind.label,
                "passes_when": kind.passes_when,
                "observes": kind.observes,
                "schema": config_form.json_schema(kind),
                "sample": kind.sample,
            }
            for kind in KINDS.values()
        ]
    }


@blueprint.route("/guards", methods=["GET"])
@contract(query=schemas.GuardsQuery, returns=guards_responses.GuardsOut, scope_note="read")
def list_guards(query: Fields) -> Fields:
    """Guards by slug, with why each exists and its newest verdict."""
    permissions.require(current_actor(), "guard.read")
    after, limit = query.pop("after"), query.pop("limit")
    page = queries.listing(queries.Filters(**query), after, limit)
    return {"guards": _shown(page.rows), "next": page.after}


@blueprint.route("/guards", methods=["POST"])
@contract(body=schemas.GuardBody, returns=guards_responses.GuardOut, status=201, scope_note="write")
def add_guard(body: Fields) -> Response:
    """Make a guard. It starts at shadow; soft and hard need a drill that proves it."""
    guard = guard_changes.create(body, actor=current_actor(), vault=runtime().vault)
    response = _answer(guard, 201)
    response.headers["Location"] = url_for("guards_api.show_guard", slug=guard.slug)
    return response


@blueprint.route("/guards/<slug>", methods=["GET"])
@contract(returns=guards_responses.GuardOut, scope_note="read")
def show_guard(slug: str) -> Response:
    """One guard; its ETag is the revision to send with an edit."""
    permissions.require(current_actor(), "guard.read")
    return _answer(queries.by_slug(slug))


@blueprint.route("/guards/<slug>/last-look", methods=["GET"])
@contract(returns=guards_responses.LookOut, scope_note="admin")
def show_last_look(slug: str) -> Fields:
    """Whom a guard asked last, which of the operator's rules allowed it, and why it saw nothing if it did."""
    permissions.require(current_actor(), "secret.manage")
    look = queries.newest_probe(queries.by_slug(slug))
    if look is None:
        raise NotFound(f"{slug} has not looked yet")
    return {"observed_at": look.observed_at, **look.data}


@blueprint.route("/guards/<slug>", methods=["PATCH"])
@contract(
    body=schemas.GuardEditBody(partial=True),
    returns=guards_responses.GuardOut,
    scope_note="write",
    errors=(404, 409, 412, 422),
)
def edit_guard(body: Fields, slug: str) -> Response:
    """Change what is sent; it names the revision that was read, as `revision` or as If-Match."""
    changes = {name: value for name, value in body.items() if name != "revision"}
    guard = guard_changes.edit(slug, changes, _revision(body), actor=current_actor(), vault=runtime().vault)
    return _answer(guard)


@blueprint.route("/guards/<slug>", methods=["DELETE"])
@contract(status=204, scope_note="write")
def remove_guard(slug: str) -> None:
    """Remove a guard. Items that were proven by it slide back, and done ones re-open."""
    guard_changes.delete(slug, actor=current_actor())


@blueprint.route("/guards/<slug>/evaluations", methods=["GET"])
@contract(query=schemas.PageQuery, returns=guards_responses.EvaluationsOut, scope_note="read")
def list_evaluations(query: Fields, slug: str) -> Fields:
    """The guard's verdicts, newest first."""
    permissions.require(current_actor(), "guard.read")
    page = queries.evaluations(queries.by_slug(slug), query["after"], query["limit"])
    return {"evaluations": page.rows, "next": page.after}


@blueprint.route("/guards/<slug>/evaluations", methods=["POST"])
@contract(
    body=schemas.TrialBody,
    returns=guards_responses.EvaluationOut,
    status=201,
    scope_note="write",
    errors=(404, 422, 429),
    own_units=True,
)
def test_guard(body: Fields, slug: str) -> Evaluation:
    """Test the guard now: it looks, is judged, and the verdict is kept. Nothing is decided by it."""
    return trial.run(slug, body, actor=current_actor(), egress=runtime().egress)


def _revision(body: Mapping[str, Any]) -> int | None:
    """The revision that was read; None, which overwrites, for `If-Match: *`."""
    if request.if_match.star_tag:
        return None
    if "revision" in body:
        return int(body["revision"])
    tags = request.if_match.as_set(include_weak=True)
    if len(tags) == 1 and (tag := next(iter(tags))).isdecimal():
        return int(tag)
    raise Invalid("name the revision that you read, here or as If-Match", "/revision")


def _answer(guard: Guard, status: int = 200) -> Response:
    shown = guards_responses.GuardOut().dump(_shown([guard])[0])
    response = make_response(shown, status)
    response.set_etag(str(guard.revision))
    return response


def _shown(guards: Iterable[Guard]) -> list[Fields]:
    """Guards as `guards_responses.GuardOut` dumps them, in a fixed number of queries."""
    rows = list(guards)
    because = queries.because(rows)
    newest = queries.newest_evaluations([guard.id for guard in rows])
    columns = [
        name for name in guards_responses.GuardOut().fields if name not in {"targets", "because", "newest"}
    ]
    return [
        {name: getattr(guard, name) for name in columns}
        | {
            "targets": [target.full_name for target in operations.in_order(guard.targets)],
            "because": because[guard.id],
            "newest": newest.get(guard.id),
        }
        for guard in rows
    ]
