"""Where a changed block or section goes in its source, and in which notation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from postmortems.document.markdown import writer
from postmortems.document.markdown.tokens import heading
from postmortems.document.model import Block, Category, Document, Entry, Item
from postmortems.document.source_edit import block_rewrite
from postmortems.document.source_edit.block_rewrite import rewritings
from postmortems.document.source_edit.edit_steps import Step
from postmortems.document.source_edit.line_spans import TITLE, Span, Spans
from postmortems.document.text import is_blank

# The lines in which each block of the original was written.
Written = dict[Block, list[list[str]]]

NEIGHBOURS = 4
HEADING = re.compile(r"^ {0,3}(#{1,6})(?=\s)")
NUMBER = re.compile(r"^(\s*)(\d{1,9})([.)])")


def written_in(lines: Sequence[str], where: Spans, document: Document) -> Written:
    """Every block's own lines."""
    found: Written = {}
    for at, section in enumerate(document.sections):
        for place, block in enumerate(section.blocks):
            own = where.of((at, place))
            if own:
                found.setdefault(block, []).append(list(lines[own.start : own.end]))
    return found


def block(
    lines: list[str], where: Spans, document: Document, step: Step, written: Written
) -> Iterator[list[str]]:
    """The lines after a step within a section; `written` are those that blocks had in the beginning."""
    place = (step.section, step.block or 0)
    own = where.of(place)
    blocks = document.sections[step.section].blocks
    if step.is_new:
        yield from _added(lines, where, document, step, written)
    elif own is None:
        return
    elif step.is_gone:
        yield _without(lines, own)
        yield [*lines[: own.start], *lines[own.end :]]
    else:
        new = step.after.sections[step.section].blocks[place[1]]
        for changed in rewritings(lines[own.start : own.end], blocks[place[1]], new):
            yield [*lines[: own.start], *changed, *lines[own.end :]]
        yield [*lines[: own.start], *_canonical(new, 1), *lines[own.end :]]


def _without(lines: list[str], own: Span) -> list[str]:
    """The lines without a stretch, and without the blank lines that set it apart."""
    before, behind = lines[: own.start], lines[own.end :]
    if not behind or is_blank(behind[0]):
        while before and is_blank(before[-1]):
            before.pop()
    if not before:
        while len(behind) > 1 and is_blank(behind[0]):
            behind = behind[1:]
    return [*before, *behind]


def _added(
    lines: list[str], where: Spans, document: Document, step: Step, written: Written
) -> Iterator[list[str]]:
    at = step.block or 0
    blocks = document.sections[step.section].blocks
    new = step.after.sections[step.section].blocks[at]
    points = _points(lines, where, document, step.section, at)
    for point in points:
        # It stood elsewhere a step before: its very lines move.
        yield from (found for moved in written.get(new, []) for found in _inserted(lines, point, moved))
    for changed in _like_neighbours(lines, where, step.section, blocks, at, new):
        for point in points:
            yield from _inserted(lines, point, changed)
    for point in points:
        yield from _inserted(lines, point, _canonical(new, 1))


def _points(lines: list[str], where: Spans, document: Document, section: int, at: int) -> list[int]:
    """Before which lines the new block may go: behind the one above, else before the one below."""
    above = where.of((section, at - 1))
    below = where.of((section, at)) if at < len(document.sections[section].blocks) else None
    points = [span.end for span in [above] if span]
    points += [span.start for span in [below] if span and span.start not in points]
    if not points and section + 1 == len(document.sections):
        points.append(len(lines))
    return points


def _like_neighbours(
    lines: list[str], where: Spans, section: int, blocks: Sequence[Block], at: int, new: Block
) -> Iterator[list[str]]:
    """The new block written as the nearest ones of its sort are."""
    near = sorted(range(len(blocks)), key=lambda place: (place >= at, abs(place - at)))
    alike = [place for place in near if type(blocks[place]) is type(new)][:NEIGHBOURS]
    for place in alike:
        span = where.of((section, place))
        if span is None:
            continue
        own = lines[span.start : span.end]
        if place < at and isinstance(new, Item):
            own = _counted_on(lines, where, section, place, own)
        yield from rewritings(own, blocks[place], new)


def _counted_on(lines: list[str], where: Spans, section: int, place: int, own: list[str]) -> list[str]:
    """A numbered line with the next number, unless all of its list have the same."""
    number = NUMBER.match(own[0])
    above = where.of((section, place - 1))
    before = NUMBER.match(lines[above.start]) if above else None
    if number is None or (before and before[2] == number[2]):
        return own
    counted = f"{number[1]}{int(number[2]) + 1}{number[3]}{own[0][number.end() :]}"
    return [counted, *own[1:]]


