"""The queue of proposed items: one after the other is accepted, merged into another, or declined."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

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
from postmortems.incidents.items.item_numbers import REF
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page

blueprint = Blueprint("queue", __name__, url_prefix="/action-items/proposed")

PAGE_ROWS = 20
# Where it is said what was wrong with an act, if that points nowhere.
FIELDS = {"accept": "owner", "merge": "into", "decline": "reason"}
DONE = {"accept": "accepted", "merge": "merged", "decline": "declined"}


# What is named as the item to merge into: its number, with or without the letters, or its address.
INTO = re.compile(r"(?:.*/)?(?:AI-)?([0-9]+)", re.IGNORECASE)
MOST_FIELDS = 100


@blueprint.get("")
def index() -> Response:
    """What is proposed, the oldest first, as far as the filters of the address let it through."""
    return _page(_filters(request.args), request.args.get("after", ""))


@blueprint.post("/<ref>")
def decide(ref: str) -> AnyResponse:
    """Accept, merge or decline one, and go on with the next; what is refused is said where it was typed."""
    form, act = request.form, request.form.get("act", "")
    permissions.require_anywhere(current_actor(), "item.edit")
    ref = queries.by_ref(ref, current_actor()).ref
    try:
        with session().begin_nested():
            _decide(ref, act)
    except (Invalid, Conflict, NotFound) as refused:
        session().expire_all()
        errors = forms.errors(refused, FIELDS.get(act, "act"))
        return _page(_typed_filters(), form.get("after", ""), ref, errors)
    link = Markup('<a href="/action-items/{0}">{0}</a> {1}.').format(ref, DONE[act])
    flash(escape(link), "success")
    return redirect(_place(form.get("query", ""), form.get("after", ""), form.get("next", "")), 303)


def _page(filters: Filters, after: str, refused: str = "", errors: forms.Errors | None = None) -> Response:
    """A page of the queue, with what was typed where one was `refused`."""
    found = queries.lines(filters, after, PAGE_ROWS)
    if refused and refused not in {line.ref for line in found.rows}:
        # Somebody else has decided on it meanwhile, say.
        told = [each for several in (errors or {}).values() for each in several]
        flash(f"{refused}: {'; '.join(told)}.", "error")
    query = replace(filters, status="", sort="").query()
    return form_page(
        "followup/queue.html",
        errors=errors,
        refused=refused,
        typed=request.form,
        rows=found.rows,
        editable=team_rights.allowed_numbers(
            current_actor(), team_rights.EDIT, {line.number for line in found.rows}
        ),
        query=query,
        after=after,
        matching=queries.matching_at_most(filters),
        most=queries.MOST_COUNTED,
        strangers=teams.strangers([line.owner for line in found.rows]),
        next_url=f"/action-items/proposed?{query}&after={found.after}" if found.after else "",
        first_url=f"/action-items/proposed?{query}" if after else "",
        rules=rules,
    )


def _decide(ref: str, act: str) -> None:
    actor, form = current_actor(), request.form
    if act == "accept":
        said = {"owner": form.get("owner", "").strip(), "due": pages.date_of(form.get("due", ""), "due")}
        triage.accept(ref, {name: value for name, value in said.items() if value}, actor=actor)
    elif act == "merge":
        into = form.get("into", "").strip()
        number = INTO.fullmatch(into)
        item_merges.merge(ref, f"AI-{number[1]}" if number else into, actor=actor)
    elif act == "decline":
        triage.decline(ref, form.get("reason", ""), actor=actor)
    else:
        raise Invalid("choose to accept, merge or decline it", "/act")


def _place(query: str, after: str, following: str) -> str:
    """The same page of the queue, at the item that follows where one does."""
    asked = "&".join(filter(None, (query, urlencode({"after": after}) if after else "")))
    at = f"#{following}" if REF.fullmatch(following) else ""
    return f"/action-items/proposed?{asked}{at}"


def _filters(said: Mapping[str, str]) -> Filters:
    return replace(schemas.filters(said), status="proposed", sort="-age")


def _typed_filters() -> Filters:
    """Those that the form names; of an address that is none, no others."""
    try:
        pairs = parse_qsl(request.form.get("query", ""), max_num_fields=MOST_FIELDS)
        return _filters(dict(pairs))
    except (Invalid, ValueError):
        return _filters({})
