"""Anchors of headings, named as GitHub names them, for links within a document.

On a page they begin with words of ours, so that no text takes the place of a part of the page.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

OURS = "in-text-"
SIGNS = re.compile(r"[^\w\- ]")
# An action item's place on the page of its incident.
ITEM = re.compile(r"#AI-\d+")


def anchor(heading: str) -> str:
    """The id of a heading with these words: its letters and digits in lower case, a hyphen for each blank."""
    return OURS + SIGNS.sub("", heading.strip().lower()).replace(" ", "-")


def of_author(name: str) -> str:
    """The id that stands for one that an author wrote, as an `id` or a `name`."""
    return name if name.startswith(OURS) else f"{OURS}{name}"


def link(address: str) -> str:
    """An address, where it leads to a place in its own document with the id that this has on our page."""
    if not address.startswith("#") or address == "#" or ITEM.fullmatch(address):
        return address
    return f"#{quote(of_author(unquote(address[1:])))}"
