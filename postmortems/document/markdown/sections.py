"""Cuts a text into title and sections by its top-level headings.

Which level the sections have is the author's choice: most write `##` under one `#`, some `#` under a title
in the front matter. A heading that is a time opens no section, whatever its level: `## 23:27 ##` in a
timeline is an entry whose heading slipped. Every reader makes an `Outline`; what a section holds is decided
after it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from postmortems import patterns
from postmortems.document import report_titles, vocabulary
from postmortems.document.markdown import section_roles
from postmortems.document.markdown.tokens import Block, blocks, with_heading_levels
from postmortems.document.parse_cache import by_line
from postmortems.document.text import one_line
from postmortems.document.times import prefix

ENTRY_LEVEL = 3
SOUGHT = frozenset(("timeline", "action_items"))
DEEPEST = 6
# As many well-known names below headings that are none: those stand over the report, or over parts of it.
FEWEST_KNOWN = 2
# As many headings below one that no other is as high as: that one is the title, whatever their names are.
FEWEST_BELOW = 3
# In a section of something else these are a section, even where "Actions" or "Next steps" stand elsewhere.
SURELY = patterns.of(
    r"(?:(?:our|open|resulting|follow[ -]?up) )*(?:action items|action points)", re.IGNORECASE
)
# Below lessons these are a section too: what was taken in the response has been told before them.
CORRECTIVE = patterns.of(vocabulary.one_of(vocabulary.table("headings")["corrective_actions"]), re.IGNORECASE)
LONGEST_KEYS = 6


@dataclass(frozen=True, slots=True)
class Part:
    """A section still as lines, with the blocks in them. Only the first may lack a heading: the lead."""

    heading: str
    lines: list[str]
    blocks: list[Block]


@dataclass(frozen=True, slots=True)
class Outline:
    title: str
    parts: list[Part]
    # The heading above the title that says only what kind of document it is: "Postmortem".
    kind: str = ""


def cut(lines: Sequence[str], title: str = "") -> Outline:
    """Title and sections of a body. `title` is the one that the front matter gave, if any."""
    found = blocks(lines)
    headings = [block for block in found if block.kind == "heading"]
    first = _title(headings, title)
    kind = first if first and not title and _is_below(headings, found) else None
    if kind:
        lines, found = _without(kind, lines, found)
        headings = headings[1:]
        first = headings[0]
    if first:
        # What stands above the title goes below it: a template's note, an editor's comment.
        lines, found = _without(first, lines, found)
        headings = [block for block in headings if block is not first]
    named = _named(headings)
    level = _level_of(named)
    opening = _opening(named, level)
    parts = list(_parts(lines, found, opening))
    return Outline(one_line(first.text) if first else "", parts, one_line(kind.text) if kind else "")


def _without(heading: Block, lines: Sequence[str], found: list[Block]) -> tuple[Sequence[str], list[Block]]:
    kept = [*lines[: heading.start], *[""] * (heading.end - heading.start), *lines[heading.end :]]
    return kept, [block for block in found if block is not heading]


def _is_below(headings: Sequence[Block], found: Sequence[Block]) -> bool:
    """Whether the title is the second heading, as the first says only what kind of document it is.

    Nothing stands between them, and no section's name is as high as it, or below it itself stands nothing, or
    what is known of the incident.
    """
    if len(headings) < 3 or not report_titles.says_not_which(headings[0].text):
        return False
    first, second, third = headings[:3]
    name = second.text
    if is_moment(first.text) or is_moment(name) or section_roles.named(name) != "other":
        return False
    at = next(number for number, block in enumerate(found) if block is first)
    is_next = at + 1 < len(found) and found[at + 1] is second
    is_alone = all(block.level > second.level for block in headings[2:])
    if not is_next or second.level < first.level or (second.level == first.level and not is_alone):
        return False
    between = found[at + 2 : found.index(third)]
    is_bare = not between and not report_titles.is_kind(name)
    is_over_keys = report_titles.may_be_title(name) and all(map(_is_short, between))
    return (is_alone or is_bare or is_over_keys) and any(
        section_roles.named(each.text) != "other" for each in headings[2:]
    )


def _is_short(block: Block) -> bool:
    """Whether a block may be what is known of an incident: a table, a list, few lines."""
    return block.kind in ("table", "list", "html") or block.end - block.start <= LONGEST_KEYS


def _opening(headings: Sequence[Block], level: int) -> list[Block]:
    """The headings that open a section: those of the sections' level.

    A timeline or action items that stand in a section of something else are a section too, with what follows
    them there.
    """
    opening = [block for block in headings if block.level <= level]
    missing = SOUGHT - {section_roles.promised(block.text) for block in opening}
    found, is_inside, above = [], False, ""
    for block in headings:
        is_opening = block.level <= level
        role = section_roles.named(block.text)
        is_sought = role in missing or (role == "action_items" != above and _is_of_items(block.text, above))
        is_sought = is_sought and block.level == level + 1
        is_inside = not is_opening and (is_inside or is_sought)
        if is_opening or (is_inside and block.level == level + 1):
            found.append(block)
        above = section_roles.promised(block.text) if is_opening else above
    return found


def _is_of_items(text: str, above: str) -> bool:
    is_learned = above == "lessons" and CORRECTIVE.fullmatch(section_roles.plain_name(text)) is not None
    return is_learned or is_surely_of_items(text)


def _parts(lines: Sequence[str], found: Sequence[Block], opening: Sequence[Block]) -> Iterator[Part]:
    starts = [0, *(block.end for block in opening)]
    ends = [*(block.start for block in opening), len(lines)]
    at = 0
    for name, start, end in zip(
        ["", *(one_line(block.text) for block in opening)], starts, ends, strict=True
    ):
        own = []
        while at < len(found) and found[at].start < end:
            if found[at].start >= start:
                own.append(found[at].up(start) if start else found[at])
            at += 1
        if name or own:
            yield Part(name, *levelled(list(lines[start:end]), own))


def _title(headings: Sequence[Block], title: str) -> Block | None:
    """The heading that names the document: the first one, if it is no section's."""
    if not headings:
        return None
    first = headings[0]
    others = _named(headings[1:])
    if first.level == 1:
        if one_line(first.text) == title:
            return first
        if section_roles.named(first.text) != "other":
            # "Root cause analysis" over all else is the kind of the report.
            is_alone = not title and all(block.level > 1 for block in others)
            return first if is_alone and others and report_titles.is_of_a_report(first.text) else None
        return None if title and _known(others, 1) > _known(others, 2) else first
    below = min((block.level for block in others), default=0)
    is_over_some = _known(others, below) >= 2 or sum(block.level == below for block in others) >= FEWEST_BELOW
    is_named_so = first.level <= below and report_titles.has_subject(first.text) and len(others) > 1
    is_alone = not title and (is_named_so or (first.level < below and is_over_some))
    return first if is_alone and section_roles.named(first.text) == "other" else None


