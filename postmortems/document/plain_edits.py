"""Plain edits: where two documents differ in plain words of entries alone, their Markdown is read alike.

Nothing in such words can begin a block, a label, a time or an entry, so the one is read back as it is where
the other is. Whatever is not surely so is no plain edit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from postmortems.document.markdown import section_roles
from postmortems.document.model import Document, Entry, Section
from postmortems.document.times import prefix

# A line that begins with a letter begins no block (CommonMark 0.31, 4); no fence, no tag may stand in it.
LINE = re.compile(r"[^\W\d_](?:[^<`~]|`(?!``)|~(?!~~))*")


def is_plain_edit(document: Document, known: Document) -> bool:
    """Whether the document is `known` with other plain words in entries whose time has a clock."""
    if len(document.sections) != len(known.sections):
        return False
    if replace(document, sections=()) != replace(known, sections=()):
        return False
    # Without a timeline of that name, a line of the text could become one.
    if not any(section_roles.promised(section.heading) == "timeline" for section in known.sections):
        return False
    pairs = zip(document.sections, known.sections, strict=True)
    return all(new == old or _is_plain(new, old) for new, old in pairs)


def _is_plain(new: Section, old: Section) -> bool:
    if new.heading != old.heading or len(new.blocks) != len(old.blocks):
        return False
    return section_roles.promised(new.heading) == "timeline" and all(
        isinstance(one, Entry) and isinstance(other, Entry) and _are_plain(one, other)
        for one, other in _differing(new, old)
    )


def _differing(new: Section, old: Section) -> Iterator[tuple[object, object]]:
    return ((one, other) for one, other in zip(new.blocks, old.blocks, strict=True) if one != other)


def _are_plain(new: Entry, old: Entry) -> bool:
    stamp = prefix.of_heading(old.written)
    is_timed = stamp is not None and stamp.stated.has_clock and not stamp.rest
    return replace(new, text=old.text) == old and is_timed and all(map(is_plain, (new.text, old.text)))


def is_plain(text: str) -> bool:
    """Whether a text is paragraphs of words alone, laid out as they are kept."""
    lines = text.split("\n")
    return all(
        (line.isprintable() and line == line.strip() and LINE.fullmatch(line) is not None)
        or (not line and 0 < at < len(lines) - 1 and lines[at - 1] != "")
        for at, line in enumerate(lines)
    )
