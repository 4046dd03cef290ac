"""Reports on paper: one self-contained page, with charts and without script, to be made a PDF."""

from __future__ import annotations

from collections.abc import Sequence

from flask import render_template

from postmortems.reports.catalog import chart, writers
from postmortems.reports.catalog.report import Figure, Report
from postmortems.web.render import as_html

# Pixels across a chart.
WIDTH = 640


def html(
    title: str,
    parts: Sequence[Report],
    url: str,
    *,
    headline: Sequence[Figure] = (),
    notes: Sequence[str] = (),
) -> str:
    """Reports under one title. `url` is the service's own address, for the links to rows."""
    drawn = [(part.without_empty_columns(), chart.draw(part.chart) if part.chart else None) for part in parts]
    return render_template(
        "reports/paper.html",
        title=title,
        headline=headline,
        notes=notes,
        parts=drawn,
        shown=writers.shown,
        share=WIDTH / 100,
        width=WIDTH,
        url=url,
    )


def html_of_markdown(title: str, text: str) -> str:
    """A report that has a form of its own, from its Markdown."""
    return render_template("reports/paper.html", title=title, body=as_html(text))
