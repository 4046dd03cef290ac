"""Word-level difference of two texts at a bounded cost. Pure.

Words are aligned by `difflib`. Its cost grows with how often both texts hold the same word, so that is
counted first, and again at each of its steps; what would cost too much is cut at lines, and then at words,
that stand once in each text (the idea of "patience diff", Bram Cohen), and what has none of these is told as
one text gone and one come.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from itertools import accumulate
from typing import Literal

Op = Literal["same", "removed", "added"]

# How many pairs of equal words `difflib` may look at for one comparison: well below a second.
MOST_PAIRS = 1_000_000
# It looks at many of them again for each run that it finds: hundreds of times where a text has hundreds of
# blank lines and little else that stayed.
LOOKS = 3
# Of words without blanks between them (Chinese, Japanese, Thai and their like) each character is one; times
# and dates are one word; marks of punctuation are words of their own. Combining marks stay with their letter.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
SIGNS = r"!-/:-@\[-^`{-~\u00a1-\u00bf\u2010-\u2027\u2030-\u205e\u3000-\u303f\uff01-\uff0f"
WORD = re.compile(rf"\d+(?:[-.:,/]\d+)+|[{UNSPACED}]|[^\s{SIGNS}{UNSPACED}]+|\S")


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text that both have, that went, or that came."""

    op: Op
    text: str


@dataclass(frozen=True, slots=True)
class Compared:
    """The old text is what is `same` and `removed`, the new what is `same` and `added`, each in order.

    `by_line`: so much differs that somewhere whole lines or texts stand for each other, not words.
    """

    spans: tuple[Span, ...]
    by_line: bool = False


# Where a run begins in the old and in the new sequence, and how long it is.
Run = tuple[int, int, int]


class Budget:
    """How many pairs of equal elements may still be looked at, and how often in all (`looks`)."""

    def __init__(self, pairs: int = MOST_PAIRS) -> None:
        self.left = pairs
        self.looks = LOOKS * pairs
        self.is_spent = False

    def pays(self, pairs: int) -> bool:
        """Whether so many may be looked at; they are taken off."""
        if pairs > self.left:
            return False
        self.left -= pairs
        return True


def pairs_of(old: Sequence[Hashable], new: Sequence[Hashable]) -> int:
    """How many pairs of equal elements two sequences have."""
    times = Counter(new)
    return sum(count * times[element] for element, count in Counter(old).items())


def compared(before: str, after: str, budget: Budget | None = None) -> Compared:
    """What of the two texts is the same, what went and what came, word by word.

    `budget` is shared by texts that are compared for one answer.
    """
    if before == after:
        return Compared((Span("same", before),) if before else ())
    old, new, budget = _Words(before), _Words(after), budget or Budget()
    if pairs_of(old.words, new.words) <= budget.left:
        return Compared(_joined(_between(old, new, word_runs(old.words, new.words, budget))))
    spans, budget.is_spent = list[Span](), False
    lines, others = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for gone, come, same in changes(lines, others, budget):
        spans += _words_of("".join(gone), "".join(come), budget)
        spans.append(Span("same", "".join(same)))
    return Compared(_joined(spans), by_line=budget.is_spent)


def changes(
    old: Sequence[str], new: Sequence[str], budget: Budget | None = None
) -> Iterator[tuple[Sequence[str], Sequence[str], Sequence[str]]]:
    """What went and came in one place, and the run behind it that both have; in order, to the end."""
    at, its = 0, 0
    for start, other, length in [*runs(old, new, budget), (len(old), len(new), 0)]:
        yield old[at:start], new[its:other], old[start : start + length]
        at, its = start + length, other + length


