"""Changes an action item's fields on its own lines: the box before it, the keys below it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from postmortems.document.markdown.items import item_fields
from postmortems.document.markdown.tokens import LIST_ITEM
from postmortems.document.model import Item

BOX = re.compile(r"\[[ xX]?\]|[☐☒☑✅]")
TICKED = {"[": "[x]", "☐": "☒", "☒": "☒", "☑": "☑", "✅": "✅"}
EMPTY = {"[": "[ ]", "☐": "☐", "☒": "☐", "☑": "☐", "✅": "☐"}
NO_BOX = dict.fromkeys(EMPTY, "")


def about(own: list[str], old: Item, new: Item) -> Iterator[list[str]]:
    """The lines with what is said about an item: its box, and the keys below it."""
    before, after = _keys(old), _keys(new)
    if new.status != old.status and own and BOX.search(own[0]):
        mark = {"done": TICKED, "open": EMPTY, "": NO_BOX}.get(new.status)
        if mark:
            flipped = BOX.sub(lambda box: mark[box.group()[0]], own[0], count=1)
            flipped = flipped if new.status else re.sub(r"(?<=\S)  +", " ", flipped)
            rest = {key: value for key, value in after.items() if key != "Status"}
            kept = {key: value for key, value in before.items() if key != "Status"}
            yield from _keyed([flipped, *own[1:]], kept, rest)
    yield from _keyed(own, before, after)


def _keys(item: Item) -> dict[str, str]:
    return {line[2:].partition(": ")[0]: line[2:].partition(": ")[2] for line in item_fields.write(item)}


def _keyed(own: Sequence[str], old: dict[str, str], new: dict[str, str]) -> Iterator[list[str]]:
    out = list(own)
    missing = {key: value for key, value in new.items() if old.get(key) != value}
    indent = content_indent(own[0]) if own else ""
    last = -1
    for key in old:
        at = next((at for at, line in enumerate(out) if line.strip().startswith(f"- {key}:")), -1)
        if at < 0 or (key in new and key not in missing):
            last = max(last, at)
        elif key in missing:
            out[at] = out[at][: out[at].index(f"- {key}:")] + f"- {key}: {missing.pop(key)}"
            last = max(last, at)
        else:
            del out[at]
    if last >= 0:
        indent = out[last][: len(out[last]) - len(out[last].lstrip())]
    at = last + 1 if last >= 0 else len(out)
    lines = [f"{indent}- {key}: {value}" for key, value in missing.items()]
    yield [*out[:at], *lines, *out[at:]]
    if lines and last < 0:
        yield [*out, "", *lines]


def content_indent(line: str) -> str:
    """How far in the further lines of a list item stand; "" where the line is none."""
    marker = LIST_ITEM.match(line)
    return " " * len(marker.group().expandtabs(4)) if marker and marker.group(3) else ""
