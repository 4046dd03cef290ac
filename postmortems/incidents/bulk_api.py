"""The list of incidents as files, for the API and the command line. Drafts stay out unless asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from flask import Response, request

from postmortems import archive
from postmortems.document import markdown
from postmortems.gate import annotating
from postmortems.incidents import exchange, feed, paging, queries, table
from postmortems.incidents.models import Incident
from postmortems.incidents.queries import Filters
from postmortems.web import downloads
from postmortems.web import markdown as render

FEED_ENTRIES, LONGEST_SUMMARY = 50, 20_000
# So many documents are held at once.
WHOLE_AT_ONCE = 50


def without_drafts(filters: Filters, drafts: bool) -> Filters:
    """The filters, narrowed to what is published unless drafts are asked for, here or as the status."""
    return filters if drafts or filters.status else replace(filters, status="published")


def csv_parts(filters: Filters, url: str) -> Iterator[str]:
    """The list as CSV, however long."""
    yield from downloads.in_pages(
        lambda after: queries.listing(filters, after, paging.LARGEST),
        lambda rows: table.lines(rows, queries.item_counts(rows), url),
        table.HEAD,
    )


def zip_parts(filters: Filters) -> Iterator[bytes]:
    """The incidents of the list as canonical Markdown in a zip, <slug>.md each, however many."""
    yield from archive.zipped(chain.from_iterable(_files(filters)))


def _files(filters: Filters) -> Iterator[list[tuple[str, bytes]]]:
    return downloads.pages(
        lambda after: queries.listing(filters, after, WHOLE_AT_ONCE, with_documents=True),
        lambda rows: [(f"{incident.slug}.md", as_markdown(incident).encode()) for incident in rows],
    )


def as_markdown(incident: Incident) -> str:
    """The incident's document, with what is known of its guards on the day."""
    return markdown.write(annotating.annotated(exchange.to_document(incident)))


def atom(filters: Filters, own_address: str, url: str) -> bytes:
    """The feed of what was published last; inside a unit of work."""
    incidents = queries.published(filters, FEED_ENTRIES)
    summaries = queries.summaries(incidents)
    entries = [
        feed.Entry(incident, render.to_html(summaries.get(incident.id, "")[:LONGEST_SUMMARY]))
        for incident in incidents
    ]
    return feed.to_atom(entries, own_address, url)


def atom_answer(filters: Filters) -> Response:
    """The feed at the address that was asked for; a reader that has it already is told so."""
    url = downloads.own_url()
    own_address = url + request.full_path.rstrip("?")
    response = Response(atom(filters, own_address, url), mimetype="application/atom+xml")
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Accept")
    response.add_etag()
    response.make_conditional(request)
    return response
