"""Context of action items: what a document says elsewhere that the words of its items rely on.

`(Ola)` behind an item is its owner where the report names Ola among its people; `due 04/05/2026` is a day
where other days show the order; `by June 19` is the one that follows the incident.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial

from postmortems import patterns
from postmortems.document import vocabulary
from postmortems.document.markdown import section_roles
from postmortems.document.markdown.items import item_fields, item_owners, item_states, item_words
from postmortems.document.markdown.items.item_tables import NOTHING_KNOWN, Known
from postmortems.document.model import Block, Category, Document, Entry, Item, Prose, Section
from postmortems.document.parse_cache import by_line, by_object
from postmortems.document.times import dates, incident_dates
from postmortems.document.times.dates import Order

# Without brackets, days, a dash or a name nothing about an item depends on what stands elsewhere.
SUSPECT = re.compile(
    r"[(（\[【\]@{<|/]|\d|[–—→:：.,;-]\s|[-=]>"
    r"|^\S+(?: \S+){0,3} (?:to|will|should|must|shall|is|are|has|have|needs?|plans?) "
)
KEYS = vocabulary.one_of(vocabulary.table("headings")["people"])
STATED = patterns.of(
    rf"^[ \t|>*+_`-]{{0,12}}+{KEYS}[ \t]?[*_`]{{0,3}}[ \t]?[:：|?][ \t*_`|]{{0,8}}"
    r"(?P<names>\S[^\n]{0,400})$",
    re.IGNORECASE | re.MULTILINE,
    needs=":：|?",
)
NAME = re.compile(r"@?[^\W\d_a-z][\w.'’-]*(?:[ \t]+[^\W\d_a-z][\w.'’-]*){0,3}")
# The same in a sentence: "Written by Ada Lo and Ben Wu".
WRITTEN = re.compile(
    r"(?<![^\W_])(?i:written|prepared|authored|compiled|reported|facilitated|led|reviewed) by "
    rf"(?P<names>{NAME.pattern}(?:(?:,| and|,? &) {NAME.pattern})*)"
)
# The same in a list below such a heading: "- Ada Lo (commander)", "- Ben Wu: scribe".
PEOPLE = re.compile(
    rf"(?:{KEYS}|(?:the )?(?:incident )?(?:team|responders|people))(?: involved)?", re.IGNORECASE
)
LISTED = re.compile(
    rf"^[ \t]*(?:[-*+]|\d+[.)])[ \t]+[*_]{{0,2}}(?P<names>{NAME.pattern})(?=[*_]{{0,2}}[ \t]*(?:$|[,(–—-]))",
    re.MULTILINE,
)
LONGEST_LIST = 4_000
APART = re.compile(r"[,;</&|、，·]|\s(?:and|und|et|y|e|en|og|och|и)\s|\(|\)")
SMALL = re.compile(r"(?<![\w@#/.-])[^\W\d_A-ZÀ-ÞА-Я][\w'’-]*")
MOST_PEOPLE = 100


# What a text is written as is read as the same for the most part, and settled again.
@by_object(most=4)
def settled(document: Document) -> Document:
    """The document with what its items say to whoever has read all of it."""
    if document.items:
        with_items = [section for section in document.sections if section.items]
        # Beside those that are still to be done, "Actions taken" are no longer.
        is_parted = not all(item_states.says_taken(section.heading) for section in with_items)
        sections = (_under_labels(section, is_parted=is_parted) for section in document.sections)
        document = replace(
            document, sections=tuple(_under_people(section, NOTHING_KNOWN) for section in sections)
        )
    if not any(_is_open(item) for item in document.items):
        return document
    known = Known(frozenset(_people(document)), incident_dates.incident_date(document), _order(document))
    known = replace(known, people=known.people | _beside(document, known))
    document = replace(
        document, sections=tuple(_under_people(section, known) for section in document.sections)
    )
    return document.with_items(lambda item: item_words.in_context(item, known) if _is_open(item) else item)


def _under_labels(section: Section, *, is_parted: bool) -> Section:
    """The section, its items without a state in that which stands over their list: "Completed", "Planned"."""
    above = item_states.of_label(section.heading)
    if is_parted and not above and section.items and item_states.says_taken(section.heading):
        above = "done"
    # "To do" is what action items are called, and says no more of them.
    above = "" if above == "open" else above
    status, blocks = above, list[Block]()
    for block in section.blocks:
        if isinstance(block, Category):
            status = item_states.of_label(block.heading) or above
        elif isinstance(block, Prose):
            status = item_states.of_sentence(block.text.rpartition("\n")[2]) or status
        is_told = status and isinstance(block, Item) and not block.status
        blocks.append(replace(block, status=status) if is_told and isinstance(block, Item) else block)
    return section if tuple(blocks) == section.blocks else replace(section, blocks=tuple(blocks))


def _under_people(section: Section, known: Known) -> Section:
    """The section, its items without an owner those of whoever stands over their list: "Ada", "Web team"."""
    owner, blocks = "", list[Block]()
    if not any(isinstance(block, Category) for block in section.blocks):
        return section
    for block in section.blocks:
        if isinstance(block, Category):
            name = block.heading.strip("*_ ").rstrip(":： ").strip("*_ ")
            is_somebody = name.startswith("@") or item_owners.are_people(name, known)
            owner = name if is_somebody else ""
        is_theirs = owner and isinstance(block, Item) and not block.owner
        blocks.append(replace(block, owner=owner) if is_theirs and isinstance(block, Item) else block)
    return section if tuple(blocks) == section.blocks else replace(section, blocks=tuple(blocks))


def _beside(document: Document, known: Known) -> set[str]:
    """Names that stand in lists of items where names of people do."""
    small = cache(partial(_small_words, document))
    return {name for section in document.sections for name in item_owners.beside(section.items, known, small)}


def _small_words(document: Document) -> frozenset[str]:
    texts = (
        block.text
        for section in document.sections
        for block in section.blocks
        if isinstance(block, Prose | Entry | Item)
    )
    return frozenset(word for text in texts for word in SMALL.findall(text))


def _is_open(item: Item) -> bool:
    return not (item.owner and item.due) and SUSPECT.search(item.text) is not None


def _order(document: Document) -> Order:
    """The order of all its days, else of those in its items."""
    found = dates.order_of(document)
    return found if found.is_certain else dates.order_in([item.text for item in document.items]) or found


def _people(document: Document) -> Iterator[str]:
    """Each name that the report says is somebody's, and the first word of it."""
    for name in [*_stated(document), *(item.owner for item in document.items)][:MOST_PEOPLE]:
        bare = name.strip().lstrip("@").casefold()
        if item_fields.says_nobody(bare):
            continue
        yield bare
        yield bare.partition(" ")[0]


def _stated(document: Document) -> Iterator[str]:
    lines = [f"{key.replace('_', ' ')}: {raw}" for key, raw in document.extra]
    for section in document.sections:
        if PEOPLE.fullmatch(section_roles.plain_name(section.heading)):
            for block in section.blocks:
                text = block.text[:LONGEST_LIST] if isinstance(block, Prose) else ""
                yield from (match["names"] for match in LISTED.finditer(text))
    for section in document.sections:
        lines += [block.text for block in section.blocks if isinstance(block, Prose)]
    for line in lines:
        yield from _stated_in(line)


@by_line
def _stated_in(text: str) -> tuple[str, ...]:
    """The names that a text says are somebody's: it is asked for each time that its document is settled."""
    said = (*STATED.finditer(text), *(WRITTEN.finditer(text) if " by " in text else ()))
    parts = (part for match in said for part in APART.split(match["names"]))
    return tuple(part for each in parts if (part := each.strip(" \t\"'[]*_`.<>")) and NAME.fullmatch(part))
