"""A page's properties: what a database says about its row, above the page's text.

What a report has a place for goes there; all others stay in the text, a line each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from postmortems.document.readers.editors import stated_keys
from postmortems.document.readers.editors.stated_keys import Property
from postmortems.document.readers.notion import names
from postmortems.document.text import one_line

# A page of the same export, in a cell or a property.
REFERENCE = re.compile(r"(?P<said>[^,()\n]+?)[ ]?\((?P<to>[^()\n:]+)\)")


def without_addresses(value: str) -> str:
    """A value without the addresses of pages in the export: `Ada (Ada%20123….md)` is `Ada`."""
    return REFERENCE.sub(lambda link: link["said"] if names.id_in(link["to"]) else link.group(), value)


def page(title: str, found: Sequence[Property], body: str) -> str:
    """A page's Markdown: title and keys, properties, text."""
    front, rest = stated_keys.split(found)
    lines = "\n".join(f"- {one_line(name)}: {one_line(said)}" for name, said in rest)
    return stated_keys.page(title, front, "\n\n".join(filter(None, [lines, body.strip("\n")])))
