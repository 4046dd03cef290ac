"""Markdown to Document: `parse(write(document)) == document`, and `write(parse(text))` is a fixed point.

The writer is the referee: what was read is written, read again and compared, and no word may be missing. A
section that fails stays prose, under its own heading, word for word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from postmortems.document import item_context, plain_edits, report_titles, text_size
from postmortems.document.markdown import (
    action_items,
    front_matter,
    labelled_sections,
    prose_markers,
    section_roles,
    set_apart,
    severities,
    timeline,
    writer,
)
from postmortems.document.markdown import sections as markdown_sections
from postmortems.document.markdown.front_matter import Front
from postmortems.document.markdown.items import item_groups
from postmortems.document.markdown.sections import Outline, Part
from postmortems.document.markdown.tokens import VERBATIM, VERBATIM_END, blocks
from postmortems.document.model import Document, Entry, Item, Prose, Section
from postmortems.document.parse_cache import Kept
from postmortems.document.readers import html_lists
from postmortems.document.text import is_all_there, joined, lines_of, one_line
from postmortems.document.times.incident_dates import date_of_name

ROUNDS = 4
MOST_REMEMBERED = 2_000_000
write = writer.write

# Reads a long text where it holds up nobody; see `parse_process`.
elsewhere: Callable[[str], Document | None] | None = None
_SECTIONS: Kept[tuple[Section, ...]] = Kept(MOST_REMEMBERED, MOST_REMEMBERED // 8)
_READ: Kept[Document] = Kept(MOST_REMEMBERED, MOST_REMEMBERED // 8)
# What is read back as it is.
_NORMAL: Kept[bool] = Kept(MOST_REMEMBERED, MOST_REMEMBERED // 8)


def parse(text: str, *, name: str = "", is_stored: bool = False) -> Document:
    """The document that a Markdown text is; `name` is its file's, for a date that only the name tells.

    Raises `Invalid` where there is more in it than any report has, unless it was let in and stored before.
    """
    lines = lines_of(text)
    text = "\n".join(lines)
    document = _READ.get(text)
    if document is None:
        if not is_stored:
            text_size.check(lines, name)
        document = elsewhere(text) if elsewhere else None
        if document is not None:
            # Saving asks for what its writing is read as next.
            written = write(document)
            _READ.put(written, document, len(written))
        else:
            document = _refereed(lines)
        _READ.put(text, document, len(text))
    return _dated_by(name, document) if name else document


def _dated_by(name: str, document: Document) -> Document:
    """The document with the day that only its file's name tells, and what its items say to who knows that."""
    dated = date_of_name(document, name)
    if dated is document or item_context.settled(dated) == dated:
        return dated
    # Its writing has the day in its front matter, and is let in as the text was.
    return parse(write(dated), is_stored=True)


def normal(document: Document, *, like: Document | None = None, is_stored: bool = False) -> Document:
    """The document as it will be read back: what is saved, so that an export and its import agree.

    `like` is what it was before an edit: where that was read back as it is, and the edit is one of plain
    words, nothing is read. Raises `Invalid` as `parse` does.
    """
    text = write(document)
    if like is not None and _NORMAL.get(like) and plain_edits.is_plain_edit(document, like):
        if not is_stored:
            text_size.check(lines_of(text))
        found = document
    else:
        found = parse(text, is_stored=is_stored)
    _NORMAL.put(found, True, len(text))
    return found


def _refereed(lines: Sequence[str]) -> Document:
    """The first reading that is stable and loses nothing; the last one is, whatever the text."""
    text = "\n".join(lines)
    for read_part in (_section, _guarded, _kept):
        document = _read(lines, read_part)
        for _ in range(ROUNDS):
            written = write(document)
            if written == text:
                return document
            before, document = document, _read(lines_of(written))
            if document == before and is_all_there(text, written):
                # It is what its own writing is read as, too: saving asks for that next.
                _READ.put(written, document, len(written))
                return document
            if document == before:
                break
    return document


def _read(lines: Sequence[str], read_part: Callable[[Part], Section] | None = None) -> Document:
    head = front_matter.read(lines)
    cut = markdown_sections.cut(
        labelled_sections.as_headings(lines[head.lines :]), head.known.get("title", "")
    )
    if read_part is None or read_part is _section:
        sections = tuple(each for part in cut.parts for each in _sections(part))
        return item_context.settled(_document(head, cut, sections))
    return item_context.settled(_document(head, cut, tuple(map(read_part, cut.parts))))


