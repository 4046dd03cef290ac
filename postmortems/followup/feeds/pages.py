"""Settings → Calendars, and the feeds themselves, which are read without signing in."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems import clock
from postmortems.accounts import feed_addresses
from postmortems.accounts.feed_addresses import Reader
from postmortems.accounts.teams import queries as teams
from postmortems.db import session as db
from postmortems.errors import Conflict, Invalid, NotAllowed
from postmortems.followup import calendar, schemas
from postmortems.followup.feeds import due_items, item_feed
from postmortems.followup.queries import Listed
from postmortems.web import downloads, forms
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page
from postmortems.web.transactions import own_units

blueprint = Blueprint("feeds", __name__)


@blueprint.get("/settings/calendars")
def index() -> Response:
    """One's own addresses, and the form that makes one."""
    return _index()


@blueprint.post("/settings/calendars")
def make() -> AnyResponse:
    """Make an address and show it, this once."""
    team = request.form.get("team", "")
    try:
        secret = feed_addresses.make(team, actor=current_actor())
    except (Invalid, Conflict) as refused:
        return _index(forms.errors(refused, "team"))
    return _index(secret=secret)


@blueprint.post("/settings/calendars/<int:address_id>/remove")
def remove(address_id: int) -> AnyResponse:
    feed_addresses.remove(address_id, actor=current_actor())
    flash("That address answers no more.", "success")
    return redirect("/settings/calendars", 303)


@blueprint.get("/feeds/<secret>/due.ics")
@own_units
def due_calendar(secret: str) -> Response:
    """What is due as iCalendar: events, or with `?as=todo` to-dos; narrowed by the list's filters."""
    write = calendar.todos if request.args.get("as") == "todo" else calendar.events

    def made(reader: Reader, rows: list[Listed], url: str) -> bytes:
        name = f"{reader.team_name or reader.user}: action items due"
        return calendar.head(name) + b"".join(write(rows, url)) + calendar.END

    return _answer(secret, made, "text/calendar")


@blueprint.get("/feeds/<secret>/due.atom")
@own_units
def due_feed(secret: str) -> Response:
    """What is due as an Atom feed, what changed last first."""
    return _answer(
        secret, lambda reader, rows, url: item_feed.to_atom(rows, reader, url), "application/atom+xml"
    )


def _answer(secret: str, made: Callable[[Reader, list[Listed], str], bytes], mimetype: str) -> Response:
    now = clock.now()
    with db.reading():
        reader = feed_addresses.reader(secret)
        body = made(reader, due_items.of(reader, schemas.filters(request.args)), downloads.own_url())
    if feed_addresses.is_read_unnoted(reader, now):
        with db.transaction():
            feed_addresses.note_read(reader, now)
    response = Response(body, mimetype=mimetype)
    response.add_etag()
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response.make_conditional(request)  # type: ignore[return-value]


def _index(errors: forms.Errors | None = None, secret: str = "") -> Response:
    actor = current_actor()
    if not actor.is_person or actor.user_id is None:
        raise NotAllowed("only a person who is signed in has addresses")
    return form_page(
        "feeds/index.html",
        errors=errors,
        addresses=feed_addresses.of_user(actor.user_id),
        teams=teams.choices(),
        feed=f"{downloads.own_url()}/feeds/{secret}" if secret else "",
        form=request.form,
    )
