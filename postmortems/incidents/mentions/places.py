"""Places where a report or a comment mentions people, and which of them are new in an edit. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from postmortems.document import mentions
from postmortems.document.markdown.references import References
from postmortems.document.mentions import Said
from postmortems.document.model import Category, Document

# By place, what is said there: the id of a block, or of a comment.
Texts = Mapping[str, str]
# By place, the lines that mention somebody.
Places = dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class Moves:
    """What an edit did to one person's mentions: places that came, went, or took over from another."""

    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()
    moved: tuple[tuple[str, str], ...] = field(default=())


def texts(document: Document) -> dict[str, str]:
    """By id, the Markdown of a document's blocks; headings mention nobody."""
    blocks = (block for section in document.sections for block in section.blocks)
    return {block.id: block.text for block in blocks if not isinstance(block, Category)}


def said(of: Texts, beside: Texts | None = None) -> dict[str, list[Said]]:
    """By place, the people that may be meant; places that say the same `beside` are left out."""
    changed = {
        place: text
        for place, text in of.items()
        if "@" in text and (beside is None or beside.get(place) != text)
    }
    has_links = any("[" in text for text in changed.values())
    defined = frozenset(References(of.values()).defined) if has_links else frozenset()
    return {place: mentions.people(text, defined) for place, text in changed.items()}


def by_person(found: Mapping[str, Iterable[Said]], meant: Mapping[str, str]) -> dict[str, Places]:
    """By account, where it is mentioned; `meant` are the accounts by the names written."""
    people: dict[str, Places] = {}
    for place, each in _each(found):
        name = next((meant[name] for name in each.names if name in meant), None)
        if name is not None:
            people.setdefault(name, {}).setdefault(place, set()).add(each.line)
    return people


def names(found: Mapping[str, Iterable[Said]]) -> set[str]:
    """All names that may be meant."""
    return {name for _, each in _each(found) for name in each.names}


def moves(before: Places, after: Places) -> Moves:
    """What an edit did. Where a line that was taken out stands now is no new place: it was moved there."""
    left = {place: lines for place, lines in before.items() if place not in after}
    came, moved = [], []
    for place, lines in after.items():
        if place in before:
            continue
        origin = next((old for old, there in left.items() if there & lines), None)
        if origin is None:
            came.append(place)
        else:
            moved.append((origin, place))
            del left[origin]
    return Moves(tuple(came), tuple(left), tuple(moved))


def _each(found: Mapping[str, Iterable[Said]]) -> Iterator[tuple[str, Said]]:
    return ((place, each) for place, said_there in found.items() for each in said_there)
