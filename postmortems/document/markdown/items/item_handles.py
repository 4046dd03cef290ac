"""Handles before or behind the words of an item: `@ada: order disks`, `Order disks - @ada`.

One amid the words, as in "ask @ada", is part of what is to be done.
"""

from __future__ import annotations

import re

from postmortems.document.markdown.items import item_names, item_tables
from postmortems.document.markdown.items.item_tables import Known
from postmortems.document.model import Item

LONGEST = 200
HANDLES = re.compile(r"@[\w.-]+(?:(?:\s*[,&/、]\s*|\s+(?:[^\W\d_]+\s+)?)@[\w.-]+)*")
# `@ada: order disks`, `@ada - order disks`; "@ada and others: …" names more than handles.
BEFORE = re.compile(rf"(?P<said>{HANDLES.pattern})(?:[:：]|\s+(?:[–—→-]|[-=]>))\s+(?=\S)")
# `@ada to order disks`, `@ada order disks`: the handle stays among the words.
TO = re.compile(
    rf"(?P<said>{HANDLES.pattern})\s+(?:(?:to|will|should)\s+(?=[^\W\d_])|(?=(?i:{item_names.SURE.pattern})))"
)
# `Order disks - @ada`; without a mark between, as in "ask @ada", they are part of what is to be done.
AFTER = re.compile(
    rf"(?:\s+[–—|→-]|(?<=\S)[:：]|(?<=[.;!?]))\s+(?P<said>{HANDLES.pattern})(?P<day>\s+(?:by|due|until|before)\s[^@\n]{{3,30}})?$"
)


def read(item: Item, _known: Known) -> Item:
    """The item with the handles that its first line begins or ends with, set apart by a mark."""
    first, *rest = item.text.split("\n")
    if item.owner or "@" not in first:
        return item
    if to := TO.match(first):
        return item_tables.taken(item, "owner", to["said"]) or item
    match = BEFORE.match(first) or AFTER.search(first, max(0, len(first) - LONGEST))
    more = item_tables.taken(item, "owner", match["said"]) if match else None
    if match is None or more is None:
        return item
    if match.re is AFTER and match["day"]:
        return more
    kept = first[match.end() :] if match.start() == 0 else first[: match.start()]
    return item_tables.with_text(more, "\n".join([kept.strip(), *rest])) if kept.strip() else item
