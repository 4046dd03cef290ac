"""The values of the edit form: from a Document, by its buttons, to JSON.

Every field holds text, as browsers send it. A button's name says what it does and where: `add-entry-2-5`
adds an entry to section 2 after block 5. So the form works the same with and without a script.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields
from datetime import date as Date
from typing import Any

from postmortems.document.markdown import section_roles
from postmortems.document.model import Block, Category, Document, Entry, Item, Prose, Section
from postmortems.document.readers import pasted
from postmortems.incidents import guard_remarks
from postmortems.incidents.editor import paste_into_form

Values = dict[str, Any]

BLANKS: dict[str, Block] = {
    "prose": Prose(""),
    "entry": Entry(""),
    "category": Category(""),
    "item": Item(""),
}
NAMES = {kind: tuple(field.name for field in fields(blank)) for kind, blank in BLANKS.items()}
FRONT = ("title", "date", "timezone", "severity", "status", "recurrence_of", "heading")
LISTED = ("services", "tags", "restricted")
# What a block must hold some of to be kept; an item's other fields say nothing without its text.
TELLING = {
    "prose": ("text",),
    "entry": ("written", "title", "text"),
    "category": ("heading",),
    "item": ("text", "id"),
}
SLUG = re.compile(r"[a-z0-9][a-z0-9-]*")
DOES, WHAT, AT = (
    "add|copy|remove|up|down|paste|restore",
    "section|prose|entry|category|item|block|rows|notes|document",
    r"(?:-(\d{1,5}))?",
)
PLACE = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")
# Sections and blocks that were removed with text in them travel with the form, so that they can be put back:
# a block as a section with that one block. `at` says where it stood: `2`, or `2-0` for a block.
MOST_REMOVED = 20
WORDS, LONGEST_NAME = ("written", "title", "heading", "text"), 60
BUTTON = re.compile(f"({DOES})-({WHAT}){AT}{AT}")
CHOICE = re.compile(r"sections\.(\d{1,4})\.blocks\.(\d{1,5})\.guardability=([a-z_]{1,20})")
FRESH = Document(
    sections=(
        Section("Summary", (Prose(""),)),
        Section("Timeline", (Entry(""),)),
        Section("Conclusion", (Prose(""),)),
        Section("Action items", (Category("Process"), Item(""))),
    )
)


def to_values(document: Document) -> Values:
    """The form's fields for a Document."""
    values: Values = {name: _text(getattr(document, name)) for name in FRONT}
    values |= {name: _listed(getattr(document, name)) for name in LISTED}
    values["extra"] = [{"key": key, "value": value} for key, value in document.extra]
    values["sections"] = [
        {
            "id": section.id,
            "heading": section.heading,
            "blocks": [_block_values(block) for block in section.blocks],
        }
        for section in document.sections
    ]
    return values


def _block_values(block: Block) -> Values:
    kind = next(name for name, blank in BLANKS.items() if isinstance(block, type(blank)))
    values: Values = {"type": kind} | {
        field.name: _text(getattr(block, field.name)) for field in fields(block)
    }
    if isinstance(block, Item):
        values |= {"tickets": "\n".join(block.tickets), "guards": list(block.guards), "other_guards": ""}
        values |= {"named": _named(block.guards), "blocked_by": ", ".join(block.blocked_by)}
    return values


def rows_of(blocks: Iterable[Block]) -> list[Values]:
    """Blocks as rows of the form."""
    return [_block_values(block) for block in blocks]


def blanks() -> list[Values]:
    """A new row of each kind, of which the page's script makes its rows."""
    return [_block_values(blank) | {"is_new": True} for blank in BLANKS.values()]


def errors_in(errors: Iterable[str], stem: str) -> bool:
    """Whether any of these fields is in the row of that name."""
    return any(name.startswith(f"{stem}.") for name in errors)


def _listed(names: tuple[str, ...]) -> str:
    """Names by comma; one a line where a name has a comma itself."""
    return "\n".join([*names, ""]) if any("," in name for name in names) else ", ".join(names)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, Date) else str(value or "")


def complete(values: Values) -> Values:
    """What was posted, with every field there that the form shows; whatever else was sent is left out."""
    whole: Values = {name: _leaf(values, name) for name in (*FRONT, *LISTED)}
    whole["template"] = _leaf(values, "template")
    whole["extra"] = [
        {"key": _leaf(pair, "key"), "value": _leaf(pair, "value")} for pair in _branches(values, "extra")
    ]
    whole["sections"] = [_complete_section(section) for section in _branches(values, "sections")]
    removed = _branches(values, "removed")[-MOST_REMOVED:]
    whole["removed"] = [_complete_section(section) | {"at": _leaf(section, "at")} for section in removed]
    return whole


def _complete_section(section: Values) -> Values:
    return {
        "id": _leaf(section, "id"),
        "heading": _leaf(section, "heading"),
        "paste": _leaf(section, "paste"),
        "blocks": [_complete_block(block) for block in _branches(section, "blocks")],
    }


