"""The list of incidents as files, for the API and the command line. Drafts stay out unless asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from postmortems.incidents import paging, queries, table
from postmortems.incidents.queries import Filters
from postmortems.web import downloads


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
