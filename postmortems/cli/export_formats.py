"""`export --format`: CSV, JSON, calendar and feed of all incidents, or one file for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from flask import current_app

from postmortems import clock
from postmortems.actor import Actor
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.followup import calendar, csv_export
from postmortems.followup import queries as followup
from postmortems.followup.queries import Listed
from postmortems.incidents import page_keys, queries, schemas
from postmortems.incidents.exports import api as exports_api
from postmortems.incidents.exports import standalone_pages
from postmortems.incidents.models import Incident
from postmortems.incidents.queries import Filters
from postmortems.web import application, downloads
from postmortems.web.pdf import pdf

Files = Iterator[tuple[str, bytes]]
SYSTEM = Actor.system("cli")


def files(form: str, filters: Filters, drafts: bool, settings: Settings) -> Files:
    """The files of an export in one of `FORMATS`, each its name and bytes; drafts stay out unless asked for.

    Connects the database anew; to be called outside of any unit of work. Raises `Unavailable` for PDF
    without WeasyPrint.
    """
    # Pages are made by the application. Nothing is signed here, so no key is missed.
    app = application.create_app(replace(settings, secret_key=settings.secret_key or "nothing is signed"))
    with app.app_context():
        yield from FORMATS[form](exports_api.without_drafts(filters, drafts), settings.url)


def _tables(filters: Filters, url: str) -> Files:
    yield "incidents.csv", "".join(exports_api.csv_parts(filters, url)).encode()
    now = clock.now()
    lines = _of_items(filters, lambda rows: csv_export.lines(rows, now, url), csv_export.HEAD)
    yield "action-items.csv", "".join(lines).encode()


def _calendar(filters: Filters, url: str) -> Files:
    events = _of_items(filters, lambda rows: calendar.events(rows, url), calendar.head())
    yield "action-items.ics", b"".join([*events, calendar.END])


def _of_items(
    filters: Filters, write: Callable[[list[Listed]], Iterator[downloads.Part]], head: downloads.Part
) -> Iterator[downloads.Part]:
    """What `write` makes of the action items of the incidents that the filters let through."""

    def is_let_through(listed: Listed) -> bool:
        incident = listed.item.incident
        is_of_year = filters.year is None or incident.occurred_on.year == filters.year
        return is_of_year and filters.status in {"", incident.status}

    wanted = followup.Filters(service=filters.service)
    return downloads.in_pages(
        lambda after: followup.listing(wanted, after, page_keys.LARGEST),
        lambda rows: write([row for row in rows if is_let_through(row)]),
        head,
    )


def _feed(filters: Filters, url: str) -> Files:
    with db.reading():
        feed = exports_api.atom(filters, f"{url}/feed.atom", url)
    yield "feed.atom", feed


def _each(suffix: str, make: Callable[[Incident, str], str], filters: Filters, url: str) -> Files:
    """A file for each incident; one unit of work and one document at a time."""
    for rows in downloads.pages(
        lambda after: queries.listing(filters, after, page_keys.LARGEST),
        lambda rows: [incident.slug for incident in rows],
    ):
        for slug in rows:
            with db.reading():
                text = make(queries.by_slug(slug, SYSTEM), url)
            yield f"{slug}{suffix}", text.encode()


def _json(incident: Incident, _url: str) -> str:
    return f"{current_app.json.dumps(schemas.whole(incident))}\n"


def _pdf(filters: Filters, url: str) -> Files:
    for name, html in _each(".html", standalone_pages.html, filters, url):
        yield f"{name.removesuffix('.html')}.pdf", pdf.pdf(html.decode())


FORMATS: dict[str, Callable[[Filters, str], Files]] = {
    "csv": _tables,
    "ical": _calendar,
    "atom": _feed,
    "html": partial(_each, ".html", standalone_pages.html),
    "json": partial(_each, ".json", _json),
    "pdf": _pdf,
}
