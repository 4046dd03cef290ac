"""Tags of to-do programs in the words of an item: `#due:2024-04-01`, `[owner:: Ada]`, `@due(2024-04-01)`.

todo.txt, TaskPaper, Obsidian and chat bots write a key and its value as one word, or in brackets of their
own.
"""

from __future__ import annotations

import re
from itertools import islice

from postmortems.document.markdown.items import item_tables
from postmortems.document.markdown.items.item_tables import Known
from postmortems.document.model import Item

FIELDS = ("owner", "due", "priority", "status")
NAME = r"(?P<name>[^\W\d_][^\W\d_-]{1,14})"
TAG = re.compile(
    rf"(?<!\S)(?:(?:[#+]?{NAME}:|#(?P<over>[^\W\d_][^\W\d_-]{{1,14}})/)(?P<word>[^\s:/][^\s:]*)|@(?P<at>[a-z]{{2,10}})\((?P<inside>[^()\n]{{1,60}})\)"
    r"|[\[(](?P<key>[^\W\d_][\w ]{1,20})::[ ]?(?P<value>[^\[\]()\n]{1,80})[\])])(?!\S)",
)
MOST = 12


def read(item: Item, known: Known) -> Item:
    """The item with what its tags say, without those that its fields say in the same words."""
    first, *rest = item.text.split("\n")
    kept = first
    for match in islice(TAG.finditer(first), MOST):
        name = match["name"] or match["over"] or match["at"] or match["key"]
        said = match["word"] or match["inside"] or match["value"]
        field = item_tables.column(name)
        more = _taken(item, field, said.strip(), known)
        if more is not None:
            item = more
            kept = kept.replace(match[0], "", 1) if item_tables.is_said(f"{name} {said}", more) else kept
    kept = re.sub(r"[ \t]{2,}", " ", kept).strip() if kept != first else first
    return item_tables.with_text(item, "\n".join([kept, *rest])) if kept else item


def _taken(item: Item, field: str, said: str, known: Known) -> Item | None:
    if field not in FIELDS or getattr(item, field):
        return None
    return item_tables.taken(item, field, said, known)
