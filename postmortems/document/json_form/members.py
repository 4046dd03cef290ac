"""The members of a document's JSON form: how each is read, and what is said of it.

The rest follows from these tables: `convert` reads and writes by them, and the published JSON Schema and the
shapes in the API's reference (`incidents.schemas`) are made from them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import partial
from itertools import repeat
from typing import Any

from postmortems.document import model
from postmortems.document.json_form import fields
from postmortems.document.json_form.fields import Json, Member, Wrong
from postmortems.document.markdown import front_matter, section_roles
from postmortems.document.model import Category, Entry, Item, Prose, Section
from postmortems.document.parse_cache import Kept
from postmortems.errors import Problem

LONGEST_TITLE, MOST_BLOCKS, MOST_SECTIONS = 500, 2_000, 500
MOST_HELD, LONGEST_HELD = 8_192, 1_000
# Stands for a member that is not there.
ABSENT = object()
_HELD: Kept[model.Block] = Kept(MOST_HELD)
TEXT: Json = {"type": "string"}
TEXT_OR_NULL: Json = {"type": ["string", "null"]}


def pair(value: Any) -> tuple[str, str]:
    if not isinstance(value, list) or len(value) != 2:
        raise Wrong.here("must be a list of a key and its YAML")
    key, raw = fields.each([("0", value[0], fields.line), ("1", value[1], fields.raw)])
    if not front_matter.is_kept(key, raw):
        raise Wrong.here("is not a key of front matter with its value")
    return key, raw


def block(value: Any) -> model.Block:
    """A block; one that says what another did is the same: an edit sends hundreds of rows as they were."""
    key = _key(value) if isinstance(value, dict) else None
    if key is None:
        return _block(value)
    held = _HELD.get(key)
    if held is None:
        held = _block(value)
        _HELD.put(key, held, 1)
    return held


def _key(value: dict[str, Any]) -> Hashable | None:
    """What a block says; None where it is long, or has what is looked at more closely."""
    kind = value.get("type")
    known, names = NAMES.get(kind, (frozenset(), ())) if isinstance(kind, str) else (frozenset(), ())
    if not value.keys() <= known:
        return None
    key = list(map(value.get, names, repeat(ABSENT)))
    size = 0
    for place, each in enumerate(key):
        if type(each) is str:
            size += len(each)
        elif type(each) is list:
            if not all(type(one) is str for one in each):
                return None
            size += sum(map(len, each))
            key[place] = tuple(each)
        elif each is not None and each is not ABSENT:
            return None
    return (kind, *key) if size <= LONGEST_HELD else None


def _block(value: Any) -> model.Block:
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in BLOCKS:
        raise Wrong(Problem("/type", f"must be one of {', '.join(BLOCKS)}"))
    make, members, needed = BLOCKS[kind]
    loaded = fields.fields(value, members | {"type": Member(fields.ignored)})
    if needed not in loaded:
        raise Wrong(Problem(f"/{needed}", "is missing"))
    made: model.Block = make(**loaded)
    return made


def section(value: Any) -> Section:
    loaded = fields.fields(value, SECTION)
    return Section(**{"heading": "", **loaded})


def _choice(values: tuple[str, ...]) -> Member:
    return Member(partial(fields.choice, values=values))


def _names(description: str = "", reference: str = "", **more: Any) -> Member:
    return Member(partial(fields.listed, load=fields.name), description, reference, **more)


def _worked_out(shape: Json, description: str = "", reference: str | None = None) -> Member:
    """What we work out ourselves; it may come back and says nothing."""
    said = description if reference is None else reference
    return Member(fields.ignored, description, f"read only: {said}" if said else "read only", shape=shape)


AS_WRITTEN = "as its author wrote it"
MARKDOWN = Member(fields.text, "Markdown", "Markdown; of prose, entry and item")
PART_ID = Member(
    fields.part_id,
    "given by the service, and kept when the part is edited or moved; left out for a new one",
    example="5f3a9c01",
)
PROSE = {"id": PART_ID, "text": MARKDOWN}
CATEGORY = {"id": PART_ID, "heading": Member(fields.name, AS_WRITTEN, "of a category")}
ENTRY = {
    "id": PART_ID,
    "written": Member(
        fields.line, "the time as its author wrote it", "an entry's time as written", example="~15:30 - 15:45"
    ),
    "title": Member(fields.line, reference="an entry's title"),
    "text": MARKDOWN,
    "kind": _choice(model.ENTRY_KINDS),
}
READ_FROM_ENTRY = {
    "at": _worked_out(
        TEXT_OR_NULL,
        "the local time, or the day alone, that was read from `written`",
        "the local time that was read from `written`",
    ),
    "until": _worked_out(TEXT_OR_NULL, "the end, where `written` is a span", ""),
    "precision": _worked_out(
        TEXT_OR_NULL, "day, minute or second; null where nothing was read", "day, minute or second"
    ),
    "approximate": _worked_out({"type": "boolean"}),
    "zone": _worked_out(TEXT, "the zone as somebody stated it"),
    "instant": _worked_out(TEXT_OR_NULL, "the same moment in UTC, where a zone is known"),
    "warnings": _worked_out({"type": "array", "items": TEXT}, "what is odd about the time"),
}
ITEM = {
    "text": MARKDOWN,
    "id": Member(
        fields.identifier,
        "given by the service; left out for a new item",
        "the service's, an item's like AI-2; it stays when the block moves or changes; none for a new one",
        example="AI-2",
    ),
    "kind": _choice(model.ITEM_KINDS),
    "owner": Member(fields.line),
    "team": Member(fields.line),
    "due": Member(fields.day),
    "priority": _choice(model.PRIORITIES),
    "status": _choice(model.ITEM_STATUSES),
    "reason": Member(fields.line, reference="why an item will not be done, or is closed without proof"),
    "done_when": Member(fields.line, reference="an item's definition of done"),
    "guardability": _choice(model.GUARDABILITIES),
    "outcome": Member(fields.line),
    "evidence": Member(fields.line, reference="what shows that an item is done: a link, or words"),
    "tickets": _names(),
    "guards": _names("slugs of the guards that make the item real", "slugs of the guards that make it real"),
    "blocked_by": _names(
        "ids of the items that it waits for; a save adds links and takes none away",
        "ids of items that an item waits for; a save adds links and takes none away",
    ),
}
# By type: what it becomes, its members, and the one it cannot do without.
BLOCKS: dict[str, tuple[Callable[..., model.Block], dict[str, Member], str]] = {
    "prose": (Prose, PROSE, "text"),
    "entry": (Entry, ENTRY | READ_FROM_ENTRY, "written"),
    "category": (Category, CATEGORY, "heading"),
    "item": (Item, ITEM, "text"),
}
# By type: the members it may have, and those that it says; the others say nothing.
NAMES = {
    kind: (
        frozenset({"type", *own}),
        tuple(name for name, member in own.items() if member.load is not fields.ignored),
    )
    for kind, (_, own, _) in BLOCKS.items()
}
# A block of any type, as the reference of the API has it: one shape, in which each word may be any type's.
ANY_BLOCK = {
    **PROSE | CATEGORY | ENTRY | READ_FROM_ENTRY | ITEM,
    "kind": Member(
        fields.line,
        reference=f"entry: {', '.join(model.ENTRY_KINDS)}; item: {', '.join(model.ITEM_KINDS)}",
    ),
    "precision": replace(READ_FROM_ENTRY["precision"], shape=TEXT),
}
SECTION = {
    "id": PART_ID,
    "heading": Member(fields.line, AS_WRITTEN, example="Action items"),
    "role": _worked_out({"enum": list(section_roles.ROLES)}, "what the section is for"),
    "blocks": Member(partial(fields.listed, load=block, most=MOST_BLOCKS)),
}
REPEATED = "the slug of the earlier incident that this one repeats"
RESTRICTED = "names of the accounts that alone may see it; empty for everybody"
DOCUMENT = {
    "title": Member(
        partial(fields.line, most=LONGEST_TITLE), example="Accidental merge to prod brings things down"
    ),
    "date": Member(fields.day, "the day it happened"),
    "timezone": Member(fields.line, example="America/Los_Angeles"),
    "severity": _choice(model.SEVERITIES),
    "status": _choice(model.DOCUMENT_STATUSES),
    "recurrence_of": Member(fields.slug, REPEATED, REPEATED),
    "services": _names(
        "what the incident hit: `data8`, or one target of it, `data8/prod`", example=["data8/prod"]
    ),
    "tags": _names(),
    "restricted": _names(RESTRICTED, RESTRICTED),
    "extra": Member(
        partial(fields.listed, load=pair),
        "the other keys of the front matter, each with its YAML",
        "other keys of the front matter with their YAML",
    ),
    "heading": Member(fields.line, AS_WRITTEN, "the first-level heading where it differs from the title"),
    "sections": Member(partial(fields.listed, load=section, most=MOST_SECTIONS)),
}
