"""Parts of two versions of a document that stand for each other: which became which. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from postmortems.document.model import Block, Category, Document, Entry, Item, Prose, Section
from postmortems.document.word_diff import WORD, Budget, runs

# A section's and a block's place in it.
Place = tuple[int, int]
# Of two texts that share so much of their words one is the other, edited.
ALIKE = 0.4
SECTIONS_ALIKE = 0.5
# How many words may be looked at to find what is alike; parts beyond are told as gone and come.
MOST_WORDS = 2_000_000
KINDS: dict[type[Block], str] = {Prose: "prose", Entry: "entry", Category: "category", Item: "item"}


@dataclass
class Pairs:
    """By the place of a section or block in the newer document, its place in the older one."""

    sections: dict[int, int] = field(default_factory=dict)
    blocks: dict[Place, Place] = field(default_factory=dict)


def paired(before: Document, after: Document) -> Pairs:
    """What became what.

    Sections by their heading, else by their words; items by their id; other blocks of two sections in their
    order, where they are equal or alike, and what is left by being equal, wherever it went.
    """
    budget, words = Budget(), Budget(MOST_WORDS)
    pairs = Pairs(_sections(before.sections, after.sections, words))
    pairs.blocks.update(_by_id(before, after))
    for new, old in sorted(pairs.sections.items()):
        taken = set(pairs.blocks.values())
        olds = [place for place in _places(before, old) if place not in taken]
        news = [place for place in _places(after, new) if place not in pairs.blocks]
        pairs.blocks.update(_in_order(before, after, olds, news, (budget, words)))
    pairs.blocks.update(_elsewhere(before, after, pairs))
    return pairs


# By kind of block, its fields; an item's id is its name and no field.
NAMES: dict[type[Any], tuple[str, ...]] = {
    kind: tuple(each.name for each in fields(kind) if each.name != "id")
    for kind in (Prose, Entry, Category, Item)
}


def block_at(document: Document, place: Place) -> Block:
    """The block that stands at a place."""
    return document.sections[place[0]].blocks[place[1]]


def values_of(block: Block) -> dict[str, Any]:
    """What a block says, field by field."""
    return {name: getattr(block, name) for name in NAMES[type(block)]}


def said(value: object) -> str:
    """A value of a field, as a person reads it."""
    if isinstance(value, tuple):
        return ", ".join(": ".join(each) if isinstance(each, tuple) else str(each) for each in value)
    return "" if value is None else str(value)


def _sections(before: Sequence[Section], after: Sequence[Section], budget: Budget) -> dict[int, int]:
    olds, news = _by_heading(before), _by_heading(after)
    found = {place: olds[key] for key, place in news.items() if key in olds}
    taken = set(found.values())
    left = {place: _words_of(*part.blocks) for place, part in enumerate(before) if place not in taken}
    come = {place: _words_of(*part.blocks) for place, part in enumerate(after) if place not in found}
    for new, old in _likely(left, come, SECTIONS_ALIKE, budget):
        if new not in found and old not in taken:
            found[new] = old
            taken.add(old)
    return found


def _likely(
    left: Mapping[int, Counter[str]], come: Mapping[int, Counter[str]], least: float, budget: Budget
) -> Iterator[Place]:
    """New and old places whose words are alike, the most alike first; none where it costs too much."""
    if not budget.pays(_cost(left.values(), come.values())):
        return
    scores = ((likeness(left[old], come[new]), new, old) for old in left for new in come)
    likely = [(-score, new, old) for score, new, old in scores if score >= least]
    yield from ((new, old) for _, new, old in sorted(likely))


def _cost(one: Collection[Counter[str]], other: Collection[Counter[str]]) -> int:
    return sum(map(len, one)) * len(other) + sum(map(len, other)) * len(one)


def _by_heading(sections: Sequence[Section]) -> dict[tuple[str, int], int]:
    """Places by heading and, as headings may repeat, by how often it stood before."""
    times: Counter[str] = Counter()
    found = {}
    for place, section in enumerate(sections):
        found[section.heading, times[section.heading]] = place
        times[section.heading] += 1
    return found


def _words_of(*blocks: Block) -> Counter[str]:
    """How often each word stands in what the blocks say."""
    return Counter(
        word for block in blocks for value in values_of(block).values() for word in WORD.findall(said(value))
    )


def likeness(one: Counter[str], other: Counter[str]) -> float:
    """How much of their words two texts share, 0 to 1 (the Sørensen–Dice coefficient)."""
    size = one.total() + other.total()
    return 2 * (one & other).total() / size if size else 0.0


def _places(document: Document, section: int) -> list[Place]:
    return [(section, place) for place in range(len(document.sections[section].blocks))]


def _by_id(before: Document, after: Document) -> Iterator[tuple[Place, Place]]:
    olds, news = _ids(before), _ids(after)
    return ((place, olds[ref]) for ref, place in news.items() if ref in olds)


def _ids(document: Document) -> dict[str, Place]:
    """Places by id, of the ids that one item has."""
    found: defaultdict[str, list[Place]] = defaultdict(list)
    for number, section in enumerate(document.sections):
        for place, block in enumerate(section.blocks):
            if isinstance(block, Item) and block.id:
                found[block.id].append((number, place))
    return {ref: places[0] for ref, places in found.items() if len(places) == 1}


def _in_order(
    before: Document,
    after: Document,
    olds: Sequence[Place],
    news: Sequence[Place],
    budgets: tuple[Budget, Budget],
) -> Iterator[tuple[Place, Place]]:
    one, other = [block_at(before, place) for place in olds], [block_at(after, place) for place in news]
    if one == other:
        yield from zip(news, olds, strict=True)
        return
    at, its = 0, 0
    for start, place, length in [*runs(one, other, budgets[0]), (len(olds), len(news), 0)]:
        if start > at and place > its:
            yield from _alike(before, after, olds[at:start], news[its:place], budgets[1])
        for n in range(length):
            yield news[place + n], olds[start + n]
        at, its = start + length, place + length


def _alike(
    before: Document, after: Document, olds: Sequence[Place], news: Sequence[Place], budget: Budget
) -> Iterator[tuple[Place, Place]]:
    """Blocks of one kind between two that stayed, each with the first later one that it is like."""
    for kind in KINDS:
        left, come = _of_kind(before, olds, kind), _of_kind(after, news, kind)
        if not budget.pays(_cost([words for *_, words in left], [words for *_, words in come])):
            continue
        is_alone = len(left) == len(come) == 1 and kind is not Item
        first = 0
        for place, block, words in come:
            scores = [
                (_score(block, words, old, its), -n) for n, (_, old, its) in enumerate(left) if n >= first
            ]
            best, n = max(scores, default=(0.0, 0))
            if best >= ALIKE or (is_alone and scores):
                yield place, left[-n][0]
                first = 1 - n


def _of_kind(
    document: Document, places: Sequence[Place], kind: type[Block]
) -> list[tuple[Place, Block, Counter[str]]]:
    blocks = [(place, block_at(document, place)) for place in places]
    return [(place, block, _words_of(block)) for place, block in blocks if isinstance(block, kind)]


def _score(block: Block, words: Counter[str], old: Block, its: Counter[str]) -> float:
    if isinstance(block, Item) and isinstance(old, Item) and block.id and old.id:
        return 0.0
    is_same_time = isinstance(block, Entry) and isinstance(old, Entry) and block.written == old.written != ""
    return likeness(words, its) + (0.5 if is_same_time else 0)


def _elsewhere(before: Document, after: Document, pairs: Pairs) -> Iterator[tuple[Place, Place]]:
    """Blocks that went to another place as they were."""
    taken, left = set(pairs.blocks.values()), defaultdict[Block, list[Place]](list)
    for number in range(len(before.sections)):
        for place in _places(before, number):
            if place not in taken:
                left[block_at(before, place)].append(place)
    for number in range(len(after.sections)):
        for place in _places(after, number):
            if place not in pairs.blocks and left[block_at(after, place)]:
                yield place, left[block_at(after, place)].pop(0)
