"""One incident as a self-contained HTML file, with its styles and chart and no script."""

from __future__ import annotations

from flask import render_template

from postmortems import clock
from postmortems.gate.protection import queries as protection_queries
from postmortems.incidents.attachments import embedded
from postmortems.incidents.models import Incident
from postmortems.web import rendered_parts
from postmortems.web.markdown import mention_links

# The chart's own unit is a hundredth of its width in per cent.
WIDTH = 700


def html(incident: Incident, url: str) -> str:
    """The whole page; inside a unit of work. `url` is the service's own address, for its links back.

    What people wrote is sanitised as everywhere. Pictures that are attached are in the page; those on other
    servers stay there.
    """
    timelines, _, chart = rendered_parts.timeline_of(incident)
    items = [item for section in incident.sections for item in section.items]
    page = render_template(
        "incidents/standalone.html",
        incident=incident,
        sections=[(section, rendered_parts.blocks(section)) for section in incident.sections],
        references=rendered_parts.references_of(incident, embedded.attached(incident, url)),
        drawn_in=timelines[0] if timelines else None,
        chart=chart,
        protections=protection_queries.of_items([item.id for item in items]),
        today=clock.now().date(),
        width=WIDTH,
        url=url,
    )
    # A file has many readers: it links to nobody, and to no incident that one of them may not see.
    return mention_links.bare(page)