def runs(old: Sequence[Hashable], new: Sequence[Hashable], budget: Budget | None = None) -> list[Run]:
    """The runs that both have, in the order of both; those that touch in both are one."""
    budget, found = budget or Budget(), list[Run]()
    todo = [(0, len(old), 0, len(new))]
    while todo:
        start, end, other, its_end = todo.pop()
        ahead = _ahead(old, new, start, end, other, its_end)
        found.append((start, other, ahead))
        start, other = start + ahead, other + ahead
        behind = _behind(old, new, start, end, other, its_end)
        end, its_end = end - behind, its_end - behind
        found.append((end, its_end, behind))
        one, two = old[start:end], new[other:its_end]
        if not one or not two:
            continue
        pairs = pairs_of(one, two)
        if pairs <= budget.looks and budget.pays(pairs):
            matcher = _Matcher(one, two, budget)
            found += [
                (start + block.a, other + block.b, block.size) for block in matcher.get_matching_blocks()
            ]
            todo += [(start + a, start + b, other + c, other + d) for a, b, c, d in matcher.left]
            continue
        anchors = _anchors(one, two)
        budget.is_spent = budget.is_spent or not anchors
        # What stands between two anchors is looked at as if it were all; the anchors begin each.
        edges = [*[(start + i, other + j) for i, j in anchors], (end, its_end)] if anchors else []
        todo += _parts(edges, start, other)
    return _merged(found)


class _Matcher(SequenceMatcher[Hashable]):
    """`difflib` as far as the budget goes; what it did not look at is in `left`, as it divides sequences."""

    def __init__(self, old: Sequence[Hashable], new: Sequence[Hashable], budget: Budget) -> None:
        super().__init__(None, old, new, autojunk=False)
        self.left: list[tuple[int, int, int, int]] = []
        times = Counter(new)
        self._looks = [0, *accumulate(times[element] for element in old)]
        self._its_end, self._budget = len(new), budget

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        ahi, bhi = len(self._looks) - 1 if ahi is None else ahi, self._its_end if bhi is None else bhi
        looks = self._looks[ahi] - self._looks[alo]
        if looks > self._budget.looks:
            self.left.append((alo, ahi, blo, bhi))
            return Match(alo, blo, 0)
        self._budget.looks -= looks
        return super().find_longest_match(alo, ahi, blo, bhi)


def word_runs(old: Sequence[str], new: Sequence[str], budget: Budget | None = None) -> list[Run]:
    """The runs of two texts as words: a sentence that came or went has its own full stop."""
    found = runs(old, new, budget)
    for place in range(len(found) - 1):
        while found[place + 1][2] and _begins_with_sign(found[place], found[place + 1], old, new):
            (start, other, length), (then, its, more) = found[place : place + 2]
            found[place : place + 2] = [(start, other, length + 1), (then + 1, its + 1, more - 1)]
    return [run for run in found if run[2]]


