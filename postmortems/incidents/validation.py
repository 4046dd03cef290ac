"""Validation of a document before it is stored: vocabularies, lengths, characters. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from postmortems.document import model
from postmortems.document.model import Document, Item
from postmortems.document.text import SLUG
from postmortems.errors import Invalid, Problem
from postmortems.incidents import guard_remarks
from postmortems.incidents.items.item_numbers import number_of

# Characters of all texts together, and blocks. A long real postmortem has some 50,000 and 400; reading these
# takes seconds.
LONGEST = 400_000
MOST_BLOCKS = 5_000
# Neither database can keep these: a NUL is refused by PostgreSQL, half a surrogate pair by UTF-8.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
# What an item may say in one word, by field.
CHOICES = (
    ("kind", model.ITEM_KINDS),
    ("status", model.ITEM_STATUSES),
    ("priority", model.PRIORITIES),
    ("guardability", model.GUARDABILITIES),
)
NAME_LENGTH = 200
GUARD_LENGTH = 100
# Items that one item waits for.
MOST_BLOCKERS = 50


def refuse(document: Document) -> None:
    """Raise `Invalid` with every wrong place, or do nothing."""
    found = list(problems(document))
    if found:
        raise Invalid(found)


def problems(document: Document) -> Iterator[Problem]:
    """Each wrong place of the document, by JSON pointer."""
    if not (document.title or document.heading or document.sections):
        yield Problem("/title", "there is nothing here yet: write a title or a text")
    yield from _front(document)
    seen: dict[str, str] = {}
    for number, section in enumerate(document.sections):
        for place, block in enumerate(section.blocks):
            if isinstance(block, model.Entry) and block.kind not in model.ENTRY_KINDS:
                yield from _one_of(_pointer(number, place, "kind"), block.kind, model.ENTRY_KINDS)
            elif isinstance(block, Item):
                pointer = _pointer(number, place)
                yield from _item(pointer, block)
                if block.id and block.id in seen:
                    yield Problem(
                        f"{pointer}/id", f"{block.id} stands at {seen[block.id]} too; an id names one item"
                    )
                seen[block.id] = pointer
    yield from _sections(document)
    blocks = sum(max(1, len(section.blocks)) for section in document.sections)
    if blocks > MOST_BLOCKS:
        told = f"there are {blocks:,} sections and blocks; at most {MOST_BLOCKS:,} are kept"
        yield Problem("/sections", told)


def _sections(document: Document) -> Iterator[Problem]:
    """What is wrong with the texts. Nearly all can be stored: which one cannot is looked for where one is."""
    said = [section.heading for section in document.sections]
    said += [text for section in document.sections for block in section.blocks for text in _said(block)]
    length = len(document.title) + len(document.heading) + sum(map(len, said))
    if length > LONGEST:
        yield Problem("", f"the texts have {length:,} characters together; at most {LONGEST:,} are kept")
    if not UNSTORABLE.search("\n".join(said)):
        return
    for number, section in enumerate(document.sections):
        yield from _text(f"/sections/{number}/heading", section.heading)
        for place, block in enumerate(section.blocks):
            for field, text in texts(block):
                yield from _text(_pointer(number, place, field), text)


def _said(block: model.Block) -> Sequence[str]:
    """The same texts without their names."""
    if isinstance(block, model.Entry):
        return (block.written, block.title, block.text)
    return [text for _, text in texts(block)]


def _pointer(section: int, block: int, *field: str) -> str:
    return "/".join((f"/sections/{section}/blocks/{block}", *field))


def texts(block: model.Block) -> Sequence[tuple[str, str]]:
    """The free texts of a block with their names."""
    match block:
        case model.Prose(text):
            return (("text", text),)
        case model.Category(heading):
            return (("heading", heading),)
        case model.Entry():
            return (("written", block.written), ("title", block.title), ("text", block.text))
        case model.Item():
            names = ("text", "owner", "team", "reason", "done_when", "outcome", "evidence")
            lists = [(f"tickets/{n}", ticket) for n, ticket in enumerate(block.tickets)]
            lists += [(f"guards/{n}", guard) for n, guard in enumerate(block.guards)]
            return [*((name, getattr(block, name)) for name in names), *lists]


def _front(document: Document) -> Iterator[Problem]:
    for field in ("title", "heading", "timezone", "severity"):
        yield from _text(f"/{field}", getattr(document, field))
    yield from _short("/timezone", document.timezone, 100)
    yield from _short("/severity", document.severity, 20)
    yield from _one_of("/status", document.status, model.DOCUMENT_STATUSES)
    if document.recurrence_of and not SLUG.fullmatch(document.recurrence_of):
        told = f"{document.recurrence_of[:80]!r} is no incident's slug, such as 2018-01-25-accidental-merge"
        yield Problem("/recurrence_of", told)
    for number, service in enumerate(document.services):
        yield from _text(f"/services/{number}", service)
        yield from _short(f"/services/{number}", service, NAME_LENGTH)
    for number, tag in enumerate(document.tags):
        yield from _text(f"/tags/{number}", tag)
    for number, name in enumerate(document.restricted):
        yield from _text(f"/restricted/{number}", name)
        yield from _short(f"/restricted/{number}", name, NAME_LENGTH)
    for number, (key, written) in enumerate(document.extra):
        yield from _text(f"/extra/{number}/0", key)
        yield from _text(f"/extra/{number}/1", written)


def _item(pointer: str, item: Item) -> Iterator[Problem]:
    if item.id and number_of(item.id) is None:
        yield Problem(
            f"{pointer}/id", f"{item.id!r} is no id; leave it out and the item gets one such as AI-12"
        )
    for field, allowed in CHOICES:
        yield from _one_of(f"{pointer}/{field}", getattr(item, field), allowed)
    yield from _short(f"{pointer}/owner", item.owner, NAME_LENGTH)
    yield from _short(f"{pointer}/team", item.team, NAME_LENGTH)
    named: set[str] = set()
    for number, written in enumerate(item.guards):
        slug = guard_remarks.slug(written)
        yield from _short(f"{pointer}/guards/{number}", slug, GUARD_LENGTH)
        if slug in named:
            yield Problem(f"{pointer}/guards/{number}", f"{slug} is named twice; once is enough")
        named.add(slug)
    if len(item.blocked_by) > MOST_BLOCKERS:
        yield Problem(f"{pointer}/blocked_by", f"an item waits for {MOST_BLOCKERS} others at most")
    for number, ref in enumerate(item.blocked_by[:MOST_BLOCKERS]):
        if number_of(ref) is None:
            yield Problem(f"{pointer}/blocked_by/{number}", f"{ref!r} is no item; write it as AI-12")


def _one_of(pointer: str, value: str, allowed: Sequence[str]) -> Iterator[Problem]:
    if value and value not in allowed:
        yield Problem(pointer, f"{value!r} is none of {', '.join(allowed)}")


def _short(pointer: str, value: str, longest: int) -> Iterator[Problem]:
    if len(value) > longest:
        yield Problem(pointer, f"has {len(value)} characters; at most {longest} are kept")


def _text(pointer: str, value: str) -> Iterator[Problem]:
    if UNSTORABLE.search(value):
        yield Problem(pointer, "holds a character that cannot be stored (NUL or half a surrogate pair)")
