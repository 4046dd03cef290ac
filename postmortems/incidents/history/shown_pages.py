"""What the page and the API show of a comparison: HTML with words marked, and the Markdown by line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flask import render_template
from markupsafe import Markup

from postmortems.document.markdown.references import Attached, References
from postmortems.document.model import Category, Document
from postmortems.document.part_diff import DocumentDiff
from postmortems.document.word_diff import Budget
from postmortems.incidents.attachments import queries as attachments
from postmortems.incidents.history import comparison
from postmortems.incidents.models import Incident
from postmortems.web.markdown import html_diff, mention_links
from postmortems.web.render import as_html

Rendered = Callable[[str, str], Markup | None]


def html(incident: Incident, diff: DocumentDiff, before: Document, after: Document, **values: Any) -> Markup:
    """The comparison as a part of a page of the incident; `values` go to its template."""
    attached = attachments.attached([incident.id]).get(incident.id, {})
    told, rendered = comparison.told(diff), _rendered(before, after, attached)
    return Markup(
        render_template("incidents/history/_comparison.html", told=told, rendered=rendered, **values)
    )


def _rendered(before: Document, after: Document, attached: Mapping[str, Attached]) -> Rendered:
    """Two Markdown texts as one piece of HTML; None where they are shown as words."""
    budget = Budget(comparison.PAIRS)
    old_references, references = (References(_texts(document), attached) for document in (before, after))

    def rendered(old: str, new: str) -> Markup | None:
        gone, come = as_html(old, old_references), as_html(new, references)
        return html_diff.marked(Markup(mention_links.bare(gone)), Markup(mention_links.bare(come)), budget)

    return rendered


def _texts(document: Document) -> Iterator[str]:
    for section in document.sections:
        yield from (block.text for block in section.blocks if not isinstance(block, Category))
