"""Search snippets: the line of a document in which the words were found, with them marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sqlalchemy import and_, select

from postmortems import search_words
from postmortems.db.session import session
from postmortems.incidents.models import Incident, Revision

# Characters shown before and after the first hit.
AROUND = 70
PIECE = 2_000

# Headings' and lists' marks say nothing on one line.
MARKS = re.compile(r"^(?:#{1,6}|-|\*|---)(?=\s|$)", re.MULTILINE)

Parts = list[tuple[bool, str]]


def of(incidents: Sequence[Incident], query: str) -> dict[int, Parts]:
    """By incident id, the text around the first hit, each part saying whether it is one; one query."""
    pattern = _pattern(query)
    if pattern is None or not incidents:
        return {}
    newest = and_(Revision.incident_id == Incident.id, Revision.version == Incident.version)
    texts = session().execute(
        select(Incident.id, Revision.text)
        .join(Revision, newest)
        .where(Incident.id.in_([incident.id for incident in incidents]))
    )
    found = {row.id: around(row.text, pattern) for row in texts}
    return {incident_id: parts for incident_id, parts in found.items() if parts}


def _pattern(query: str) -> re.Pattern[str] | None:
    # The longest first, so that a word is not cut short by one that it contains.
    wanted = sorted(search_words.read(query), key=len, reverse=True)
    # Texts are folded here with all their blanks; a phrase may go on in the next line.
    return re.compile("|".join(re.escape(part).replace("\\ ", " +") for part in wanted)) if wanted else None


def around(text: str, pattern: re.Pattern[str]) -> Parts:
    """The text around the first hit behind the front matter, on one line; nothing where there is none."""
    text = search_words.composed(text)
    body = text.index("\n---\n", 3) + 5 if text.startswith("---\n") and "\n---\n" in text[3:] else 0
    place = _first(text[body:], pattern)
    first, last = (body + place[0], body + place[1]) if place else (_first(text, pattern) or (-1, -1))
    if first < 0:
        return []
    body = body if place else 0
    start, end = _start(text, body, first), _end(text, last)
    shown = " ".join(MARKS.sub(" ", text[start:end]).split())
    parts = _marked(shown, pattern)
    before = "… " if start > body else ""
    return [part for part in ((False, before), *parts, (False, " …" if end < len(text) else "")) if part[1]]


def _first(text: str, pattern: re.Pattern[str]) -> tuple[int, int] | None:
    """Where the first hit begins and ends in a composed text."""
    hit = pattern.search(search_words.folded_each(text))
    return (_unfolded(text, hit.start()), _unfolded(text, hit.end() - 1) + 1) if hit else None


def _unfolded(text: str, place: int) -> int:
    """Which character of the text gave the one at this place of the folded text."""
    if text.isascii():
        return place
    at = 0
    # Folding whole pieces is quick; one by one only in the piece that holds the place.
    while (length := len(search_words.folded_each(text[at : at + PIECE]))) <= place:
        place, at = place - length, at + PIECE
    while (length := len(search_words.folded_each(text[at]))) <= place:
        place, at = place - length, at + 1
    return at


def _marked(shown: str, pattern: re.Pattern[str]) -> Iterator[tuple[bool, str]]:
    """A short composed text in parts, each saying whether it is a hit."""
    lengths = (len(search_words.folded_each(character)) for character in shown)
    # By place in the folded text, the character that gave it.
    origins = [index for index, length in enumerate(lengths) for _ in range(length)]
    behind = 0
    for hit in pattern.finditer(search_words.folded_each(shown)):
        start, end = max(behind, origins[hit.start()]), origins[hit.end() - 1] + 1
        yield False, shown[behind:start]
        yield True, shown[start:end]
        behind = end
    yield False, shown[behind:]


def _start(text: str, body: int, hit: int) -> int:
    """Where to begin: at a word, not long before the hit."""
    early = hit - AROUND
    if early <= body:
        return body
    blank = text.find(" ", early, hit)
    return blank + 1 if blank >= 0 else hit


def _end(text: str, hit: int) -> int:
    """Where to end: behind a word, not long after the hit."""
    late = hit + AROUND
    if late >= len(text):
        return len(text)
    blank = text.rfind(" ", hit, late)
    return blank if blank >= 0 else hit
