"""The queue of proposed items: one after the other is accepted, merged into another, or declined."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, flash, request
from markupsafe import Markup, escape
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.accounts.teams import queries as teams
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotFound
from postmortems.followup import pages, queries, rules, schemas
from postmortems.followup.filters import Filters
from postmortems.gate.enforcement import item_merges, triage
from postmortems.incidents.items import team_rights
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page

blueprint = Blueprint("queue", __name__, url_prefix="/action-items/proposed")

PAGE_ROWS = 20
DONE = {"accept": "accepted", "merge": "merged", "decline": "declined"}


@blueprint.get("")
def index() -> Response:
    """What is proposed, the oldest first, as far as the filters of the address let it through."""
    filters, after = _filters(), request.args.get("after", "")
    found = queries.lines(filters, after, PAGE_ROWS)
    query = replace(filters, status="", sort="").query()
    return form_page(
        "followup/queue.html",
        rows=found.rows,
        editable=team_rights.allowed_numbers(
            current_actor(), team_rights.EDIT, {line.number for line in found.rows}
        ),
        query=query,
        matching=queries.matching_at_most(filters),
        most=queries.MOST_COUNTED,
        strangers=teams.strangers([line.owner for line in found.rows]),
        next_url=f"/action-items/proposed?{query}&after={found.after}" if found.after else "",
        first_url=f"/action-items/proposed?{query}" if after else "",
        rules=rules,
    )


@blueprint.post("/<ref>")
def decide(ref: str) -> AnyResponse:
    """Accept, merge or decline one, and go on with the next."""
    act = request.form.get("act", "")
    permissions.require_anywhere(current_actor(), "item.edit")
    ref = queries.by_ref(ref, current_actor()).ref
    try:
        with session().begin_nested():
            _decide(ref, act)
    except (Invalid, Conflict, NotFound) as refused:
        flash(f"{ref}: {refused.detail}.", "error")
    else:
        link = Markup('<a href="/action-items/{0}">{0}</a> {1}.').format(ref, DONE[act])
        flash(escape(link), "success")
    return redirect(f"/action-items/proposed?{request.form.get('query', '')}", 303)


def _decide(ref: str, act: str) -> None:
    actor, form = current_actor(), request.form
    if act == "accept":
        said = {"owner": form.get("owner", "").strip(), "due": pages.date_of(form.get("due", ""), "due")}
        triage.accept(ref, {name: value for name, value in said.items() if value}, actor=actor)
    elif act == "merge":
        item_merges.merge(ref, form.get("into", "").strip().upper(), actor=actor)
    elif act == "decline":
        triage.decline(ref, form.get("reason", ""), actor=actor)
    else:
        raise Invalid("choose to accept, merge or decline it", "/act")


def _filters() -> Filters:
    return replace(schemas.filters(request.args), status="proposed", sort="-age")