def _begins_with_sign(run: Run, following: Run, old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether all that lies between is one text's, and begins with the mark that follows it."""
    (start, other, length), (then, its, _) = run, following
    is_more = (start + length == then) != (other + length == its)
    text, at, behind = (new, other + length, its) if start + length == then else (old, start + length, then)
    return is_more and text[at] == text[behind] and not text[at][:1].isalnum()


def _parts(edges: Sequence[tuple[int, int]], start: int, other: int) -> Iterator[tuple[int, int, int, int]]:
    for edge, its_edge in edges:
        yield start, edge, other, its_edge
        start, other = edge, its_edge


def _ahead(
    old: Sequence[Hashable], new: Sequence[Hashable], start: int, end: int, other: int, its_end: int
) -> int:
    """How many elements both begin with."""
    length, most = 0, min(end - start, its_end - other)
    while length < most and old[start + length] == new[other + length]:
        length += 1
    return length


def _behind(
    old: Sequence[Hashable], new: Sequence[Hashable], start: int, end: int, other: int, its_end: int
) -> int:
    """How many elements both end with."""
    length, most = 0, min(end - start, its_end - other)
    while length < most and old[end - length - 1] == new[its_end - length - 1]:
        length += 1
    return length


def _anchors(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Where elements stand that each has once, as many as are in the order of both."""
    times, others = Counter(old), Counter(new)
    places = {element: place for place, element in enumerate(new) if others[element] == 1}
    pairs = [
        (i, places[element]) for i, element in enumerate(old) if times[element] == 1 and element in places
    ]
    return [pairs[place] for place in in_order([its for _, its in pairs])]


def in_order(numbers: Sequence[int]) -> list[int]:
    """The places of a longest run of rising numbers, from left to right."""
    ends: list[int] = []
    at: list[int] = []
    before: list[int] = []
    for place, number in enumerate(numbers):
        length = bisect_left(ends, number)
        before.append(at[length - 1] if length else -1)
        ends[length : length + 1], at[length : length + 1] = [number], [place]
    found, place = list[int](), at[-1] if at else -1
    while place >= 0:
        found.append(place)
        place = before[place]
    return found[::-1]


def _merged(found: Iterable[Run]) -> list[Run]:
    merged: list[Run] = []
    for start, other, length in sorted(run for run in found if run[2]):
        if merged and (start, other) == (merged[-1][0] + merged[-1][2], merged[-1][1] + merged[-1][2]):
            merged[-1] = (merged[-1][0], merged[-1][1], merged[-1][2] + length)
        else:
            merged.append((start, other, length))
    return merged


class _Words:
    """A text as words; what stands before each, and behind the last, is kept."""

    def __init__(self, text: str) -> None:
        self.text = text
        found = list(WORD.finditer(text))
        self.words = [match.group() for match in found]
        self.starts = [*(match.start() for match in found), len(text)]
        self.ends = [0, *(match.end() for match in found)]

    def gap(self, after: int, until: int) -> str:
        """The text between the word before `after` and the word `until`."""
        return self.text[self.ends[after] : self.starts[until]]


def _words_of(before: str, after: str, budget: Budget) -> Iterator[Span]:
    old, new = _Words(before), _Words(after)
    yield from _between(old, new, word_runs(old.words, new.words, budget))


def _between(old: _Words, new: _Words, same: Sequence[Run]) -> Iterator[Span]:
    at, its = 0, 0
    for start, other, length in [*_telling(same, old, new), (len(old.words), len(new.words), 0)]:
        yield from _gap(old.gap(at, start), new.gap(its, other))
        for n in range(length):
            yield Span("same", old.words[start + n])
            if n + 1 < length:
                yield from _gap(old.gap(start + n + 1, start + n + 1), new.gap(other + n + 1, other + n + 1))
        at, its = start + length, other + length


def _telling(same: Sequence[Run], old: _Words, new: _Words) -> Iterator[Run]:
    """The runs that tell something: a comma or a short word between two changes is part of them."""
    at, its = 0, 0
    for start, other, length in same:
        size = sum(len(word) for word in old.words[start : start + length])
        is_inside = start > at and other > its and start + length < len(old.words)
        if not (is_inside and size <= 2 and not old.words[start].isdigit()):
            yield start, other, length
        at, its = start + length, other + length


def _gap(gone: str, come: str) -> Iterator[Span]:
    """What stood and what stands between two words; blanks that both have at the edges changed nothing."""
    if gone == come:
        yield Span("same", gone)
        return
    start = _blank(gone, come)
    end = _blank(gone[start:][::-1], come[start:][::-1])
    yield Span("same", gone[:start])
    yield Span("removed", gone[start : len(gone) - end])
    yield Span("added", come[start : len(come) - end])
    yield Span("same", gone[len(gone) - end :])


def _blank(one: str, other: str) -> int:
    """How many blanks both begin with."""
    length = 0
    while length < min(len(one), len(other)) and one[length] == other[length] and one[length].isspace():
        length += 1
    return length


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The spans without empty ones, and those of one kind that follow each other as one."""
    found: list[tuple[Op, list[str]]] = []
    for span in spans:
        if not span.text:
            continue
        if found and found[-1][0] == span.op:
            found[-1][1].append(span.text)
        else:
            found.append((span.op, [span.text]))
    return tuple(Span(op, "".join(texts)) for op, texts in found)
