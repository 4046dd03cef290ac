"""Ids of a document's sections and blocks: carried on from earlier documents, and given. Pure but for chance.

They are no part of what somebody wrote: Markdown has none, and documents that differ in them alone are equal.
An action item has its `AI-<n>` instead, of which `incidents.items.item_ids` takes care.
"""

from __future__ import annotations

import re
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from postmortems.document.model import Category, Document, Entry, Item, Prose, Section

# A block with an id of its own, and a part: what can be spoken of by its id.
Identified = Prose | Entry | Category
Part = Section | Identified
# Where a part stands: its section, and its place in there; -1 for the section itself.
Place = tuple[int, int]

BYTES = 4
# Edited text is still the same part where it keeps this share of its words.
ALIKE = 1 / 3
NO_SPACES = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
WORD = re.compile(rf"[{NO_SPACES}]|[^\W{NO_SPACES}]+")


def placed(document: Document) -> Iterator[tuple[Place, Part]]:
    """Each section and, after it, its blocks, in order; without action items."""
    for at, section in enumerate(document.sections):
        yield (at, -1), section
        for place, block in enumerate(section.blocks):
            if not isinstance(block, Item):
                yield (at, place), block


def recognised(document: Document, *earlier: Document) -> Document:
    """The document with the ids of the parts that stood in an `earlier` one; the others have none.

    A part that says an id of theirs is that part. Else it is known by what it says, wherever it stands; a
    section by its heading, or by what stands in it; and an edited block by its place between others, if it
    keeps a third of its words. Of several earlier documents the first counts most. No id is there twice.
    """
    known = {part.id for each in earlier for _, part in placed(each) if part.id}
    own = [part.id for _, part in placed(document)]
    if known.issuperset(own) and len(set(own)) == len(own):
        return document
    if not known:
        return _with(document, {}) if any(own) else document
    search = _Search(document)
    for place, part in placed(document):
        if part.id in known:
            search.take(place, part.id)
    for then in earlier:
        search.same_blocks(then)
    for then in earlier:
        search.sections(then)
    for then in earlier:
        search.edited_blocks(then)
    return _with(document, search.ids)


def numbered(document: Document, ids: Mapping[Place, str]) -> Document:
    """The document with these ids at their places, and those that its other parts have."""
    return _with(document, {place: part.id for place, part in placed(document) if part.id} | dict(ids))


def given(document: Document) -> Document:
    """The document with a new id for each part that has none."""
    ids = {place: part.id for place, part in placed(document) if part.id}
    used = set(ids.values())
    if len(ids) == sum(1 for _ in placed(document)):
        return document
    missing = [place for place, part in placed(document) if not part.id]
    return _with(document, ids | dict(zip(missing, _unused(used, len(missing)), strict=True)))


def by_id(document: Document) -> dict[str, Part | Item]:
    """Everything in the document that has an id."""
    parts: dict[str, Part | Item] = {part.id: part for _, part in placed(document) if part.id}
    return parts | {item.id: item for item in document.items if item.id}


def _unused(used: set[str], count: int) -> list[str]:
    """So many ids that are not used; one call for chance, and another where it comes upon one that is."""
    found: dict[str, None] = {}
    while missing := count - len(found):
        drawn = secrets.token_hex(BYTES * missing)
        made = (drawn[start : start + 2 * BYTES] for start in range(0, len(drawn), 2 * BYTES))
        found |= dict.fromkeys(one for one in made if one not in used)
    return list(found)


def _with(document: Document, ids: dict[Place, str]) -> Document:
    sections = (
        replace(
            section,
            id=ids.get((at, -1), ""),
            blocks=tuple(
                block if isinstance(block, Item) else replace(block, id=ids.get((at, place), ""))
                for place, block in enumerate(section.blocks)
            ),
        )
        for at, section in enumerate(document.sections)
    )
    return replace(document, sections=tuple(sections))


@dataclass(frozen=True, slots=True)
class _Gap:
    """Between which others a block stands: its section's id, its type and the known block before it."""

    section: str
    kind: type[Identified]
    after: str


