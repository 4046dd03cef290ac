"""Writes an edited document back into its source: only the lines of what changed differ.

Every step from the old Document to the new is tried in the source's notation, then in ours for that section;
each result is read again, and one that does not say exactly what it should is not used. Canonical Markdown
is what remains for a text that cannot be changed piece by piece.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher

from postmortems.document import three_way_merge
from postmortems.document.markdown import parser, writer
from postmortems.document.model import Document
from postmortems.document.source_edit import front_matter_lines, placement
from postmortems.document.source_edit.edit_steps import Step, steps
from postmortems.document.source_edit.line_spans import spans
from postmortems.document.source_edit.placement import Written
from postmortems.document.text import lines_of

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$")
# Each step reads the text again a few times; a document that was rewritten has no lines left to keep.
MOST_STEPS = 60
MOST_TRIES = 12

Reader = Callable[[str], Document]


def returned(original: str, then: Document, now: Document, *, read: Reader = parser.parse) -> str:
    """The original text with only what changed from `then` to `now` changed; where they are equal, all of it.

    `then` is what `read` made of the original. What comes out reads as `now`, as it would be read back.
    """
    if then == now:
        return original
    now = read(writer.write(now))
    if then == now:
        return original
    lines = _stepwise(lines_of(original), then, now, read)
    return _with_line_ends(original, lines if lines is not None else writer.write(now).split("\n"))


def _stepwise(lines: list[str], then: Document, now: Document, read: Reader) -> list[str] | None:
    """The lines after every step; None where one of them cannot be taken."""
    found = list(steps(then, now))
    if len(found) > MOST_STEPS or read("\n".join(lines)) != then:
        return None
    document = then
    written = placement.written_in(lines, spans(lines, then), then)
    given_up: int | None = None
    for step in found:
        if step.section == given_up and _is_within(step):
            # This section is written anew already, with all its steps.
            continue
        own = _first_that_reads(_tries(lines, document, step, written), step.after, read)
        if own is None and _is_within(step):
            own, document = _section_anew(lines, document, step, found, read)
            given_up = step.section
        else:
            document = step.after
        if own is None:
            return None
        lines = own
    return lines if document == now else None


def _is_within(step: Step) -> bool:
    """Whether the step changes a section that was there and stays."""
    return not step.field and (step.block is not None or not (step.is_new or step.is_gone))


def _section_anew(
    lines: list[str], document: Document, step: Step, found: Sequence[Step], read: Reader
) -> tuple[list[str] | None, Document]:
    """The lines with the step's section as it will be in the end, in our notation."""
    last = [each for each in found if _is_within(each) and each.section == step.section][-1]
    tried = placement.section_anew(lines, spans(lines, document), last.after, step.section)
    return _first_that_reads(tried, last.after, read), last.after


def _first_that_reads(tried: Iterator[list[str]], wanted: Document, read: Reader) -> list[str] | None:
    for lines, _ in zip(tried, range(MOST_TRIES), strict=False):
        if read("\n".join(lines)) == wanted:
            return lines
    return None


def _tries(lines: list[str], document: Document, step: Step, written: Written) -> Iterator[list[str]]:
    """The lines that may be right after a step, the most faithful first."""
    where = spans(lines, document)
    if step.field in ("title", "heading"):
        yield from placement.retitled(lines, where, document, step.after)
    if step.field and step.field != "heading":
        yield from front_matter_lines.rewritings(lines, document, step.after, step.field)
    elif not step.field and step.block is not None:
        yield from placement.block(lines, where, document, step, written)
    elif not step.field:
        yield from placement.section(lines, where, document, step)
    yield from _merged(lines, document, step.after)


def _merged(lines: list[str], then: Document, now: Document) -> Iterator[list[str]]:
    """Where the source is written as we write it, our own edit fits."""
    base, edited = writer.write(then).split("\n"), writer.write(now).split("\n")
    out = three_way_merge.merged_lines(base, lines, edited)
    if out is not None:
        yield out


def _with_line_ends(original: str, lines: Sequence[str]) -> str:
    """The lines with the original's byte order mark, line ends and end, where it had them."""
    mark = "\ufeff" if original.startswith("\ufeff") else ""
    raw = LINE.findall(original.removeprefix("\ufeff"))
    if not any("\r" in line for line in raw):
        return mark + "\n".join(lines)
    before = [line.rstrip("\r\n") for line in raw]
    ends = [line[len(words) :] for line, words in zip(raw, before, strict=True)]
    usual = max(filter(None, ends), key=ends.count)
    after = [*lines[:-1]] if not lines[-1] else [*lines]
    out: list[str] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        kept = ends[i1:i2] if tag == "equal" else [""] * (j2 - j1)
        out += [f"{line}{end or usual}" for line, end in zip(after[j1:j2], kept, strict=True)]
    if lines[-1] and out:
        # The last line of all ends as the text does: not at all.
        out[-1] = after[-1]
    return mark + "".join(out)