def _complete_block(block: Values) -> Values:
    kind = block.get("type")
    kind = kind if kind in BLANKS else "prose"
    whole: Values = {"type": kind}
    for name in NAMES[kind]:
        value = block.get(name, "")
        whole[name] = value if isinstance(value, str) else ""
    if kind == "item":
        ticked = block.get("guards", [])
        whole["guards"] = [str(slug) for slug in ticked] if isinstance(ticked, list) else []
        whole["other_guards"] = _leaf(block, "other_guards")
        whole["named"] = _named(whole["guards"])
        # What a policy suggested and nobody touched is no choice: the save asks the policies again.
        if whole["due"] == _leaf(block, "due_suggested"):
            whole["due"] = ""
    return whole


def _named(guards: Iterable[str]) -> list[str]:
    """Which guards these are, without the remarks in brackets that an export adds."""
    return [guard_remarks.slug(written) for written in guards]


def _leaf(values: Values, name: str) -> str:
    value = values.get(name, "")
    return value if isinstance(value, str) else ""


def _branches(values: Values, name: str) -> list[Values]:
    found = values.get(name, [])
    return [branch for branch in found if isinstance(branch, dict)] if isinstance(found, list) else []


def role(section: Values) -> str:
    """The part a section of the form plays: by what stands in it, or else by its heading."""
    kinds = {block["type"] for block in section["blocks"]}
    if "item" in kinds:
        return "action_items"
    return "timeline" if "entry" in kinds else section_roles.named(section["heading"])


def stem_of(values: Values, item: str) -> str:
    """What the names of an item's fields begin with in the form, `sections.3.blocks.1`; "" for no item."""
    places = (
        f"sections.{s}.blocks.{b}"
        for s, section in enumerate(values["sections"])
        for b, block in enumerate(section["blocks"])
        if item and block.get("id") == item
    )
    return next(places, "")


def press(values: Values, button: str) -> Values:
    """What the form holds after a button; an unknown one changes nothing. What is new is marked `is_new`."""
    found = BUTTON.fullmatch(button)
    if not found:
        return values
    verb, what = found[1], found[2]
    section_at, block_at = (int(place) if place else None for place in (found[3], found[4]))
    sections = values["sections"]
    if what == "section":
        _press_section(values, verb, section_at)
    elif section_at is not None and section_at < len(sections):
        if verb == "paste":
            _paste(values, sections[section_at], what)
        else:
            if verb == "remove":
                _keep_block(values, section_at, block_at)
            _press_block(sections[section_at]["blocks"], verb, what, block_at)
    return values


def choose(values: Values, said: str) -> Values:
    """What the form holds after a way out was pressed: `sections.0.blocks.2.guardability=attestable`.

    What names no item of the form changes nothing.
    """
    found = CHOICE.fullmatch(said)
    if found:
        section_at, block_at = int(found[1]), int(found[2])
        sections = values["sections"]
        if section_at < len(sections) and block_at < len(sections[section_at]["blocks"]):
            sections[section_at]["blocks"][block_at]["guardability"] = found[3]
    return values


def _press_section(values: Values, verb: str, at: int | None) -> None:
    sections = values["sections"]
    if verb == "restore":
        _restore(values, at)
    elif verb == "add":
        place = len(sections) if at is None else min(at + 1, len(sections))
        fresh = [_block_values(Prose("")) | {"is_new": False}]
        sections.insert(place, {"id": "", "heading": "", "paste": "", "blocks": fresh, "is_new": True})
    elif at is not None and at < len(sections):
        section = sections[at]
        if verb == "remove" and (section["paste"].strip() or any(map(tells, section["blocks"]))):
            _keep(values, section | {"at": str(at)})
        _move_or_remove(sections, verb, at)


def _keep(values: Values, section: Values) -> None:
    values["removed"] = [*values["removed"], section][-MOST_REMOVED:]


def _keep_block(values: Values, section_at: int, at: int | None) -> None:
    section = values["sections"][section_at]
    if at is None or at >= len(section["blocks"]) or not tells(section["blocks"][at]):
        return
    alone = section | {"paste": "", "blocks": [section["blocks"][at]]}
    _keep(values, alone | {"at": f"{section_at}-{at}"})


def _restore(values: Values, at: int | None) -> None:
    """Put back where it was what was removed: a section, or a block in its section."""
    if at is None or at >= len(values["removed"]):
        return
    section, sections = values["removed"].pop(at), values["sections"]
    found = PLACE.fullmatch(section["at"])
    place = int(found[1]) if found else len(sections)
    if found and found[2]:
        # Its section may have moved since, and one that is gone comes back with it.
        alike = [n for n, one in enumerate(sections) if one["heading"] == section["heading"]]
        if alike:
            home = place if place in alike else alike[0]
            back = [block | {"is_new": True} for block in section["blocks"]]
            sections[home]["blocks"][int(found[2]) : int(found[2])] = back
            return
    sections.insert(place, section | {"is_new": True})


def removed_name(section: Values) -> str:
    """What the form calls something that can be put back: a section's heading, or a block's first words."""
    found = PLACE.fullmatch(section["at"])
    if not (found and found[2]):
        return section["heading"] or "a section"
    told = [name for block in section["blocks"] if block["type"] == "item" for name in [block["id"]]]
    told += [block.get(name, "") for block in section["blocks"] for name in WORDS]
    words = " ".join(" ".join(told).split())
    return f"{words[:LONGEST_NAME]}…" if len(words) > LONGEST_NAME else words or "a row"


