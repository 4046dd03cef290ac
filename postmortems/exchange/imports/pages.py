"""The pages of imports: give files, preview, apply, come back later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from postmortems import limits
from postmortems.accounts import permissions
from postmortems.db import session as db
from postmortems.document.readers import formats
from postmortems.errors import Invalid, NotFound, Refusal
from postmortems.exchange import queries
from postmortems.exchange.imports import jobs as imports_jobs
from postmortems.exchange.imports import parts, staging
from postmortems.exchange.imports import queries as imports_queries
from postmortems.exchange.imports import uploads as imports_uploads
from postmortems.exchange.imports.files import ImportFile, Left
from postmortems.exchange.imports.normalise import ImportDefaults
from postmortems.exchange.imports.queries import Progress
from postmortems.exchange.models import RESULTS
from postmortems.exchange.tracker_imports import tracker_request
from postmortems.exchange.tracker_imports.tracker_request import TrackerRequest
from postmortems.guards.services import known_services
from postmortems.incidents import queries as incidents
from postmortems.incidents.restricted import restrictions
from postmortems.web import diff, downloads, forms, transactions, uploads
from postmortems.web.auth import current_actor
from postmortems.web.render import page, page_or_part
from postmortems.web.server.app_runtime import runtime

blueprint = Blueprint("imports", __name__)

PAGE_ROWS, NEWEST = 50, 5
# The token is none of them: it is not shown again.
TRACKER = ("tracker", "label", "query", "account", "secret")
FIELDS = (
    *TRACKER,
    *("text", "name", "git", "branch", "folder_of", "service", "timezone", "templates", "as"),
)


@blueprint.get("/import")
def begin() -> str:
    """What can be given, and the imports that were begun."""
    return _form({}, {})


@blueprint.post("/import")
@transactions.own_units
@uploads.takes_files
def give() -> str | Response | tuple[str, int]:
    """Take in what was given and read the first files; nothing is stored before it is applied."""
    actor = current_actor()
    permissions.require(actor, "incident.save")
    said = {name: request.form.get(name, "").strip() for name in FIELDS}
    try:
        left = Left()
        found, given = _given(said, left)
        filled, asks = ImportDefaults(said["service"], said["timezone"]), bool(said["templates"])
        number = staging.begin(filled, given, actor=actor, with_templates=asks)
        count = staging.stage(number, found, left, is_dry_run=True, actor=actor)
    except Refusal as refusal:
        problems = refusal.problems if isinstance(refusal, Invalid) else []
        errors = forms.flatten(problems) or {"": [refusal.detail]}
        with db.reading():
            return _form(said, errors), 422
    imports_jobs.some(number, min(count, imports_jobs.AT_ONCE))
    return redirect(f"/import/{number}", 303)


def _given(said: dict[str, str], left: Left) -> tuple[Iterator[ImportFile], str]:
    """The files of the form, and what they are in words. Raises `Invalid` where nothing was given."""
    files, folder = uploads.sent("files"), uploads.sent("folder")
    if not (files or folder or said["text"] or said["git"] or said["tracker"]):
        raise Invalid("choose files or a folder, paste a text, or name a repository or tracker", "/files")
    ways = [imports_uploads.uploaded(files, left), imports_uploads.uploaded(folder, left, is_folder=True)]
    if said["text"]:
        ways.append(iter([imports_uploads.pasted(said["name"], said["text"])]))
    if said["git"]:
        ways.append(
            imports_uploads.in_repository(
                said["git"], said["branch"], said["folder_of"], left, way_out=runtime().egress
            )
        )
    if said["tracker"]:
        asked = {name: said[name] for name in TRACKER}
        wanted = TrackerRequest(**asked, token=request.form.get("token", ""))
        ways.append(tracker_request.found(wanted, actor=current_actor(), way_out=runtime().egress))
    count = len(files) + len(folder) + bool(said["text"])
    one = files[0].name if files else "A folder" if folder else "A text"
    given = said["git"] or said["tracker"] or (one if count == 1 else f"{count} files")
    return imports_uploads.everything(*ways, left=left, as_format=parts.named(said["as"])), given


def _form(said: dict[str, str], errors: dict[str, list[str]]) -> str:
    actor = current_actor()
    permissions.require(actor, "incident.save")
    runs = imports_queries.runs(actor, limit=NEWEST).rows
    return page(
        "exchange/begin.html",
        most_at_once=limits.in_mb(limits.FILES),
        formats=[(each.name, each.words) for each in formats.NAMED.values()],
        said=said,
        errors=errors,
        runs=runs,
        progress=imports_queries.progress([run.id for run in runs]),
        services=[name for name, _ in known_services.choices()],
    )


@blueprint.get("/import/<int:number>")
def show(number: int) -> Any:
    """How far an import has come, and what came of each file; htmx asks for the part while it goes on."""
    run = imports_queries.run(number, current_actor())
    result = request.args.get("result", "")
    found = imports_queries.files(
        number, request.args.get("after", ""), PAGE_ROWS, result if result in RESULTS else ""
    )
    progress = imports_queries.progress([number]).get(number, Progress(0, 0, {}))
    kept = f"result={result}&" if result else ""
    return page_or_part(
        "exchange/show.html",
        "exchange/_run.html",
        run=run,
        progress=progress,
        files=found.rows,
        result=result,
        results=RESULTS,
        next_url=f"{request.path}?{kept}after={found.after}" if found.after else "",
        first_url=request.path if "after" in request.args else "",
    )


@blueprint.get("/incidents/<slug>/file")
def source(slug: str) -> Response:
    """The file that an incident came from, to the byte: a notebook's code and output are in it."""
    incident = incidents.by_slug(slug, current_actor())
    kept = queries.source_of(incident)
    if kept is None:
        raise NotFound(f"{slug} came from no file")
    ending = formats.ending_of(kept.name)
    # Never shown in the browser: whoever wrote it may have meant it to run there.
    response = Response(restrictions.file_without_hidden(kept.content), mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = downloads.attachment(f"{incident.slug}{ending}")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@blueprint.get("/import/<int:number>/files/<int:position>")
def file(number: int, position: int) -> str:
    """One file: what was understood, what is odd, and both texts of a conflict."""
    run = imports_queries.run(number, current_actor())
    found = imports_queries.file(number, position)
    told = found.told
    return page(
        "exchange/file.html",
        run=run,
        file=found,
        told=told,
        lines=diff.lines(told.get("theirs", ""), told.get("mine", "")) if told.get("mine") else [],
    )


@blueprint.post("/import/<int:number>/apply")
@transactions.own_units
def apply(number: int) -> Response:
    """Store what was read."""
    with db.transaction():
        staging.apply(number, actor=current_actor())
    imports_jobs.some(number)
    return redirect(f"/import/{number}", 303)


@blueprint.post("/import/<int:number>/work")
@transactions.own_units
def work(number: int) -> Response:
    """Go on with the files that wait, where no worker does."""
    with db.reading():
        imports_queries.run(number, current_actor())
    imports_jobs.some(number)
    return redirect(f"/import/{number}", 303)


@blueprint.post("/import/<int:number>/discard")
def discard(number: int) -> Response:
    """Drop the import; what it stored stays."""
    staging.discard(number, actor=current_actor())
    flash("The import was discarded.", "success")
    return redirect("/import", 303)
