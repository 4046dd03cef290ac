"""The text behind a slash command: `#incident 14:05 mitigation: rolled back`. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from postmortems.capture.notes import Note
from postmortems.document.model import ENTRY_KINDS
from postmortems.document.text import SLUG
from postmortems.document.times import prefix

USAGE = (
    "Say what happened, and it is noted in the timeline: `rolled back to 1.4.2`. Before it may stand, in "
    "this order: the incident as `#its-name` (else the newest draft), when it was as `14:05`, and one of "
    f"{', '.join(ENTRY_KINDS)} with a colon."
)
INCIDENT = re.compile(rf"#({SLUG.pattern})(?=\s|$)\s*")
# A sign alone, as `#` is, says nothing; a symbol such as a tick does.
WORDS = re.compile(r"\w|[^\x00-\x7f]")
KIND = re.compile(rf"({'|'.join(ENTRY_KINDS)})\s*:\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """The incident's slug, "" for the newest draft, and what is to be noted; None to be told how."""

    slug: str
    note: Note | None


def read(text: str, user: str) -> Said:
    """What somebody typed; their name stands before the words, as in a chat."""
    text, slug, at, kind = text.strip(), "", "", ""
    if found := INCIDENT.match(text):
        slug, text = found[1], text[found.end() :]
    first, _, rest = text.partition("\n")
    stamp = prefix.of_line(first)
    if stamp and stamp.stated.has_clock and stamp.rest:
        at, text = stamp.written, "\n".join(filter(None, (stamp.rest, rest)))
    if found := KIND.match(text):
        kind, text = found[1].lower(), text[found.end() :]
    is_time = stamp is not None and stamp.stated.has_clock and not stamp.rest and not rest.strip()
    if is_time or not WORDS.search(text) or text.strip().lower() == "help":
        return Said(slug, None)
    return Said(slug, Note(f"{user}: {text.strip()}", kind=kind, at=at))