def hidden(section: Values, stem: str) -> list[tuple[str, str]]:
    """The fields that carry a removed section through the form, by name; `stem` is `removed.0`."""
    pairs = [(f"{stem}.{name}", section[name]) for name in ("at", "id", "heading", "paste")]
    for b, block in enumerate(section["blocks"]):
        for name, value in block.items():
            if isinstance(value, str):
                pairs.append((f"{stem}.blocks.{b}.{name}", value))
            elif name == "guards":
                pairs += [(f"{stem}.blocks.{b}.guards[]", slug) for slug in value]
    return pairs


def _press_block(blocks: list[Values], verb: str, what: str, at: int | None) -> None:
    if verb == "add" and what in BLANKS:
        place = len(blocks) if at is None else min(at + 1, len(blocks))
        blocks.insert(place, _block_values(BLANKS[what]) | {"is_new": True})
    elif verb == "copy" and at is not None and at < len(blocks):
        # What was done about one is not done about its copy: an item gets an id of its own when it is saved.
        blank = {"id": ""} if "id" in blocks[at] else {}
        blocks.insert(at + 1, blocks[at] | blank | {"is_new": True})
    elif at is not None and at < len(blocks):
        _move_or_remove(blocks, verb, at)


def _move_or_remove(rows: list[Values], verb: str, at: int) -> None:
    if verb == "remove":
        del rows[at]
        return
    if verb not in ("up", "down"):
        return
    to = at - 1 if verb == "up" else at + 1
    if 0 <= to < len(rows):
        rows[at], rows[to] = rows[to], rows[at]


def _paste(values: Values, section: Values, what: str) -> None:
    """Notes become rows after those that are there; a whole postmortem is offered to fill the form with."""
    whole = pasted.document(section["paste"]) if what != "notes" else None
    if whole and what == "rows":
        section["is_whole"] = True
        return
    text, section["paste"] = section["paste"], ""
    if whole:
        paste_into_form.fill(values, whole, to_values(whole), tells)
        return
    rows = pasted_rows(text, values["date"])
    kept = [block for block in section["blocks"] if tells(block)]
    section["blocks"] = kept + [_block_values(block) | {"is_new": n == 0} for n, block in enumerate(rows)]


def pasted_rows(text: str, day: str) -> tuple[Block, ...]:
    """The blocks that notes are, of a day as the form has it."""
    return pasted.rows(text, day=_date(day))


def _date(text: str) -> Date | None:
    try:
        return Date.fromisoformat(text.strip())
    except ValueError:
        return None


def tells(block: Values) -> bool:
    """Whether the block says anything, so that it is kept."""
    return any(block[name].strip() for name in TELLING[block["type"]])


Places = dict[str, str]


def to_json(values: Values) -> tuple[dict[str, Any], Places]:
    """The Document's JSON without blank rows, and where each of its blocks stands in the form, by pointer."""
    places: Places = {}
    sections: list[dict[str, Any]] = []
    for s, section in enumerate(values["sections"]):
        told = [(n, block) for n, block in enumerate(section["blocks"]) if tells(block)]
        if not told and not section["heading"].strip():
            continue
        places[f"/sections/{len(sections)}"] = f"/sections/{s}"
        for place, (n, _) in enumerate(told):
            places[f"/sections/{len(sections)}/blocks/{place}"] = f"/sections/{s}/blocks/{n}"
        heading, blocks = section["heading"].strip(), [_block_json(block) for _, block in told]
        sections.append({"id": section["id"], "heading": heading, "blocks": blocks})
    front: dict[str, Any] = {name: values[name].strip() for name in FRONT}
    front["date"] = front["date"] or None
    lists = {name: names(values[name]) for name in LISTED}
    extra = [[pair["key"], pair["value"]] for pair in values["extra"]]
    return front | lists | {"extra": extra, "sections": sections}, places


def names(text: str) -> list[str]:
    """The names in a field that holds several: by comma, or one a line."""
    parts = text.split("\n" if "\n" in text else ",")
    return [part.strip() for part in parts if part.strip()]


def _block_json(block: Values) -> dict[str, Any]:
    shaped: dict[str, Any] = {name: text.strip("\n") for name, text in block.items() if isinstance(text, str)}
    if block["type"] == "item":
        shaped |= {"due": block["due"].strip() or None, "tickets": names(block["tickets"] + "\n")}
        shaped["guards"] = block["guards"] + SLUG.findall(block["other_guards"].lower())
        shaped["blocked_by"] = names(block["blocked_by"])
        shaped.pop("other_guards")
    return shaped


def at_fields(pointer: str, places: Places) -> str:
    """A pointer into the Document as one into the form, where blank rows may stand between."""
    steps = pointer.split("/")
    for length in (5, 3):
        stem = "/".join(steps[:length])
        if stem in places:
            return places[stem] + "".join(f"/{step}" for step in steps[length:])
    return pointer