def _inserted(lines: list[str], point: int, new: list[str]) -> Iterator[list[str]]:
    """New lines before a line: next to their neighbours, or with a blank line where those have one."""
    before, behind = lines[:point], lines[point:]
    is_open_above = bool(before) and not is_blank(before[-1])
    is_open_below = bool(behind) and not is_blank(behind[0])
    below = [""] if is_open_below or not behind else []
    apart = [*before, *([""] if is_open_above else []), *new, *below, *behind]
    close = [*before, *new, *behind]
    is_row = bool(re.match(r"\s*(?:[-*+]|\d{1,9}[.)]|\|)", new[0]))
    yield from (close, apart) if is_row else (apart, close)


def _canonical(block: Block, number: int) -> list[str]:
    match block:
        case Entry():
            return writer.entry(block).split("\n")
        case Item():
            return writer.item(block, number).split("\n")
        case Category():
            return [heading(3, block.heading)]
        case _:
            return block.text.split("\n")


def section(lines: list[str], where: Spans, document: Document, step: Step) -> Iterator[list[str]]:
    """The lines after a section came, went or was renamed."""
    count = len(document.sections)
    own = where.section(step.section, count, len(lines)) if step.section < count else None
    if step.is_new:
        new = step.after.sections[step.section]
        point = own.start if own else len(lines)
        yield from _inserted(lines, point, _levelled(writer.section(new).split("\n"), lines, where))
    elif own is None:
        return
    elif step.is_gone:
        yield [*lines[: own.start], *lines[own.end :]]
        yield _without(lines, own)
    else:
        title = where.of((step.section, -1))
        before = document.sections[step.section].heading
        after = step.after.sections[step.section]
        if title and before:
            head = lines[title.start : title.end]
            for changed in block_rewrite.said(head, before, after.heading):
                yield [*lines[: title.start], *changed, *lines[title.end :]]
            marked = _levelled([heading(2, writer.heading_of(after))], lines, where)
            yield [*lines[: title.start], *marked, *lines[title.end :]]
        yield from section_anew(lines, where, step.after, step.section)


def section_anew(lines: list[str], where: Spans, now: Document, at: int) -> Iterator[list[str]]:
    """The lines with one section in our notation, under its heading as it was written."""
    own = where.section(at, len(now.sections), len(lines))
    if own is None:
        return
    fresh = writer.section(now.sections[at]).split("\n")
    title = where.of((at, -1))
    if title and now.sections[at].heading:
        yield [*lines[: title.end], *_apart(fresh[1:], lines[own.end :]), *lines[own.end :]]
    yield [*lines[: own.start], *_apart(_levelled(fresh, lines, where), lines[own.end :]), *lines[own.end :]]


def _apart(new: list[str], behind: Sequence[str]) -> list[str]:
    return [*new, ""] if behind or new[-1:] != [""] else new


def _levelled(new: list[str], lines: list[str], where: Spans) -> list[str]:
    """A section's lines with its heading at the level that the source's sections have."""
    for (_, place), span in sorted(where.found.items()):
        level = HEADING.match(lines[span.start])
        if place == -1 and span != where.of(TITLE) and level:
            return [new[0].replace("##", level[1], 1), *new[1:]] if new[0].startswith("## ") else new
    return new


def retitled(lines: list[str], where: Spans, then: Document, now: Document) -> Iterator[list[str]]:
    """The lines with another first heading: the title, where no front matter gives it."""
    old, new = then.heading or then.title, now.heading or now.title
    own = where.of(TITLE) or _first_heading(lines, where.body, old)
    if own and old != new:
        if not new:
            yield _without(lines, own)
        for changed in block_rewrite.said(lines[own.start : own.end], old, new):
            yield [*lines[: own.start], *changed, *lines[own.end :]]
    elif new and not old:
        body = where.body
        yield [*lines[:body], *([""] if body else []), heading(1, new), "", *lines[body:]]


def _first_heading(lines: list[str], body: int, words: str) -> Span | None:
    """The title below a comment: readers put such text behind it, so the order of words does not show it."""
    first = next((at for at in range(body, len(lines)) if HEADING.match(lines[at])), None)
    return Span(first, first + 1) if words and first is not None and words in lines[first] else None
