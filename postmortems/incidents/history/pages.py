"""The pages of an incident's history: its versions, two compared, and restoring one."""

from __future__ import annotations

from flask import Blueprint, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.document import part_diff
from postmortems.errors import Invalid
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import queries, rows
from postmortems.incidents.history import queries as history
from postmortems.incidents.history import shown_pages
from postmortems.incidents.items import team_rights
from postmortems.incidents.models import Incident
from postmortems.web import diff, forms
from postmortems.web.auth import current_actor
from postmortems.web.render import page

blueprint = Blueprint("history", __name__)

PAGE_ROWS = 25
VIEWS = ("rendered", "source")


@blueprint.get("/incidents/<slug>/history")
def index(slug: str) -> str:
    """Every saved version with what it changed, newest first, and who wrote each part."""
    incident = queries.by_slug(slug, current_actor())
    before = request.args.get("before", type=int)
    saved = history.versions(incident, before, PAGE_ROWS)
    more = len(saved) == PAGE_ROWS and saved[-1].version > 1
    return page(
        "incidents/history/index.html",
        incident=incident,
        versions=saved,
        written=history.written(incident),
        next_url=f"{request.path}?before={saved[-1].version}" if more else "",
        first_url=request.path if before is not None else "",
    )


@blueprint.get("/incidents/<slug>/compare")
def compare(slug: str) -> str:
    """Two versions, picked in the list."""
    return _compared(slug, _version("from"), _version("to"))


@blueprint.get("/incidents/<slug>/history/<int:version>")
def change(slug: str, version: int) -> str:
    """One saved version: what it changed, word by word, against the one before."""
    return _compared(slug, None, version)


def _version(name: str) -> int | None:
    """A version in the address. Raises `Invalid` at its name."""
    text = request.args.get(name, "")
    number = forms.whole_number(text) if text else None
    if text and number is None:
        raise Invalid("must be the number of a version such as 3", f"/{name}")
    return number


def _compared(slug: str, old: int | None, new: int | None) -> str:
    incident = queries.by_slug(slug, current_actor())
    found = history.compared(incident, old, new)
    view = request.args.get("view", VIEWS[0])
    is_source = view == "source"
    number = found.old.version if found.old else 0
    return page(
        "incidents/history/compare.html",
        incident=incident,
        found=found,
        is_source=is_source,
        lines=diff.lines(*found.texts) if is_source else [],
        shown="" if is_source else _shown(incident, found, number),
    )


def _shown(incident: Incident, found: history.Compared, number: int) -> str:
    may_restore = number and team_rights.may(current_actor(), "incident.save", incident)
    return shown_pages.html(
        incident,
        found.diff,
        *found.documents,
        restore_url=f"/incidents/{incident.slug}/history/{number}/restore" if may_restore else "",
        restored=number,
    )


@blueprint.get("/incidents/<slug>/history/<int:version>/restore")
def preview(slug: str, version: int) -> str:
    """What restoring a version, or one section of it, would change now."""
    actor = current_actor()
    permissions.require_anywhere(actor, "incident.save")
    incident = queries.by_slug(slug, actor)
    team_rights.require(actor, "incident.save", incident)
    return _preview(incident, version)


def _preview(incident: Incident, version: int) -> str:
    section = _section(request.values.get("section", ""))
    now = rows.to_document(incident)
    with_status = history.restored(incident, version, section=section, status=True)
    is_whole = section is None
    wanted = _status(is_whole=is_whole)
    document = with_status if wanted else history.restored(incident, version, section=section, status=False)
    found = part_diff.diff(now, document)
    heading = "" if is_whole else history.document_of(incident, version).sections[section or 0].heading
    return page(
        "incidents/history/restore.html",
        incident=incident,
        version=version,
        section=section,
        heading=heading,
        statuses=(now.status or incident.status, with_status.status or incident.status),
        with_status=wanted,
        is_same=not found,
        shown=shown_pages.html(incident, found, now, document, restore_url="", restored=0),
    )


@blueprint.post("/incidents/<slug>/history/<int:version>/restore")
def restore(slug: str, version: int) -> AnyResponse | str:
    """Save an earlier version, or a section of it, again: what came between stays in the history."""
    actor = current_actor()
    permissions.require_anywhere(actor, "incident.save")
    incident = queries.by_slug(slug, actor)
    team_rights.require(actor, "incident.save", incident)
    seen = request.form.get("version", "")
    if seen and forms.whole_number(seen) != incident.version:
        flash("Somebody saved since you looked: this is what restoring would change now.", "warning")
        return _preview(incident, version)
    section = _section(request.form.get("section", ""))
    document = history.restored(incident, version, section=section, status=_status(is_whole=section is None))
    save_incident.save(
        slug,
        document,
        version=incident.version,
        actor=actor,
        message=history.message_of(incident, version, section),
        is_stored=True,
    )
    flash("Restored, as a new version.", "success")
    return redirect(f"/incidents/{slug}", 303)


def _section(text: str) -> int | None:
    number = forms.whole_number(text) if text else None
    if text and number is None:
        raise Invalid("must be the number of a section, counted from 0", "/section")
    return number


def _status(*, is_whole: bool) -> bool:
    """Whether the status of then is asked for: with a whole version it is, unless said otherwise."""
    return request.values.get("status", "then" if is_whole else "now") == "then"
