"""Where the words that were searched for stand in a document: a line of its text, the words marked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import and_, select

from postmortems.db import session
from postmortems.incidents.models import Incident, Revision

# Characters shown before and after the first hit.
AROUND = 70

# Headings' and lists' marks say nothing on one line.
MARKS = re.compile(r"^(?:#{1,6}|-|\*|---)(?=\s|$)", re.MULTILINE)

Parts = list[tuple[bool, str]]


def of(incidents: Sequence[Incident], words: str) -> dict[int, Parts]:
    """By incident id, the text around the first hit, each part saying whether it is one; one query."""
    pattern = _pattern(words)
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


def _pattern(words: str) -> re.Pattern[str] | None:
    # The longest first, so that a word is not cut short by one that it contains.
    wanted = sorted(words.split(), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, wanted)), re.IGNORECASE) if wanted else None


def around(text: str, pattern: re.Pattern[str]) -> Parts:
    """The text around the first hit behind the front matter, on one line; nothing where there is none."""
    body = text.index("\n---\n", 3) + 5 if text.startswith("---\n") and "\n---\n" in text[3:] else 0
    first = pattern.search(text, body)
    if first is None:
        body, first = 0, pattern.search(text)
    if first is None:
        return []
    start, end = _start(text, body, first.start()), _end(text, first.end())
    shown = " ".join(MARKS.sub(" ", text[start:end]).split())
    parts: Parts = [(False, "… ")] if start > body else []
    place = 0
    for hit in pattern.finditer(shown):
        parts += [(False, shown[place : hit.start()]), (True, hit[0])]
        place = hit.end()
    parts += [(False, shown[place:]), (False, " …" if end < len(text) else "")]
    return [part for part in parts if part[1]]


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