class _Search:
    """The ids found so far, by place; each is taken once."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.ids: dict[Place, str] = {}
        self.taken: set[str] = set()
        self.items = {item.id for item in document.items}

    def take(self, place: Place, wanted: str) -> None:
        if wanted and wanted not in self.taken and place not in self.ids:
            self.ids[place] = wanted
            self.taken.add(wanted)

    def same_blocks(self, then: Document) -> None:
        """Blocks that say the same, those of one heading first."""
        for is_near in (True, False):
            free: defaultdict[object, list[str]] = defaultdict(list)
            for heading, block in self._free_blocks(then):
                free[heading if is_near else "", block].append(block.id)
            for place, heading, block in self._unknown_blocks():
                if same := free.get((heading if is_near else "", block)):
                    self.take(place, same.pop(0))

    def sections(self, then: Document) -> None:
        """Sections of the same heading, and those whose blocks stood in one that is not there any more."""
        free: defaultdict[str, list[str]] = defaultdict(list)
        home: dict[str, str] = {}
        for section in then.sections:
            if section.id and section.id not in self.taken:
                free[section.heading].append(section.id)
            home |= {block.id: section.id for block in section.blocks if block.id}
        for at, section in self._unknown_sections():
            if free.get(section.heading):
                self.take((at, -1), free[section.heading].pop(0))
        for at, section in self._unknown_sections():
            inside = (self._id(at, place, block) for place, block in enumerate(section.blocks))
            for candidate, _ in Counter(home[each] for each in inside if each in home).most_common():
                self.take((at, -1), candidate)

    def edited_blocks(self, then: Document) -> None:
        """Blocks between the same known ones, in order, where enough of their words is kept."""
        old: defaultdict[_Gap, list[Identified]] = defaultdict(list)
        for section in then.sections:
            known = [block.id if self._is_known(block.id) else "" for block in section.blocks]
            for gap, _, block in _unknown(section, section.id, known):
                old[gap].append(block)
        for at, section in enumerate(self.document.sections):
            known = [self._id(at, place, block) for place, block in enumerate(section.blocks)]
            for gap, place, block in _unknown(section, self.ids.get((at, -1), ""), known):
                self._take_edited((at, place), block, old[gap])

    def _take_edited(self, place: Place, block: Identified, candidates: list[Identified]) -> None:
        # One that was taken out may stand before it; further apart than that, place says nothing.
        for number, candidate in enumerate(candidates[:2]):
            if candidate.id and _is_edit(candidate, block):
                self.take(place, candidate.id)
                del candidates[: number + 1]
                return

    def _is_known(self, wanted: str) -> bool:
        return bool(wanted) and (wanted in self.taken or wanted in self.items)

    def _id(self, at: int, place: int, block: object) -> str:
        return block.id if isinstance(block, Item) else self.ids.get((at, place), "")

    def _free_blocks(self, then: Document) -> Iterator[tuple[str, Identified]]:
        for section in then.sections:
            for block in section.blocks:
                if not isinstance(block, Item) and block.id and block.id not in self.taken:
                    yield section.heading, block

    def _unknown_blocks(self) -> Iterator[tuple[Place, str, Identified]]:
        for at, section in enumerate(self.document.sections):
            for place, block in enumerate(section.blocks):
                if not isinstance(block, Item) and (at, place) not in self.ids:
                    yield (at, place), section.heading, block

    def _unknown_sections(self) -> list[tuple[int, Section]]:
        return [(at, each) for at, each in enumerate(self.document.sections) if (at, -1) not in self.ids]


def _unknown(
    section: Section, section_id: str, known: Iterable[str]
) -> Iterator[tuple[_Gap, int, Identified]]:
    """The blocks of a section without a known id: where each stands, its place, and itself."""
    after = ""
    for place, (block, own) in enumerate(zip(section.blocks, known, strict=True)):
        if own:
            after = own
        elif not isinstance(block, Item):
            yield _Gap(section_id, type(block), after), place, block


def _is_edit(old: Identified, new: Identified) -> bool:
    """Whether one may be the other, edited: they are of one type."""
    if isinstance(old, Entry) and isinstance(new, Entry):
        is_same = (old.written == new.written != "") or (old.text == new.text != "")
        return is_same or _are_alike(f"{old.title} {old.text}", f"{new.title} {new.text}")
    if isinstance(old, Prose) and isinstance(new, Prose):
        return _are_alike(old.text, new.text)
    return True


def _are_alike(one: str, other: str) -> bool:
    words, others = Counter(_words(one)), Counter(_words(other))
    return (words & others).total() >= ALIKE * max(words.total(), others.total(), 1)


def _words(text: str) -> list[str]:
    """Its words in small letters; of a script without spaces, its characters."""
    return WORD.findall(text.casefold())
