"""What begins the first line of an item: `Owner: Ada. …`, `By May 3: …`, `[P2][Ada] …`, `ACTION: Ada to …`.

The words stay: they are how the author writes whom it is for, and by when.
"""

from __future__ import annotations

import re
from dataclasses import replace

from postmortems import patterns
from postmortems.document.markdown.items import item_handles, item_names, item_owners, item_tails
from postmortems.document.markdown.items.item_labels import MARKS, field_of, with_field
from postmortems.document.markdown.items.item_tables import Known
from postmortems.document.model import Item
from postmortems.document.times import grammar

# What may stand before whose it is: a number, a ticket, a box of words, what kind of line it is.
BEFORE = patterns.of(
    r"(?:\[(?P<said>[^\[\]\n]{1,40})\](?:\([^()\s]*\))?|(?:P[0-4]|[A-Z][A-Z0-9]+-\d+|#\d+)(?!\w)"
    r"|(?:TODO|ACTION(?: ITEM)?|Action(?: item)?|AI|AP|Task)\b[ -]?#?\d{0,3})"
    r"(?:\s*[:–—|-]+)?(?:[ \t]+|(?=\[)|(?=\())"
)
MOST = 4
LONGEST_DAY = 40
LABELLED = patterns.of(
    rf"{MARKS}(?P<name>[^\W\d_][^\W\d_ ]{{1,14}}(?: (?:to|by|date))?)[:：][ ]?"
    r"(?P<said>[^.;|–—*_:\n]{2,50}?)(?:(?:\*\*|__)[ \t]*[.;|,]?|[.;|]|[ \t][|–—-])[ \t]+(?=\S)"
)
UNTIL = patterns.of(r"(?P<by>(?:by|due(?: by| on)?|before|until|no later than)\s+)?(?=[\w])", re.IGNORECASE)
FIRM = patterns.of(r"\s*(?:[:,]|\s[–—|-])\s+(?=\S)")
BOLD = patterns.of(r"(?P<mark>\*\*|__)(?P<said>@?[^\W\d_][^*_:\n]{1,40})(?P=mark)[ \t]+(?=\S)")
# `Ada, by Friday: …`, `Ada (by 2024-04-01): …`
SIGNED = patterns.of(r"(?P<said>[^:\n]{4,60}?)(?P<close>\)?):[ \t]+(?=\S)")


def read(item: Item, known: Known) -> Item:
    """The item with whose it is and by when, where that stands first."""
    text = item.text.partition("\n")[0]
    more, start = item, 0
    for _ in range(MOST):
        match = BEFORE.match(text, start)
        if match is None:
            break
        said = match["said"] or ""
        more = (_named(more, said, known) if said else None) or more
        start = match.end()
    start, more = _dated(more, text, start, known)
    for reading in (_labelled, _bold, _signed):
        more = reading(more, text[start:], known)
    if start:
        rest = item_handles.read(replace(more, text=text[start:]), known)
        more = replace(item_owners.led(rest, known), text=item.text)
    return more


def _named(item: Item, said: str, known: Known) -> Item | None:
    is_somebody = said.startswith("@") or item_owners.are_people(said, known)
    return with_field(item, "owner", said) if is_somebody else None


def _dated(item: Item, text: str, start: int, known: Known) -> tuple[int, Item]:
    """Where a line goes on behind a day that begins it, and the item with that day."""
    if not any(map(str.isdigit, text[start : start + LONGEST_DAY])):
        return start, item
    until = UNTIL.match(text, start)
    found = grammar.day_at(text, until.end()) if until else None
    firm = FIRM.match(text, found[1]) if found else None
    if until is None or found is None or firm is None:
        return start, item
    more = with_field(item, "due", text[until.end() : found[1]], known)
    is_later = more is not None and known.day and more.due and more.due > known.day
    return (firm.end(), more) if more and (until["by"] or is_later) else (start, item)


def _labelled(item: Item, text: str, known: Known) -> Item:
    match = LABELLED.match(text)
    field = field_of(match["name"]) if match else ""
    if match is None or field not in ("owner", "due"):
        return item
    said = match["said"].strip()
    if field == "owner" and not item_tails.may_be_names(said, known):
        return item
    return with_field(item, field, said, known) or item


def _bold(item: Item, text: str, known: Known) -> Item:
    """`**Ada Lo** Add an alert`: somebody's name, and what somebody asks for."""
    match = BOLD.match(text)
    is_asked = match and item_names.LIKELY.match(text, match.end())
    return (_named(item, match["said"].strip(), known) if match and is_asked else None) or item


def _signed(item: Item, text: str, known: Known) -> Item:
    match = SIGNED.match(text)
    said = match["said"].replace(" (", ", ") if match else ""
    if not match or ("(" in match["said"]) != bool(match["close"]) or "," not in said:
        return item
    if not item_owners.are_people(said.partition(",")[0], known):
        return item
    return item_tails.listed(item, said, known) or item
