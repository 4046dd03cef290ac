"""Reads sections that are bold labels: `- **Impact**: mail was late`, `**Action items:**` over a list.

People write so where a document has no headings of its own. Then the labels are the headings. Where there are
headings, a well-known name in bold on a line of its own is one too; any other word in bold is a word in bold.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from postmortems.document import vocabulary
from postmortems.document.markdown import prose_markers, section_roles, sections, timeline_pieces
from postmortems.document.markdown.tokens import VERBATIM, VERBATIM_END, Block, blocks, dedented, heading
from postmortems.document.text import one_line
from postmortems.document.times import prefix

LABEL = re.compile(
    r"^(\*\*|__)(?!\s)(?P<name>(?:(?!\1).){2,80}?)(?P<inside>:?)\s*\1\s*(?P<behind>:?)\s*(?P<rest>.*)$"
)
SUSPECT = re.compile(r"^(?:[-*+]|\d{1,2}[.)])?[ \t]*(?:\*\*|__)\S")
BOLD = ("**", "__")
FEWEST, FEWEST_KNOWN = 3, 2
ALONE = re.compile(r"[ \t]{0,3}[*_]{0,2}[^\W\d_][^:*_#|<>\n]{3,40}:?[*_]{0,2}:?[ \t]*")
# The name of a part, counted as Markdown counts nothing: `1.2 Timeline`, `2 Root cause`.
COUNTED = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,2}\.?[ \t]+(?P<name>[^\W\d_a-zß-öø-ÿ][^\n.!?;,]{2,60})")
LISTED = re.compile(r"\d{1,2}\.[ \t]")
# As Docusaurus, VitePress, MyST and Pandoc write boxes.
BOX = ":::"
UNTOUCHED = ("fence", "code", "html")
WITHOUT_ROLE = frozenset(vocabulary.table("headings")["sections_without_role"])


@dataclass(frozen=True, slots=True)
class _Named:
    """A label with what it names: its lines `start` to `end` become these."""

    name: str
    start: int
    end: int
    lines: list[str]
    is_item: bool


def as_headings(lines: Sequence[str]) -> Sequence[str]:
    """The body with its labels as headings: all of them, if it has no other sections than those.

    Where it has, only the names of sections that stand alone on their line: `**Root cause**`.
    """
    lines = _with_timeline(_with_counted(_with_marks_apart(lines)))
    # Most texts have nothing in bold, which is told at once of all of it.
    text = "\n".join(lines)
    if not any(mark in text for mark in BOLD) or not any(map(SUSPECT.match, lines)):
        return lines
    found = blocks(lines)
    headings = [block for block in found if block.kind == "heading" and not sections.is_moment(block.text)]
    if len(headings) > 1 or any(block.level > 1 for block in headings):
        is_titled = headings[0].level == 1 or section_roles.named(headings[0].text) == "other"
        level = sections.section_level(headings[1:] if is_titled and headings[1:] else headings)
        return list(_replaced(lines, _alone(lines, found, level), level))
    labels = [label for block in found for label in _labels(lines, block)]
    title = _title(found, labels) if not headings else None
    apart = [label for label in labels if not label.is_item]
    first = next((label for label in labels if label.name != (title.name if title else "")), None)
    if first and not first.is_item and len(apart) >= FEWEST and len(_known(apart)) >= FEWEST_KNOWN:
        labels = apart  # what is in bold in their lists names no section
    known = _known(labels)
    if len(labels) < FEWEST or len(known) < FEWEST_KNOWN:
        return lines
    if title:
        lines = [*lines[: title.start], heading(1, title.name), *lines[title.end :]]
        labels = labels[1:]
    return list(_replaced(lines, labels, 2))


def _with_marks_apart(lines: Sequence[str]) -> Sequence[str]:
    """The lines with what begins and ends a box (`:::tip`, `:::`) as paragraphs: no item goes on in them."""
    if BOX not in "\n".join(lines):
        return lines
    inside = {
        at for block in blocks(lines) if block.kind in UNTOUCHED for at in range(block.start, block.end)
    }
    out: list[str] = []
    for at, line in enumerate(lines):
        is_mark = line.startswith(BOX) and at not in inside
        if (
            line.strip()
            and out
            and out[-1].strip()
            and (is_mark or (out[-1].startswith(BOX) and at - 1 not in inside))
        ):
            out.append("")
        out.append(line)
    return out


def _known(labels: Sequence[_Named]) -> set[str]:
    """What the labels stand for; names of sections that play no part count as one more."""
    plain = {"plain" for label in labels if label.name.lower() in WITHOUT_ROLE}
    return ({section_roles.named(label.name) for label in labels} - {"other"}) | plain


def _title(found: Sequence[Block], labels: Sequence[_Named]) -> _Named | None:
    """The first line of all in bold, which names no section: the title."""
    first = labels[0] if labels else None
    is_first = first and not first.is_item and first.start == found[0].start and first.end == first.start + 1
    return (
        first
        if first and is_first and not first.lines[0] and section_roles.named(first.name) == "other"
        else None
    )


def _with_timeline(lines: Sequence[str]) -> Sequence[str]:
    """The lines with a heading for the timeline, where its name stands on a line alone above its times."""
    alone = [at for at, line in enumerate(lines) if ALONE.fullmatch(line) and _is_above_times(lines, at)]
    if len(alone) != 1 or section_roles.named(lines[alone[0]].strip(" \t*_:")) != "timeline":
        return lines
    headings = [block for block in blocks(lines) if block.kind == "heading"]
    if not headings or any(section_roles.promised(block.text) == "timeline" for block in headings):
        return lines
    if any(block.start <= alone[0] < block.end for block in blocks(lines) if block.kind in UNTOUCHED):
        return lines
    at, level = alone[0], sections.section_level(headings[1:] or headings)
    name = lines[at].strip(" \t*_:")
    return [*lines[:at], "", heading(max(2, level), name), "", *lines[at + 1 :]]


def _with_counted(lines: Sequence[str]) -> Sequence[str]:
    """The lines with the names of counted parts as headings, where there are no others below a title."""
    if not any(map(COUNTED.fullmatch, lines)):
        return lines
    found = blocks(lines)
    alone = {
        block.start
        for block in found
        if block.kind == "paragraph"
        and block.end == block.start + 1
        and COUNTED.fullmatch(lines[block.start])
        and not LISTED.match(lines[block.start])
    }
    roles = {section_roles.named(lines[at]) for at in alone} - {"other"}
    if len(roles) < FEWEST_KNOWN or sum(block.kind == "heading" for block in found) > 1:
        return lines
    return [heading(2, line) if at in alone else line for at, line in enumerate(lines)]


def _is_above_times(lines: Sequence[str], at: int) -> bool:
    following = next((line for line in lines[at + 1 : at + 4] if line.strip()), "")
    return timeline_pieces.begins_with_a_clock(following)


def _alone(lines: Sequence[str], found: Sequence[Block], level: int) -> list[_Named]:
    """The labels beside headings that name a section and have a line of their own.

    Below a section of the same role they part it, as they do where they come again; below a lower heading or
    a time they are part of that. Items that stand under one have no section yet.
    """
    has_items = any(
        block.kind == "heading" and section_roles.promised(block.text) == "action_items" for block in found
    )
    labels: list[_Named] = []
    plain: list[_Named] = []
    above, depth = "", level
    # A template's comment between a name and what stands below it is no part of either.
    for block, following in pairwise([block for block in found if not _is_comment(lines, block)]):
        if block.kind == "heading":
            above, depth = block.text, block.level
        elif block.kind == "paragraph" and block.end == block.start + 1:
            label = _named([lines[block.start]], block, is_item=False)
            role = section_roles.named(label.name) if label and not label.lines[0] else "other"
            is_items = role == "action_items"
            if label and labels and above == labels[-1].name and _is_plain(label):
                plain.append(label)
                continue
            if not label or role == "other" or not _opens(lines, above, role, following):
                continue
            if depth > level and not is_items:
                continue
            if is_items and (has_items or following.kind not in ("list", "table")):
                continue
            has_items = has_items or is_items
            labels.append(label)
            above = label.name
    # Beside several that are known, those without a role are sections as much as they.
    labels = (
        sorted([*labels, *plain], key=lambda label: label.start) if len(labels) >= FEWEST_KNOWN else labels
    )
    counts = Counter(label.name.lower() for label in labels)
    return [label for label in labels if counts[label.name.lower()] == 1]


def _is_plain(label: _Named) -> bool:
    """Whether a name on a line of its own is that of a section that plays no role: "Detection"."""
    return not label.lines[0] and label.name.lower() in WITHOUT_ROLE


def _is_comment(lines: Sequence[str], block: Block) -> bool:
    if block.kind != "html":
        return False
    first, last = lines[block.start], lines[block.end - 1]
    is_mark = first in (prose_markers.PROSE, prose_markers.PROSE_END, VERBATIM, VERBATIM_END)
    return not is_mark and first.lstrip().startswith("<!--") and last.rstrip().endswith("-->")


def _opens(lines: Sequence[str], above: str, role: str, following: Block) -> bool:
    """Whether a name in bold opens a section there: none inside of an entry, of items, or of its own role."""
    inside = section_roles.promised(above)
    if sections.is_moment(above) or inside in ("action_items", role):
        return False
    is_entry = following.kind in ("list", "paragraph") and prefix.of_line(
        dedented(lines[following.start : following.end])[0]
    )
    return inside != "timeline" or not is_entry


def _labels(lines: Sequence[str], block: Block) -> Iterator[_Named]:
    if block.kind == "paragraph":
        own = list(lines[block.start : block.end])
        label = _named(own, block, is_item=False)
        if label:
            yield label
    for part in block.parts if block.kind == "list" else ():
        label = _named(dedented(lines[part.start : part.end]), part, is_item=True)
        if label:
            yield label


def _named(body: list[str], block: Block, *, is_item: bool) -> _Named | None:
    match = LABEL.match(body[0].strip())
    if not match or prefix.of_line(match["name"]):
        return None
    is_apart = bool(match["inside"] or match["behind"] or not match["rest"])
    is_known = section_roles.named(match["name"]) != "other"
    if not is_apart or not (is_item or is_known or not match["rest"]):
        return None
    return _Named(one_line(match["name"]), block.start, block.end, [match["rest"], *body[1:]], is_item)


def _replaced(lines: Sequence[str], labels: Sequence[_Named], level: int) -> Iterator[str]:
    done, role = 0, ""
    for label in labels:
        named = section_roles.named(label.name)
        if not label.is_item and named == "other" and role == "action_items":
            continue  # a category of the items below it
        role = named
        yield from lines[done : label.start]
        yield from ("", heading(level, label.name), "", *label.lines, "")
        done = label.end
    yield from lines[done:]
