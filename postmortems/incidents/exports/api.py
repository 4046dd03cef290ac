"""Downloads of incidents as files, for the API and the command line. Drafts only when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from flask import Response, request
from marshmallow import fields

from postmortems.actor import Actor
from postmortems.document import comment_block
from postmortems.document.markdown import parser
from postmortems.document.markdown.references import References
from postmortems.exchange.exports import export, guard_annotations
from postmortems.exchange.exports.layouts import LAYOUTS
from postmortems.formats import zip_stream
from postmortems.formats.choices import OneOfOrNothing
from postmortems.incidents import page_keys, queries, query_schemas
from postmortems.incidents import rows as incidents_rows
from postmortems.incidents.comments import markdown_threads
from postmortems.incidents.comments import queries as comment_queries
from postmortems.incidents.exports import csv_export, feed, summaries
from postmortems.incidents.models import Incident
from postmortems.incidents.queries import Filters
from postmortems.web import downloads
from postmortems.web.markdown import mention_links
from postmortems.web.markdown import safe_html as render

FEED_ENTRIES, LONGEST_SUMMARY = 50, 20_000


class FilesQuerySchema(query_schemas.ListQuerySchema):
    """Which incidents, and how a zip of them is written."""

    style = fields.String(
        load_default="",
        validate=OneOfOrNothing(export.STYLES),
        metadata={
            "description": "of a zip: source, as the files came with only what was edited changed (the "
            "default), or canonical, the house layout"
        },
    )
    layout = fields.String(
        load_default="",
        validate=OneOfOrNothing(LAYOUTS),
        metadata={"description": "of a zip: the house layout, for a site generator"},
    )


def without_drafts(filters: Filters, drafts: bool) -> Filters:
    """The filters, narrowed to what is published unless drafts are asked for, here or by status or state."""
    return filters if drafts or filters.status or filters.state else replace(filters, status="published")


def csv_parts(filters: Filters, url: str) -> Iterator[str]:
    """The list as CSV, however long."""
    yield from downloads.in_pages(
        lambda after: queries.listing(filters, after, page_keys.LARGEST),
        lambda rows: csv_export.lines(rows, queries.item_counts(rows), url),
        csv_export.HEAD,
    )


def zip_parts(filters: Filters, actor: Actor, layout: str, *, drafts: bool) -> Iterator[bytes]:
    """The incidents of the list as files in a zip, however many."""
    files = export.files(filters, actor=actor, layout=layout, drafts=drafts)
    yield from zip_stream.zipped((file.path, file.content) for file in files)


def as_markdown(incident: Incident, *, comments: bool = False) -> str:
    """The incident's document, with what is known of its guards on the day, and the comments below it."""
    document = incidents_rows.to_document(incident)
    written = parser.write(guard_annotations.annotated(document))
    said = markdown_threads.block(comment_queries.threads(incident, document)) if comments else ""
    return comment_block.with_block(written, said) if said else written


def atom(filters: Filters, own_address: str, url: str) -> bytes:
    """The feed of what was published last; inside a unit of work."""
    incidents = queries.published(filters, FEED_ENTRIES)
    said, defining = summaries.of(incidents), summaries.defining(incidents)
    entries = [
        feed.of_incident(incident, _summary(said.get(incident.id, ""), defining.get(incident.id, ())), url)
        for incident in incidents
    ]
    return feed.in_house(entries, own_address, url)


def _summary(text: str, defining: Sequence[str]) -> str:
    """A summary as HTML, its links and notes with it wherever the incident defines them."""
    text = text[:LONGEST_SUMMARY]
    return mention_links.bare(render.to_html(text, References(defining).for_text(text)))


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