def _document(head: Front, cut: Outline, sections: tuple[Section, ...]) -> Document:
    title, first = report_titles.chosen(
        head.known.get("title", ""), cut.kind, cut.title, report_titles.stated(sections, head.extra)
    )
    severity, extra = _severity(head, title, sections)
    return Document(
        title=title,
        date=head.date,
        timezone=head.known.get("timezone", ""),
        severity=severity,
        status=head.known.get("status", ""),
        recurrence_of=head.known.get("recurrence_of", ""),
        services=head.lists.get("services", ()),
        tags=head.lists.get("tags", ()),
        restricted=head.lists.get("restricted", ()),
        extra=extra,
        heading=first,
        sections=sections,
    )


def _severity(
    head: Front, title: str, sections: tuple[Section, ...]
) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The level that the front matter has, else the text, and the keys beside it."""
    chosen, kept = head.known.get("severity"), dict(head.extra).get("severity")
    if chosen or kept:
        return chosen or "", head.extra
    told = severities.stated(title, sections, head.extra)
    if chosen is None:
        return told, tuple(pair for pair in head.extra if pair != ("severity", "") or not told)
    # An empty one in the front matter says that none was chosen, whatever the text tells.
    return "", head.extra if told else (*head.extra, ("severity", front_matter.NONE))


def _sections(part: Part) -> tuple[Section, ...]:
    """The sections that a part is; most of a document's are as they were before an edit."""
    key = (part.heading, tuple(part.lines), tuple(part.blocks))
    found = _SECTIONS.get(key)
    if found is None:
        found = tuple(_divided(part))
        _SECTIONS.put(key, found, sum(map(len, part.lines)))
    return found


def _divided(part: Part) -> Iterator[Section]:
    """The section, and each heading over boxes behind its entries as one of its own: items are no entries."""
    start = action_items.boxes_behind(part.lines, part.blocks)
    before = Part(part.heading, part.lines[:start], [block for block in part.blocks if block.start < start])
    section = _section(before) if start < len(part.lines) else None
    if section is None or not section.entries:
        yield _section(part)
        return
    yield section
    headings = [block for block in part.blocks if block.start >= start and block.kind == "heading"]
    ends = [*(block.start for block in headings[1:]), len(part.lines)]
    for heading, end in zip(headings, ends, strict=True):
        lines = part.lines[heading.end : end]
        yield _section(Part(one_line(heading.text), lines, blocks(lines)))


def _section(part: Part) -> Section:
    """A section by what its heading promises: where only what is set apart in it holds that, by that."""
    section = _as_marked(part)
    role = section_roles.promised(part.heading)
    is_held = _holds_any(section)
    is_sought = role in markdown_sections.SOUGHT and not is_held
    lines = html_lists.as_markdown(part.lines, part.blocks) if is_sought else None
    if is_sought and lines is None:
        opened = set_apart.timeline if role == "timeline" else set_apart.action_items
        lines = opened(part.lines, part.blocks)
    elif is_held and role == "action_items":
        lines = set_apart.boxes(part.lines, part.blocks)
    turned = _as_marked(Part(part.heading, lines, blocks(lines))) if lines is not None else section
    return turned if _holds_any(turned) else section


def _holds_any(section: Section) -> bool:
    return any(isinstance(block, Entry | Item) for block in section.blocks)


def _as_marked(part: Part) -> Section:
    """A section as its Markdown has it. A mark goes where the writer would put it back."""
    role = section_roles.promised(part.heading)
    if role == "action_items":
        read = action_items.read(part.lines, part.blocks)
    else:
        read = timeline.read(part.lines, part.blocks, is_named=role == "timeline")
        if all(isinstance(block, Prose) for block in read) and not action_items.CHECKLIST.search(
            part.heading
        ):
            read = (
                action_items.boxed(part.lines, part.blocks)
                or action_items.tabled(part.lines, part.blocks)
                or item_groups.promised(part.lines, part.blocks, is_known=role != "other")
                or read
            )
    bare = part.heading
    for mark in (prose_markers.TIMELINE, prose_markers.ACTION_ITEMS):
        bare, is_marked = prose_markers.taken_off(bare, mark)
        if is_marked:
            break
    section = Section(bare, read)
    is_said_again = bare == part.heading or writer.heading_of(section) == part.heading
    return section if is_said_again else Section(part.heading, read)


def _guarded(part: Part) -> Section:
    section = _section(part)
    written = writer.section(section)
    again = _read(lines_of(written)).sections
    if again == (section,) and is_all_there("\n".join((part.heading, *part.lines)), written):
        return section
    return _kept(part)


def _kept(part: Part) -> Section:
    """A section that is not taken apart."""
    return Section(part.heading, (Prose(_sheltered("\n".join(part.lines))),))


def _sheltered(text: str) -> str:
    """Text between marks that no reader looks behind."""
    inside = re.sub(
        r"^<!-- /verbatim -->$", "<!-- / verbatim -->", joined(text.split("\n")), flags=re.MULTILINE
    )
    return f"{VERBATIM}\n\n{inside}\n\n{VERBATIM_END}"
