"""Imports over HTTP: many files at once, as a preview or for good, and the result of each."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, jsonify, request, url_for
from marshmallow import ValidationError

from postmortems.accounts import permissions
from postmortems.db import session as db
from postmortems.errors import Invalid
from postmortems.exchange.imports import files as imports_files
from postmortems.exchange.imports import jobs as imports_jobs
from postmortems.exchange.imports import parts, schemas, staging
from postmortems.exchange.imports import queries as imports_queries
from postmortems.exchange.imports import uploads as imports_uploads
from postmortems.exchange.imports.files import ImportFile
from postmortems.exchange.imports.normalise import ImportDefaults
from postmortems.exchange.imports.queries import Progress
from postmortems.exchange.tracker_imports import tracker_request
from postmortems.exchange.tracker_imports.tracker_request import TrackerRequest
from postmortems.web import uploads
from postmortems.web.auth import current_actor
from postmortems.web.openapi import strict_json
from postmortems.web.openapi.contract import api_blueprint, contract, invalid
from postmortems.web.server.app_runtime import runtime

blueprint = api_blueprint("imports", "Imports: reports in, many at once")

Fields = dict[str, Any]
BODY = {
    "required": True,
    "content": {
        "application/json": {"schema": schemas.AskedSchema},
        "multipart/form-data": {"schema": schemas.UploadSchema},
    },
}
NONE = Progress(0, 0, {})
# Made once: that takes as long as reading what was sent.
ASKED, WHOLE_RUN = schemas.AskedSchema(), schemas.WholeRunSchema()


@blueprint.route("/imports", methods=["POST"])
@blueprint.doc(requestBody=BODY)
@uploads.takes_files
@contract(
    returns=schemas.WholeRunSchema,
    status=202,
    errors=(400, 409, 413, 415, 422, 501),
    scope_note="write",
    own_units=True,
)
def create() -> Response:
    """Import texts, files, zips or a git repository; with `dry_run`, only see what would come of them

    What is in already stays as it is, and one bad file never stops the others. The first files are worked on
    before the answer, the rest after it: ask again at Location while `waiting` is not 0.
    """
    actor = current_actor()
    permissions.require(actor, "incident.save")
    asked = _asked()
    files = uploads.sent("files")
    if not (files or asked["texts"] or asked["git"] or asked["tracker"]):
        raise Invalid("send files or texts, or the address of a git repository or tracker", "/files")
    as_format = parts.named(asked["as_format"])
    # What has to be unpacked or fetched is not begun with where too many imports wait already.
    is_at_hand = not (files or asked["git"] or asked["tracker"])
    begun = (staging.beginning if is_at_hand else staging.begin)(
        ImportDefaults(asked["service"], asked["timezone"]),
        _given(asked, [file.name for file in files]),
        actor=actor,
        with_templates=asked["templates"],
    )
    left = imports_files.Left()
    found = imports_uploads.everything(
        imports_uploads.uploaded(files, left),
        (imports_uploads.pasted(each["name"], each["text"]) for each in asked["texts"]),
        imports_uploads.in_repository(
            asked["git"], asked["branch"], asked["folder"], left, way_out=runtime().egress
        )
        if asked["git"]
        else (),
        _of_tracker(asked),
        left=left,
        as_format=as_format,
    )
    number = imports_jobs.staged(begun, found, left, is_dry_run=asked["dry_run"], actor=actor)
    with db.reading():
        response = jsonify(WHOLE_RUN.dump(_whole(imports_queries.run(number, actor))))
    response.status_code = 202
    response.headers["Location"] = url_for("imports_api.show", number=number)
    return response


def _of_tracker(asked: Fields) -> Iterable[ImportFile]:
    if not asked["tracker"]:
        return ()
    wanted = TrackerRequest(**{each.name: asked[each.name] for each in dataclasses.fields(TrackerRequest)})
    return tracker_request.found(wanted, actor=current_actor(), way_out=runtime().egress)


def _asked() -> Fields:
    """What the body asks for beside its files."""
    try:
        if request.mimetype == "multipart/form-data":
            known = {name: value for name, value in request.form.items() if name != "csrf_token"}
            return dict(ASKED.load(known))
        return dict(ASKED.load(strict_json.read(request)))
    except ValidationError as error:
        raise invalid(error.messages) from None


def _given(asked: Mapping[str, Any], names: list[str]) -> str:
    """What was given, in words."""
    if asked["git"] or asked["tracker"]:
        return str(asked["git"] or asked["tracker"])
    many = len(names) + len(asked["texts"])
    return names[0] if names and many == 1 else "1 text" if many == 1 else f"{many} files"


@blueprint.route("/imports", methods=["GET"])
@contract(query=schemas.PageQuerySchema, returns=schemas.RunsSchema, scope_note="write")
def index(query: Fields) -> Fields:
    """Your imports, newest first"""
    page = imports_queries.runs(current_actor(), query["after"], query["limit"])
    progress = imports_queries.progress([run.id for run in page.rows])
    return {"imports": [_shown(run, progress[run.id]) for run in page.rows], "next": page.after}


@blueprint.route("/imports/<int(max=2147483647):number>", methods=["GET"])
@contract(query=schemas.ReportsQuerySchema, returns=schemas.WholeRunSchema, scope_note="write")
def show(query: Fields, number: int) -> Fields:
    """One import: how far it has come, and what came of each file, page by page"""
    return _whole(imports_queries.run(number, current_actor()), **query)


@blueprint.route("/imports/<int(max=2147483647):number>/apply", methods=["POST"])
@contract(returns=schemas.WholeRunSchema, status=202, scope_note="write", own_units=True)
def apply(number: int) -> Fields:
    """Store what a dry run has read"""
    actor = current_actor()
    with db.transaction():
        staging.apply(number, actor=actor)
    imports_jobs.some(number)
    with db.reading():
        return _whole(imports_queries.run(number, actor))


@blueprint.route("/imports/<int(max=2147483647):number>", methods=["DELETE"])
@contract(status=204, scope_note="write")
def discard(number: int) -> None:
    """Drop an import with its reports; what it stored stays"""
    staging.discard(number, actor=current_actor())


def _whole(run: Any, after: str = "", limit: int = 50, result: str = "") -> Fields:
    page = imports_queries.files(run.id, after, limit, result)
    reports = [
        {
            "position": file.position,
            "at": file.at,
            "state": file.state,
            "result": file.result if file.state == "done" else "",
            "slug": file.slug,
            # Of what could not be read nothing was; a dict that lacks them has a method of that name.
            "entries": 0,
            "items": 0,
            **file.told,
        }
        for file in page.rows
    ]
    progress = imports_queries.progress([run.id])[run.id]
    left_files = run.left_files or []
    return {**_shown(run, progress), "left_files": left_files, "reports": reports, "next": page.after}


def _shown(run: Any, progress: Progress) -> Fields:
    names = (
        *("id", "given", "created_at", "created_by", "service", "timezone"),
        *("with_templates", "left", "phase", "ended_at"),
    )
    counts = {"files": progress.files, "waiting": progress.waiting, "results": progress.results}
    return {name: getattr(run, name) for name in names} | counts
