"""An incident's text for assistants: its canonical Markdown, and pieces of it that fit into an answer."""

from __future__ import annotations

import re

from postmortems.document.markdown import parser
from postmortems.errors import Invalid
from postmortems.exchange.exports import guard_annotations
from postmortems.incidents import rows
from postmortems.incidents.models import Incident

# Characters of one answer: what an assistant reads at once without losing what it was asked.
PIECE = 20_000
PLACE = re.compile(r"([0-9]{1,9}):([0-9]{1,9})")


def markdown(incident: Incident) -> str:
    """The report as the API gives it, with what is known of its guards on the day."""
    return parser.write(guard_annotations.annotated(rows.to_document(incident)))


def piece(incident: Incident, after: str) -> tuple[str, str]:
    """A piece of the text, cut at the end of a line, and the place of the next; "" behind the last.

    Raises `Invalid` for a place of another version: the pieces would not fit together.
    """
    text, begin = markdown(incident), _begin(incident, after)
    if len(text) - begin <= PIECE:
        return text[begin:], ""
    end = text.rfind("\n", begin, begin + PIECE) + 1 or begin + PIECE
    return text[begin:end], f"{incident.version}:{end}"


def _begin(incident: Incident, after: str) -> int:
    if not after:
        return 0
    place = PLACE.fullmatch(after)
    if place is None:
        raise Invalid("is no place in this report; take it from `next` of the answer before", "/after")
    if int(place[1]) != incident.version:
        raise Invalid("the report was changed meanwhile: read it from its beginning", "/after")
    return int(place[2])
