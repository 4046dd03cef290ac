"""The page of search, and what the box on every page offers while one types."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request

from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.errors import Invalid
from postmortems.search import api, queries, results
from postmortems.search.query import OPERATORS, Query
from postmortems.search.results import Hit
from postmortems.web.auth import current_actor
from postmortems.web.kept import parts
from postmortems.web.render import page

blueprint = Blueprint("search", __name__)

PAGE_ROWS, PICKS = 20, 8


@blueprint.get("/search")
def show() -> Response:
    """What a query finds, as a page that needs no script."""
    permissions.require(current_actor(), "incident.read")
    text, after, wrong, body = request.args.get("q", "").strip(), request.args.get("after"), "", ""
    try:
        body = parts.shown(("search", text, after), partial(_found, text, after), is_personal=False)
    except Invalid as invalid:
        wrong = str(invalid)
    shown = page("search/index.html", q=text, wrong=wrong, body=body, operators=tuple(OPERATORS))
    return make_response(shown, 422 if wrong else 200)


def _found(text: str, after: str | None, _actor: Actor) -> str:
    """What is found, as it is kept. Raises `Invalid` for a wrong query or place."""
    wanted, hits, place = api.found(text, after or "", PAGE_ROWS)
    is_whole = not place and after is None
    return parts.rendered(
        "search/_found.html",
        q=text,
        notes=wanted.notes,
        hits=hits,
        count=_count(wanted, hits, is_whole=is_whole) if wanted.asks else len(hits),
        most=queries.MOST_COUNTED,
        next_url=f"/search?{urlencode({'q': text, 'after': place})}" if place else "",
        first_url=f"/search?{urlencode({'q': text})}" if after is not None else "",
    )


def _count(wanted: Query, hits: list[Hit], *, is_whole: bool) -> int:
    """How many there are in the index: what fits on the first page is counted already."""
    if not is_whole:
        return results.count(wanted)
    return sum(1 for hit in hits if hit.kind != "decision")


@blueprint.get("/search/picks")
def picks() -> Response:
    """The first hits, as options of the box."""
    permissions.require(current_actor(), "incident.read")
    text, wrong = request.args.get("q", "").strip(), ""
    hits: list[Hit] = []
    notes: tuple[str, ...] = ()
    try:
        wanted, hits, _ = api.found(text, "", PICKS)
        notes = wanted.notes
    except Invalid as invalid:
        wrong = str(invalid)
    return make_response(
        render_template("search/_picks.html", q=text, wrong=wrong, notes=notes, hits=hits),
        422 if wrong else 200,
    )
