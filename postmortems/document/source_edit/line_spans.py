"""Which lines of a source each part of its Document came from, found by the words.

Readers lose no word and keep the order, so the words of the source and those of the Document are almost the
same sequence. Aligning them needs no help from a reader, and works for every reader there is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from postmortems.document.markdown import front_matter
from postmortems.document.markdown.items import item_fields
from postmortems.document.model import Block, Category, Document, Entry, Item, Prose
from postmortems.document.text import is_blank

WORD = re.compile(r"\w+|[?…☐☑☒✅]+")
# Aligning takes time that grows faster than the text; longer ones are written anew where they changed.
MOST_WORDS = 40_000

# A block by the place of its section and its own; a section's heading is its block -1.
Place = tuple[int, int]
TITLE: Place = (-1, -1)


@dataclass(frozen=True, slots=True)
class Span:
    """Lines `start` up to, not including, `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Spans:
    """Where each part stands; one that has no words, or whose words stand elsewhere too, may be missing.

    `body` is the first line behind the front matter.
    """

    found: dict[Place, Span]
    body: int

    def of(self, place: Place) -> Span | None:
        return self.found.get(place)

    def section(self, at: int, count: int, lines: int) -> Span | None:
        """A section with its heading, up to the next one's; `lines` is how many there are in all."""
        own = [span for (section, _), span in self.found.items() if section == at]
        if not own:
            return None
        after = [span.start for (section, _), span in self.found.items() if at < section < count]
        return Span(min(span.start for span in own), min(after, default=lines))


def spans(lines: Sequence[str], document: Document) -> Spans:
    """The spans of a Document in the lines it was read from."""
    body = front_matter.read(lines).lines
    theirs = [(word, at) for at in range(body, len(lines)) for word in WORD.findall(lines[at])]
    ours = [(word, place) for place, text in _texts(document) for word in WORD.findall(text)]
    if max(len(theirs), len(ours)) > MOST_WORDS:
        return Spans({}, body)
    votes: dict[int, Counter[Place]] = {}
    for one, other in _aligned([word for word, _ in theirs], [word for word, _ in ours]):
        votes.setdefault(theirs[one][1], Counter())[ours[other][1]] += 1
    owners = {at: counts.most_common(1)[0][0] for at, counts in votes.items()}
    return Spans(_runs(lines, owners), body)


def _texts(document: Document) -> Iterator[tuple[Place, str]]:
    named = document.heading or ("" if document.heading else document.title)
    yield TITLE, named
    for at, section in enumerate(document.sections):
        yield (at, -1), section.heading
        for place, block in enumerate(section.blocks):
            yield (at, place), text_of(block)


def text_of(block: Block) -> str:
    """Everything that a block says."""
    match block:
        case Prose(text):
            return text
        case Entry():
            return f"{block.written} {block.title} {block.text} {block.kind and 'Kind ' + block.kind}"
        case Category(heading):
            return heading
        case Item():
            return " ".join([block.text, *item_fields.write(block)])


def _aligned(one: list[str], other: list[str]) -> Iterator[tuple[int, int]]:
    for run in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks():
        yield from ((run.a + step, run.b + step) for step in range(run.size))


def _runs(lines: Sequence[str], owners: dict[int, Place]) -> dict[Place, Span]:
    """The lines from the first to the last of each place, with the wordless ones that close it (a fence)."""
    first: dict[Place, int] = {}
    last: dict[Place, int] = {}
    for at, place in sorted(owners.items()):
        first.setdefault(place, at)
        last[place] = at
    taken = sorted(first.values())
    found = {}
    for place, start in first.items():
        end = last[place] + 1
        following = next((at for at in taken if at > start), len(lines))
        if end > following:
            # Words that stand in two places: better no span than one that reaches into a neighbour.
            continue
        while end < following and end not in owners and not is_blank(lines[end]):
            end += 1
        found[place] = Span(start, end)
    return found
