"""Pastes a whole postmortem into the form: parts go where there is room, nothing is replaced.

What the form says already stays. A title or a date that says otherwise is kept as text above its sections.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from postmortems.document.markdown import section_roles
from postmortems.document.model import Document
from postmortems.document.times import timeline_times

Values = dict[str, Any]
# Whether a block of the form says anything.
Tells = Callable[[Values], bool]

FRONT = ("title", "date", "timezone", "severity", "heading")
LISTED = ("services", "tags")


def fill(values: Values, document: Document, pasted: Values, tells: Tells) -> None:
    """Put the document, as the form would show it (`pasted`), into `values`."""
    day = timeline_times.incident_date(document)
    pasted["date"] = pasted["date"] or (day.isoformat() if day else "")
    left = list(_front(values, document, pasted))
    sections = pasted["sections"]
    if left:
        lead = {"id": "", "heading": "", "paste": "", "blocks": []}
        sections = sections if sections and not sections[0]["heading"] else [lead, *sections]
        note = {"type": "prose", "id": "", "text": "\n".join(left), "is_new": False}
        sections[0]["blocks"] = [note, *sections[0]["blocks"]]
    place = 0
    for section in sections:
        place = _placed(values["sections"], section, place, tells) + 1
    known = {pair["key"] for pair in values["extra"]}
    values["extra"] += [pair for pair in pasted["extra"] if not pair["key"] or pair["key"] not in known]


def _front(values: Values, document: Document, pasted: Values) -> Iterator[str]:
    """Fill what is empty; what is left over, as lines of text."""
    for name in FRONT:
        old, new = values[name].strip(), pasted[name].strip()
        if not old:
            values[name] = new
        elif new and new != old:
            yield f"{name.capitalize()}: {new}  "
    for name in LISTED:
        old = [part.strip() for part in values[name].replace("\n", ",").split(",") if part.strip()]
        new = [part for part in getattr(document, name) if part not in old]
        values[name] = (
            "\n".join([*old, *new, ""]) if any("," in part for part in new) else ", ".join(old + new)
        )


def _placed(sections: list[Values], pasted: Values, place: int, tells: Tells) -> int:
    """Put a section into the empty one of its name or role, else behind the last; the place it has then."""
    fresh = {"id": "", "heading": pasted["heading"], "paste": "", "blocks": pasted["blocks"], "is_new": True}
    named, role = pasted["heading"].casefold(), section_roles.named(pasted["heading"])
    for at, section in enumerate(sections):
        is_same = section["heading"].casefold() == named
        is_free = not any(tells(block) for block in section["blocks"])
        if is_free and (is_same or (role != "other" and section_roles.named(section["heading"]) == role)):
            sections[at] = fresh | {"id": section["id"]}
            return at
        if is_same and named:
            kept = [block for block in section["blocks"] if tells(block)]
            is_empty = all(block["type"] == "category" for block in kept)
            # Behind a category with nothing under it, all that is pasted would stand in that category.
            section["blocks"] = [*pasted["blocks"], *kept] if is_empty else [*kept, *pasted["blocks"]]
            return at
    sections.insert(place, fresh)
    return place
