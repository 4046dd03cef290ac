"""Leaves out of a heading what a template asks and nobody filled in: `- Owner:`, `- Due: TBD`.

They stay in the item's text, and with it in every version and export: an author may fill them in yet.
"""

from __future__ import annotations

import re

from postmortems import patterns
from postmortems.document.markdown.items import item_fields, item_states, item_tables
from postmortems.document.markdown.items.item_labels import MARKS, READ
from postmortems.document.text import is_blank, joined

BULLET = r"(?:[-*+]|\d{1,3}[.)])[ \t]+"
FIELD = patterns.of(
    rf"^[ \t]*(?:{BULLET})?{MARKS}(?P<name>[^\W\d_][^:：*_\n]{{0,30}}?)[ ]?{MARKS}[:：]{MARKS}"
    r"(?P<said>.*)$"
)
LISTED = re.compile(rf"[ \t]*{BULLET}")
FENCE = re.compile(r"^ {0,3}(?:```|~~~)", re.MULTILINE)
# What a template shows of a value: `YYYY-MM-DD`, `<name>`.
EXAMPLE = re.compile(r"[ymd]{1,4}(?:[-/.][ymd]{1,4}){2}|<[^<>@:/\n]{1,40}>", re.IGNORECASE)
ENDS = " \t.?!_()[]*`\\"


def told(text: str) -> str:
    """An item's text without the lines below its first that name a field and say nothing of it."""
    if "\n" not in text or FENCE.search(text):
        return text
    first, *rest = text.split("\n")
    kept = [
        line for line, below in zip(rest, [*rest[1:], ""], strict=True) if not _is_blank_field(line, below)
    ]
    return text if len(kept) == len(rest) else joined([first, *kept])


def _is_blank_field(line: str, below: str) -> bool:
    """Whether a line is a field of an item, with nobody or nothing behind it, and nothing `below`."""
    match = FIELD.match(line)
    field = item_tables.column(match["name"]) if match else ""
    if match is None or (field not in READ and match["name"] not in item_fields.KEYS):
        return False
    said = match["said"].strip(ENDS).lower()
    if not item_tables.WORD.search(said):
        return is_blank(below) or (_depth(below) <= _depth(line) and _begins(below))
    if EXAMPLE.fullmatch(said):
        return True
    return said in item_fields.NOBODY and not (field == "status" and item_states.said(said))


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _begins(line: str) -> bool:
    """Whether a line begins something of its own, and goes on with nothing."""
    return bool(LISTED.match(line) or FIELD.match(line))
