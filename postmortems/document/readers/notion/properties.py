"""A page's properties: what a database says about its row, above the page's text.

Services and tags go where a report has them; all others stay in the text, a line each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from postmortems.document.markdown.front_matter import scalar
from postmortems.document.readers.notion import names
from postmortems.document.text import one_line

LISTS = {
    "service": "services",
    "services": "services",
    "affected service": "services",
    "affected services": "services",
    "tag": "tags",
    "tags": "tags",
    "labels": "tags",
}

Property = tuple[str, str]
# A page of the same export, in a cell or a property.
REFERENCE = re.compile(r"(?P<said>[^,()\n]+?)[ ]?\((?P<to>[^()\n:]+)\)")


def without_addresses(value: str) -> str:
    """A value without the addresses of pages in the export: `Ada (Ada%20123….md)` is `Ada`."""
    return REFERENCE.sub(lambda link: link["said"] if names.id_in(link["to"]) else link.group(), value)


def split(found: Sequence[Property]) -> tuple[list[str], list[str]]:
    """The lines of front matter, without its marks, and those of the text."""
    lists: dict[str, list[str]] = {}
    lines = []
    for name, said in found:
        key = LISTS.get(name.strip().lower(), "")
        parts = [one_line(part) for part in said.split(",") if part.strip()]
        if key and parts and key not in lists:
            lists[key] = parts
        elif said.strip():
            lines.append(f"- {one_line(name)}: {one_line(said)}")
    front = [
        f"{key}: [{', '.join(scalar(part, in_list=True) for part in parts)}]" for key, parts in lists.items()
    ]
    return front, lines


def page(title: str, found: Sequence[Property], body: str) -> str:
    """A page's Markdown: front matter, title, properties, text."""
    front, lines = split(found)
    head = ["---", *front, "---", ""] if front else []
    parts = [f"# {title}" if title else "", "\n".join(lines), body.strip("\n")]
    return "\n".join([*head, "\n\n".join(filter(None, parts)), ""])