def section_level(headings: Sequence[Block]) -> int:
    """The level whose headings are the sections: that of the well-known names, else the highest below `#`."""
    return _level_of(_named(headings))


def _named(headings: Sequence[Block]) -> list[Block]:
    """The headings that are no times."""
    return [block for block in headings if not is_moment(block.text)]


def _level_of(named: Sequence[Block]) -> int:
    if _known(named, 1) > _known(named, 2):
        return 1
    highest = min((block.level for block in named if block.level > 1), default=1)
    if _known(named, highest):
        return highest
    deeper = range(highest + 1, DEEPEST + 1)
    return next((level for level in deeper if _known(named, level) >= FEWEST_KNOWN), highest)


def _known(headings: Sequence[Block], level: int) -> int:
    return sum(block.level == level and section_roles.named(block.text) != "other" for block in headings)


@by_line
def is_surely_of_items(text: str) -> bool:
    """Whether a heading calls what is below it action items, and nothing that could be something else."""
    return SURELY.fullmatch(section_roles.plain_name(text)) is not None


@by_line
def is_moment(text: str) -> bool:
    """Whether a heading is a time or a day, which belongs into a section and opens none."""
    text = text.removesuffix("{.entry}").rstrip()
    stamp = prefix.of_heading(text)
    return stamp is not None and (stamp.stated.has_clock or stamp.is_day)


def levelled(lines: list[str], found: list[Block]) -> tuple[list[str], list[Block]]:
    """A section with its entries at the third level and every other heading in its place below them."""
    headings = [(block, is_moment(block.text)) for block in found if block.kind == "heading"]
    if not headings:
        return lines, found
    clocks = Counter(block.level for block, is_time in headings if is_time)
    others = [block.level for block, is_time in headings if not is_time]
    usual = max(clocks, key=lambda level: (clocks[level], level), default=0)
    shift = ENTRY_LEVEL - usual if clocks else max(0, ENTRY_LEVEL - min(others, default=ENTRY_LEVEL))
    levels = {}
    for block, is_time in headings:
        level = ENTRY_LEVEL if is_time else min(6, max(ENTRY_LEVEL, block.level + shift))
        if level != block.level:
            levels[block.start] = level
    if not levels:
        return lines, found
    lines = with_heading_levels(lines, found, levels)
    return lines, blocks(lines)
